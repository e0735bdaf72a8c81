//! Answers that are asked for again and again, kept in memory within fixed bounds.
//!
//! What is kept was read from the catalog under an epoch of its repository
//! ([`chartroom_catalog::Catalog::epoch`]) and is used only while the epoch is the same. So a
//! change is seen by the request after it, whoever made it. The bytes of a blob can't change;
//! they are kept without an epoch, and whether the repository still links the blob is asked first.

use std::hash::Hash;
use std::sync::Arc;

use axum::body::Bytes;
use chartroom_catalog::{BlobLink, Epoch};
use chartroom_oci::{Digest, Reference, RepositoryName};
use http::HeaderValue;
use quick_cache::sync::Cache;
use quick_cache::{UnitWeighter, Weighter};

/// Blobs up to this many bytes are answered from one buffer and may be kept.
pub(crate) const SMALL_BLOB: u64 = 256 << 10;

/// A manifest with its headers ready to send.
#[derive(Debug)]
pub(crate) struct HotManifest {
    /// Its digest as text.
    pub(crate) digest: HeaderValue,
    /// Its digest in quotes.
    pub(crate) etag: HeaderValue,
    /// Its media type.
    pub(crate) media_type: HeaderValue,
    /// Whether a browser could take it for a page.
    pub(crate) looks_like_page: bool,
    /// Its bytes.
    pub(crate) bytes: Bytes,
}

/// A page of a listing, ready to send.
#[derive(Clone, Debug)]
pub(crate) struct HotList {
    /// The JSON body.
    pub(crate) body: Bytes,
    /// The `Link` to the next page.
    pub(crate) link: Option<HeaderValue>,
}

/// Which page of which tag listing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ListKey {
    /// The repository.
    pub(crate) repository: RepositoryName,
    /// After which tag it begins.
    pub(crate) after: Option<Box<str>>,
    /// How many tags it may have.
    pub(crate) limit: usize,
}

type Kept<V> = (Epoch, V);

/// The caches, each with its own bound.
#[derive(Debug)]
pub(crate) struct Hot {
    /// Which blobs a repository links: 8,192 entries.
    pub(crate) links: Cache<(RepositoryName, Digest), Kept<BlobLink>, UnitWeighter>,
    /// Small blobs: 8 MiB.
    pub(crate) blobs: Cache<Digest, Bytes, BlobWeight>,
    /// Manifests by reference: 4 MiB.
    pub(crate) manifests: Cache<(RepositoryName, Reference), Kept<Arc<HotManifest>>, ManifestWeight>,
    /// Tag listings: 4 MiB.
    pub(crate) tags: Cache<ListKey, Kept<HotList>, ListWeight>,
}

/// What an entry costs besides its content: key, counters, slots.
const OVERHEAD: u64 = 300;

/// Weighs a blob by its length.
#[derive(Clone, Debug)]
pub(crate) struct BlobWeight;

impl Weighter<Digest, Bytes> for BlobWeight {
    fn weight(&self, _: &Digest, bytes: &Bytes) -> u64 {
        bytes.len() as u64 + OVERHEAD
    }
}

/// Weighs a manifest by its length.
#[derive(Clone, Debug)]
pub(crate) struct ManifestWeight;

impl Weighter<(RepositoryName, Reference), Kept<Arc<HotManifest>>> for ManifestWeight {
    fn weight(&self, _: &(RepositoryName, Reference), (_, manifest): &Kept<Arc<HotManifest>>) -> u64 {
        manifest.bytes.len() as u64 + 2 * OVERHEAD
    }
}

/// Weighs a listing by its length.
#[derive(Clone, Debug)]
pub(crate) struct ListWeight;

impl Weighter<ListKey, Kept<HotList>> for ListWeight {
    fn weight(&self, _: &ListKey, (_, list): &Kept<HotList>) -> u64 {
        list.body.len() as u64 + 2 * OVERHEAD
    }
}

impl Default for Hot {
    fn default() -> Self {
        Self {
            links: Cache::with_weighter(8_192, 8_192, UnitWeighter),
            blobs: Cache::with_weighter(1024, 8 << 20, BlobWeight),
            manifests: Cache::with_weighter(4096, 4 << 20, ManifestWeight),
            tags: Cache::with_weighter(256, 4 << 20, ListWeight),
        }
    }
}

/// What was kept under `key`, if it was read under this epoch.
pub(crate) fn fresh<K, V, W>(cache: &Cache<K, Kept<V>, W>, key: &K, epoch: Epoch) -> Option<V>
where
    K: Hash + Eq,
    V: Clone,
    W: Weighter<K, Kept<V>> + Clone,
{
    cache.get(key).filter(|(kept, _)| *kept == epoch).map(|(_, value)| value)
}
