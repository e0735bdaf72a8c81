//! Reading an `index.yaml` that may come from anyone: YAML, strictly, or JSON, less so; what is
//! invalid in it is left out and told.

use std::collections::BTreeMap;

use chartroom_chart::{ChartFile, Shape, Version, go_time};
use chartroom_goyaml::{self as goyaml, Value};

use super::{ChartVersion, Index};
use crate::error::{Error, Result};

/// The longest index that is read, in bytes. The largest of public repositories have some 25 MB.
pub(crate) const MAX_BYTES: u64 = 64 << 20;

/// How many values an index may have at most, by its lines and commas. What a value takes in memory
/// doesn't depend on the length of its text.
const MAX_VALUES: usize = 5_000_000;

/// An index, and what was left out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadIndex {
    /// The index, sorted.
    pub index: Index,
    /// Entries that no chart can have.
    pub skipped: Vec<Skipped>,
}

/// An entry that was left out of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The chart among whose versions it stood.
    pub name: String,
    /// The version, and what is wrong with it; nothing for an entry that is empty.
    pub problem: Option<(String, String)>,
}

/// The fields of an entry beside those of the chart. Some are of the past and are not looked at.
const OWN: [(&str, Shape); 8] = [
    ("urls", Shape::List(&Shape::Text)),
    ("created", Shape::Time),
    ("removed", Shape::Bool),
    ("digest", Shape::Text),
    ("checksum", Shape::Text),
    ("engine", Shape::Text),
    ("tillerVersion", Shape::Text),
    ("url", Shape::Text),
];
const VERSION: Shape = Shape::Struct("repo.ChartVersion", &OWN);

const FIELDS: [(&str, Shape); 6] = [
    ("serverInfo", Shape::Anything),
    ("apiVersion", Shape::Text),
    ("generated", Shape::Time),
    ("entries", Shape::Anything),
    ("publicKeys", Shape::List(&Shape::Text)),
    ("annotations", Shape::Texts),
];
const INDEX: Shape = Shape::Struct("repo.IndexFile", &FIELDS);

/// How an index is written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// Fields that nobody knows are an error.
    Yaml,
    /// They are not.
    Json,
}

impl Form {
    fn fail(self, problem: &str) -> Error {
        Error::NoIndex(match self {
            Self::Yaml => format!("error unmarshaling JSON: while decoding JSON: {problem}"),
            Self::Json => problem.to_owned(),
        })
    }

    fn misfit(self, misfit: &str) -> Error {
        self.fail(&format!("json: cannot unmarshal {misfit}"))
    }
}

impl Index {
    /// Reads an index. The versions of its charts come out newest first.
    ///
    /// # Errors
    ///
    /// When it is no index, is larger than 64 MiB, or has more than five million values.
    pub fn read(text: &[u8]) -> Result<ReadIndex> {
        if text.is_empty() {
            return Err(Error::EmptyIndex);
        }
        if text.len() as u64 > MAX_BYTES {
            return Err(Error::IndexTooLarge("64 MiB"));
        }
        if text.iter().filter(|byte| matches!(byte, b'\n' | b',')).count() > MAX_VALUES {
            return Err(Error::IndexTooLarge("five million values"));
        }
        let unreadable = |problem: &str| Error::NoIndex(format!("error converting YAML to JSON: {problem}"));
        let text = std::str::from_utf8(text).map_err(|_| unreadable("yaml: invalid leading UTF-8 octet"))?;
        let (form, value) = match json(text) {
            Some(value) => (Form::Json, value),
            None => {
                let value = goyaml::decode_strict(text);
                (Form::Yaml, value.map_err(|error| Error::NoIndex(error.to_string()))?)
            }
        };
        Reader { form, skipped: Vec::new() }.index(value)
    }
}

/// The value of a text that is JSON from its start to its end.
fn json(text: &str) -> Option<Value> {
    let begins = text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{');
    if begins { serde_json::from_str(text).ok() } else { None }
}

struct Reader {
    form: Form,
    skipped: Vec<Skipped>,
}

impl Reader {
    fn index(mut self, value: Value) -> Result<ReadIndex> {
        let root = if self.form == Form::Json { "IndexFile" } else { "" };
        if let Some(misfit) = INDEX.misfit(&value, "") {
            return Err(self.form.misfit(&misfit));
        }
        let fields = match value {
            Value::Map(fields) => fields,
            _ => BTreeMap::new(),
        };
        let mut index = Index {
            api_version: String::new(),
            generated: go_time::NEVER.to_owned(),
            entries: BTreeMap::new(),
            public_keys: Vec::new(),
            annotations: BTreeMap::new(),
        };
        for (key, value) in fields {
            let known = FIELDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key));
            match known.map(|(name, _)| *name) {
                Some("apiVersion") => index.api_version = self.typed(value)?,
                Some("generated") => index.generated = self.time(value)?,
                Some("publicKeys") => index.public_keys = self.typed(value)?,
                Some("annotations") => index.annotations = self.typed(value)?,
                Some("entries") => index.entries = self.entries(value, &format!("{root}.{key}"))?,
                None if self.form == Form::Yaml => return Err(self.unknown(&key)),
                _ => {}
            }
        }
        index.sort();
        if index.api_version.is_empty() {
            return Err(Error::NoApiVersion);
        }
        Ok(ReadIndex { index, skipped: self.skipped })
    }

    fn entries(&mut self, value: Value, path: &str) -> Result<BTreeMap<String, Vec<ChartVersion>>> {
        let form = self.form;
        let misfit = |value: &Value, place: String, go_type: &str| {
            form.misfit(&format!("{} into {place} of type {go_type}", value.json_kind()))
        };
        let charts = match value {
            Value::Map(charts) => charts,
            Value::Null => return Ok(BTreeMap::new()),
            other => {
                let place = format!("Go struct field {path}");
                return Err(misfit(&other, place, "map[string]repo.ChartVersions"));
            }
        };
        let mut entries = BTreeMap::new();
        for (name, value) in charts {
            let path = format!("{path}.{name}");
            let list = match value {
                Value::List(list) => list,
                Value::Null => Vec::new(),
                other => {
                    return Err(misfit(&other, format!("Go struct field {path}"), "repo.ChartVersions"));
                }
            };
            let versions = self.versions(&name, list, &path)?;
            entries.insert(name, versions);
        }
        Ok(entries)
    }

    fn versions(&mut self, name: &str, list: Vec<Value>, path: &str) -> Result<Vec<ChartVersion>> {
        let mut versions = Vec::with_capacity(list.len());
        let mut skipped = Vec::new();
        for (number, value) in list.into_iter().enumerate() {
            if value.is_null() {
                skipped.push(Skipped { name: name.to_owned(), problem: None });
                continue;
            }
            match self.version(value, path, number)? {
                Ok(version) => versions.push(version),
                Err(problem) => skipped.push(Skipped { name: name.to_owned(), problem: Some(problem) }),
            }
        }
        // Helm goes through them from the end.
        skipped.reverse();
        self.skipped.append(&mut skipped);
        Ok(versions)
    }

    /// A version, or, if no chart can be so, what is wrong with it.
    fn version(
        &self,
        value: Value,
        path: &str,
        number: usize,
    ) -> Result<Result<ChartVersion, (String, String)>> {
        if let Some(misfit) = misfit(&value, path, number) {
            return Err(self.form.misfit(&misfit));
        }
        if self.form == Form::Yaml
            && let Some(unknown) = unknown(&value)
        {
            return Err(self.unknown(unknown));
        }
        let Value::Map(fields) = value else { return Err(Error::NoApiVersion) };
        let (mut own, fields): (BTreeMap<_, _>, BTreeMap<_, _>) =
            fields.into_iter().partition(|(key, _)| is_own(key));
        let (chart, valid) = ChartFile::from_value(Value::Map(fields))?;
        let mut field = |name: &str| take(&mut own, name).unwrap_or_default();
        let (urls, created) = (self.typed(field("urls"))?, self.time(field("created"))?);
        let (removed, digest) = (self.typed(field("removed"))?, self.typed(field("digest"))?);
        let version = Version::coerce(&chart.version);
        let valid = valid.or_else(|error| if is_pardonable(&error) { Ok(()) } else { Err(error) });
        Ok(match (valid, version) {
            (Ok(()), Ok(version)) => Ok(ChartVersion { chart, urls, created, removed, digest, version }),
            (Err(error), _) => Err((chart.version, error.to_string())),
            (Ok(()), Err(error)) => Err((chart.version, error.to_string())),
        })
    }

    fn typed<T: serde::de::DeserializeOwned>(&self, value: Value) -> Result<T> {
        goyaml::from_value(value).map_err(|error| self.form.fail(&error.to_string()))
    }

    fn time(&self, value: Value) -> Result<String> {
        match value {
            Value::String(text) => go_time::rewrite(&text).map_err(|problem| self.form.fail(&problem)),
            _ => Ok(go_time::NEVER.to_owned()),
        }
    }

    fn unknown(&self, field: &str) -> Error {
        self.form.fail(&format!("json: unknown field {field:?}"))
    }
}

fn is_own(key: &str) -> bool {
    OWN.iter().any(|(name, _)| name.eq_ignore_ascii_case(key))
}

/// Takes a field out, whatever its case. Of several that mean the same, the last counts.
fn take(fields: &mut BTreeMap<String, Value>, name: &str) -> Option<Value> {
    let own: Vec<String> = fields.keys().filter(|key| name.eq_ignore_ascii_case(key)).cloned().collect();
    own.iter().filter_map(|key| fields.remove(key)).next_back()
}

/// What of an entry doesn't fit.
fn misfit(value: &Value, path: &str, number: usize) -> Option<String> {
    let place = || format!("{path}.{number}");
    if !matches!(value, Value::Map(_)) {
        return Some(format!("{} into {} of type repo.ChartVersion", value.json_kind(), place()));
    }
    let fits = VERSION.misfit(value, "").is_none() && ChartFile::SHAPE.misfit(value, "").is_none();
    if fits {
        return None;
    }
    let place = place();
    VERSION.misfit(value, &place).or_else(|| ChartFile::SHAPE.misfit(value, &place))
}

/// A field of an entry that nobody knows.
fn unknown(value: &Value) -> Option<&str> {
    let Shape::Struct(_, known) = ChartFile::SHAPE else { return None };
    value.as_map()?.iter().find_map(|(key, value)| {
        match known.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
            Some((_, shape)) => shape.unknown_field(value),
            None if is_own(key) => None,
            None => Some(key.as_str()),
        }
    })
}

/// Some repositories lose the aliases of dependencies.
fn is_pardonable(error: &chartroom_chart::Error) -> bool {
    matches!(error, chartroom_chart::Error::Invalid(problem)
        if problem.starts_with("more than one dependency with name or alias"))
}
