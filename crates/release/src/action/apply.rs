//! Objects come into the cluster by server-side apply, and go out of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use chartroom_chart::go_json;
use chartroom_goyaml::Value;
use futures_util::StreamExt as _;
use http::Method;

use super::install::Conflicts;
use crate::cluster::Cluster;
use crate::error::{ApiError, Error, Result};
use crate::object::Object;

/// Who the server takes Helm for.
const MANAGER: &str = "helm";

/// How many objects of a kind are sent at once.
const AT_ONCE: usize = 16;

const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const RELEASE_NAME: &str = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";

/// To which release objects belong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
}

impl Owner<'_> {
    /// Why an object that is in the cluster is not of this release, in Helm's words.
    pub(super) fn objection(&self, object: &serde_json::Value) -> Option<String> {
        let metadata = &object["metadata"];
        let check = |what: &str, of: &serde_json::Value, key: &str, wanted: &str| match of[key].as_str() {
            Some(value) if value == wanted => None,
            Some(value) => Some(format!(
                "{what} validation error: key {key:?} must equal {wanted:?}: current value is {value:?}"
            )),
            None => Some(format!("{what} validation error: missing key {key:?}: must be set to {wanted:?}")),
        };
        let problems: Vec<String> = [
            check("label", &metadata["labels"], MANAGED_BY, "Helm"),
            check("annotation", &metadata["annotations"], RELEASE_NAME, self.name),
            check("annotation", &metadata["annotations"], RELEASE_NAMESPACE, self.namespace),
        ]
        .into_iter()
        .flatten()
        .collect();
        if problems.is_empty() { None } else { Some(problems.join("; ")) }
    }
}

/// The object as it is sent: in its namespace, and marked as its owner's. Hooks have no owner.
fn body(object: &Object, owner: Option<Owner<'_>>) -> Result<Vec<u8>> {
    let mut value = object.value.clone();
    let map = |value: &mut Value| {
        if !matches!(value, Value::Map(_)) {
            *value = Value::Map(BTreeMap::new());
        }
    };
    if let Value::Map(fields) = &mut value {
        let metadata = fields.entry("metadata".to_owned()).or_default();
        map(metadata);
        if let Value::Map(metadata) = metadata {
            if !object.namespace.is_empty() {
                metadata.insert("namespace".to_owned(), object.namespace.as_str().into());
            }
            if let Some(owner) = owner {
                for (part, key, text) in [
                    ("labels", MANAGED_BY, "Helm"),
                    ("annotations", RELEASE_NAME, owner.name),
                    ("annotations", RELEASE_NAMESPACE, owner.namespace),
                ] {
                    let part = metadata.entry(part.to_owned()).or_default();
                    map(part);
                    if let Value::Map(part) = part {
                        part.insert(key.to_owned(), text.into());
                    }
                }
            }
        }
    }
    go_json::to_vec("an object", &value).map_err(|error| Error::Manifest(error.to_string()))
}

/// Brings an object into the cluster.
pub(super) async fn apply(
    cluster: &Cluster,
    object: &Object,
    owner: Option<Owner<'_>>,
    conflicts: Conflicts,
) -> Result<()> {
    let force = conflicts == Conflicts::Force;
    let path = format!("{}?fieldManager={MANAGER}&fieldValidation=Strict&force={force}", object.path());
    let body = body(object, owner)?;
    let sent =
        cluster.send(Method::PATCH, &path, Some("application/apply-patch+yaml"), Bytes::from(body)).await;
    sent.map(drop).map_err(|error| match error {
        Error::Api(ApiError { code, message, .. }) => {
            let what = described(object);
            Error::Apply(if code == 409 {
                format!("conflict occurred while applying object {what}: {message}")
            } else {
                format!("server-side apply failed for object {what}: {message}")
            })
        }
        other => other,
    })
}

/// `default/web apps/v1, Kind=Deployment`
fn described(object: &Object) -> String {
    let version = &object.api_version;
    let version = if version.contains('/') { version.clone() } else { format!("/{version}") };
    format!("{}/{} {version}, Kind={}", object.namespace, object.name, object.kind)
}

/// Brings new objects into the cluster, kind after kind, those of one kind at once. As with Helm, none is left
/// out because another has failed.
pub(super) async fn create_all(
    cluster: &Cluster,
    objects: &[&Object],
    owner: Owner<'_>,
    conflicts: Conflicts,
) -> Result<()> {
    let mut problems = Vec::new();
    for kind in objects.chunk_by(|one, next| one.kind == next.kind) {
        let sent = kind.iter().map(|object| apply(cluster, object, Some(owner), conflicts));
        let mut sent = futures_util::stream::iter(sent).buffered(AT_ONCE);
        while let Some(outcome) = sent.next().await {
            problems.extend(outcome.err());
        }
    }
    joined(problems)
}

/// Brings objects into the cluster of which some are there already, one after the other. As with Helm, what
/// is new must succeed, and what is there is tried to the last.
pub(super) async fn update_all(
    cluster: &Cluster,
    objects: &[(Object, bool)],
    owner: Owner<'_>,
    conflicts: Conflicts,
) -> Result<()> {
    let mut problems = Vec::new();
    for (object, is_there) in objects {
        match apply(cluster, object, Some(owner), conflicts).await {
            Err(error) if !is_there => {
                return Err(Error::Apply(format!("failed to create resource: {error}")));
            }
            outcome => problems.extend(outcome.err()),
        }
    }
    joined(problems)
}

/// All that went wrong, each on a line of its own.
fn joined(mut problems: Vec<Error>) -> Result<()> {
    match problems.len() {
        0 => Ok(()),
        1 => Err(problems.remove(0)),
        _ => Err(Error::Apply(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))),
    }
}

/// The object as the cluster has it, if it is there.
pub(super) async fn find(cluster: &Cluster, object: &Object) -> Result<Option<serde_json::Value>> {
    let found = match cluster.get(&object.path()).await {
        Err(error) if error.is_not_found() => return Ok(None),
        found => found?,
    };
    let parsed = serde_json::from_slice(&found);
    parsed.map(Some).map_err(|error| Error::Answer { what: object.name.clone(), problem: error.to_string() })
}

/// Finds out which objects are there already. Those of others are an error, unless they are taken.
pub(super) async fn check_owner(
    cluster: &Cluster,
    objects: Vec<Object>,
    owner: Owner<'_>,
    take: bool,
) -> Result<Vec<(Object, bool)>> {
    let found = objects.iter().map(|object| find(cluster, object));
    let mut found = futures_util::stream::iter(found).buffered(AT_ONCE);
    let mut are_there = Vec::with_capacity(objects.len());
    for object in &objects {
        let Some(found) = found.next().await else { break };
        let place = || format!("{} {:?} in namespace {:?}", object.kind, object.name, object.namespace);
        let found = found.map_err(|error| {
            Error::Apply(format!("could not get information about the resource {}: {error}", place()))
        })?;
        let objection = found.as_ref().filter(|_| !take).and_then(|found| owner.objection(found));
        if let Some(objection) = objection {
            return Err(Error::Apply(format!(
                "{} exists and cannot be imported into the current release: invalid ownership metadata; \
                 {objection}",
                place()
            )));
        }
        are_there.push(found.is_some());
    }
    drop(found);
    Ok(objects.into_iter().zip(are_there).collect())
}

/// Deletes an object; says whether it was there.
pub(super) async fn delete(cluster: &Cluster, object: &Object, propagation: &str) -> Result<bool> {
    let options = format!("{{\"propagationPolicy\":\"{propagation}\"}}");
    let sent =
        cluster.send(Method::DELETE, &object.path(), Some("application/json"), Bytes::from(options)).await;
    match sent {
        Err(error) if error.is_not_found() => Ok(false),
        sent => sent.map(|_| true),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    fn object(text: &str) -> Object {
        Object {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            name: "a".to_owned(),
            namespace: "ns".to_owned(),
            collection: "/api/v1/namespaces/ns/configmaps".to_owned(),
            value: chartroom_goyaml::decode(text).unwrap(),
        }
    }

    #[test]
    fn objects_are_marked_as_their_owners() {
        let owner = Owner { name: "web", namespace: "ns" };
        let sent =
            body(&object("metadata: {name: a, labels: null}\ndata: {number: 1000.0}"), Some(owner)).unwrap();
        assert_eq!(
            String::from_utf8(sent).unwrap(),
            "{\"data\":{\"number\":1000},\"metadata\":{\"annotations\":{\"meta.helm.sh/release-name\":\"web\",\
             \"meta.helm.sh/release-namespace\":\"ns\"},\"labels\":{\"app.kubernetes.io/managed-by\":\"Helm\"},\
             \"name\":\"a\",\"namespace\":\"ns\"}}"
        );
        let hook = body(&object("metadata: {name: a}"), None).unwrap();
        assert_eq!(String::from_utf8(hook).unwrap(), r#"{"metadata":{"name":"a","namespace":"ns"}}"#);
    }

    #[test]
    fn objects_of_others_are_told_apart() {
        let owner = Owner { name: "web", namespace: "ns" };
        let own = json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations":
            {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "ns"}}});
        assert_eq!(owner.objection(&own), None);
        assert!(Owner { name: "other", ..owner }.objection(&own).unwrap().contains("must equal \"other\""));
        assert!(owner.objection(&json!({})).unwrap().starts_with("label validation error: missing key"));
    }
}
