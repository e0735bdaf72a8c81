//! The operations, each sent to where it runs.

use chartroom_oci::{Digest, Reference, RepositoryName, Tag};
use futures_util::future::ready;
use jiff::Timestamp;

use crate::{
    Answer, BlobLink, BlobLock, BlobRecord, Catalog, ChartVersion, Collectable, Deleted, Epoch,
    ManifestRecord, Page, Push, Pushed, Referrer, StoredManifest, Upload, UploadId,
};

use super::epochs::Slot;
use super::{SqliteCatalog, blobs, charts, check, collect, manifests, repositories, tags, uploads};

impl Catalog for SqliteCatalog {
    fn check(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.readers.point(check::read_probe)?;
            self.relaxed(|change| check::write_probe(change)).await
        })
    }

    // ---- repositories ------------------------------------------------------------------

    fn epoch<'a>(&'a self, repository: &'a RepositoryName) -> Answer<'a, Epoch> {
        Box::pin(ready(Ok(self.epochs.get(Slot::of(repository)))))
    }

    fn repositories<'a>(&'a self, after: Option<&'a str>, limit: usize) -> Answer<'a, Page<RepositoryName>> {
        let after = after.unwrap_or_default().to_owned();
        self.readers.long(move |connection| repositories::list(connection, &after, limit))
    }

    // ---- blobs -------------------------------------------------------------------------

    fn blob<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
    ) -> Answer<'a, Option<BlobLink>> {
        Box::pin(async move { self.readers.point(|connection| blobs::link(connection, repository, digest)) })
    }

    fn lock_blob<'a>(&'a self, digest: &'a Digest) -> Answer<'a, BlobLock> {
        Box::pin(async move { Ok(self.locks.lock(digest).await) })
    }

    fn link_blob<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        size: u64,
        upload: Option<UploadId>,
        now: Timestamp,
    ) -> Answer<'a, ()> {
        let (repository, digest) = (repository.clone(), *digest);
        self.durable(move |change| blobs::add(change, &repository, &digest, size, upload, now))
    }

    fn mount_blob<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        from: Option<&'a RepositoryName>,
        now: Timestamp,
    ) -> Answer<'a, bool> {
        let (repository, digest, from) = (repository.clone(), *digest, from.cloned());
        self.durable(move |change| blobs::mount(change, &repository, &digest, from.as_ref(), now))
    }

    fn touch_blob<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        now: Timestamp,
    ) -> Answer<'a, bool> {
        let (repository, digest) = (repository.clone(), *digest);
        self.relaxed(move |change| blobs::touch(change, &repository, &digest, now))
    }

    fn unlink_blob<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        immutable_versions: bool,
        now: Timestamp,
    ) -> Answer<'a, Deleted> {
        let (repository, digest) = (repository.clone(), *digest);
        self.durable(move |change| blobs::remove(change, &repository, &digest, immutable_versions, now))
    }

    // ---- uploads -----------------------------------------------------------------------

    fn begin_upload<'a>(&'a self, repository: &'a RepositoryName, upload: Upload) -> Answer<'a, ()> {
        let repository = repository.clone();
        self.relaxed(move |change| uploads::begin(change, &repository, &upload))
    }

    fn upload<'a>(&'a self, repository: &'a RepositoryName, id: UploadId) -> Answer<'a, Option<Upload>> {
        Box::pin(async move { self.readers.point(|connection| uploads::find(connection, repository, id)) })
    }

    fn save_upload<'a>(&'a self, upload: Upload) -> Answer<'a, bool> {
        self.relaxed(move |change| uploads::save(change, &upload))
    }

    fn cancel_upload<'a>(&'a self, repository: &'a RepositoryName, id: UploadId) -> Answer<'a, bool> {
        let repository = repository.clone();
        self.relaxed(move |change| uploads::cancel(change, &repository, id))
    }

    fn expire_uploads(&self, before: Timestamp, limit: usize) -> Answer<'_, Vec<UploadId>> {
        self.relaxed(move |change| uploads::expire(change, before, limit))
    }

    fn has_upload(&self, id: UploadId) -> Answer<'_, bool> {
        Box::pin(async move { self.readers.point(|connection| uploads::exists(connection, id)) })
    }

    // ---- manifests ---------------------------------------------------------------------

    fn put_manifest<'a>(
        &'a self,
        repository: &'a RepositoryName,
        push: Push,
        now: Timestamp,
    ) -> Answer<'a, Pushed> {
        let repository = repository.clone();
        self.durable(move |change| manifests::put(change, &repository, &push, now))
    }

    fn manifest<'a>(
        &'a self,
        repository: &'a RepositoryName,
        reference: &'a Reference,
    ) -> Answer<'a, Option<StoredManifest>> {
        Box::pin(
            async move { self.readers.point(|connection| manifests::get(connection, repository, reference)) },
        )
    }

    fn delete_tag<'a>(
        &'a self,
        repository: &'a RepositoryName,
        tag: &'a Tag,
        immutable_versions: bool,
    ) -> Answer<'a, Deleted> {
        let (repository, tag) = (repository.clone(), tag.clone());
        self.durable(move |change| tags::delete(change, &repository, &tag, immutable_versions))
    }

    fn delete_manifest<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        immutable_versions: bool,
        now: Timestamp,
    ) -> Answer<'a, Deleted> {
        let (repository, digest) = (repository.clone(), *digest);
        self.durable(move |change| manifests::delete(change, &repository, &digest, immutable_versions, now))
    }

    fn tags<'a>(
        &'a self,
        repository: &'a RepositoryName,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answer<'a, Option<Page<Tag>>> {
        let (repository, after) = (repository.clone(), after.unwrap_or_default().to_owned());
        self.readers.long(move |connection| tags::list(connection, &repository, &after, limit))
    }

    fn referrers<'a>(
        &'a self,
        repository: &'a RepositoryName,
        subject: &'a Digest,
        artifact_type: Option<&'a str>,
        after: Option<&'a Digest>,
        limit: usize,
    ) -> Answer<'a, Page<Referrer>> {
        let (repository, subject, after) = (repository.clone(), *subject, after.copied());
        let artifact_type = artifact_type.map(str::to_owned);
        self.readers.long(move |connection| {
            let artifact_type = artifact_type.as_deref();
            manifests::referrers(connection, &repository, &subject, artifact_type, after.as_ref(), limit)
        })
    }

    // ---- charts ------------------------------------------------------------------------

    fn chart_repositories<'a>(
        &'a self,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answer<'a, Page<RepositoryName>> {
        let after = after.unwrap_or_default().to_owned();
        self.readers.long(move |connection| repositories::list_with_charts(connection, &after, limit))
    }

    fn chart_versions<'a>(&'a self, repository: &'a RepositoryName) -> Answer<'a, Vec<ChartVersion>> {
        let repository = repository.clone();
        self.readers.long(move |connection| charts::versions(connection, &repository))
    }

    // ---- reclaiming and checking -------------------------------------------------------

    fn collectable(&self, cutoff: Timestamp, limit: usize) -> Answer<'_, Vec<Collectable>> {
        self.readers.long(move |connection| collect::preview(connection, cutoff, limit))
    }

    fn unlink_unreferenced(
        &self,
        cutoff: Timestamp,
        limit: usize,
        now: Timestamp,
    ) -> Answer<'_, Vec<(RepositoryName, Digest)>> {
        self.durable(move |change| collect::unlink(change, cutoff, limit, now))
    }

    fn unlinked_blobs<'a>(
        &'a self,
        cutoff: Timestamp,
        after: Option<&'a Digest>,
        limit: usize,
    ) -> Answer<'a, Vec<BlobRecord>> {
        let after = after.copied();
        self.readers.long(move |connection| collect::unlinked(connection, cutoff, after.as_ref(), limit))
    }

    fn forget_blob<'a>(&'a self, digest: &'a Digest, cutoff: Timestamp) -> Answer<'a, bool> {
        let digest = *digest;
        self.durable(move |change| collect::forget(change, &digest, cutoff))
    }

    fn quarantine_blob<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Vec<RepositoryName>> {
        let digest = *digest;
        self.durable(move |change| blobs::forget_everywhere(change, &digest))
    }

    fn blob_record<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<BlobRecord>> {
        Box::pin(async move { self.readers.point(|connection| blobs::record(connection, digest)) })
    }

    fn blob_records<'a>(&'a self, after: Option<&'a Digest>, limit: usize) -> Answer<'a, Vec<BlobRecord>> {
        let after = after.copied();
        self.readers.long(move |connection| blobs::records(connection, after.as_ref(), limit))
    }

    fn manifest_records<'a>(
        &'a self,
        after: Option<&'a (RepositoryName, Digest)>,
        limit: usize,
    ) -> Answer<'a, Vec<ManifestRecord>> {
        let after = after.cloned();
        self.readers.long(move |connection| manifests::records(connection, after.as_ref(), limit))
    }

    fn self_check(&self) -> Answer<'_, Vec<String>> {
        self.readers.long(check::all)
    }
}
