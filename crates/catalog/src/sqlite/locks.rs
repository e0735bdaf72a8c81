//! Locks on blobs, within this process.

use std::sync::Arc;

use chartroom_oci::Digest;
use tokio::sync::Mutex;

use crate::BlobLock;

/// One lock per first byte of the digest. Blobs that share one wait for each other, which is
/// rare enough; nobody holds two at a time.
pub(super) struct Locks(Box<[Arc<Mutex<()>>]>);

impl Locks {
    pub(super) fn new() -> Self {
        Self((0..=u8::MAX).map(|_| Arc::default()).collect())
    }

    pub(super) async fn lock(&self, digest: &Digest) -> BlobLock {
        let lock = &self.0[usize::from(digest.as_bytes()[0])];
        BlobLock::new(lock.clone().lock_owned().await)
    }
}
