//! The endpoints, one file for each kind of resource.

pub(crate) mod base;
pub(crate) mod blobs;
pub(crate) mod catalog;
pub(crate) mod charts;
pub(crate) mod manifests;
pub(crate) mod operations;
pub(crate) mod referrers;
pub(crate) mod tags;
pub(crate) mod token;
pub(crate) mod uploads;

use axum::body::{Body, Bytes};
use axum::response::Response;
use chartroom_oci::Digest;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, IF_NONE_MATCH, LINK, LOCATION};
use http::{HeaderMap, HeaderName, StatusCode};
use serde::Serialize;

use crate::Error;

pub(crate) const DOCKER_CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
pub(crate) const DOCKER_UPLOAD_UUID: HeaderName = HeaderName::from_static("docker-upload-uuid");
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer without a body. `Content-Length: 0` is written out, except where HTTP forbids it: some
/// clients wait for a body otherwise.
pub(crate) fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    response
}

/// An answer whose body is in memory.
pub(crate) fn whole(media_type: HeaderValue, body: Bytes) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(CONTENT_LENGTH, body.len().into());
    *response.body_mut() = Body::from(body);
    response
}

/// An answer in JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<Response, Error> {
    Ok(whole(JSON, to_json(value)?))
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<Bytes, Error> {
    serde_json::to_vec(value).map(Bytes::from).map_err(Error::internal)
}

/// 201 for something that now exists at `location`.
pub(crate) fn created(location: &str, digest: &Digest) -> Result<Response, Error> {
    let mut response = bare(StatusCode::CREATED);
    let headers = response.headers_mut();
    headers.insert(LOCATION, header(location)?);
    headers.insert(DOCKER_CONTENT_DIGEST, digest_header(digest));
    Ok(response)
}

pub(crate) fn header(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::try_from(text).map_err(Error::internal)
}

pub(crate) fn digest_header(digest: &Digest) -> HeaderValue {
    // A digest is letters, digits and a colon; the fallback can't happen.
    HeaderValue::try_from(digest.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The `Link` to the next page: a path, so that it is right behind any proxy.
pub(crate) fn next_page(path: &str, parameters: &[(&str, &str)]) -> Result<HeaderValue, Error> {
    let query: Vec<String> =
        parameters.iter().map(|(key, value)| format!("{key}={}", crate::query::encode(value))).collect();
    header(&format!("<{path}?{}>; rel=\"next\"", query.join("&")))
}

pub(crate) fn with_link(mut response: Response, link: Option<HeaderValue>) -> Response {
    if let Some(link) = link {
        response.headers_mut().insert(LINK, link);
    }
    response
}

/// Whether the caller already has the content (RFC 9110 §13.1.2). Besides quoted entity tags, the bare
/// digest is taken, which some clients send.
pub(crate) fn already_has(headers: &HeaderMap, digest: &str) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|tag| {
            let tag = tag.trim();
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            tag == "*" || tag.trim_matches('"') == digest
        })
    })
}
