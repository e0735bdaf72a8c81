//! What lint looks at in an object of Kubernetes.

use chartroom_chart::shape::Shape;
use chartroom_goyaml::{self as goyaml, Value};
use serde::Deserialize;

/// The head of an object. What is missing is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Object {
    #[serde(rename = "apiVersion")]
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) metadata: Metadata,
}

/// Its `metadata`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) name: String,
}

/// Go's type of it, as errors name it.
const SHAPE: Shape = Shape::Struct(
    "rules.k8sYamlStruct",
    &[
        ("apiVersion", Shape::Text),
        ("kind", Shape::Text),
        (
            "metadata",
            Shape::Struct("rules.k8sYamlMetadata", &[("namespace", Shape::Text), ("name", Shape::Text)]),
        ),
    ],
);

impl Object {
    /// What a document says; nothing if it is empty.
    pub(super) fn of(value: Value) -> Result<Option<Self>, String> {
        if value.is_null() {
            return Ok(None);
        }
        SHAPE.check(&value)?;
        goyaml::from_value(value).map(Some).map_err(|error| error.to_string())
    }
}
