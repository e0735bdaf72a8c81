//! Which kinds of objects a cluster knows, and where they are.

use std::collections::HashMap;

use bytes::Bytes;
use http::Method;
use serde::Deserialize;

use super::Cluster;
use crate::error::{Error, Result};

/// Asks for all versions of all groups at once. Servers before 1.27 give the list of groups instead.
const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/// What a cluster knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    kinds: HashMap<(String, String), Resource>,
    /// Groups with versions, and each with each kind, in the server's order.
    versions: Vec<String>,
}

/// Where objects of a kind are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The name in paths, such as `deployments`.
    pub(crate) plural: String,
    /// Whether they are in namespaces.
    pub(crate) namespaced: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer {
    /// Of the aggregated form.
    items: Vec<GroupItem>,
    /// Of `/api` in the other form.
    versions: Vec<String>,
    /// Of `/apis` in the other form.
    groups: Vec<Group>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GroupItem {
    metadata: Named,
    versions: Vec<VersionItem>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct VersionItem {
    version: String,
    resources: Vec<ResourceItem>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ResourceItem {
    resource: String,
    response_kind: Option<Kind>,
    scope: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kind {
    kind: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Group {
    versions: Vec<GroupVersion>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroupVersion {
    group_version: String,
}

/// The kinds of one version of one group, in the other form.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Kinds {
    resources: Vec<KindItem>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KindItem {
    name: String,
    kind: String,
    namespaced: bool,
}

impl Discovery {
    /// Asks a cluster.
    ///
    /// # Errors
    ///
    /// Those of the cluster.
    pub async fn of(cluster: &Cluster) -> Result<Self> {
        let (core, groups) = futures_util::future::try_join(
            cluster.accepting(Method::GET, "/api", AGGREGATED, None, Bytes::new()),
            cluster.accepting(Method::GET, "/apis", AGGREGATED, None, Bytes::new()),
        )
        .await?;
        let mut all = Self::default();
        for (path, body) in [("/api", core), ("/apis", groups)] {
            let answer: Answer = parse(path, &body)?;
            for group in &answer.items {
                all.add_group(group);
            }
            let versions = answer.versions.into_iter();
            let versions = versions.chain(
                answer.groups.into_iter().flat_map(|group| group.versions).map(|one| one.group_version),
            );
            for version in versions {
                // A group whose own server is away doesn't keep the others from being used.
                let one = format!("{path}/{version}");
                if let Ok(body) = cluster.get(&one).await {
                    all.add_version(&version, parse(&one, &body)?);
                }
            }
        }
        Ok(all)
    }

    fn add_group(&mut self, group: &GroupItem) {
        for version in &group.versions {
            let name = match group.metadata.name.as_str() {
                "" => version.version.clone(),
                group => format!("{group}/{}", version.version),
            };
            let kinds = version.resources.iter().filter_map(|item| {
                let kind = item.response_kind.as_ref().map(|kind| kind.kind.clone());
                let kind = kind.filter(|kind| !kind.is_empty())?;
                Some((
                    kind,
                    Resource { plural: item.resource.clone(), namespaced: item.scope == "Namespaced" },
                ))
            });
            self.add(&name, kinds.collect());
        }
    }

    fn add_version(&mut self, version: &str, kinds: Kinds) {
        let own = kinds.resources.into_iter().filter(|item| !item.name.contains('/'));
        let own = own
            .map(|item| (item.kind, Resource { plural: item.name, namespaced: item.namespaced }))
            .collect();
        self.add(version, own);
    }

    fn add(&mut self, version: &str, kinds: Vec<(String, Resource)>) {
        self.versions.push(version.to_owned());
        for (kind, resource) in kinds {
            self.versions.push(format!("{version}/{kind}"));
            self.kinds.entry((version.to_owned(), kind)).or_insert(resource);
        }
    }

    /// Where objects of a kind are, if the cluster knows it.
    pub(crate) fn resource(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        self.kinds.get(&(api_version.to_owned(), kind.to_owned()))
    }

    /// Versions of groups (`apps/v1`), and kinds of them (`apps/v1/Deployment`): what templates can ask for.
    pub fn versions(&self) -> &[String] {
        &self.versions
    }
}

impl Resource {
    /// The path of the collection over all namespaces.
    pub(crate) fn collection_of_all(&self, api_version: &str) -> String {
        let root = if api_version.contains('/') { "/apis" } else { "/api" };
        format!("{root}/{api_version}/{}", self.plural)
    }

    /// The path of the collection.
    pub(crate) fn collection(&self, api_version: &str, namespace: &str) -> String {
        if self.namespaced {
            let root = if api_version.contains('/') { "/apis" } else { "/api" };
            format!("{root}/{api_version}/namespaces/{namespace}/{}", self.plural)
        } else {
            self.collection_of_all(api_version)
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(what: &str, body: &'a [u8]) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|error| Error::Answer { what: what.to_owned(), problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn groups_are_read() {
        let json = r#"{"items":[{"metadata":{"name":"apps"},"versions":[{"version":"v1","resources":[
            {"resource":"deployments","responseKind":{"group":"","version":"","kind":"Deployment"},"scope":"Namespaced"},
            {"resource":"odd","scope":"Cluster"}]}]}]}"#;
        let answer: Answer = serde_json::from_str(json).unwrap();
        let mut all = Discovery::default();
        all.add_group(&answer.items[0]);
        let found = all.resource("apps/v1", "Deployment").unwrap();
        assert_eq!(found.collection("apps/v1", "ns"), "/apis/apps/v1/namespaces/ns/deployments");
        assert_eq!(all.versions(), ["apps/v1", "apps/v1/Deployment"]);
        assert_eq!(all.resource("apps/v1", "Odd"), None);
    }

    #[test]
    fn lists_of_kinds_are_read() {
        let json = r#"{"resources":[{"name":"pods","kind":"Pod","namespaced":true},
            {"name":"pods/status","kind":"Pod","namespaced":true},
            {"name":"nodes","kind":"Node","namespaced":false}]}"#;
        let mut all = Discovery::default();
        all.add_version("v1", serde_json::from_str(json).unwrap());
        assert_eq!(all.resource("v1", "Pod").unwrap().plural, "pods");
        assert_eq!(all.resource("v1", "Node").unwrap().collection("v1", "ns"), "/api/v1/nodes");
    }
}
