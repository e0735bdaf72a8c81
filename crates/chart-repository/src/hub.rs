//! Searching a hub: a server with the search of Monocular, as Artifact Hub has it.

use chartroom_registry_client::Url;
use serde::Deserialize;

use crate::address;
use crate::error::{Error, Result};
use crate::web::Web;

/// A chart that a hub has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HubChart {
    /// Its page at the hub.
    pub url: String,
    /// Its newest version.
    pub version: String,
    /// The version of what it installs.
    pub app_version: String,
    /// What it is.
    pub description: String,
    /// The address of its repository.
    pub repository_url: String,
    /// The name of its repository.
    pub repository_name: String,
}

/// An answer of Monocular, as far as it is looked at. Nulls are as good as nothing.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    data: Option<Vec<Item>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Item {
    id: Option<String>,
    artifact_hub: Option<ArtifactHub>,
    attributes: Option<Attributes>,
    relationships: Option<Relationships>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ArtifactHub {
    package_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attributes {
    description: Option<String>,
    repo: Option<Repository>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Repository {
    name: Option<String>,
    url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Relationships {
    latest_chart_version: Option<Latest>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Latest {
    data: Option<Version>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Version {
    version: Option<String>,
    app_version: Option<String>,
}

/// Asks a hub.
///
/// # Errors
///
/// When its address has no host, and when what answers there is no hub.
pub async fn search_hub(web: &Web, endpoint: &str, query: &str) -> Result<Vec<HubChart>> {
    let url = search_url(endpoint, query)?;
    let failed = |reason: String| Error::Hub { endpoint: endpoint.to_owned(), reason };
    let answer = web.answer(&url).await.map_err(|error| failed(error.to_string()))?;
    let answer: Answer = serde_json::from_slice(&answer)
        .map_err(|error| failed(format!("{url} is no search of a hub: {error}")))?;
    Ok(answer.data.unwrap_or_default().into_iter().map(|item| item.chart(endpoint)).collect())
}

fn search_url(endpoint: &str, query: &str) -> Result<Url> {
    let refuse =
        |problem: &str| Error::HubAddress { endpoint: endpoint.to_owned(), problem: problem.to_owned() };
    if address::scheme(endpoint).is_err() {
        return Err(refuse(&format!("parse {endpoint:?}: missing protocol scheme")));
    }
    let mut url = Url::parse(endpoint).map_err(|_| refuse("no hostname provided"))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refuse("no hostname provided"));
    }
    let path = format!("{}/api/chartsvc/v1/charts/search", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url.set_fragment(None);
    url.set_query(None);
    url.query_pairs_mut().append_pair("q", query);
    Ok(url)
}

impl Item {
    fn chart(self, endpoint: &str) -> HubChart {
        let latest =
            self.relationships.and_then(|known| known.latest_chart_version?.data).unwrap_or_default();
        let attributes = self.attributes.unwrap_or_default();
        let repository = attributes.repo.unwrap_or_default();
        let page = self.artifact_hub.and_then(|hub| hub.package_url).filter(|page| !page.is_empty());
        HubChart {
            url: page.unwrap_or_else(|| format!("{endpoint}/charts/{}", self.id.unwrap_or_default())),
            version: latest.version.unwrap_or_default(),
            app_version: latest.app_version.unwrap_or_default(),
            description: attributes.description.unwrap_or_default(),
            repository_url: repository.url.unwrap_or_default(),
            repository_name: repository.name.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_search_is_below_the_endpoint() {
        for (endpoint, url) in [
            ("https://hub.x", "https://hub.x/api/chartsvc/v1/charts/search?q=two+words"),
            ("http://h:1/sub/?a#b", "http://h:1/sub/api/chartsvc/v1/charts/search?q=two+words"),
        ] {
            assert_eq!(search_url(endpoint, "two words").unwrap().as_str(), url);
        }
        for endpoint in ["nohost", "", "://", "http:"] {
            assert!(matches!(search_url(endpoint, ""), Err(Error::HubAddress { .. })), "{endpoint}");
        }
    }

    #[test]
    fn what_is_missing_or_null_is_empty() {
        let text = r#"{"data":[{"id":"s/w","artifactHub":null,"attributes":{"repo":{"name":"s","url":null},"keywords":null},"relationships":{"latestChartVersion":{"data":{"version":"1.0.0"}}}},{"artifactHub":{"packageUrl":"https://p"}}]}"#;
        let answer: Answer = serde_json::from_str(text).unwrap();
        let charts: Vec<_> = answer.data.unwrap().into_iter().map(|item| item.chart("https://h")).collect();
        assert_eq!(charts[0].url, "https://h/charts/s/w");
        assert_eq!((charts[0].version.as_str(), charts[0].app_version.as_str()), ("1.0.0", ""));
        assert_eq!(charts[1].url, "https://p");
    }
}
