//! Jobs over a real catalog and real files.

#![expect(clippy::unwrap_used, reason = "tests")]

mod collecting;
mod inspecting;

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chartroom_blobs::BlobStore;
use chartroom_catalog::sqlite::SqliteCatalog;
use chartroom_catalog::{Catalog, Push, Upload, UploadId};
use chartroom_oci::{Algorithm, Digest, Digester, Manifest, MediaType, RepositoryName};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::listen::Lifecycle;
use crate::settings::Settings;

/// A registry's data, with a grace period of an hour and uploads that expire after a day.
struct Data {
    folder: TempDir,
    catalog: Arc<dyn Catalog>,
    blobs: BlobStore,
}

impl Data {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::open(folder.path()).unwrap();
        let catalog = Arc::new(SqliteCatalog::open(&folder.path().join("catalog.sqlite")).unwrap());
        Self { folder, catalog, blobs }
    }

    fn collector(&self) -> Collector {
        self.collector_with("[gc]\ngrace = \"1h\"\n[uploads]\nexpire = \"1d\"")
    }

    fn collector_with(&self, settings: &str) -> Collector {
        let settings: Settings = toml::from_str(settings).unwrap();
        Collector::new(Arc::clone(&self.catalog), self.blobs.clone(), &settings)
    }

    async fn collect(&self) -> Collected {
        self.collector().run(&Lifecycle::new()).await
    }

    /// Stores a blob, as a push does.
    async fn push_blob(&self, content: &str, at: Timestamp) -> Digest {
        let digest = self.store(content).await;
        self.catalog.link_blob(&repository(), &digest, content.len() as u64, None, at).await.unwrap();
        digest
    }

    /// Stores a blob that the catalog does not hear of.
    async fn store(&self, content: &str) -> Digest {
        let digest = Digest::sha256(content.as_bytes());
        self.blobs.put(&digest, Bytes::from(content.to_owned())).await.unwrap();
        digest
    }

    /// Stores a manifest that refers to a blob.
    async fn push_manifest(&self, blob: &Digest) -> Digest {
        let manifest = json!({
            "schemaVersion": 2,
            "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": blob, "size": 1 },
            "layers": [],
        });
        let bytes = Bytes::from(serde_json::to_vec(&manifest).unwrap());
        let digest = Digest::sha256(&bytes);
        let push = Push {
            digest,
            manifest: Manifest::parse(Some(&MediaType::OCI_MANIFEST), &bytes).unwrap(),
            bytes,
            tags: vec!["latest".parse().unwrap()],
            chart: None,
            immutable_versions: false,
            keep_tags: false,
        };
        self.catalog.put_manifest(&repository(), push, Timestamp::now()).await.unwrap();
        digest
    }

    /// Begins an upload of three bytes.
    async fn begin_upload(&self, touched_at: Timestamp) -> UploadId {
        let id = UploadId::random();
        let mut writer =
            self.blobs.upload(&id.to_string(), 0, Digester::new(Algorithm::Sha256)).await.unwrap();
        writer.write(Bytes::from_static(b"abc")).await.unwrap();
        let (offset, digester) = writer.checkpoint().await.unwrap();
        let upload = Upload {
            id,
            owner: String::new(),
            algorithm: Algorithm::Sha256,
            offset,
            state: digester.save(),
            touched_at,
        };
        self.catalog.begin_upload(&repository(), upload).await.unwrap();
        id
    }

    /// The file of a blob.
    fn file(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.folder.path().join("blobs/sha256").join(&hex[..2]).join(&hex).join("data")
    }

    fn upload_file(&self, name: &str) -> PathBuf {
        self.folder.path().join("uploads").join(name)
    }

    /// Makes a file as old as if it had been written two days ago.
    fn age(&self, path: &PathBuf) {
        let modified = SystemTime::now() - Duration::from_secs(2 * 24 * 3600);
        File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
    }

    fn damage(&self, digest: &Digest, content: &str) {
        fs::write(self.file(digest), content).unwrap();
    }
}

fn repository() -> RepositoryName {
    "charts/app".parse().unwrap()
}

fn hours_ago(hours: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(hours)
}
