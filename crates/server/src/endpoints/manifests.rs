//! `/v2/<name>/manifests/<reference>`: manifests in, out and gone.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::Response;
use chartroom_access::Action;
use chartroom_catalog::{Deleted, Push, StoredManifest};
use chartroom_oci::{Algorithm, Digest, Manifest, MediaType, MediaTypeError, Reference, RepositoryName, Tag};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, WARNING, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;

use super::{DOCKER_CONTENT_DIGEST, already_has, bare, created, digest_header, header, whole};
use crate::body::{Incoming, declared_length};
use crate::gate::Visitor;
use crate::hot::{HotManifest, fresh};
use crate::query::Query;
use crate::registry::{RequestId, Shared};
use crate::route::ManifestReference;
use crate::{Error, chart_intake, warning};
use http::request::Parts;

const OCI_SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
const OCI_TAG: HeaderName = HeaderName::from_static("oci-tag");

/// The most `tag` parameters of one push.
const MAX_TAGS: usize = 100;

/// `GET` and `HEAD`: the manifest's bytes as they were pushed, whatever `Accept` says.
pub(crate) async fn get(
    shared: &Shared,
    repository: RepositoryName,
    reference: ManifestReference,
    request: &Parts,
) -> Result<Response, Error> {
    let ManifestReference::Valid(reference) = reference else {
        return Err(Error::ManifestUnknown(repository, "of that name".to_owned()));
    };
    let key = (repository, reference);
    let epoch = shared.catalog.epoch(&key.0).await?;
    let manifest = match fresh(&shared.hot.manifests, &key, epoch) {
        Some(manifest) => manifest,
        None => {
            let stored = shared.catalog.manifest(&key.0, &key.1).await?;
            let stored = stored.ok_or_else(|| Error::ManifestUnknown(key.0.clone(), key.1.to_string()))?;
            let manifest = Arc::new(ready(stored)?);
            shared.hot.manifests.insert(key, (epoch, Arc::clone(&manifest)));
            manifest
        }
    };
    let unchanged = manifest.digest.to_str().is_ok_and(|digest| already_has(&request.headers, digest));
    let mut response = if unchanged {
        bare(StatusCode::NOT_MODIFIED)
    } else {
        shared.metrics.sent.inc_by(manifest.bytes.len() as u64);
        whole(manifest.media_type.clone(), manifest.bytes.clone())
    };
    let headers = response.headers_mut();
    headers.insert(DOCKER_CONTENT_DIGEST, manifest.digest.clone());
    headers.insert(ETAG, manifest.etag.clone());
    if manifest.looks_like_page {
        // Whoever may push must not have scripts run in the name of this host.
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
    Ok(response)
}

fn ready(stored: StoredManifest) -> Result<HotManifest, Error> {
    Ok(HotManifest {
        digest: digest_header(&stored.digest),
        etag: header(&format!("\"{}\"", stored.digest))?,
        media_type: header(stored.media_type.as_str())?,
        looks_like_page: !stored.media_type.as_str().starts_with("application/vnd."),
        bytes: stored.bytes,
    })
}

/// `PUT`: stores a manifest under its digest and points tags at it: the one in the path, or those in
/// `?tag=`, which may be repeated.
pub(crate) async fn put(
    shared: &Shared,
    repository: &RepositoryName,
    reference: ManifestReference,
    (parts, body): (Parts, Body),
    (id, visitor): (RequestId, &Visitor),
) -> Result<Response, Error> {
    let reference = match reference {
        ManifestReference::Valid(reference) => reference,
        ManifestReference::Impossible(error) => return Err(Error::InvalidTag(error)),
    };
    let query = Query::parse(parts.uri.query())?;
    let named = tags(&reference, &query)?;
    let bytes = read(shared, &parts.headers, body).await?;
    let digest = match &reference {
        Reference::Tag(_) => Digest::of(Algorithm::Sha256, &bytes),
        Reference::Digest(expected) => {
            let found = Digest::of(expected.algorithm(), &bytes);
            if found != *expected {
                return Err(Error::DigestMismatch { expected: *expected, found: Box::new(found) });
            }
            found
        }
    };
    let media_type = media_type(&parts.headers)?;
    let manifest = Manifest::parse(media_type.as_ref(), &bytes)?;
    let now = Timestamp::now();
    let intake = chart_intake::examine(shared, repository, &manifest, &named, now).await?;
    let is_chart = manifest.is_chart();
    let subject = manifest.subject.as_ref().map(|subject| subject.digest);

    let push = Push {
        digest,
        bytes,
        manifest,
        tags: named.clone(),
        chart: intake.record,
        immutable_versions: shared.rules.immutable_versions,
        keep_tags: !visitor.may(repository, Action::Overwrite),
    };
    let pushed = shared.catalog.put_manifest(repository, push, now).await?;

    let mut warnings = intake.warnings;
    let missing = pushed.missing.iter().take(10);
    warnings
        .extend(missing.map(|digest| format!("{digest}, which the manifest names, is not in {repository}")));
    for sentence in &warnings {
        tracing::warn!(request = %id, %repository, %digest, "{sentence}");
    }
    let tags = named.iter().map(Tag::as_str).collect::<Vec<_>>().join(",");
    tracing::info!(request = %id, %repository, %digest, tags, chart = is_chart, created = pushed.created, "manifest pushed");
    if is_chart && pushed.created {
        shared.metrics.charts.inc();
    }

    let mut response = created(&format!("/v2/{repository}/manifests/{digest}"), &digest)?;
    let headers = response.headers_mut();
    if let Some(subject) = subject {
        headers.insert(OCI_SUBJECT, digest_header(&subject));
    }
    if query.get("tag").is_some() {
        for tag in &named {
            headers.append(OCI_TAG, header(tag.as_str())?);
        }
    }
    for value in warning::headers(&warnings) {
        headers.append(WARNING, value);
    }
    Ok(response)
}

/// All tags that a push names, each once.
fn tags(reference: &Reference, query: &Query<'_>) -> Result<Vec<Tag>, Error> {
    let mut named: Vec<Tag> = Vec::new();
    if let Reference::Tag(tag) = reference {
        named.push(tag.clone());
    }
    for tag in query.all("tag") {
        let tag: Tag = tag.parse().map_err(Error::InvalidTag)?;
        if !named.contains(&tag) {
            named.push(tag);
        }
        if named.len() > MAX_TAGS {
            return Err(Error::InvalidParameter(format!("a push may name at most {MAX_TAGS} tags")));
        }
    }
    Ok(named)
}

async fn read(shared: &Shared, headers: &HeaderMap, body: Body) -> Result<Bytes, Error> {
    let limit = shared.rules.max_manifest_bytes;
    if declared_length(headers, &body).is_some_and(|length| length > limit) {
        return Err(Error::TooLarge { what: "manifest", limit });
    }
    let bytes = Incoming::new(body).whole(limit, "manifest").await?;
    shared.metrics.received.inc_by(bytes.len() as u64);
    Ok(bytes)
}

fn media_type(headers: &HeaderMap) -> Result<Option<MediaType>, Error> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(None);
    };
    let parsed = value.to_str().map_err(|_| MediaTypeError).and_then(MediaType::from_content_type);
    parsed.map(Some).map_err(Error::InvalidContentType)
}

/// `DELETE`: a tag alone, or a manifest with all its tags.
pub(crate) async fn delete(
    shared: &Shared,
    repository: &RepositoryName,
    reference: ManifestReference,
    id: RequestId,
) -> Result<Response, Error> {
    let ManifestReference::Valid(reference) = reference else {
        return Err(Error::ManifestUnknown(repository.clone(), "of that name".to_owned()));
    };
    let immutable = shared.rules.immutable_versions;
    let deleted = match &reference {
        Reference::Tag(tag) => shared.catalog.delete_tag(repository, tag, immutable).await?,
        Reference::Digest(digest) => {
            shared.catalog.delete_manifest(repository, digest, immutable, Timestamp::now()).await?
        }
    };
    match deleted {
        Deleted::Yes => {
            tracing::info!(request = %id, %repository, %reference, "manifest or tag deleted");
            Ok(bare(StatusCode::ACCEPTED))
        }
        Deleted::Missing => Err(Error::ManifestUnknown(repository.clone(), reference.to_string())),
        Deleted::UnknownRepository => Err(Error::RepositoryUnknown(repository.clone())),
    }
}
