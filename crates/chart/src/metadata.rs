//! A chart's metadata, read from the config of its manifest.

use serde::{Deserialize, Serialize};

/// What `Chart.yaml` says of a chart, in the JSON form that `helm push` makes the config of
/// the chart's manifest. Fields that nobody here asks for are left unread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The chart's name; not checked against any grammar here.
    pub name: String,
    /// The chart's version as it was written, `+` and all; see [`crate::Version`].
    pub version: String,
    /// The version of what the chart installs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// One sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Whether its makers advise against it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Which versions of Kubernetes it wants, as a constraint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kube_version: Option<String>,
    /// Application or library.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub chart_type: Option<ChartType>,
    /// Where its picture is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Where its project is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
}

/// What a chart is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartType {
    /// It can be installed.
    Application,
    /// It only serves other charts.
    Library,
}

/// Why a config can't be read as a chart's metadata.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// More than [`Metadata::MAX_CONFIG`] bytes.
    #[error("the chart's metadata is larger than 1 MiB")]
    TooLarge,
    /// Not JSON of the expected shape.
    #[error("the chart's metadata can't be read: {0}")]
    Json(#[from] serde_json::Error),
    /// Not an object, or a name or version is missing.
    #[error("the chart's metadata has no {0}")]
    Missing(&'static str),
}

impl Metadata {
    /// The longest config that is read, in bytes. Helm has no limit; the largest seen among public
    /// charts is a few kilobytes.
    pub const MAX_CONFIG: usize = 1 << 20;

    /// Reads the config of a chart's manifest.
    pub fn from_config(config: &[u8]) -> Result<Self, MetadataError> {
        if config.len() > Self::MAX_CONFIG {
            return Err(MetadataError::TooLarge);
        }
        if config.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(MetadataError::Missing("fields; it is no JSON object"));
        }
        let fields: Fields = serde_json::from_slice(config)?;
        Ok(Self {
            name: present(fields.name).ok_or(MetadataError::Missing("name"))?,
            version: present(fields.version).ok_or(MetadataError::Missing("version"))?,
            app_version: present(fields.app_version),
            description: present(fields.description),
            keywords: fields.keywords.unwrap_or_default(),
            deprecated: fields.deprecated.unwrap_or_default(),
            kube_version: present(fields.kube_version),
            chart_type: match fields.chart_type.as_deref() {
                Some("library") => Some(ChartType::Library),
                Some("application") => Some(ChartType::Application),
                _ => None,
            },
            icon: present(fields.icon),
            home: present(fields.home),
        })
    }
}

/// Go leaves out or writes `null` or `""` for what is not there; all three mean the same.
fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    name: Option<String>,
    version: Option<String>,
    app_version: Option<String>,
    description: Option<String>,
    keywords: Option<Vec<String>>,
    deprecated: Option<bool>,
    kube_version: Option<String>,
    #[serde(rename = "type")]
    chart_type: Option<String>,
    icon: Option<String>,
    home: Option<String>,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_config_as_helm_writes_it() {
        let config =
            br#"{"name":"webapp","version":"1.2.3+build.5","description":"A web app","keywords":["web"],
            "maintainers":[{"name":"x"}],"apiVersion":"v2","appVersion":"2.0","kubeVersion":"\u003e=1.25.0-0",
            "deprecated":true,"dependencies":[{"name":"common"}],"type":"application"}"#;
        let metadata = Metadata::from_config(config).unwrap();
        assert_eq!(metadata.name, "webapp");
        assert_eq!(metadata.version, "1.2.3+build.5");
        assert_eq!(metadata.app_version.as_deref(), Some("2.0"));
        assert_eq!(metadata.kube_version.as_deref(), Some(">=1.25.0-0"));
        assert!(metadata.deprecated);
        assert_eq!(metadata.chart_type, Some(ChartType::Application));
    }

    #[test]
    fn a_config_that_says_too_little_is_refused() {
        for config in ["{}", r#"{"name":"a"}"#, r#"{"name":"","version":"1.0.0"}"#, "[]", "null", "", "{"] {
            assert!(Metadata::from_config(config.as_bytes()).is_err(), "{config}");
        }
        assert!(matches!(Metadata::from_config(&vec![b' '; (1 << 20) + 1]), Err(MetadataError::TooLarge)));
        let deep = format!(r#"{{"name":"a","version":"1.0.0","x":{}"#, "[".repeat(100_000));
        assert!(matches!(Metadata::from_config(deep.as_bytes()), Err(MetadataError::Json(_))));
    }

    #[test]
    fn what_was_read_survives_being_written() {
        let config =
            br#"{"name":"a","version":"1.0.0","type":"library","keywords":["x"],"home":"https://a.example"}"#;
        let metadata = Metadata::from_config(config).unwrap();
        let again = serde_json::from_str::<Metadata>(&serde_json::to_string(&metadata).unwrap()).unwrap();
        assert_eq!(metadata, again);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Metadata::from_config(&bytes);
        }
    }
}
