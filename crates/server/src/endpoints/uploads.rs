//! `/v2/<name>/blobs/uploads/…`: blobs on their way in.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use chartroom_access::Action;
use chartroom_catalog::{Upload, UploadId};
use chartroom_oci::{Algorithm, Digest, Digester, RepositoryName};
use http::header::{CONTENT_RANGE, LOCATION, RANGE};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use super::{DOCKER_UPLOAD_UUID, bare, created, header};
use crate::Error;
use crate::body::{Incoming, declared_length};
use crate::byte_range::uploaded;
use crate::error::UploadPosition;
use crate::gate::Visitor;
use crate::hot::SMALL_BLOB;
use crate::query::Query;
use crate::registry::{RequestId, Shared};
use crate::sessions::Turn;
use http::request::Parts;

/// After how many bytes of one request an upload is made safe against a restart of the server.
const CHECKPOINT: u64 = 64 << 20;

/// How long a question for an upload's position waits for the request that is writing to it.
const STATUS_PATIENCE: Duration = Duration::from_secs(1);

/// `POST`: begins an upload, or does the whole of it (`?digest=`), or links a blob of another
/// repository (`?mount=`, with or without `from=`).
pub(crate) async fn start(
    shared: &Arc<Shared>,
    repository: &RepositoryName,
    (parts, body): (Parts, Body),
    (id, visitor): (RequestId, &Visitor),
) -> Result<Response, Error> {
    let query = Query::parse(parts.uri.query())?;
    if let Some(digest) = query.get("mount") {
        let digest: Digest = digest.parse().map_err(Error::InvalidDigest)?;
        if mount(shared, repository, &digest, query.get("from"), visitor).await? {
            tracing::debug!(request = %id, %repository, %digest, "blob mounted");
            return created(&blob_location(repository, &digest), &digest);
        }
    } else if let Some(digest) = query.get("digest") {
        let digest: Digest = digest.parse().map_err(Error::InvalidDigest)?;
        let upload = new_upload(digest.algorithm(), visitor);
        return finish(shared, repository, upload, digest, &parts.headers, body, Ending::AtOnce, id).await;
    }
    let algorithm = match query.get("digest-algorithm") {
        Some(algorithm) => algorithm.parse().map_err(Error::InvalidDigest)?,
        None => Algorithm::Sha256,
    };
    let upload = new_upload(algorithm, visitor);
    let upload_id = upload.id;
    shared.catalog.begin_upload(repository, upload).await?;
    position(StatusCode::ACCEPTED, repository, upload_id, 0)
}

/// Links a blob that is elsewhere in the registry, if it is.
async fn mount(
    shared: &Shared,
    repository: &RepositoryName,
    digest: &Digest,
    from: Option<&str>,
    visitor: &Visitor,
) -> Result<bool, Error> {
    let from = match from.filter(|from| !from.is_empty()).map(str::parse::<RepositoryName>) {
        // What can't be a repository has no blobs; the client uploads instead.
        Some(Err(_)) => return Ok(false),
        // Nor has what the caller may not read; whether it is there is not told.
        Some(Ok(from)) if !visitor.may(&from, Action::Pull) => return Ok(false),
        Some(Ok(from)) => Some(from),
        // Anywhere would be in repositories that the caller may not read, too.
        None if visitor.is_guarded() => return Ok(false),
        None => None,
    };
    Ok(shared.catalog.mount_blob(repository, digest, from.as_ref(), Timestamp::now()).await?)
}

fn new_upload(algorithm: Algorithm, visitor: &Visitor) -> Upload {
    let state = Digester::new(algorithm).save();
    let (id, owner) = (UploadId::random(), visitor.owner());
    Upload { id, owner, algorithm, offset: 0, state, touched_at: Timestamp::now() }
}

/// `PATCH`: adds bytes to an upload. With `Content-Range` they must follow on what is there.
pub(crate) async fn append(
    shared: &Arc<Shared>,
    repository: &RepositoryName,
    id: &str,
    (parts, body): (Parts, Body),
    visitor: &Visitor,
) -> Result<Response, Error> {
    let (mut turn, upload) = session(shared, repository, id, visitor).await?;
    check_position(repository, &upload, &parts.headers, &body)?;
    check_length(shared, upload.offset, &parts.headers, &body)?;
    let (id, before) = (upload.id, upload.offset);
    let mut receiver = Receiver::new(shared, upload, None, true).await?;
    receiver.receive(body, &mut turn).await?;
    let upload = receiver.pause().await?;
    if let Some((first, last)) = content_range(&parts.headers)?
        && upload.offset - before != last - first + 1
    {
        let message =
            format!("the body has {} bytes, Content-Range says {first}-{last}", upload.offset - before);
        return Err(Error::LengthMismatch(message));
    }
    position(StatusCode::ACCEPTED, repository, id, upload.offset)
}

/// `PUT ?digest=`: adds the last bytes, if any, and makes the whole a blob.
pub(crate) async fn complete(
    shared: &Arc<Shared>,
    repository: &RepositoryName,
    upload_id: &str,
    (parts, body): (Parts, Body),
    (id, visitor): (RequestId, &Visitor),
) -> Result<Response, Error> {
    let (turn, upload) = session(shared, repository, upload_id, visitor).await?;
    let query = Query::parse(parts.uri.query())?;
    let digest = query.get("digest").ok_or(Error::MissingDigest)?;
    let digest: Digest = digest.parse().map_err(Error::InvalidDigest)?;
    check_position(repository, &upload, &parts.headers, &body)?;
    finish(shared, repository, upload, digest, &parts.headers, body, Ending::Session(turn), id).await
}

/// Whether an upload has a session that must be ended, and can be gone on with if it fails.
enum Ending {
    /// One request does it all.
    AtOnce,
    /// There is a session, and this request has it.
    Session(Turn),
}

#[expect(clippy::too_many_arguments, reason = "one step of two endpoints, with all that they know")]
async fn finish(
    shared: &Arc<Shared>,
    repository: &RepositoryName,
    upload: Upload,
    digest: Digest,
    headers: &HeaderMap,
    body: Body,
    ending: Ending,
    request: RequestId,
) -> Result<Response, Error> {
    check_length(shared, upload.offset, headers, &body)?;
    let session = matches!(ending, Ending::Session(_)).then_some(upload.id);
    let incoming = declared_length(headers, &body).filter(|length| *length <= SMALL_BLOB);
    let size = if upload.offset == 0 && incoming.is_some() {
        // The usual chart: in one piece, in memory, into its place.
        let body = Incoming::new(body).whole(SMALL_BLOB, "blob").await?;
        let size = body.len() as u64;
        shared.metrics.received.inc_by(size);
        let lock = shared.catalog.lock_blob(&digest).await?;
        match shared.blobs.put(&digest, body.clone()).await {
            Ok(()) => {}
            Err(chartroom_blobs::Error::DigestMismatch { expected, found }) => {
                drop(lock);
                abandon(shared, repository, session).await;
                return Err(Error::DigestMismatch { expected, found });
            }
            Err(error) => return Err(error.into()),
        }
        shared.catalog.link_blob(repository, &digest, size, session, Timestamp::now()).await?;
        drop(lock);
        remember(shared, digest, body);
        size
    } else {
        let id = upload.id;
        let mut turn = match ending {
            Ending::Session(turn) => turn,
            Ending::AtOnce => shared.sessions.take(id).await,
        };
        let algorithm = Some(digest.algorithm());
        let mut receiver = Receiver::new(shared, upload, algorithm, session.is_some()).await?;
        receiver.receive(body, &mut turn).await?;
        let (size, found) = receiver.finish(digest.algorithm()).await?;
        if found != digest {
            abandon(shared, repository, Some(id)).await;
            return Err(Error::DigestMismatch { expected: digest, found: Box::new(found) });
        }
        let lock = shared.catalog.lock_blob(&digest).await?;
        shared.blobs.commit_upload(&id.to_string(), &digest).await?;
        shared.catalog.link_blob(repository, &digest, size, session, Timestamp::now()).await?;
        drop(lock);
        size
    };
    tracing::debug!(%request, %repository, %digest, size, "blob pushed");
    created(&blob_location(repository, &digest), &digest)
}

/// A chart that was just pushed is likely to be read soon: its config at once, to index the chart. The
/// copy drops the request's buffer, which may be larger.
fn remember(shared: &Shared, digest: Digest, body: Bytes) {
    shared.hot.blobs.insert(digest, Bytes::copy_from_slice(&body));
}

/// Ends a session whose bytes are of no use. What this fails to remove, the collector finds.
async fn abandon(shared: &Shared, repository: &RepositoryName, session: Option<UploadId>) {
    if let Some(id) = session {
        let gone = shared.catalog.cancel_upload(repository, id).await.is_ok();
        let discarded = shared.blobs.discard_upload(&id.to_string()).await.is_ok();
        tracing::debug!(upload = %id, gone, discarded, "upload abandoned");
    }
}

/// `GET`: where an upload stands.
pub(crate) async fn status(
    shared: &Shared,
    repository: &RepositoryName,
    id: &str,
    visitor: &Visitor,
) -> Result<Response, Error> {
    let id: UploadId = id.parse().map_err(|_| Error::UploadUnknown)?;
    let live = shared.sessions.progress(id, STATUS_PATIENCE).await;
    let upload = own(shared, repository, id, visitor).await?;
    let offset = live.unwrap_or(upload.offset).max(upload.offset);
    position(StatusCode::NO_CONTENT, repository, id, offset)
}

/// `DELETE`: ends an upload without a blob.
pub(crate) async fn cancel(
    shared: &Shared,
    repository: &RepositoryName,
    id: &str,
    visitor: &Visitor,
) -> Result<Response, Error> {
    let id: UploadId = id.parse().map_err(|_| Error::UploadUnknown)?;
    own(shared, repository, id, visitor).await?;
    let _turn = shared.sessions.take(id).await;
    if !shared.catalog.cancel_upload(repository, id).await? {
        return Err(Error::UploadUnknown);
    }
    shared.blobs.discard_upload(&id.to_string()).await?;
    Ok(bare(StatusCode::NO_CONTENT))
}

/// Takes the session for this request. The upload is read afterwards, when nobody else can change it.
async fn session(
    shared: &Shared,
    repository: &RepositoryName,
    id: &str,
    visitor: &Visitor,
) -> Result<(Turn, Upload), Error> {
    let id: UploadId = id.parse().map_err(|_| Error::UploadUnknown)?;
    // Asked first, so that a stranger to the repository or the upload can't interrupt anybody.
    own(shared, repository, id, visitor).await?;
    let turn = shared.sessions.take(id).await;
    let upload = own(shared, repository, id, visitor).await?;
    Ok((turn, upload))
}

/// The upload, if it is in this repository and of this caller.
async fn own(
    shared: &Shared,
    repository: &RepositoryName,
    id: UploadId,
    visitor: &Visitor,
) -> Result<Upload, Error> {
    let upload = shared.catalog.upload(repository, id).await?;
    // One that was begun before there were accounts is still anybody's.
    let is_own = |upload: &Upload| upload.owner.is_empty() || upload.owner == visitor.owner();
    upload.filter(is_own).ok_or(Error::UploadUnknown)
}

fn upload_location(repository: &RepositoryName, id: UploadId) -> String {
    format!("/v2/{repository}/blobs/uploads/{id}")
}

fn blob_location(repository: &RepositoryName, digest: &Digest) -> String {
    format!("/v2/{repository}/blobs/{digest}")
}

/// The answer that tells where an upload stands.
fn position(
    status: StatusCode,
    repository: &RepositoryName,
    id: UploadId,
    offset: u64,
) -> Result<Response, Error> {
    let position = UploadPosition { location: upload_location(repository, id), offset };
    let mut response = bare(status);
    let headers = response.headers_mut();
    headers.insert(LOCATION, header(&position.location)?);
    headers.insert(RANGE, header(&position.range())?);
    headers.insert(DOCKER_UPLOAD_UUID, header(&id.to_string())?);
    Ok(response)
}

fn content_range(headers: &HeaderMap) -> Result<Option<(u64, u64)>, Error> {
    let unreadable =
        || Error::LengthMismatch("the Content-Range header is none; write it as 0-1023".to_owned());
    let Some(value) = headers.get(CONTENT_RANGE) else {
        return Ok(None);
    };
    value.to_str().ok().and_then(uploaded).map(Some).ok_or_else(unreadable)
}

/// A chunk that says where it belongs must belong where the upload stands.
fn check_position(
    repository: &RepositoryName,
    upload: &Upload,
    headers: &HeaderMap,
    body: &Body,
) -> Result<(), Error> {
    let Some((first, last)) = content_range(headers)? else {
        return Ok(());
    };
    if first != upload.offset {
        let location = upload_location(repository, upload.id);
        return Err(Error::UploadOffset(Box::new(UploadPosition { location, offset: upload.offset })));
    }
    match declared_length(headers, body) {
        Some(length) if length != last - first + 1 => Err(Error::LengthMismatch(format!(
            "Content-Length is {length}, Content-Range says {first}-{last}"
        ))),
        _ => Ok(()),
    }
}

/// Refuses early what would become too large.
fn check_length(shared: &Shared, offset: u64, headers: &HeaderMap, body: &Body) -> Result<(), Error> {
    let length = offset.saturating_add(declared_length(headers, body).unwrap_or(0));
    match shared.rules.max_blob_bytes {
        Some(limit) if length > limit => Err(Error::TooLarge { what: "blob", limit }),
        _ => Ok(()),
    }
}

/// Opens the upload's file. A request that was dropped may still be writing out its last bytes; its
/// turn is over, so that ends soon.
async fn open(
    shared: &Shared,
    upload: &Upload,
    digester: Digester,
) -> Result<chartroom_blobs::UploadWriter, Error> {
    const TRIES: u32 = 200;
    let id = upload.id.to_string();
    for _ in 0..TRIES {
        match shared.blobs.upload(&id, upload.offset, digester.clone()).await {
            Err(chartroom_blobs::Error::UploadBusy) => tokio::time::sleep(Duration::from_millis(25)).await,
            other => return Ok(other?),
        }
    }
    Err(Error::UploadTakenOver)
}

/// Takes bytes into an upload, and records how far it came however that ends.
struct Receiver<'a> {
    shared: &'a Arc<Shared>,
    upload: Upload,
    writer: chartroom_blobs::UploadWriter,
    /// Whether there is a session to record progress in.
    recorded: bool,
}

impl<'a> Receiver<'a> {
    /// Goes on where the upload stands. If nothing was taken in yet, the algorithm can still be chosen.
    async fn new(
        shared: &'a Arc<Shared>,
        mut upload: Upload,
        algorithm: Option<Algorithm>,
        recorded: bool,
    ) -> Result<Self, Error> {
        if let Some(algorithm) = algorithm
            && upload.offset == 0
        {
            upload.algorithm = algorithm;
            upload.state = Digester::new(algorithm).save();
        }
        let digester = Digester::restore(upload.algorithm, &upload.state).map_err(Error::internal)?;
        // From here on there is something to go on with, even if this request and this process end abruptly.
        if recorded && upload.offset == 0 && !shared.catalog.save_upload(upload.clone()).await? {
            return Err(Error::UploadUnknown);
        }
        let writer = open(shared, &upload, digester).await?;
        Ok(Self { shared, upload, writer, recorded })
    }

    /// Takes in a body. When it breaks off, what came is kept, so that the client can go on from there.
    async fn receive(&mut self, body: Body, turn: &mut Turn) -> Result<(), Error> {
        let mut incoming = Incoming::new(body);
        let mut unsaved = 0;
        loop {
            let piece = tokio::select! {
                piece = incoming.next() => piece,
                () = turn.interrupted() => Err(Error::UploadTakenOver),
            };
            let outcome = match piece {
                Ok(None) => return Ok(()),
                Ok(Some(bytes)) => {
                    unsaved += bytes.len() as u64;
                    self.take(bytes).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                self.save_after_failure().await;
                return Err(error);
            }
            turn.report(self.writer.offset());
            if unsaved >= CHECKPOINT {
                self.save().await?;
                unsaved = 0;
            }
        }
    }

    async fn take(&mut self, bytes: Bytes) -> Result<(), Error> {
        let length = self.writer.offset().saturating_add(bytes.len() as u64);
        if let Some(limit) = self.shared.rules.max_blob_bytes
            && length > limit
        {
            return Err(Error::TooLarge { what: "blob", limit });
        }
        self.shared.metrics.received.inc_by(bytes.len() as u64);
        Ok(self.writer.write(bytes).await?)
    }

    /// Makes what came durable and records it.
    async fn save(&mut self) -> Result<(), Error> {
        let (offset, digester) = self.writer.checkpoint().await?;
        self.upload.offset = offset;
        self.upload.state = digester.save();
        self.upload.touched_at = Timestamp::now();
        if self.recorded && !self.shared.catalog.save_upload(self.upload.clone()).await? {
            return Err(Error::UploadUnknown);
        }
        Ok(())
    }

    async fn save_after_failure(&mut self) {
        if !self.recorded {
            let discarded = self.shared.blobs.discard_upload(&self.upload.id.to_string()).await;
            tracing::debug!(upload = %self.upload.id, discarded = discarded.is_ok(), "upload broke off");
        } else if let Err(error) = self.save().await {
            // The last recorded position still holds; the client goes on from there.
            tracing::debug!(upload = %self.upload.id, %error, "the position of a broken upload was not recorded");
        }
    }

    /// Ends the request; the upload can be gone on with.
    async fn pause(mut self) -> Result<Upload, Error> {
        self.save().await?;
        Ok(self.upload)
    }

    /// Ends the upload: its length, and its digest in the algorithm asked for. Nobody has to name the
    /// algorithm before the end; if another one was computed, the bytes are read again.
    async fn finish(self, algorithm: Algorithm) -> Result<(u64, Digest), Error> {
        let computed = self.upload.algorithm;
        let (size, digest) = self.writer.finish().await?;
        if computed == algorithm {
            return Ok((size, digest));
        }
        let digester = self.shared.blobs.rehash_upload(&self.upload.id.to_string(), algorithm, size).await?;
        Ok((size, digester.finish()))
    }
}
