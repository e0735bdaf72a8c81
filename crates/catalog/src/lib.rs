//! What the registry knows: which repositories there are, which blobs and manifests each
//! of them holds, where tags point, what refers to what, which uploads are under way, and
//! what is known of charts.
//!
//! [`Catalog`] is the contract; [`sqlite`] implements it in a file beside the blobs. The
//! functions in [`mod@conformance`] state the contract as tests, and every implementation runs
//! all of them. The bytes of blobs are elsewhere (crate `chartroom-blobs`); manifests'
//! bytes are here.

pub mod accounts;
mod chart;
pub mod conformance;
mod error;
mod model;
pub mod sqlite;
mod upload;

use chartroom_oci::{Digest, Reference, RepositoryName, Tag};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

pub use chart::{ChartArchive, ChartRecord, ChartVersion};
pub use error::{Error, Result};
pub use model::{
    BlobLink, BlobLock, BlobRecord, Collectable, Deleted, Epoch, ManifestRecord, Page, Push, Pushed,
    Referrer, StoredManifest,
};
pub use upload::{Upload, UploadId, UploadIdError};

/// What a [`Catalog`] operation gives back.
pub type Answer<'a, T> = BoxFuture<'a, Result<T>>;

/// Everything that the registry remembers besides the bytes of blobs.
///
/// Every operation is one transaction: it happens wholly or not at all, and what it
/// reports was true at one moment. Operations on a repository that does not exist behave
/// as on an empty one, unless they say otherwise.
///
/// # Durability
///
/// When an operation that changes something has answered, the change survives a crash of
/// the process and a loss of power. Operations marked *relaxed* survive a crash of the
/// process only: what they record can be lost to a power cut without harm, because nobody
/// was promised it. A relaxed change never becomes visible after a crash without all
/// changes that were answered before it.
///
/// Dropping an operation's future does not undo it: it may or may not happen.
///
/// # Time
///
/// The caller says what time it is. Times are kept to the millisecond, and cut off to it before
/// they are compared.
///
/// # Order against blobs
///
/// The caller stores a blob's bytes durably *before* it calls [`Catalog::link_blob`], and
/// removes them only *after* [`Catalog::forget_blob`] said yes; both while it holds
/// [`Catalog::lock_blob`]. So a blob that is linked is there.
pub trait Catalog: Send + Sync + 'static {
    /// Checks that the catalog can be read and written now; for readiness probes.
    fn check(&self) -> Answer<'_, ()>;

    // ---- repositories ------------------------------------------------------------------

    /// A number that changes whenever anything in the repository does: what was read under
    /// one epoch is still true as long as the epoch is the same. Read the epoch *before* the
    /// data that is to be kept under it.
    fn epoch<'a>(&'a self, repository: &'a RepositoryName) -> Answer<'a, Epoch>;

    /// The repositories that hold at least one manifest, by name in byte order, from the
    /// first one after `after`, at most `limit`.
    fn repositories<'a>(&'a self, after: Option<&'a str>, limit: usize) -> Answer<'a, Page<RepositoryName>>;

    // ---- blobs -------------------------------------------------------------------------

    /// The blob, if this repository links it.
    fn blob<'a>(&'a self, repository: &'a RepositoryName, digest: &'a Digest)
    -> Answer<'a, Option<BlobLink>>;

    /// Waits until nobody else holds the blob's lock, and takes it. Dropping the lock
    /// releases it. Whoever places or removes the bytes of a blob holds it.
    fn lock_blob<'a>(&'a self, digest: &'a Digest) -> Answer<'a, BlobLock>;

    /// Makes a stored blob part of a repository, both of which may be new, and ends the
    /// upload that brought it. Linking twice is fine. If no manifest of the repository
    /// refers to the blob, its grace period starts at `now`.
    fn link_blob<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        size: u64,
        upload: Option<UploadId>,
        now: Timestamp,
    ) -> Answer<'a, ()>;

    /// Links a blob that another repository (`Some`) or any repository (`None`) links. `false`, and
    /// nothing changed, if there is no such link.
    fn mount_blob<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        from: Option<&'a RepositoryName>,
        now: Timestamp,
    ) -> Answer<'a, bool>;

    /// Starts the grace period of a linked blob anew, if it is in one: a push is about to be
    /// told that the blob is there, and must find it there later. `false` if the repository does
    /// not link it, perhaps no longer: then the push has to be told that it is not there. Relaxed.
    ///
    /// Neither this nor linking moves a start back, should two pushes come out of order.
    fn touch_blob<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        now: Timestamp,
    ) -> Answer<'a, bool>;

    /// Takes a blob out of a repository at once, whether or not a manifest refers to it. With
    /// `immutable_versions`, refused with [`Error::Immutable`] if a tagged chart version stands on it.
    fn unlink_blob<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        immutable_versions: bool,
        now: Timestamp,
    ) -> Answer<'a, Deleted>;

    // ---- uploads -----------------------------------------------------------------------

    /// Records a new upload session. Until something is saved for it ([`Catalog::save_upload`]), it may be
    /// forgotten when the process ends: it has no bytes that could be lost.
    fn begin_upload<'a>(&'a self, repository: &'a RepositoryName, upload: Upload) -> Answer<'a, ()>;

    /// The session, if there is one of that id in that repository.
    fn upload<'a>(&'a self, repository: &'a RepositoryName, id: UploadId) -> Answer<'a, Option<Upload>>;

    /// Records how far a session has come. `false`, and nothing changed, if the session is
    /// gone. Relaxed: the caller has made the bytes themselves durable first.
    fn save_upload<'a>(&'a self, upload: Upload) -> Answer<'a, bool>;

    /// Ends a session without a blob. `false` if there was none. Relaxed.
    fn cancel_upload<'a>(&'a self, repository: &'a RepositoryName, id: UploadId) -> Answer<'a, bool>;

    /// Ends the sessions that were last touched before `before`, at most `limit`, and names them. Relaxed.
    fn expire_uploads(&self, before: Timestamp, limit: usize) -> Answer<'_, Vec<UploadId>>;

    /// Whether a session of this id exists in any repository.
    fn has_upload(&self, id: UploadId) -> Answer<'_, bool>;

    // ---- manifests ---------------------------------------------------------------------

    /// Stores a manifest and points tags at it. The repository may be new. Putting the same
    /// manifest again is fine: it moves tags, takes over what is newly known of the chart, and the
    /// type under which it was put last is the one that is served from then on. What was once
    /// a chart stays one, and blobs that it once referred to stay referred to, whatever the new type
    /// makes of it.
    ///
    /// Blobs of the repository that the manifest refers to leave their grace period. Blobs and
    /// manifests that are missing are no error here; [`Pushed::missing`] names them.
    ///
    /// With [`Push::immutable_versions`], refused with [`Error::Immutable`] if one of the tags is a
    /// chart version (see there) that points at another digest; then nothing is changed. And a
    /// manifest that a chart version points at keeps its type. With [`Push::keep_tags`], refused with
    /// [`Error::TagExists`] if one of the tags points at another digest.
    fn put_manifest<'a>(
        &'a self,
        repository: &'a RepositoryName,
        push: Push,
        now: Timestamp,
    ) -> Answer<'a, Pushed>;

    /// The manifest that a tag or digest names.
    fn manifest<'a>(
        &'a self,
        repository: &'a RepositoryName,
        reference: &'a Reference,
    ) -> Answer<'a, Option<StoredManifest>>;

    /// Removes a tag; the manifest stays. With `immutable_versions`, refused with [`Error::Immutable`]
    /// if the tag is a chart version.
    fn delete_tag<'a>(
        &'a self,
        repository: &'a RepositoryName,
        tag: &'a Tag,
        immutable_versions: bool,
    ) -> Answer<'a, Deleted>;

    /// Removes a manifest and every tag that points at it; blobs that no other manifest of the
    /// repository refers to start their grace period at `now`. With `immutable_versions`, refused with
    /// [`Error::Immutable`] if one of the tags is a chart version.
    fn delete_manifest<'a>(
        &'a self,
        repository: &'a RepositoryName,
        digest: &'a Digest,
        immutable_versions: bool,
        now: Timestamp,
    ) -> Answer<'a, Deleted>;

    /// The tags of a repository in byte order, from the first one after `after` (which need not
    /// exist), at most `limit`; `None` if the repository has never existed.
    fn tags<'a>(
        &'a self,
        repository: &'a RepositoryName,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answer<'a, Option<Page<Tag>>>;

    /// The manifests of the repository whose subject is `subject`, by digest in byte order of its text,
    /// from the first one after `after`, at most `limit`; only those of an artifact type, if one is given.
    fn referrers<'a>(
        &'a self,
        repository: &'a RepositoryName,
        subject: &'a Digest,
        artifact_type: Option<&'a str>,
        after: Option<&'a Digest>,
        limit: usize,
    ) -> Answer<'a, Page<Referrer>>;

    // ---- charts ------------------------------------------------------------------------

    /// The repositories that hold a tagged chart, by name in byte order, from the first one after
    /// `after`, at most `limit`.
    fn chart_repositories<'a>(
        &'a self,
        after: Option<&'a str>,
        limit: usize,
    ) -> Answer<'a, Page<RepositoryName>>;

    /// The charts of a repository that have at least one tag, in no particular order.
    fn chart_versions<'a>(&'a self, repository: &'a RepositoryName) -> Answer<'a, Vec<ChartVersion>>;

    // ---- reclaiming and checking -------------------------------------------------------

    /// What [`Catalog::unlink_unreferenced`] and then [`Catalog::forget_blob`] would remove with this
    /// cutoff, at most `limit`. Changes nothing.
    fn collectable(&self, cutoff: Timestamp, limit: usize) -> Answer<'_, Vec<Collectable>>;

    /// Takes out of their repositories the blobs that no manifest there refers to and whose grace
    /// period started at or before `cutoff`, at most `limit`, and names them. A blob that is thereby
    /// in no repository counts as unlinked since `now`.
    fn unlink_unreferenced(
        &self,
        cutoff: Timestamp,
        limit: usize,
        now: Timestamp,
    ) -> Answer<'_, Vec<(RepositoryName, Digest)>>;

    /// The blobs that no repository links since `cutoff` or longer, at most `limit`, by digest after `after`.
    fn unlinked_blobs<'a>(
        &'a self,
        cutoff: Timestamp,
        after: Option<&'a Digest>,
        limit: usize,
    ) -> Answer<'a, Vec<BlobRecord>>;

    /// Forgets a blob if no repository links it since `cutoff` or longer; `true` if it did. The caller
    /// holds the blob's lock and removes the bytes next.
    fn forget_blob<'a>(&'a self, digest: &'a Digest, cutoff: Timestamp) -> Answer<'a, bool>;

    /// Forgets a blob and takes it out of every repository, because its bytes are damaged or gone, so
    /// that it can be pushed again. The caller holds the blob's lock.
    fn quarantine_blob<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Vec<RepositoryName>>;

    /// What is recorded of a blob, linked or not.
    fn blob_record<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<BlobRecord>>;

    /// All recorded blobs by digest in byte order of its text, after `after`, at most `limit`.
    fn blob_records<'a>(&'a self, after: Option<&'a Digest>, limit: usize) -> Answer<'a, Vec<BlobRecord>>;

    /// All stored manifests by repository and digest, after `after`, at most `limit`.
    fn manifest_records<'a>(
        &'a self,
        after: Option<&'a (RepositoryName, Digest)>,
        limit: usize,
    ) -> Answer<'a, Vec<ManifestRecord>>;

    /// Checks what the storage engine itself can check, and that every reference leads somewhere;
    /// one line for each thing that is wrong.
    fn self_check(&self) -> Answer<'_, Vec<String>>;
}
