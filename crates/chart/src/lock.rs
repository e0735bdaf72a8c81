//! `Chart.lock`: the versions that a chart's dependencies were resolved to.

use std::collections::BTreeMap;

use chartroom_goyaml as goyaml;
use chartroom_oci::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::chart_file::{Dependency, decode, from_value};
use crate::error::Error;
use crate::file::{Budget, Limits};
use crate::go_json;
use crate::go_time::{self, NEVER};
use crate::shape;

/// The content of `Chart.lock`, or of the `requirements.lock` of charts of Helm 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lock {
    /// When it was made: RFC 3339, in any zone, with up to nine digits after the second.
    generated: String,
    /// See [`Lock::digest_of`].
    pub digest: String,
    /// Each with the version that was found for it.
    pub dependencies: Vec<Dependency>,
    /// The digests of the archives of these, as far as they are pinned. Beyond Helm; see
    /// [`Lock::pin`].
    #[serde(skip)]
    pins: Vec<Option<String>>,
}

impl Default for Lock {
    fn default() -> Self {
        Self {
            generated: NEVER.to_owned(),
            digest: String::new(),
            dependencies: Vec::new(),
            pins: Vec::new(),
        }
    }
}

impl Lock {
    /// Where it is in a chart.
    pub const PATH: &str = "Chart.lock";

    /// What was found for what `Chart.yaml` asks for.
    pub fn new(
        requirements: &[Dependency],
        locked: Vec<Dependency>,
        generated: Timestamp,
    ) -> Result<Self, Error> {
        let digest = Self::digest_of(requirements, &locked)?;
        Ok(Self { generated: generated.to_string(), digest, dependencies: locked, pins: Vec::new() })
    }

    /// Reads a lock file; `file` is its name, for the error.
    pub(crate) fn parse_as(file: &'static str, text: &[u8], budget: &mut Budget<'_>) -> Result<Self, Error> {
        let value = decode(file, text, budget)?;
        let pins = pins(&value);
        let mut lock: Self = from_value(file, shape::LOCK, value)?;
        lock.pins = pins;
        lock.generated = match lock.generated.as_str() {
            "" => NEVER.to_owned(),
            written => go_time::rewrite(written).map_err(|problem| Error::Unreadable {
                file,
                problem: format!("error unmarshaling JSON: while decoding JSON: {problem}"),
            })?,
        };
        Ok(lock)
    }

    /// Reads a `Chart.lock`.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        Self::parse_as(Self::PATH, text, &mut Budget::new(&Limits::default()))
    }

    /// The bytes of the file.
    pub fn to_yaml(&self) -> Result<String, Error> {
        let unwritable =
            |error: goyaml::Error| Error::Encode { what: Self::PATH, problem: error.to_string() };
        let mut value = goyaml::to_value(self).map_err(unwritable)?;
        if let goyaml::Value::Map(fields) = &mut value
            && let Some(goyaml::Value::List(dependencies)) = fields.get_mut("dependencies")
        {
            for (dependency, pin) in dependencies.iter_mut().zip(&self.pins) {
                if let (goyaml::Value::Map(fields), Some(pin)) = (dependency, pin) {
                    fields.insert("digest".to_owned(), pin.as_str().into());
                }
            }
        }
        goyaml::encode(&value).map_err(unwritable)
    }

    /// The digest that the archive of a dependency must have, if it is pinned: the field `digest`
    /// beside its version. Helm neither reads that field nor counts it in the lock's own digest, so
    /// to Helm a lock with pins is as good as one without.
    ///
    /// It is given as it stands there, which need not be a digest.
    pub fn pin(&self, index: usize) -> Option<&str> {
        self.pins.get(index)?.as_deref()
    }

    /// Whether any of the dependencies is pinned.
    pub fn is_pinned(&self) -> bool {
        self.pins.iter().any(Option::is_some)
    }

    /// Whether another lock pins the same archives.
    pub fn has_pins_of(&self, other: &Self) -> bool {
        let most = self.dependencies.len().max(other.dependencies.len());
        (0..most).all(|index| self.pin(index) == other.pin(index))
    }

    /// Pins the dependencies, in their order; those with nothing are free.
    pub fn set_pins(&mut self, pins: Vec<Option<Digest>>) {
        self.pins = pins.into_iter().map(|pin| Some(pin?.to_string())).collect();
    }

    /// When it was made, if it says so.
    pub fn generated(&self) -> Option<Timestamp> {
        if self.generated == NEVER { None } else { self.generated.parse().ok() }
    }

    pub(crate) fn stamp(&mut self, generated: Timestamp) {
        self.generated = generated.to_string();
    }

    /// Whether it belongs to these requirements, so that `dependency build` may go by it. For
    /// charts of `apiVersion: v1` a digest made by Helm 2 counts, too.
    pub fn is_in_sync(&self, api_version: &str, requirements: &[Dependency]) -> Result<bool, Error> {
        if self.digest == Self::digest_of(requirements, &self.dependencies)? {
            return Ok(true);
        }
        Ok(api_version == "v1" && self.digest == Self::helm_2_digest_of(requirements)?)
    }

    /// The digest that a lock file carries: over what was asked for and what was found.
    pub fn digest_of(requirements: &[Dependency], locked: &[Dependency]) -> Result<String, Error> {
        let json = go_json::to_vec("the lock's digest", &[requirements, locked])?;
        Ok(Digest::sha256(&json).to_string())
    }

    fn helm_2_digest_of(requirements: &[Dependency]) -> Result<String, Error> {
        let requirements = BTreeMap::from([("dependencies", requirements)]);
        let json = go_json::to_vec("the lock's digest", &requirements)?;
        Ok(Digest::sha256(&json).to_string())
    }
}

/// The digests that stand beside the dependencies.
fn pins(lock: &goyaml::Value) -> Vec<Option<String>> {
    let dependencies = lock.get("dependencies").and_then(goyaml::Value::as_list).unwrap_or_default();
    let pin = |dependency: &goyaml::Value| dependency.get("digest")?.as_str().map(str::to_owned);
    dependencies.iter().map(pin).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn web(version: &str) -> Dependency {
        let (name, repository) = ("web".to_owned(), "oci://r/charts".to_owned());
        Dependency { name, repository, version: version.to_owned(), ..Dependency::default() }
    }

    #[test]
    fn pins_stand_beside_the_versions_and_change_nothing_else() {
        let (wanted, locked) = ([web("^1"), web("^2")], vec![web("1.0.0"), web("2.0.0")]);
        let mut lock = Lock::new(&wanted, locked, Timestamp::UNIX_EPOCH).unwrap();
        let plain = lock.to_yaml().unwrap();
        assert!(!lock.is_pinned() && lock.pin(0).is_none());
        let digest = Digest::sha256(b"archive");
        lock.set_pins(vec![None, Some(digest)]);
        let pinned = lock.to_yaml().unwrap();
        assert_eq!(pinned.replace(&format!("- digest: {digest}\n  name"), "- name"), plain);
        let read = Lock::parse(pinned.as_bytes()).unwrap();
        assert_eq!(read, lock);
        assert_eq!((read.pin(0), read.pin(1)), (None, Some(digest.to_string().as_str())));
        assert!(read.is_in_sync("v2", &wanted).unwrap());
        assert!(!read.has_pins_of(&Lock::parse(plain.as_bytes()).unwrap()));
        // What is no digest is kept: nothing can have it.
        let odd = pinned.replace(&digest.to_string(), "latest");
        assert_eq!(Lock::parse(odd.as_bytes()).unwrap().pin(1), Some("latest"));
    }
}
