//! Reclaiming the space of what is no longer used.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chartroom_blobs::{BlobStore, StoredBlob};
use chartroom_catalog::{BlobRecord, Catalog};
use chartroom_oci::Digest;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::Mutex;

use super::{BATCH, Error, before, has_session, is_older};
use crate::listen::Lifecycle;
use crate::settings::Settings;

/// Removes what nothing refers to any more: links of blobs to repositories, blobs, unfinished
/// uploads, and files that the catalog knows nothing of. All of it has to be so for a while, so that
/// a push under way finds what it was told is there.
#[derive(Clone)]
pub struct Collector {
    pub(super) catalog: Arc<dyn Catalog>,
    pub(super) blobs: BlobStore,
    pub(super) grace: Duration,
    pub(super) expire: Duration,
    /// Held during a run: two at a time would only be in each other's way.
    running: Arc<Mutex<()>>,
}

/// What a run has removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// Blobs that were taken out of a repository, counted once for each repository.
    pub links: u64,
    /// Blobs that no repository had.
    pub blobs: u64,
    /// Their bytes.
    pub blob_bytes: u64,
    /// Upload sessions that nobody continued.
    pub uploads: u64,
    /// Files of uploads that no session names.
    pub upload_files: u64,
    /// Stored blobs that the catalog knew nothing of.
    pub orphans: u64,
    /// Their bytes.
    pub orphan_bytes: u64,
    /// Things that could not be done; the next run tries them again.
    pub errors: u64,
}

impl Collected {
    /// Whether there was nothing to do, and nothing failed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn failed(&mut self, what: &'static str, error: impl fmt::Display) {
        tracing::warn!(%error, "garbage collection could not {what}");
        self.errors += 1;
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("grace", &self.grace).field("expire", &self.expire).finish()
    }
}

impl Collector {
    /// One that keeps to `gc.grace` and `uploads.expire`.
    pub fn new(catalog: Arc<dyn Catalog>, blobs: BlobStore, settings: &Settings) -> Self {
        Self {
            catalog,
            blobs,
            grace: settings.gc.grace.duration(),
            expire: settings.uploads.expire.duration(),
            running: Arc::default(),
        }
    }

    /// Goes through everything once. What fails is logged, counted and left for the next run. Ends
    /// early, between two steps, when the process is to stop.
    pub async fn run(&self, lifecycle: &Lifecycle) -> Collected {
        let _running = self.running.lock().await;
        let mut run = Run { collector: self, lifecycle, collected: Collected::default() };
        // Links first: the blobs that thereby lose their last one have their own time to wait.
        run.unlink().await;
        run.remove_unlinked().await;
        run.expire_uploads().await;
        run.remove_upload_files().await;
        run.remove_orphans().await;
        run.collected
    }
}

/// One run under way.
struct Run<'a> {
    collector: &'a Collector,
    lifecycle: &'a Lifecycle,
    collected: Collected,
}

impl Run<'_> {
    fn catalog(&self) -> &dyn Catalog {
        self.collector.catalog.as_ref()
    }

    /// What became unused at this moment or before may go.
    fn cutoff(&self) -> Timestamp {
        before(Timestamp::now(), self.collector.grace)
    }

    /// Lets others have their turn; `false` when it is time to stop.
    async fn go_on(&self) -> bool {
        tokio::task::yield_now().await;
        !self.lifecycle.draining()
    }

    async fn unlink(&mut self) {
        while self.go_on().await {
            match self.catalog().unlink_unreferenced(self.cutoff(), BATCH, Timestamp::now()).await {
                Ok(unlinked) => {
                    self.collected.links += unlinked.len() as u64;
                    if unlinked.len() < BATCH {
                        break;
                    }
                }
                Err(error) => return self.collected.failed("take unused blobs out of repositories", error),
            }
        }
    }

    async fn remove_unlinked(&mut self) {
        let mut after: Option<Digest> = None;
        while self.go_on().await {
            let batch = match self.catalog().unlinked_blobs(self.cutoff(), after.as_ref(), BATCH).await {
                Ok(batch) => batch,
                Err(error) => return self.collected.failed("list unused blobs", error),
            };
            for blob in &batch {
                if !self.go_on().await {
                    return;
                }
                match self.remove_blob(blob).await {
                    Ok(true) => {
                        self.collected.blobs += 1;
                        self.collected.blob_bytes += blob.size;
                    }
                    Ok(false) => {}
                    Err(error) => self.collected.failed("remove a blob", error),
                }
            }
            match batch.last() {
                Some(last) if batch.len() >= BATCH => after = Some(last.digest),
                _ => break,
            }
        }
    }

    /// `false` if somebody has come to need the blob in the meantime.
    async fn remove_blob(&self, blob: &BlobRecord) -> Result<bool, Error> {
        // Whoever pushes this blob now waits, and then stores it again.
        let _lock = self.catalog().lock_blob(&blob.digest).await?;
        if !self.catalog().forget_blob(&blob.digest, self.cutoff()).await? {
            return Ok(false);
        }
        // If this fails, the file is an orphan, which a later run removes.
        self.collector.blobs.remove(&blob.digest).await?;
        Ok(true)
    }

    async fn expire_uploads(&mut self) {
        while self.go_on().await {
            let cutoff = before(Timestamp::now(), self.collector.expire);
            let expired = match self.catalog().expire_uploads(cutoff, BATCH).await {
                Ok(expired) => expired,
                Err(error) => return self.collected.failed("expire uploads", error),
            };
            for id in &expired {
                self.collected.uploads += 1;
                if let Err(error) = self.collector.blobs.discard_upload(&id.to_string()).await {
                    self.collected.failed("remove the file of an expired upload", error);
                }
            }
            if expired.len() < BATCH {
                break;
            }
        }
    }

    /// Removes what a crash has left behind.
    async fn remove_upload_files(&mut self) {
        let files = match self.collector.blobs.uploads().await {
            Ok(files) => files,
            Err(error) => return self.collected.failed("list the files of uploads", error),
        };
        for (name, modified) in files {
            if !is_older(modified, self.collector.expire) {
                continue;
            }
            if !self.go_on().await {
                return;
            }
            match self.remove_upload_file(&name).await {
                Ok(true) => self.collected.upload_files += 1,
                Ok(false) => {}
                Err(error) => self.collected.failed("remove the file of an upload", error),
            }
        }
    }

    async fn remove_upload_file(&self, name: &str) -> Result<bool, Error> {
        if has_session(self.catalog(), name).await? {
            return Ok(false);
        }
        self.collector.blobs.discard_upload(name).await?;
        Ok(true)
    }

    /// Removes stored blobs that the catalog knows nothing of: of pushes that ended between storing
    /// and recording, and of removals that did not get so far.
    async fn remove_orphans(&mut self) {
        let mut after: Option<Digest> = None;
        while self.go_on().await {
            let batch = match self.collector.blobs.walk(after.as_ref(), BATCH).await {
                Ok(batch) => batch,
                Err(error) => return self.collected.failed("list the stored blobs", error),
            };
            for blob in &batch {
                if !is_older(blob.modified, self.collector.grace) {
                    continue;
                }
                if !self.go_on().await {
                    return;
                }
                match self.remove_orphan(blob).await {
                    Ok(true) => {
                        self.collected.orphans += 1;
                        self.collected.orphan_bytes += blob.size;
                    }
                    Ok(false) => {}
                    Err(error) => self.collected.failed("remove a file that belongs to nothing", error),
                }
            }
            match batch.last() {
                Some(last) if batch.len() >= BATCH => after = Some(last.digest),
                _ => break,
            }
        }
    }

    async fn remove_orphan(&self, blob: &StoredBlob) -> Result<bool, Error> {
        // Nearly all files belong to something: find that out without holding anybody up.
        if self.catalog().blob_record(&blob.digest).await?.is_some() {
            return Ok(false);
        }
        // A push places the file and records it under the same lock, so that what has no record
        // under it has none.
        let _lock = self.catalog().lock_blob(&blob.digest).await?;
        if self.catalog().blob_record(&blob.digest).await?.is_some() {
            return Ok(false);
        }
        Ok(self.collector.blobs.remove(&blob.digest).await?)
    }
}
