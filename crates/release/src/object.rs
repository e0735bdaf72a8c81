//! The objects of a manifest, before they are in a cluster.

use bytes::Bytes;
use chartroom_goyaml::Value;
use chartroom_render::manifests::split;

use crate::cluster::Discovery;
use crate::error::{Error, Result};

/// An object, and where it is in the cluster.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Its namespace; empty if its kind is in none.
    pub(crate) namespace: String,
    /// The path of the collection that it is in.
    pub(crate) collection: String,
    /// All of it.
    pub(crate) value: Value,
}

impl Object {
    /// `v1/Deployment`: how `status` names kinds.
    pub(crate) fn short_kind(&self) -> String {
        let version = self.api_version.rsplit('/').next().unwrap_or_default();
        format!("{version}/{}", self.kind)
    }

    /// Its path.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.collection, percent_encoding::utf8_percent_encode(&self.name, PART))
    }
}

/// What is not part of a name in a path.
const PART: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'/')
    .add(b'?')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'"');

/// Reads the documents of a manifest, and finds out where each is. Members of lists are objects of their
/// own. `namespace` is for those that name none. All that is wrong is told at once.
pub(crate) fn objects(manifest: &str, namespace: &str, discovery: &Discovery) -> Result<Vec<Object>> {
    let mut reading = Reading { namespace, discovery, objects: Vec::new(), problems: Vec::new() };
    for document in split(&Bytes::copy_from_slice(manifest.as_bytes())) {
        match chartroom_goyaml::decode_bytes(&document) {
            Ok(value) if value.is_null() => {}
            Ok(value) => reading.add(value),
            Err(error) => {
                reading.problems.push(format!("error parsing : error converting YAML to JSON: {error}"))
            }
        }
    }
    match &reading.problems[..] {
        [] => Ok(reading.objects),
        [problem] => Err(Error::Manifest(problem.clone())),
        problems => Err(Error::Manifest(format!("[{}]", problems.join(", ")))),
    }
}

/// A manifest that is being read.
struct Reading<'a> {
    namespace: &'a str,
    discovery: &'a Discovery,
    objects: Vec<Object>,
    problems: Vec<String>,
}

impl Reading<'_> {
    fn add(&mut self, mut value: Value) {
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(kind) = text(&value, "kind").filter(|kind| !kind.is_empty()) else {
            self.problems.push("unable to decode \"\": Object 'Kind' is missing in the manifest".to_owned());
            return;
        };
        let api_version = text(&value, "apiVersion").unwrap_or_default();
        if kind.ends_with("List")
            && let Value::Map(fields) = &mut value
            && let Some(Value::List(items)) = fields.get_mut("items")
        {
            std::mem::take(items).into_iter().for_each(|item| self.add(item));
            return;
        }
        let metadata = value.get("metadata").cloned().unwrap_or_default();
        if let Some(problem) = mistyped(&metadata) {
            self.problems.push(format!("unable to decode \"\": json: cannot unmarshal {problem}"));
            return;
        }
        let name = text(&metadata, "name").unwrap_or_default();
        let own = text(&metadata, "namespace").filter(|namespace| !namespace.is_empty());
        let Some(resource) = self.discovery.resource(&api_version, &kind) else {
            self.problems.push(format!(
                "resource mapping not found for name: {name:?} namespace: {:?} from \"\": no matches for kind \
                 {kind:?} in version {api_version:?}\nensure CRDs are installed first",
                own.unwrap_or_default(),
            ));
            return;
        };
        let namespace = if resource.namespaced {
            own.unwrap_or_else(|| self.namespace.to_owned())
        } else {
            String::new()
        };
        let collection = resource.collection(&api_version, &namespace);
        self.objects.push(Object { api_version, kind, name, namespace, collection, value });
    }
}

/// What of the metadata is no text where it has to be one, in Go's words: charts forget to quote.
fn mistyped(metadata: &Value) -> Option<String> {
    let type_of = |value: &Value| match value {
        Value::Null | Value::String(_) => None,
        Value::Bool(_) => Some("bool"),
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => Some("number"),
        Value::List(_) => Some("array"),
        Value::Map(_) => Some("object"),
    };
    let wrong = |found: &str, field: &str| {
        format!("{found} into Go struct field ObjectMeta.metadata.{field} of type string")
    };
    for field in ["name", "namespace"] {
        if let Some(found) = metadata.get(field).and_then(type_of) {
            return Some(wrong(found, field));
        }
    }
    for field in ["labels", "annotations"] {
        let values = metadata.get(field).and_then(Value::as_map).into_iter().flatten();
        if let Some(found) = values.into_iter().find_map(|(_, value)| type_of(value)) {
            return Some(wrong(found, field));
        }
    }
    None
}
