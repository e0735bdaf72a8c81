//! What lists need of a record, read without the rest of it.

use serde::Deserialize;

use super::{Info, RecordError, Status, Time, or_default, packing};

/// What lists show of a revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The release's name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The revision.
    pub revision: i64,
    /// How it stands.
    pub status: Status,
    /// When it was installed or changed.
    pub updated: Time,
    /// The chart's name and version.
    pub chart: String,
    /// The version of what the chart packages.
    pub app_version: String,
    /// A word on what came last.
    pub description: String,
    /// The revision that this one goes back to, or 0.
    pub rollback_revision: i64,
}

impl Summary {
    /// Reads it from what is stored.
    ///
    /// # Errors
    ///
    /// When that is no record.
    pub(crate) fn decode(stored: &[u8]) -> Result<Self, RecordError> {
        let json = packing::unpack(stored)?;
        let record: Record =
            serde_json::from_slice(&json).map_err(|error| RecordError::Json(error.to_string()))?;
        let (chart, app_version) = match record.chart {
            Some(Chart { metadata: Some(metadata) }) => {
                (format!("{}-{}", metadata.name, metadata.version), metadata.app_version)
            }
            _ => ("MISSING".to_owned(), "MISSING".to_owned()),
        };
        Ok(Self {
            name: record.name,
            namespace: record.namespace,
            revision: record.version,
            status: record.info.status,
            updated: record.info.last_deployed,
            chart,
            app_version,
            description: record.info.description,
            rollback_revision: record.info.rollback_revision,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Record {
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(deserialize_with = "or_default")]
    info: Info,
    chart: Option<Chart>,
    #[serde(deserialize_with = "or_default")]
    version: i64,
    #[serde(deserialize_with = "or_default")]
    namespace: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Chart {
    metadata: Option<Metadata>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(deserialize_with = "or_default")]
    version: String,
    #[serde(deserialize_with = "or_default")]
    app_version: String,
}
