//! Checking that everything stored is what it was when it came.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use chartroom_blobs::{BlobStore, Verdict};
use chartroom_catalog::{BlobRecord, Catalog, ManifestRecord};
use chartroom_oci::{Digest, RepositoryName};
use futures_util::{StreamExt as _, stream};
use serde::Serialize;

use super::{BATCH, Error, has_session};

/// Blobs that are read at the same time: enough to keep a disk busy, few enough to leave a running
/// server its share.
const AT_ONCE: usize = 2;

/// Manifests that are fetched at a time; each may have megabytes.
const MANIFESTS: usize = 50;

/// Reads everything and compares. May work beside a running server: whatever seems wrong is looked
/// at a second time, because the server may have been changing it just then.
pub struct Inspector {
    catalog: Arc<dyn Catalog>,
    blobs: BlobStore,
    quarantine: bool,
    progress: Arc<Progress>,
}

/// How far an inspection has come.
#[derive(Debug, Default)]
pub struct Progress {
    blobs: AtomicU64,
    bytes: AtomicU64,
    manifests: AtomicU64,
}

impl Progress {
    /// Blobs that were read.
    pub fn blobs(&self) -> u64 {
        self.blobs.load(Relaxed)
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Manifests that were read.
    pub fn manifests(&self) -> u64 {
        self.manifests.load(Relaxed)
    }
}

/// What an inspection has found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Inspected {
    /// Blobs that were read.
    pub blobs: u64,
    /// Their bytes.
    pub blob_bytes: u64,
    /// Manifests that were read.
    pub manifests: u64,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Stored blobs that the catalog knows nothing of. Nothing is wrong with that: a push may be
    /// under way, or have ended early, and garbage collection removes them in time.
    pub orphans: Vec<Orphan>,
    /// Files of uploads.
    pub uploads: u64,
    /// Those of them that no session names; garbage collection removes them too.
    pub abandoned_uploads: u64,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is wrong with.
    pub kind: Kind,
    /// The blob or manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The repository of a manifest, or the ones that a quarantined blob was taken out of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<RepositoryName>,
    /// What is wrong.
    pub problem: String,
    /// Whether it was moved aside and forgotten, so that it can be pushed again.
    pub quarantined: bool,
}

/// What a problem is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The bytes of a blob.
    Blob,
    /// The bytes of a manifest.
    Manifest,
    /// The catalog itself.
    Catalog,
}

/// A stored blob that the catalog knows nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Orphan {
    /// The digest that its place stands for.
    pub digest: Digest,
    /// The size of its file.
    pub size: u64,
}

impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspector").field("quarantine", &self.quarantine).finish_non_exhaustive()
    }
}

impl Inspector {
    /// One that only looks.
    pub fn new(catalog: Arc<dyn Catalog>, blobs: BlobStore) -> Self {
        Self { catalog, blobs, quarantine: false, progress: Arc::default() }
    }

    /// Moves damaged blobs aside and forgets them, so that they can be pushed again. The data has to
    /// be this process's alone.
    pub fn with_quarantine(mut self) -> Self {
        self.quarantine = true;
        self
    }

    /// Tells how far the inspection has come, while it runs.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Inspects everything.
    pub async fn run(&self) -> Result<Inspected, Error> {
        let mut inspected = Inspected::default();
        self.catalog_itself(&mut inspected).await?;
        self.manifests(&mut inspected).await?;
        self.blobs(&mut inspected).await?;
        self.orphans(&mut inspected).await?;
        self.uploads(&mut inspected).await?;
        inspected.blobs = self.progress.blobs();
        inspected.blob_bytes = self.progress.bytes();
        inspected.manifests = self.progress.manifests();
        Ok(inspected)
    }

    async fn catalog_itself(&self, inspected: &mut Inspected) -> Result<(), Error> {
        let mut lines = self.catalog.self_check().await?;
        if !lines.is_empty() {
            let again: BTreeSet<_> = self.catalog.self_check().await?.into_iter().collect();
            lines.retain(|line| again.contains(line));
        }
        inspected.problems.extend(lines.into_iter().map(|line| Problem {
            kind: Kind::Catalog,
            digest: None,
            repositories: Vec::new(),
            problem: line,
            quarantined: false,
        }));
        Ok(())
    }

    async fn manifests(&self, inspected: &mut Inspected) -> Result<(), Error> {
        let mut after: Option<(RepositoryName, Digest)> = None;
        loop {
            let batch = self.catalog.manifest_records(after.as_ref(), MANIFESTS).await?;
            // A manifest is written once and never changed, so that a second look would see the same.
            inspected.problems.extend(batch.iter().filter_map(damaged_manifest));
            self.progress.manifests.fetch_add(batch.len() as u64, Relaxed);
            match batch.last() {
                Some(last) if batch.len() >= MANIFESTS => {
                    after = Some((last.repository.clone(), last.digest));
                }
                _ => return Ok(()),
            }
        }
    }

    async fn blobs(&self, inspected: &mut Inspected) -> Result<(), Error> {
        let mut after: Option<Digest> = None;
        loop {
            let batch = self.catalog.blob_records(after.as_ref(), BATCH).await?;
            let mut verified = stream::iter(&batch).map(|blob| self.blob(blob)).buffer_unordered(AT_ONCE);
            while let Some(problem) = verified.next().await {
                inspected.problems.extend(problem?);
            }
            drop(verified);
            match batch.last() {
                Some(last) if batch.len() >= BATCH => after = Some(last.digest),
                _ => return Ok(()),
            }
        }
    }

    async fn blob(&self, blob: &BlobRecord) -> Result<Option<Problem>, Error> {
        let mut damage = self.damage(blob).await;
        if damage.is_some() {
            // What has been removed in the meantime can't be damaged.
            damage = match self.catalog.blob_record(&blob.digest).await? {
                Some(blob) => self.damage(&blob).await,
                None => None,
            };
        }
        self.progress.blobs.fetch_add(1, Relaxed);
        self.progress.bytes.fetch_add(blob.size, Relaxed);
        let Some(problem) = damage else { return Ok(None) };
        let mut problem = Problem {
            kind: Kind::Blob,
            digest: Some(blob.digest),
            repositories: Vec::new(),
            problem,
            quarantined: false,
        };
        if self.quarantine {
            problem.repositories = self.set_aside(&blob.digest).await?;
            problem.quarantined = true;
        }
        Ok(Some(problem))
    }

    /// What is wrong with a blob, if anything is.
    async fn damage(&self, blob: &BlobRecord) -> Option<String> {
        match self.blobs.verify(&blob.digest, blob.size).await {
            Ok(Verdict::Intact) => None,
            Ok(Verdict::Missing) => Some("missing".to_owned()),
            Ok(Verdict::WrongSize { found }) => {
                Some(format!("wrong size: {found} bytes instead of {}", blob.size))
            }
            Ok(Verdict::WrongDigest { found }) => Some(format!("wrong content: {found}")),
            Err(error) => Some(format!("unreadable: {}", with_causes(&error))),
        }
    }

    async fn set_aside(&self, digest: &Digest) -> Result<Vec<RepositoryName>, Error> {
        let _lock = self.catalog.lock_blob(digest).await?;
        // Forgotten first, so that at no time a repository has a blob whose file is gone.
        let repositories = self.catalog.quarantine_blob(digest).await?;
        self.blobs.quarantine(digest).await?;
        Ok(repositories)
    }

    async fn orphans(&self, inspected: &mut Inspected) -> Result<(), Error> {
        let mut after: Option<Digest> = None;
        loop {
            let batch = self.blobs.walk(after.as_ref(), BATCH).await?;
            for blob in &batch {
                if self.catalog.blob_record(&blob.digest).await?.is_none() {
                    inspected.orphans.push(Orphan { digest: blob.digest, size: blob.size });
                }
            }
            match batch.last() {
                Some(last) if batch.len() >= BATCH => after = Some(last.digest),
                _ => return Ok(()),
            }
        }
    }

    async fn uploads(&self, inspected: &mut Inspected) -> Result<(), Error> {
        for (name, _) in self.blobs.uploads().await? {
            inspected.uploads += 1;
            if !has_session(self.catalog.as_ref(), &name).await? {
                inspected.abandoned_uploads += 1;
            }
        }
        Ok(())
    }
}

fn damaged_manifest(manifest: &ManifestRecord) -> Option<Problem> {
    let found = Digest::of(manifest.digest.algorithm(), &manifest.bytes);
    (found != manifest.digest).then(|| Problem {
        kind: Kind::Manifest,
        digest: Some(manifest.digest),
        repositories: vec![manifest.repository.clone()],
        problem: format!("wrong content: {found}"),
        quarantined: false,
    })
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
