//! What a run of the collector would remove.

use chartroom_oci::{Digest, RepositoryName};
use jiff::Timestamp;
use serde::Serialize;

use super::{BATCH, Collector, Error, before, has_session, is_older};

/// What a run would remove now.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Preview {
    /// Blobs, in no particular order.
    pub removals: Vec<Removal>,
    /// Whether there is more than is listed.
    pub more: bool,
    /// Files of uploads that no session names. What becomes of sessions is not foreseen.
    pub upload_files: u64,
}

/// A blob that would be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// The blob.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// Why it would be.
    pub why: Why,
    /// The repository that would lose it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryName>,
}

/// Why something would be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// No manifest of the repository refers to it. Its bytes stay for another grace period.
    Unreferenced,
    /// No repository has it.
    Unlinked,
    /// The catalog knows nothing of it.
    Orphaned,
}

/// More than anybody reads, and few enough to hold.
const MOST: usize = 100_000;

impl Collector {
    /// Finds out what a run would remove, without removing or locking anything.
    pub async fn preview(&self) -> Result<Preview, Error> {
        let cutoff = before(Timestamp::now(), self.grace);
        let mut preview = Preview::default();
        for found in self.catalog.collectable(cutoff, MOST).await? {
            let why = if found.repository.is_some() { Why::Unreferenced } else { Why::Unlinked };
            let (digest, size, repository) = (found.digest, found.size, found.repository);
            preview.removals.push(Removal { digest, size, why, repository });
        }
        self.preview_orphans(&mut preview).await?;
        preview.more = preview.removals.len() >= MOST;
        for (name, modified) in self.blobs.uploads().await? {
            if is_older(modified, self.expire) && !has_session(self.catalog.as_ref(), &name).await? {
                preview.upload_files += 1;
            }
        }
        Ok(preview)
    }

    async fn preview_orphans(&self, preview: &mut Preview) -> Result<(), Error> {
        let mut after: Option<Digest> = None;
        loop {
            let batch = self.blobs.walk(after.as_ref(), BATCH).await?;
            for blob in &batch {
                if preview.removals.len() >= MOST {
                    return Ok(());
                }
                if is_older(blob.modified, self.grace)
                    && self.catalog.blob_record(&blob.digest).await?.is_none()
                {
                    let (digest, size) = (blob.digest, blob.size);
                    preview.removals.push(Removal { digest, size, why: Why::Orphaned, repository: None });
                }
            }
            match batch.last() {
                Some(last) if batch.len() >= BATCH => after = Some(last.digest),
                _ => return Ok(()),
            }
        }
    }
}
