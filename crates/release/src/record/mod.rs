//! The record of one revision of a release: the JSON that Helm stores, with its fields in Helm's order, and
//! with those left out that Helm leaves out.

mod chart;
mod hook;
mod info;
mod packing;
mod summary;
mod time;

use std::collections::BTreeMap;

use chartroom_chart::go_json;
use chartroom_goyaml::Value;
use serde::{Deserialize, Serialize};

pub use chart::{ChartRecord, FileRecord};
pub use hook::{Hook, HookRun, Phase};
pub use info::{Info, Status};
pub use summary::Summary;
pub use time::Time;

/// One revision of a release.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Release {
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub name: String,
    /// How it stands.
    #[serde(deserialize_with = "or_default")]
    pub info: Info,
    /// The chart that it was made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<ChartRecord>,
    /// The values that the user gave, a map; nothing if none were given.
    #[serde(skip_serializing_if = "is_empty_map")]
    pub config: Value,
    /// What was rendered, without hooks.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub manifest: String,
    /// The hooks that were rendered.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub hooks: Vec<Hook>,
    /// The revision, from 1.
    #[serde(skip_serializing_if = "is_zero", deserialize_with = "or_default")]
    pub version: i64,
    /// Its namespace.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub namespace: String,
    /// How its objects were brought into the cluster.
    #[serde(skip_serializing_if = "ApplyMethod::is_unknown", deserialize_with = "or_default")]
    pub apply_method: ApplyMethod,
    /// The labels of the object that keeps the record, those of the user and Helm's own. They are not in it.
    #[serde(skip)]
    pub labels: BTreeMap<String, String>,
}

/// How objects are brought into the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ApplyMethod {
    /// Nothing is said of it: as in releases of Helm 3, by the client.
    #[default]
    Unknown,
    /// `csa`: the client finds out what is to be changed.
    ClientSide,
    /// `ssa`: the server does.
    ServerSide,
    /// Something that is not known here.
    Other(String),
}

impl ApplyMethod {
    /// What is written into records.
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown => "",
            Self::ClientSide => "csa",
            Self::ServerSide => "ssa",
            Self::Other(name) => name,
        }
    }

    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

impl Serialize for ApplyMethod {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for ApplyMethod {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(match name.as_str() {
            "" => Self::Unknown,
            "csa" => Self::ClientSide,
            "ssa" => Self::ServerSide,
            _ => Self::Other(name),
        })
    }
}

/// Why a record can't be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// What is stored is no Base64.
    #[error("illegal base64 data")]
    Base64,
    /// What is stored begins as compressed data, and can't be inflated.
    #[error("gzip: {0}")]
    Gzip(String),
    /// What is stored becomes larger than anything that a cluster can keep.
    #[error("the record of a release is larger than {} MiB", packing::MAX_RECORD >> 20)]
    TooLarge,
    /// It is not the JSON of a release.
    #[error("{0}")]
    Json(String),
}

impl Release {
    /// Reads what Helm 3, Helm 4 and [`encode`](Self::encode) have stored. Labels are not in it.
    ///
    /// # Errors
    ///
    /// When it is no record.
    pub fn decode(stored: &[u8]) -> Result<Self, RecordError> {
        let json = packing::unpack(stored)?;
        serde_json::from_slice(&json).map_err(|error| RecordError::Json(error.to_string()))
    }

    /// What is stored: Base64 of compressed JSON. In a Secret comes the Base64 of the API on top.
    ///
    /// # Errors
    ///
    /// When values can't be written as JSON.
    pub fn encode(&self) -> Result<String, RecordError> {
        packing::pack(&self.to_json()?)
    }

    /// The JSON of the record, which is also what `status -o json` shows, more or less.
    ///
    /// # Errors
    ///
    /// When values can't be written as JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, RecordError> {
        go_json::to_vec("a release", self).map_err(|error| RecordError::Json(error.to_string()))
    }

    /// The chart's name and version, as lists show them; `MISSING` without a chart.
    pub fn chart_name(&self) -> String {
        self.chart.as_ref().map_or_else(|| "MISSING".to_owned(), ChartRecord::name_and_version)
    }

    /// The version of what the chart packages; `MISSING` without a chart.
    pub fn app_version(&self) -> &str {
        self.chart.as_ref().map_or("MISSING", |chart| &chart.metadata.app_version)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

fn is_empty_map(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

/// As Go reads them, null leaves a field as it is.
fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
