//! What a Helm chart is, as far as the registry and the client both need to know it.
//!
//! So far: a chart's metadata as it stands in the config of its manifest, and chart
//! versions with their two spellings. Everything here takes bytes from strangers.

mod metadata;
mod version;

pub use metadata::{ChartType, Metadata, MetadataError};
pub use version::{Version, VersionError, looks_like_version};
