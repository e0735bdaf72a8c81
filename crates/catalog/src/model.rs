//! The values that go into and come out of a catalog.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use chartroom_oci::{Digest, Manifest, MediaType, RepositoryName, Tag};
use jiff::Timestamp;

use crate::ChartRecord;

/// A part of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on this page, in the listing's order.
    pub items: Vec<T>,
    /// Whether more follows.
    pub more: bool,
}

/// See [`crate::Catalog::epoch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Epoch(pub u64);

/// A blob as one repository sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobLink {
    /// The blob's length in bytes.
    pub size: u64,
    /// When its grace period started, if no manifest of the repository refers to it.
    pub unreferenced_since: Option<Timestamp>,
}

/// A blob as the registry sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobRecord {
    /// The blob.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// Holds off everybody else who would place or remove the bytes of one blob, until dropped.
pub struct BlobLock {
    _guard: Box<dyn Any + Send>,
}

impl BlobLock {
    /// Wraps whatever releases the lock when it is dropped.
    pub fn new(guard: impl Any + Send) -> Self {
        Self { _guard: Box::new(guard) }
    }
}

impl fmt::Debug for BlobLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobLock")
    }
}

/// A manifest on its way in.
#[derive(Clone, Debug)]
pub struct Push {
    /// The digest of `bytes`, in the algorithm that the client chose.
    pub digest: Digest,
    /// The manifest as it came, which is how it will be served.
    pub bytes: Bytes,
    /// The manifest as it was read.
    pub manifest: Manifest,
    /// The tags to point at it; may be empty.
    pub tags: Vec<Tag>,
    /// What is known of the chart, if it is one.
    pub chart: Option<ChartRecord>,
    /// Whether chart versions that exist must stay where they point. A tag is a chart version if it
    /// reads as strict SemVer once `_` is turned back into `+`, and points at a chart.
    pub immutable_versions: bool,
    /// Whether every tag that exists must stay where it points: whoever pushes may add, and not overwrite.
    pub keep_tags: bool,
}

/// What became of a [`Push`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// Whether the manifest was not in the repository before.
    pub created: bool,
    /// The blobs and manifests that it names and that the repository does not have, each once. What
    /// an index lists is there as a manifest or as a blob. A subject need not be there, nor need
    /// layers that registries do not hold.
    pub missing: Vec<Digest>,
}

/// A manifest on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredManifest {
    /// Its digest, in the algorithm under which it was pushed.
    pub digest: Digest,
    /// The type to serve it as.
    pub media_type: MediaType,
    /// Its bytes, as they came.
    pub bytes: Bytes,
}

/// What became of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It was there and is gone.
    Yes,
    /// The repository does not have it.
    Missing,
    /// There has never been a repository of that name.
    UnknownRepository,
}

/// A manifest that names another one as its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// Its media type.
    pub media_type: MediaType,
    /// Its digest.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// What kind of artifact it is, if it says so.
    pub artifact_type: Option<String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// Something that the next collection would remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collectable {
    /// The blob.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// The repository that would lose it, or nothing if no repository links it.
    pub repository: Option<RepositoryName>,
}

/// A stored manifest, for checking.
#[derive(Clone, Debug)]
pub struct ManifestRecord {
    /// Where it is.
    pub repository: RepositoryName,
    /// Its digest.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: Bytes,
}
