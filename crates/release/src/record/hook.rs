//! Hooks as they are stored, and how they ran.

use serde::{Deserialize, Serialize};

use super::time::Time;
use super::{is_zero, or_default};

/// A hook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hook {
    /// The name of the object.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub name: String,
    /// Its kind.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub kind: String,
    /// The template that it comes from.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub path: String,
    /// The document.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub manifest: String,
    /// When it is run: `pre-install` and so on.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub events: Vec<String>,
    /// How it ran last.
    #[serde(deserialize_with = "or_default")]
    pub last_run: HookRun,
    /// Its place among the hooks of the same moment.
    #[serde(skip_serializing_if = "is_zero", deserialize_with = "or_default")]
    pub weight: i64,
    /// When it is deleted.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub delete_policies: Vec<String>,
    /// When what it logs is shown.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub output_log_policies: Vec<String>,
}

/// One run of a hook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HookRun {
    /// When it began.
    #[serde(skip_serializing_if = "Time::is_never", deserialize_with = "or_default")]
    pub started_at: Time,
    /// When it ended.
    #[serde(skip_serializing_if = "Time::is_never", deserialize_with = "or_default")]
    pub completed_at: Time,
    /// How far it is.
    #[serde(deserialize_with = "or_default")]
    pub phase: Phase,
}

/// How far a hook is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It hasn't run.
    #[default]
    Never,
    /// Nobody knows: it was begun, and nobody saw how it ended.
    Unknown,
    /// It runs.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended badly.
    Failed,
    /// Something that is not known here.
    Other(String),
}

impl Phase {
    /// What is written into records.
    pub fn name(&self) -> &str {
        match self {
            Self::Never => "",
            Self::Unknown => "Unknown",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Other(name) => name,
        }
    }
}

impl Serialize for Phase {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Phase {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(match name.as_str() {
            "" => Self::Never,
            "Unknown" => Self::Unknown,
            "Running" => Self::Running,
            "Succeeded" => Self::Succeeded,
            "Failed" => Self::Failed,
            _ => Self::Other(name),
        })
    }
}
