//! The object that keeps a record, as JSON of the API.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{Driver, key};
use crate::error::{Error, Result};
use crate::record::Release;

/// A page of a list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Page<'a> {
    pub(super) metadata: ListMetadata,
    #[serde(borrow)]
    pub(super) items: Vec<Stored<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ListMetadata {
    pub(super) r#continue: String,
}

/// An object.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Stored<'a> {
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
    #[serde(borrow)]
    r#type: Option<Cow<'a, str>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    namespace: Cow<'a, str>,
    #[serde(borrow)]
    labels: Option<BTreeMap<Cow<'a, str>, Cow<'a, str>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data<'a> {
    #[serde(borrow)]
    release: Cow<'a, str>,
}

impl Stored<'_> {
    pub(super) fn key(&self) -> &str {
        &self.metadata.name
    }

    pub(super) fn namespace(&self) -> &str {
        &self.metadata.namespace
    }

    pub(super) fn data(&self) -> Option<&str> {
        self.data.as_ref().map(|data| &*data.release)
    }

    /// Only Secrets have a type.
    pub(super) fn is_secret(&self) -> bool {
        self.r#type.is_some()
    }

    /// A label, or nothing.
    pub(super) fn label(&self, name: &str) -> &str {
        let labels = self.metadata.labels.as_ref();
        labels.and_then(|labels| labels.get(name)).map_or("", |value| value)
    }

    /// The revision by its label.
    pub(super) fn version(&self) -> i64 {
        self.label("version").parse().unwrap_or(0)
    }

    /// All labels: those that the user gave, and Helm's own.
    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        let labels = self.metadata.labels.iter().flatten();
        labels.map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: ObjectMetadata<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    data: ObjectData,
}

#[derive(Serialize)]
struct ObjectMetadata<'a> {
    name: String,
    namespace: &'a str,
    labels: BTreeMap<&'a str, String>,
}

#[derive(Serialize)]
struct ObjectData {
    release: String,
}

/// The object for a revision; `time` is the label for when it was made or changed.
pub(super) fn body(driver: Driver, release: &Release, time: (&'static str, i64)) -> Result<Vec<u8>> {
    let key = key(&release.name, release.version);
    let failed = |source| Error::Record { key: key.clone(), source };
    let packed = release.encode().map_err(failed)?;
    // As with Helm: labels that were read with the record hold, so the time is that of the first change.
    let mut labels = BTreeMap::from([(time.0, time.1.to_string())]);
    labels.extend(release.labels.iter().map(|(name, value)| (name.as_str(), value.clone())));
    labels.extend([
        ("name", release.name.clone()),
        ("owner", "helm".to_owned()),
        ("status", release.info.status.name().to_owned()),
        ("version", release.version.to_string()),
    ]);
    let (r#type, packed) = match driver {
        Driver::Secret => (Some("helm.sh/release.v1"), STANDARD.encode(packed)),
        Driver::ConfigMap => (None, packed),
    };
    let object = Object {
        api_version: "v1",
        kind: driver.kind(),
        metadata: ObjectMetadata { name: key.clone(), namespace: &release.namespace, labels },
        r#type,
        data: ObjectData { release: packed },
    };
    serde_json::to_vec(&object)
        .map_err(|error| Error::Answer { what: key.clone(), problem: error.to_string() })
}
