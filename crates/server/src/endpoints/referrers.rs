//! `/v2/<name>/referrers/<digest>`: what has been said about a manifest.

use std::collections::BTreeMap;

use axum::response::Response;
use chartroom_catalog::Referrer;
use chartroom_oci::{Digest, MediaType, RepositoryName};
use http::{HeaderName, HeaderValue};
use serde::Serialize;

use super::{next_page, to_json, whole, with_link};
use crate::Error;
use crate::query::Query;
use crate::registry::Shared;
use http::request::Parts;

/// Clients read at most 4 MiB of an index; a page ends before that.
const PAGE_BYTES: usize = 3 << 20;
/// The most descriptors on a page.
const PAGE: usize = 1000;
/// How many are read at a time: annotations can make each as large as a manifest may be.
const BATCH: usize = 16;

const FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    media_type: MediaType,
    manifests: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    media_type: MediaType,
    digest: Digest,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl From<Referrer> for Entry {
    fn from(referrer: Referrer) -> Self {
        let Referrer { media_type, digest, size, artifact_type, annotations } = referrer;
        Self { media_type, digest, size, artifact_type, annotations }
    }
}

impl Entry {
    /// Roughly how long the entry is in JSON.
    fn weight(&self) -> usize {
        let annotations: usize =
            self.annotations.iter().map(|(key, value)| key.len() + value.len() + 6).sum();
        300 + self.artifact_type.as_ref().map_or(0, String::len) + annotations
    }
}

/// `GET`: an index of the manifests whose subject this digest is. A digest that nothing refers to, or
/// that is not there at all, has an empty one.
pub(crate) async fn list(
    shared: &Shared,
    repository: &RepositoryName,
    subject: &Digest,
    request: &Parts,
) -> Result<Response, Error> {
    let query = Query::parse(request.uri.query())?;
    let limit = query.page_size(PAGE)?;
    let artifact_type = query.get("artifactType").filter(|text| !text.is_empty());
    let mut after: Option<Digest> =
        query.get("last").map(str::parse).transpose().map_err(Error::InvalidDigest)?;

    let mut manifests: Vec<Entry> = Vec::new();
    let mut weight = 0;
    let more = 'page: loop {
        let wanted = BATCH.min(limit - manifests.len());
        let batch =
            shared.catalog.referrers(repository, subject, artifact_type, after.as_ref(), wanted).await?;
        for entry in batch.items.into_iter().map(Entry::from) {
            weight += entry.weight();
            // One entry always fits, or the listing would never get past it.
            if weight > PAGE_BYTES && !manifests.is_empty() {
                break 'page true;
            }
            after = Some(entry.digest);
            manifests.push(entry);
        }
        if !batch.more || manifests.len() >= limit {
            break batch.more;
        }
    };

    let link = match after {
        Some(last) if more && !manifests.is_empty() => {
            let (limit, last) = (limit.to_string(), last.to_string());
            let mut parameters = vec![("n", limit.as_str()), ("last", last.as_str())];
            parameters.extend(artifact_type.map(|artifact_type| ("artifactType", artifact_type)));
            Some(next_page(&format!("/v2/{repository}/referrers/{subject}"), &parameters)?)
        }
        _ => None,
    };
    let index = Index { schema_version: 2, media_type: MediaType::OCI_INDEX, manifests };
    let media_type = HeaderValue::from_static("application/vnd.oci.image.index.v1+json");
    let mut response = whole(media_type, to_json(&index)?);
    if artifact_type.is_some() {
        response.headers_mut().insert(FILTERS_APPLIED, HeaderValue::from_static("artifactType"));
    }
    Ok(with_link(response, link))
}
