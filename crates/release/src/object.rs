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
/// own. `namespace` is for those that name none.
pub(crate) fn objects(manifest: &str, namespace: &str, discovery: &Discovery) -> Result<Vec<Object>> {
    let mut all = Vec::new();
    for document in split(&Bytes::copy_from_slice(manifest.as_bytes())) {
        let value = chartroom_goyaml::decode_bytes(&document).map_err(|error| {
            Error::Manifest(format!("error parsing : error converting YAML to JSON: {error}"))
        })?;
        if !value.is_null() {
            add(value, namespace, discovery, &mut all)?;
        }
    }
    Ok(all)
}

fn add(mut value: Value, namespace: &str, discovery: &Discovery, all: &mut Vec<Object>) -> Result<()> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let (api_version, kind) = (text(&value, "apiVersion"), text(&value, "kind"));
    let kind = kind.filter(|kind| !kind.is_empty()).ok_or_else(|| {
        Error::Manifest("unable to decode \"\": Object 'Kind' is missing in the manifest".to_owned())
    })?;
    let api_version = api_version.unwrap_or_default();
    if kind.ends_with("List")
        && let Value::Map(fields) = &mut value
        && let Some(Value::List(items)) = fields.get_mut("items")
    {
        for item in std::mem::take(items) {
            add(item, namespace, discovery, all)?;
        }
        return Ok(());
    }
    let metadata = value.get("metadata").cloned().unwrap_or_default();
    let name = text(&metadata, "name").unwrap_or_default();
    let Some(resource) = discovery.resource(&api_version, &kind) else {
        return Err(Error::Manifest(format!(
            "resource mapping not found for name: {name:?} namespace: {:?} from \"\": no matches for kind \
             {kind:?} in version {api_version:?}\nensure CRDs are installed first",
            text(&metadata, "namespace").unwrap_or_default(),
        )));
    };
    let own = text(&metadata, "namespace").filter(|namespace| !namespace.is_empty());
    let namespace =
        if resource.namespaced { own.unwrap_or_else(|| namespace.to_owned()) } else { String::new() };
    let collection = resource.collection(&api_version, &namespace);
    all.push(Object { api_version, kind, name, namespace, collection, value });
    Ok(())
}
