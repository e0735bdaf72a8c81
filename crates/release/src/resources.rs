//! What is in the cluster of a release: its objects as they are now, as JSON or as tables of the server's.

use std::collections::BTreeMap;

use bytes::Bytes;
use chartroom_goyaml::Value;
use futures_util::StreamExt as _;
use http::Method;
use serde::Deserialize;

use crate::cluster::{Cluster, Discovery};
use crate::error::{Error, Result};
use crate::object::{Object, objects};
use crate::record::Release;

/// Asks for a table, as people read it; who can't make one gives the object.
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,\
                     application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

/// How many requests are under way at once.
const AT_ONCE: usize = 16;

/// The objects of one kind, those that are there.
#[derive(Clone, Debug, PartialEq)]
pub struct KindOfResource {
    /// `v1/Deployment`, or `v1/Pod(related)` for what others have made.
    pub kind: String,
    /// Each object, or list of related ones, as JSON; or its table.
    pub answers: Vec<Bytes>,
}

/// A table of the server's.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Table {
    /// Its columns; of each, the name and whether it is for everybody (0).
    pub column_definitions: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// 0 if it is always shown.
    pub priority: i64,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Row {
    /// Texts and numbers.
    pub cells: Vec<serde_json::Value>,
}

impl KindOfResource {
    /// Finds the objects of a release, kinds in the order in which the manifest has them. As with Helm, what
    /// is gone is left out.
    ///
    /// # Errors
    ///
    /// When the manifest can't be read or names a kind that the cluster doesn't know, and those of the
    /// cluster.
    pub async fn of(cluster: &Cluster, release: &Release, tables: bool) -> Result<Vec<Self>> {
        let discovery = Discovery::of(cluster).await?;
        let objects = objects(&release.manifest, &release.namespace, &discovery)?;
        let accept = if tables { TABLE } else { "application/json" };
        let requests = objects.iter().flat_map(|object| {
            let own = (object.short_kind(), format!("{}?includeObject=Object", object.path()));
            let related = related(object).map(|path| ("v1/Pod(related)".to_owned(), path));
            std::iter::once(own).chain(related)
        });
        let requests: Vec<(String, String)> = requests.collect();
        let mut answers = futures_util::stream::iter(requests.into_iter().map(|(kind, path)| async move {
            let answer = cluster.accepting(Method::GET, &path, accept, None, Bytes::new()).await;
            (kind, answer)
        }))
        .buffered(AT_ONCE);
        let mut found: Vec<Self> = Vec::new();
        while let Some((kind, answer)) = answers.next().await {
            let answer = match answer {
                Err(error) if error.is_not_found() => continue,
                answer => answer?,
            };
            match found.iter_mut().find(|known| known.kind == kind) {
                Some(known) => known.answers.push(answer),
                None => found.push(Self { kind, answers: vec![answer] }),
            }
        }
        Ok(found)
    }

    /// The answers as tables; what is no table is empty.
    pub fn tables(&self) -> impl Iterator<Item = Table> + '_ {
        self.answers.iter().map(|answer| serde_json::from_slice(answer).unwrap_or_default())
    }

    /// The answers as JSON values.
    ///
    /// # Errors
    ///
    /// When one isn't JSON.
    pub fn values(&self) -> Result<Vec<Value>> {
        let parse = |answer: &Bytes| {
            serde_json::from_slice(answer)
                .map_err(|error| Error::Answer { what: self.kind.clone(), problem: error.to_string() })
        };
        self.answers.iter().map(parse).collect()
    }
}

/// Where the pods are that an object stands for.
fn related(object: &Object) -> Option<String> {
    let selector = object.value.get("spec")?.get("selector")?;
    let labels = match object.kind.as_str() {
        "ReplicationController" => selector,
        "ReplicaSet" | "Deployment" | "DaemonSet" | "StatefulSet" | "Job" => selector.get("matchLabels")?,
        _ => return None,
    };
    let labels: BTreeMap<&String, &Value> = labels.as_map()?.iter().collect();
    let pairs: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    let selector =
        percent_encoding::utf8_percent_encode(&pairs.join(","), percent_encoding::NON_ALPHANUMERIC)
            .to_string();
    Some(format!(
        "/api/v1/namespaces/{}/pods?includeObject=Object&labelSelector={selector}",
        object.namespace
    ))
}
