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
}

/// What Go takes for no time at all.
const NEVER: &str = "0001-01-01T00:00:00Z";

impl Default for Lock {
    fn default() -> Self {
        Self { generated: NEVER.to_owned(), digest: String::new(), dependencies: Vec::new() }
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
        Ok(Self { generated: generated.to_string(), digest, dependencies: locked })
    }

    /// Reads a lock file; `file` is its name, for the error.
    pub(crate) fn parse_as(file: &'static str, text: &[u8], budget: &mut Budget<'_>) -> Result<Self, Error> {
        let mut lock: Self = from_value(file, shape::LOCK, decode(file, text, budget)?)?;
        lock.generated = match lock.generated.as_str() {
            "" => NEVER.to_owned(),
            written => as_go_writes(written).ok_or_else(|| {
                let layout = "2006-01-02T15:04:05Z07:00";
                let written = crate::go_text::quote(written);
                let problem = format!(
                    "error unmarshaling JSON: while decoding JSON: parsing time {written} as \"{layout}\": cannot parse {written} as \"2006\""
                );
                Error::Unreadable { file, problem }
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
        goyaml::to_string(self)
            .map_err(|error| Error::Encode { what: Self::PATH, problem: error.to_string() })
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

/// A time in RFC 3339 as Go's `time.Time` writes it after having read it: the same, without
/// zeros at the end of the fraction, and with `Z` for UTC. None if it is no such time.
fn as_go_writes(written: &str) -> Option<String> {
    written.parse::<Timestamp>().ok()?;
    let (clock, rest) = written.split_at_checked("2006-01-02T15:04:05".len())?;
    let at = |index: usize| clock.as_bytes().get(index).copied();
    if [at(4), at(7), at(10), at(13), at(16)] != [b'-', b'-', b'T', b':', b':'].map(Some) {
        return None;
    }
    let zone_at = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(zone_at);
    let zone = if matches!(zone, "+00:00" | "-00:00") { "Z" } else { zone };
    if !matches!(zone.len(), 1 | 6) {
        return None;
    }
    let fraction = match fraction.strip_prefix('.') {
        Some(digits) => {
            let digits = digits.get(..9).unwrap_or(digits).trim_end_matches('0');
            if digits.is_empty() { String::new() } else { format!(".{digits}") }
        }
        None if fraction.is_empty() => String::new(),
        None => return None,
    };
    Some(format!("{clock}{fraction}{zone}"))
}
