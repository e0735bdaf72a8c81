//! The vocabulary of the OCI specifications: repository names, tags, digests,
//! media types, descriptors, manifests, error codes.
//!
//! Pure data: nothing here opens a file, a socket or a clock. Every type that
//! names something can only be had by parsing, so a value that exists is valid.
//! Limits and grammars come from the OCI distribution specification and the OCI
//! image specification; each type says which section.

mod descriptor;
mod digest;
mod error_code;
mod manifest;
mod media_type;
mod reference;
mod repository;
mod tag;

pub use descriptor::Descriptor;
pub use digest::{Algorithm, Digest, DigestError, Digester, DigesterStateError};
pub use error_code::{ErrorBody, ErrorCode, ErrorEntry};
pub use manifest::{Kind, Manifest, ManifestError};
pub use media_type::{MediaType, MediaTypeError};
pub use reference::{Reference, ReferenceError};
pub use repository::{RepositoryName, RepositoryNameError};
pub use tag::{Tag, TagError};
