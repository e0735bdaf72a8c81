//! `/v2/<name>/blobs/<digest>`: blobs out, and blobs gone.

use axum::body::{Body, Bytes};
use axum::response::Response;
use chartroom_catalog::{BlobLink, Deleted};
use chartroom_oci::{Digest, RepositoryName};
use http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;

use super::{DOCKER_CONTENT_DIGEST, already_has, bare, header};
use crate::Error;
use crate::byte_range::{Requested, requested};
use crate::hot::{SMALL_BLOB, fresh};
use crate::registry::{RequestId, Shared};
use http::request::Parts;

/// `GET` and `HEAD`: the blob, if this repository links it.
pub(crate) async fn get(
    shared: &Shared,
    repository: RepositoryName,
    digest: Digest,
    request: &Parts,
) -> Result<Response, Error> {
    let key = (repository, digest);
    let epoch = shared.catalog.epoch(&key.0).await?;
    let link = match fresh(&shared.hot.links, &key, epoch) {
        Some(link) => link,
        None => {
            let link = shared.catalog.blob(&key.0, &digest).await?;
            let link = link.ok_or_else(|| Error::BlobUnknown(key.0.clone(), digest))?;
            shared.hot.links.insert(key.clone(), (epoch, link));
            link
        }
    };
    keep(shared, &key.0, &digest, link).await?;

    let text = digest.to_string();
    let headers = &request.headers;
    if already_has(headers, &text) {
        let mut response = bare(StatusCode::NOT_MODIFIED);
        identify(response.headers_mut(), &text)?;
        return Ok(response);
    }
    let wanted =
        if applies(headers, &text) { headers.get(RANGE).and_then(|range| range.to_str().ok()) } else { None };
    let range = match requested(wanted, link.size) {
        Requested::Whole => None,
        Requested::Part(range) => Some(range),
        Requested::Nothing => return Err(Error::RangeNotSatisfiable(link.size)),
    };
    let (status, span) = match &range {
        Some(range) => (StatusCode::PARTIAL_CONTENT, range.clone()),
        None => (StatusCode::OK, 0..link.size),
    };
    let length = span.end - span.start;
    let body = if request.method == Method::HEAD {
        Body::empty()
    } else {
        shared.metrics.sent.inc_by(length);
        content(shared, &key.0, &digest, link.size, span.clone()).await?
    };

    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    identify(headers, &text)?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if range.is_some() {
        headers
            .insert(CONTENT_RANGE, header(&format!("bytes {}-{}/{}", span.start, span.end - 1, link.size))?);
    }
    Ok(response)
}

fn identify(headers: &mut HeaderMap, digest: &str) -> Result<(), Error> {
    headers.insert(DOCKER_CONTENT_DIGEST, header(digest)?);
    headers.insert(ETAG, header(&format!("\"{digest}\""))?);
    Ok(())
}

/// Whether a `Range` counts: not if it was meant for other content (RFC 9110 §13.1.5).
fn applies(headers: &HeaderMap, digest: &str) -> bool {
    headers
        .get(IF_RANGE)
        .is_none_or(|tag| tag.to_str().is_ok_and(|tag| tag.trim().trim_matches('"') == digest))
}

/// Starts the blob's grace period anew if it is in one: whoever asks may be about to push a manifest that
/// needs it. What was touched a moment ago is left alone, so that not every question is a write.
async fn keep(
    shared: &Shared,
    repository: &RepositoryName,
    digest: &Digest,
    link: BlobLink,
) -> Result<(), Error> {
    let Some(since) = link.unreferenced_since else {
        return Ok(());
    };
    let now = Timestamp::now();
    let recently = now.duration_since(since) < shared.rules.touch_after;
    // It may have been collected since the link was read; then it is not there, whatever was read.
    if recently || shared.catalog.touch_blob(repository, digest, now).await? {
        Ok(())
    } else {
        Err(Error::BlobUnknown(repository.clone(), *digest))
    }
}

/// The bytes: from memory where they are hot, in one buffer where they are few, else as a stream.
async fn content(
    shared: &Shared,
    repository: &RepositoryName,
    digest: &Digest,
    size: u64,
    span: std::ops::Range<u64>,
) -> Result<Body, Error> {
    if size > SMALL_BLOB {
        let blob = open(shared, repository, digest, size).await?;
        return Ok(Body::new(blob.stream(span)));
    }
    let bytes = match shared.hot.blobs.get(digest) {
        Some(bytes) => bytes,
        None => {
            let bytes = open(shared, repository, digest, size).await?.bytes().await?;
            shared.hot.blobs.insert(*digest, bytes.clone());
            bytes
        }
    };
    // `size` is at most SMALL_BLOB here, so both ends fit.
    let (start, end) = (span.start as usize, span.end as usize);
    if end > bytes.len() {
        return Err(Error::internal(format!("{digest} has {} bytes in memory, not {size}", bytes.len())));
    }
    Ok(Body::from(bytes.slice(start..end)))
}

async fn open(
    shared: &Shared,
    repository: &RepositoryName,
    digest: &Digest,
    size: u64,
) -> Result<chartroom_blobs::Blob, Error> {
    let Some(blob) = shared.blobs.blob(digest).await? else {
        // Deleted and collected since the link was read, or lost; the catalog knows which.
        return match shared.catalog.blob(repository, digest).await? {
            None => Err(Error::BlobUnknown(repository.clone(), *digest)),
            Some(_) => Err(Error::internal(format!(
                "{digest} is in the catalog and not in storage; run chartroom fsck"
            ))),
        };
    };
    if blob.size() != size {
        let found = blob.size();
        return Err(Error::internal(format!(
            "{digest} has {found} bytes in storage, not {size}; run chartroom fsck"
        )));
    }
    Ok(blob)
}

/// `DELETE`: takes the blob out of this repository at once. Its bytes are reclaimed later.
pub(crate) async fn delete(
    shared: &Shared,
    repository: &RepositoryName,
    digest: &Digest,
    id: RequestId,
) -> Result<Response, Error> {
    let immutable = shared.rules.immutable_versions;
    match shared.catalog.unlink_blob(repository, digest, immutable, Timestamp::now()).await? {
        Deleted::Yes => {
            tracing::info!(request = %id, %repository, %digest, "blob deleted");
            Ok(bare(StatusCode::ACCEPTED))
        }
        Deleted::Missing | Deleted::UnknownRepository => Err(Error::BlobUnknown(repository.clone(), *digest)),
    }
}

/// A blob for endpoints that look inside.
pub(crate) enum Small {
    /// All of it.
    Whole(Bytes),
    /// It is longer than was allowed, and was not read.
    TooLarge,
    /// The repository does not link it.
    Unknown,
}

/// Reads a blob that this repository links, if it has at most `limit` bytes.
pub(crate) async fn read_small(
    shared: &Shared,
    repository: &RepositoryName,
    digest: &Digest,
    limit: u64,
) -> Result<Small, Error> {
    let Some(link) = shared.catalog.blob(repository, digest).await? else {
        return Ok(Small::Unknown);
    };
    if link.size > limit {
        return Ok(Small::TooLarge);
    }
    Ok(Small::Whole(match shared.hot.blobs.get(digest) {
        Some(bytes) => bytes,
        None => open(shared, repository, digest, link.size).await?.bytes().await?,
    }))
}
