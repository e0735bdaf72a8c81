//! The chart inside of a record. Subcharts are not in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chartroom_chart::{ChartFile, Lock};
use chartroom_goyaml::Value;
use serde::{Deserialize, Serialize};

use super::or_default;
use super::time::Time;

/// A chart as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChartRecord {
    /// What `Chart.yaml` says.
    #[serde(deserialize_with = "or_default")]
    pub metadata: ChartFile,
    /// What `Chart.lock` says.
    pub lock: Option<Lock>,
    /// The files in `templates/`.
    pub templates: Option<Vec<FileRecord>>,
    /// What `values.yaml` says, a map.
    pub values: Value,
    /// The bytes of `values.schema.json`, in Base64.
    pub schema: Option<String>,
    /// When the schema was last changed.
    #[serde(deserialize_with = "or_default")]
    pub schemamodtime: Time,
    /// All other files.
    pub files: Option<Vec<FileRecord>>,
    /// When the chart was last changed.
    #[serde(skip_serializing_if = "Time::is_never", deserialize_with = "or_default")]
    pub modtime: Time,
}

/// A file of a chart as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileRecord {
    /// Its path below the chart's folder.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Its bytes, in Base64.
    pub data: Option<String>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Time::is_never", deserialize_with = "or_default")]
    pub modtime: Time,
}

impl ChartRecord {
    /// `webapp-0.1.0`
    pub fn name_and_version(&self) -> String {
        format!("{}-{}", self.metadata.name, self.metadata.version)
    }
}

impl FileRecord {
    /// Its bytes; none if they aren't proper Base64.
    pub fn decoded(&self) -> Vec<u8> {
        self.data.as_ref().and_then(|data| STANDARD.decode(data).ok()).unwrap_or_default()
    }
}
