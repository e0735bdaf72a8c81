//! `/api/v1/charts…`: the charts, as what they are.

use axum::response::Response;
use chartroom_catalog::ChartVersion;
use chartroom_chart::{ChartType, Version};
use chartroom_oci::{Digest, RepositoryName, Tag};
use jiff::Timestamp;
use serde::Serialize;

use super::catalog::{Listed, visible};
use super::json;
use crate::Error;
use crate::gate::Visitor;
use crate::query::Query;
use crate::registry::Shared;
use http::request::Parts;

/// The most charts on one page, and how many there are unless asked otherwise.
const PAGE: usize = 100;

#[derive(Serialize)]
struct Charts {
    charts: Vec<Chart>,
    /// The path of the next page.
    next: Option<String>,
}

#[derive(Serialize)]
struct Chart {
    repository: RepositoryName,
    versions: usize,
    latest: Entry,
}

#[derive(Serialize)]
struct Versions<'a> {
    repository: &'a RepositoryName,
    versions: Vec<Entry>,
}

/// A version of a chart. `version` is as in `Chart.yaml`, with its `+`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    keywords: Vec<String>,
    deprecated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    kube_version: Option<String>,
    #[serde(rename = "type")]
    chart_type: ChartType,
    created: Timestamp,
    pushed: Timestamp,
    digest: Digest,
    archive: Option<Archive>,
    provenance: bool,
    tags: Vec<Tag>,
}

#[derive(Serialize)]
struct Archive {
    digest: Digest,
    size: u64,
}

impl From<ChartVersion> for Entry {
    fn from(chart: ChartVersion) -> Self {
        let ChartVersion { digest, tags, record, pushed_at } = chart;
        let metadata = record.metadata;
        Self {
            name: metadata.name,
            version: metadata.version,
            app_version: metadata.app_version,
            description: metadata.description,
            keywords: metadata.keywords,
            deprecated: metadata.deprecated,
            kube_version: metadata.kube_version,
            // What Chart.yaml leaves out is an application.
            chart_type: metadata.chart_type.unwrap_or(ChartType::Application),
            created: record.created,
            pushed: pushed_at,
            digest,
            archive: record.archive.map(|archive| Archive { digest: archive.digest, size: archive.size }),
            provenance: record.provenance,
            tags,
        }
    }
}

/// Newest first: by version, what is no SemVer after all that is, then by the time of the push.
fn sort(versions: &mut [ChartVersion]) {
    versions.sort_by_cached_key(|chart| {
        let version = chart.record.metadata.version.parse::<Version>().ok();
        std::cmp::Reverse((version, chart.pushed_at, chart.digest))
    });
}

/// The newest release, or the newest pre-release where there is nothing else; `versions` is sorted.
fn latest(versions: Vec<ChartVersion>) -> Option<ChartVersion> {
    let release = |chart: &ChartVersion| {
        chart.record.metadata.version.parse::<Version>().is_ok_and(|version| !version.is_prerelease())
    };
    let index = versions.iter().position(release).unwrap_or(0);
    versions.into_iter().nth(index)
}

/// `GET /api/v1/charts`: each chart with its latest version, by repository.
pub(crate) async fn list(shared: &Shared, request: &Parts, visitor: &Visitor) -> Result<Response, Error> {
    let query = Query::parse(request.uri.query())?;
    let limit = query.page_size(PAGE)?;
    let page = visible(shared, Listed::Charts, visitor, query.get("last"), limit).await?;
    let next = match page.items.last() {
        Some(last) if page.more => {
            Some(format!("/api/v1/charts?n={limit}&last={}", crate::query::encode(last.as_str())))
        }
        _ => None,
    };
    let mut charts = Vec::with_capacity(page.items.len());
    for repository in page.items {
        let mut versions = shared.catalog.chart_versions(&repository).await?;
        sort(&mut versions);
        let count = versions.len();
        // Its last version may have been deleted since the page was read.
        if let Some(latest) = latest(versions) {
            charts.push(Chart { repository, versions: count, latest: latest.into() });
        }
    }
    json(&Charts { charts, next })
}

/// `GET /api/v1/charts/<repository>`: the versions of a chart, newest first.
pub(crate) async fn versions(shared: &Shared, repository: &RepositoryName) -> Result<Response, Error> {
    let mut versions = shared.catalog.chart_versions(repository).await?;
    if versions.is_empty() {
        return Err(Error::RepositoryUnknown(repository.clone()));
    }
    sort(&mut versions);
    json(&Versions { repository, versions: versions.into_iter().map(Entry::from).collect() })
}
