//! Where records are kept: in Secrets or ConfigMaps of the release's namespace, one for each revision, named
//! and labelled as Helm does it.

mod object;
mod selector;

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;

use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::record::{Release, Summary};
use object::{Page, Stored};

pub(crate) use selector::Selector;

/// What keeps records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Driver {
    /// Secrets.
    #[default]
    Secret,
    /// ConfigMaps.
    ConfigMap,
}

impl Driver {
    /// The driver of a name, as `HELM_DRIVER` has it.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "" | "secret" | "secrets" => Some(Self::Secret),
            "configmap" | "configmaps" => Some(Self::ConfigMap),
            _ => None,
        }
    }

    fn resource(self) -> &'static str {
        match self {
            Self::Secret => "secrets",
            Self::ConfigMap => "configmaps",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }
}

/// Labels that Helm keeps for itself.
pub const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

const LIST: &str = "list: failed to list";
const QUERY: &str = "query: failed to query with labels";

/// How many records a page of a list has.
const PAGE: usize = 500;

/// The records of a namespace, or of all.
#[derive(Clone, Debug)]
pub struct Storage {
    cluster: Cluster,
    driver: Driver,
    namespace: Option<String>,
}

/// A record before it is unpacked.
struct Packed {
    key: String,
    packed: Vec<u8>,
    labels: BTreeMap<String, String>,
}

/// One revision among others, with its labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Labelled {
    pub(crate) summary: Summary,
    pub(crate) labels: BTreeMap<String, String>,
}

impl Storage {
    /// The records of one namespace, or, for lists only, of all.
    pub fn new(cluster: Cluster, driver: Driver, namespace: Option<String>) -> Self {
        Self { cluster, driver, namespace }
    }

    /// The cluster that they are in.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// All revisions of a release, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there are none.
    pub async fn history(&self, name: &str) -> Result<Vec<Release>> {
        let mut revisions = Vec::new();
        self.each(QUERY, &of(name), |stored| {
            revisions.extend(stored.release().ok());
        })
        .await?;
        if revisions.is_empty() {
            return Err(Error::NotFound);
        }
        revisions.sort_by_key(|release: &Release| release.version);
        Ok(revisions)
    }

    /// What lists show of all revisions of a release, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there are none.
    pub async fn revisions(&self, name: &str) -> Result<Vec<Summary>> {
        let mut revisions = Vec::new();
        self.each(QUERY, &of(name), |stored| {
            revisions.extend(stored.packed().ok().and_then(|packed| Summary::decode(&packed).ok()));
        })
        .await?;
        if revisions.is_empty() {
            return Err(Error::NotFound);
        }
        revisions.sort_by_key(|revision: &Summary| revision.revision);
        Ok(revisions)
    }

    /// The last revision of a release.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none.
    pub async fn last(&self, name: &str) -> Result<Release> {
        // Labels tell which it is: the others need not be unpacked.
        let mut last: Option<(i64, Packed)> = None;
        self.each(QUERY, &of(name), |stored| {
            let version = stored.version();
            if last.as_ref().is_none_or(|(known, _)| *known < version)
                && let Ok(packed) = stored.packed()
            {
                last =
                    Some((version, Packed { key: stored.key().to_owned(), packed, labels: stored.labels() }));
            }
        })
        .await?;
        let (_, Packed { key, packed, labels }) = last.ok_or(Error::NotFound)?;
        let release = Release::decode(&packed).map_err(|source| Error::Record { key, source })?;
        Ok(Release { labels, ..release })
    }

    /// One revision of a release.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it is not there.
    pub async fn get(&self, name: &str, revision: i64) -> Result<Release> {
        let key = key(name, revision);
        let path = format!("{}/{}", self.collection(), encoded(&key));
        let body = match self.cluster.get(&path).await {
            Err(error) if error.is_not_found() => return Err(Error::NotFound),
            body => body.map_err(|error| self.doing(error, &format!("get: failed to get {key:?}")))?,
        };
        let stored: Stored<'_> = parse(&body, &key)?;
        let mut release = stored.release()?;
        // As with Helm, which leaves its own labels out here and nowhere else.
        release.labels.retain(|name, _| !SYSTEM_LABELS.contains(&name.as_str()));
        Ok(release)
    }

    /// Stores a new revision.
    ///
    /// # Errors
    ///
    /// Those of the API server: it is there already, the namespace is not, it is too large.
    pub async fn create(&self, release: &Release, created: i64) -> Result<()> {
        let body = object::body(self.driver, release, ("createdAt", created))?;
        let written = self.write(Method::POST, &self.collection(), body).await;
        written.map_err(|error| self.doing(error, "create: failed to create"))
    }

    /// Stores a revision over what is there of it.
    ///
    /// # Errors
    ///
    /// Those of the API server.
    pub async fn update(&self, release: &Release, modified: i64) -> Result<()> {
        let key = key(&release.name, release.version);
        let body = object::body(self.driver, release, ("modifiedAt", modified))?;
        let written =
            self.write(Method::PUT, &format!("{}/{}", self.collection(), encoded(&key)), body).await;
        written.map_err(|error| self.doing(error, "update: failed to update"))
    }

    /// Removes a revision.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if it is not there.
    pub async fn delete(&self, name: &str, revision: i64) -> Result<()> {
        let path = format!("{}/{}", self.collection(), encoded(&key(name, revision)));
        match self.cluster.send(Method::DELETE, &path, None, Bytes::new()).await {
            Err(error) if error.is_not_found() => Err(Error::NotFound),
            answer => answer.map(drop),
        }
    }

    async fn write(&self, method: Method, path: &str, body: Vec<u8>) -> Result<()> {
        self.cluster.send(method, path, Some("application/json"), body.into()).await.map(drop)
    }

    /// Every release with the last revision of it, or every revision.
    pub(crate) async fn summaries(&self, every_revision: bool) -> Result<Vec<Labelled>> {
        let mut last = HashMap::<(String, String), (i64, Vec<u8>, _)>::new();
        let mut all = Vec::new();
        self.each(LIST, "owner=helm", |stored| {
            // As with Helm, what can't be read doesn't hide the rest.
            if every_revision {
                let summary = stored.packed().ok().and_then(|packed| Summary::decode(&packed).ok());
                all.extend(summary.map(|summary| Labelled { summary, labels: stored.labels() }));
                return;
            }
            let version = stored.version();
            let owner = (stored.namespace().to_owned(), stored.label("name").to_owned());
            if last.get(&owner).is_none_or(|(known, ..)| *known < version)
                && let Ok(packed) = stored.packed()
            {
                last.insert(owner, (version, packed, stored.labels()));
            }
        })
        .await?;
        all.extend(last.into_values().filter_map(|(_, packed, labels)| {
            Summary::decode(&packed).ok().map(|summary| Labelled { summary, labels })
        }));
        Ok(all)
    }

    /// Calls for each object that labels select, page by page.
    async fn each(&self, what: &str, selector: &str, mut call: impl FnMut(&Stored<'_>)) -> Result<()> {
        let selector = encoded(selector);
        let mut path = format!("{}?labelSelector={selector}&limit={PAGE}", self.collection());
        loop {
            let body = self.cluster.get(&path).await.map_err(|error| self.doing(error, what))?;
            let page: Page<'_> = parse(&body, self.driver.resource())?;
            page.items.iter().for_each(&mut call);
            let next = page.metadata.r#continue;
            if next.is_empty() {
                return Ok(());
            }
            path = format!(
                "{}?labelSelector={selector}&limit={PAGE}&continue={}",
                self.collection(),
                encoded(&next)
            );
        }
    }

    /// As with Helm, which says so with Secrets only.
    fn doing(&self, error: Error, what: &str) -> Error {
        match self.driver {
            Driver::Secret => error.while_doing(|| what.to_owned()),
            Driver::ConfigMap => error,
        }
    }

    fn collection(&self) -> String {
        let resource = self.driver.resource();
        match &self.namespace {
            Some(namespace) => format!("/api/v1/namespaces/{}/{resource}", encoded(namespace)),
            None => format!("/api/v1/{resource}"),
        }
    }
}

impl Stored<'_> {
    /// What is packed: the API's own Base64 is gone.
    fn packed(&self) -> Result<Vec<u8>> {
        let release = self.data().unwrap_or_default();
        if !self.is_secret() {
            return Ok(release.as_bytes().to_vec());
        }
        STANDARD.decode(release).map_err(|_| Error::Record {
            key: self.key().to_owned(),
            source: crate::record::RecordError::Base64,
        })
    }

    fn release(&self) -> Result<Release> {
        let release = Release::decode(&self.packed()?)
            .map_err(|source| Error::Record { key: self.key().to_owned(), source })?;
        Ok(Release { labels: self.labels(), ..release })
    }
}

/// What selects the revisions of a release.
fn of(name: &str) -> String {
    format!("name={name},owner=helm")
}

/// The name of the object that keeps a revision.
fn key(name: &str, revision: i64) -> String {
    format!("sh.helm.release.v1.{name}.v{revision}")
}

fn parse<'a, T: serde::Deserialize<'a>>(body: &'a [u8], what: &str) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|error| Error::Answer { what: what.to_owned(), problem: error.to_string() })
}

/// A text as a part of a URL.
fn encoded(text: &str) -> impl std::fmt::Display + '_ {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}
