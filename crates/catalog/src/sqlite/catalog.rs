//! The operations, each sent to where it runs.

use chartroom_oci::{Digest, Reference, RepositoryName, Tag};
use futures_util::future::ready;
use jiff::Timestamp;

use crate::{
    Answer, BlobLink, BlobLock, BlobRecord, Catalog, ChartVersion, Collectable, Deleted, Epoch,
    ManifestRecord, Page, Push, Pushed, Referrer, StoredManifest, Upload, UploadId,
};

use super::epochs::Slot;
use super::fresh::Session;
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
        Box::pin(async move {
            let fresh = upload.and_then(|upload| self.fresh.remove(upload));
            let row = upload.filter(|_| !fresh.as_ref().is_some_and(Session::is_certain));
            let linked =
                self.durable(move |change| blobs::add(change, &repository, &digest, size, row, now)).await;
            if let (Some(session), Err(_)) = (fresh, &linked) {
                self.fresh.restore(session);
            }
            linked
        })
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
        if self.fresh.insert(repository, &upload) {
            return Box::pin(ready(Ok(())));
        }
        let repository = repository.clone();
        self.relaxed(move |change| uploads::begin(change, &repository, &upload))
    }

    fn upload<'a>(&'a self, repository: &'a RepositoryName, id: UploadId) -> Answer<'a, Option<Upload>> {
        let here = |session: Session| (session.repository == *repository).then_some(session.upload);
        if let Some(session) = self.fresh.certain(id) {
            return Box::pin(ready(Ok(here(session))));
        }
        Box::pin(async move {
            let row = self.readers.point(|connection| uploads::find(connection, repository, id))?;
            Ok(row.or_else(|| self.fresh.uncertain(id).and_then(here)))
        })
    }

    fn save_upload<'a>(&'a self, upload: Upload) -> Answer<'a, bool> {
        let id = upload.id;
        let Some(repository) = self.fresh.begin_moving(id) else {
            return self.relaxed(move |change| uploads::save(change, &upload));
        };
        Box::pin(async move {
            self.relaxed(move |change| {
                // There is a row if an earlier attempt to write it was begun and not waited for.
                if !uploads::save(change, &upload)? {
                    uploads::begin(change, &repository, &upload)?;
                }
                Ok(())
            })
            .await?;
            self.fresh.remove(id);
            Ok(true)
        })
    }

    fn cancel_upload<'a>(&'a self, repository: &'a RepositoryName, id: UploadId) -> Answer<'a, bool> {
        let fresh = self.fresh.uncertain(id).filter(|session| session.repository == *repository);
        if let Some(session) = &fresh {
            self.fresh.remove(id);
            if session.is_certain() {
                return Box::pin(ready(Ok(true)));
            }
        }
        let repository = repository.clone();
        Box::pin(async move {
            let row = self.relaxed(move |change| uploads::cancel(change, &repository, id)).await?;
            Ok(row || fresh.is_some())
        })
    }

    fn expire_uploads(&self, before: Timestamp, limit: usize) -> Answer<'_, Vec<UploadId>> {
        Box::pin(async move {
            let mut expired = self.relaxed(move |change| uploads::expire(change, before, limit)).await?;
            expired.extend(self.fresh.expire(before, limit.saturating_sub(expired.len())));
            Ok(expired)
        })
    }

    fn has_upload(&self, id: UploadId) -> Answer<'_, bool> {
        Box::pin(async move {
            let row = self.readers.point(|connection| uploads::exists(connection, id))?;
            Ok(row || self.fresh.uncertain(id).is_some())
        })
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
