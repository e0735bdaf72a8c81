//! Numbers that change when a repository does.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use chartroom_oci::RepositoryName;

use crate::Epoch;

/// How many numbers there are. Repositories that share one seem to change together, which
/// costs a cache some hits and is never wrong.
const SLOTS: usize = 4096;

/// One number per slot, in memory only: what was read before a restart is not kept either.
pub(super) struct Epochs(Box<[AtomicU64]>);

/// Where a repository's number is.
#[derive(Clone, Copy)]
pub(super) struct Slot(usize);

impl Slot {
    pub(super) fn of(repository: &RepositoryName) -> Self {
        let mut hasher = DefaultHasher::new();
        repository.hash(&mut hasher);
        Self(hasher.finish() as usize % SLOTS)
    }
}

impl Epochs {
    pub(super) fn new() -> Self {
        Self((0..SLOTS).map(|_| AtomicU64::new(0)).collect())
    }

    pub(super) fn get(&self, slot: Slot) -> Epoch {
        Epoch(self.0[slot.0].load(Ordering::Acquire))
    }

    /// To be called when the change can be read, and before anybody is told of it.
    pub(super) fn advance(&self, slot: Slot) {
        self.0[slot.0].fetch_add(1, Ordering::Release);
    }
}
