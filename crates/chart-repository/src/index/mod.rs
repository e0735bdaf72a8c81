//! `index.yaml`: the charts of a repository, each with its versions, newest first.

mod folder;
mod read;

use std::collections::BTreeMap;

use chartroom_chart::{ChartFile, Constraint, Version, go_json};
use chartroom_goyaml as goyaml;
use jiff::Timestamp;
use serde::Serialize;

use crate::error::{GetError, Result};

pub use folder::index_folder;
pub(crate) use read::MAX_BYTES;
pub use read::{ReadIndex, Skipped};

/// The content of an `index.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// `v1`, as far as anybody knows.
    pub api_version: String,
    /// When it was made, in RFC 3339.
    pub generated: String,
    /// The charts by name.
    pub entries: BTreeMap<String, Vec<ChartVersion>>,
    /// Nobody knows what for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub public_keys: Vec<String>,
    /// For whoever wants to say more.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// A version of a chart in an index. Its fields are written in Go's order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChartVersion {
    /// What the chart says of itself.
    #[serde(flatten)]
    pub chart: ChartFile,
    /// Where its archive is: whole addresses, or ones below the repository's. The first counts.
    #[serde(serialize_with = "list_or_null")]
    pub urls: Vec<String>,
    /// When it came into the index, in RFC 3339.
    pub created: String,
    /// Whether it is gone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    /// The digest of its archive, if it is known: hexadecimal, of SHA-256.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// Its version, read.
    #[serde(skip)]
    version: Version,
}

/// Go writes a list that was never filled as `null`.
fn list_or_null<S: serde::Serializer>(list: &Vec<String>, serializer: S) -> Result<S::Ok, S::Error> {
    if list.is_empty() { serializer.serialize_unit() } else { list.serialize(serializer) }
}

/// A version was asked for that is not there, and another one that fits it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inexact {
    /// The chart.
    pub chart: String,
    /// As it was asked for.
    pub requested: String,
    /// What was taken.
    pub selected: String,
}

impl ChartVersion {
    /// Its version as a version.
    pub fn version(&self) -> &Version {
        &self.version
    }
}

impl Index {
    /// An index of nothing, made now.
    pub fn new(generated: Timestamp) -> Self {
        Self {
            api_version: "v1".to_owned(),
            generated: generated.to_string(),
            entries: BTreeMap::new(),
            public_keys: Vec::new(),
            annotations: BTreeMap::new(),
        }
    }

    /// Puts the versions of each chart into order, newest first. Those of the same precedence stay in
    /// theirs.
    pub fn sort(&mut self) {
        for versions in self.entries.values_mut() {
            versions.sort_by(|one, other| other.version.cmp_precedence(&one.version));
        }
    }

    /// The version of a chart that is asked for: that very version if it is there, else the first that
    /// fits it as a constraint. Nothing asks for the newest that is no pre-release.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn get(&self, name: &str, version: &str) -> Result<&ChartVersion, GetError> {
        let versions = self.entries.get(name).ok_or(GetError::NoName)?;
        if versions.is_empty() {
            return Err(GetError::NoVersion);
        }
        let constraint: Constraint = if version.is_empty() { "*" } else { version }.parse()?;
        let exact = versions.iter().find(|known| known.chart.version == version && !version.is_empty());
        let fitting = || versions.iter().find(|known| constraint.matches(&known.version));
        let no_match = || GetError::NoMatch { name: name.to_owned(), version: version.to_owned() };
        exact.or_else(fitting).ok_or_else(no_match)
    }

    /// Adds what another index has and this one has not. What both have stays as it is here.
    pub fn merge(&mut self, other: Self) {
        for version in other.entries.into_values().flatten() {
            if self.get(&version.chart.name, &version.chart.version).is_err() {
                self.entries.entry(version.chart.name.clone()).or_default().push(version);
            }
        }
    }

    /// The bytes of an `index.yaml`.
    pub fn to_yaml(&self) -> Result<String> {
        goyaml::to_string(self).map_err(|error| {
            chartroom_chart::Error::Encode { what: "index.yaml", problem: error.to_string() }.into()
        })
    }

    /// The same as JSON, which is YAML, too.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        Ok(go_json::to_vec_indented("index.yaml", self)?)
    }
}

impl Inexact {
    /// What to tell of a choice, when one version was asked for and another was taken.
    pub(crate) fn of(requested: &str, selected: &ChartVersion) -> Option<Self> {
        let inexact = !requested.is_empty() && selected.chart.version != requested && !is_range(requested);
        inexact.then(|| Self {
            chart: selected.chart.name.clone(),
            requested: requested.to_owned(),
            selected: selected.chart.version.clone(),
        })
    }
}

/// Whether a version is asked for by a range, rather than by its name.
fn is_range(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or(version);
    version.contains(['^', '~', '<', '>', '=', '!', '*'])
        || version.contains("||")
        || version.contains(" - ")
        || core.contains(['x', 'X'])
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn index(versions: &[&str]) -> Index {
        let entries: String =
            versions.iter().map(|version| format!("  - name: a\n    version: {version}\n")).collect();
        let text = format!("apiVersion: v1\nentries:\n  a:\n{entries}");
        Index::read(text.as_bytes()).unwrap().index
    }

    #[test]
    fn versions_are_found_as_helm_finds_them() {
        let index = index(&["1.0.0", "2.1.0-beta.2", "1.2.0", "v3", "0.2.0+b1", "0.2.0"]);
        let get = |version: &str| index.get("a", version).map(|found| found.chart.version.as_str());
        for (wanted, found) in [
            ("", "v3"),
            ("^1", "1.2.0"),
            ("1.0", "1.0.0"),
            ("v3", "v3"),
            ("3.0.0", "v3"),
            (">2.0.0-0 <3", "2.1.0-beta.2"),
            ("2.1.0-beta.2", "2.1.0-beta.2"),
            ("0.2.0", "0.2.0"),
            ("0.2.0+b1", "0.2.0+b1"),
            ("0.2.x", "0.2.0+b1"),
        ] {
            assert_eq!(get(wanted), Ok(found), "{wanted}");
        }
        assert_eq!(get("9").unwrap_err().to_string(), "no chart version found for a-9");
        assert_eq!(get("bad").unwrap_err().to_string(), "improper constraint: \"bad\"");
        assert_eq!(index.get("b", "").unwrap_err(), GetError::NoName);
        let inexact = |wanted: &str| Inexact::of(wanted, index.get("a", wanted).unwrap()).is_some();
        assert!(inexact("1.0") && inexact("3.0.0") && !inexact("1.0.x") && !inexact("^1") && !inexact(""));
    }

    #[test]
    fn what_both_have_stays() {
        let mut one = index(&["1.0.0", "1.1.0"]);
        one.entries.get_mut("a").unwrap()[0].chart.description = "mine".to_owned();
        let mut other = index(&["1.1.0", "1.0.5"]);
        other.entries.get_mut("a").unwrap()[0].chart.description = "theirs".to_owned();
        one.merge(other);
        one.sort();
        let versions = &one.entries["a"];
        let all: Vec<_> = versions.iter().map(|version| version.chart.version.as_str()).collect();
        assert_eq!(all, ["1.1.0", "1.0.5", "1.0.0"]);
        assert_eq!(versions[0].chart.description, "mine");
    }
}
