//! How a release stands.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::Time;
use super::{is_zero, or_default};

/// How a revision stands, and when it came to that.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Info {
    /// When the first revision was installed.
    #[serde(skip_serializing_if = "Time::is_never", deserialize_with = "or_default")]
    pub first_deployed: Time,
    /// When this revision was installed.
    #[serde(skip_serializing_if = "Time::is_never", deserialize_with = "or_default")]
    pub last_deployed: Time,
    /// When it was uninstalled.
    #[serde(skip_serializing_if = "Time::is_never", deserialize_with = "or_default")]
    pub deleted: Time,
    /// A word on what came last.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub description: String,
    /// How it stands.
    #[serde(skip_serializing_if = "Status::is_nothing", deserialize_with = "or_default")]
    pub status: Status,
    /// The revision that this one goes back to, if it came of a rollback.
    #[serde(skip_serializing_if = "is_zero", deserialize_with = "or_default")]
    pub rollback_revision: i64,
    /// What the chart says to whoever installs it.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub notes: String,
}

/// How a revision of a release stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are what their names say")]
pub enum Status {
    /// Nothing is said of it.
    #[default]
    Nothing,
    Unknown,
    Deployed,
    Uninstalled,
    /// There is a later revision.
    Superseded,
    Failed,
    Uninstalling,
    PendingInstall,
    PendingUpgrade,
    PendingRollback,
    /// Something that is not known here.
    Other(String),
}

impl Status {
    const ALL: [Self; 9] = [
        Self::Unknown,
        Self::Deployed,
        Self::Uninstalled,
        Self::Superseded,
        Self::Failed,
        Self::Uninstalling,
        Self::PendingInstall,
        Self::PendingUpgrade,
        Self::PendingRollback,
    ];

    /// What is written into records and labels.
    pub fn name(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::Unknown => "unknown",
            Self::Deployed => "deployed",
            Self::Uninstalled => "uninstalled",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Uninstalling => "uninstalling",
            Self::PendingInstall => "pending-install",
            Self::PendingUpgrade => "pending-upgrade",
            Self::PendingRollback => "pending-rollback",
            Self::Other(name) => name,
        }
    }

    /// The status of a name.
    pub fn named(name: &str) -> Self {
        match Self::ALL.into_iter().find(|status| status.name() == name) {
            Some(status) => status,
            None if name.is_empty() => Self::Nothing,
            None => Self::Other(name.to_owned()),
        }
    }

    /// Whether something is under way.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback)
    }

    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl serde::de::Visitor<'_> for Name {
            type Value = Status;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a status")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Status, E> {
                Ok(Status::named(name))
            }
        }
        deserializer.deserialize_str(Name)
    }
}
