//! What can go wrong in a catalog, by meaning.

use chartroom_oci::{Digest, Tag};

/// What an operation gives back.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an operation was not carried out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tag is a chart version, and versions are immutable here.
    #[error("version {tag} is immutable and stays at {existing}")]
    Immutable {
        /// The version's tag.
        tag: Tag,
        /// Where it points.
        existing: Digest,
    },
    /// The tag exists and points elsewhere, and whoever pushes may not overwrite it.
    #[error("tag {tag} is there already, at {existing}")]
    TagExists {
        /// The tag.
        tag: Tag,
        /// Where it points.
        existing: Digest,
    },
    /// There is no room left to write.
    #[error("no space is left for the catalog")]
    StorageFull,
    /// The data was written by a newer Chartroom.
    #[error(
        "the catalog has schema {found}, this version of Chartroom knows {known}; start a newer Chartroom"
    )]
    NewerSchema {
        /// The schema of the data.
        found: u32,
        /// The newest schema that is known here.
        known: u32,
    },
    /// What is stored can't be what was stored.
    #[error("the catalog is damaged: {0}")]
    Damaged(String),
    /// The catalog was shut down.
    #[error("the catalog is closed")]
    Closed,
    /// The storage engine failed.
    #[error("the catalog failed: {0}")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}
