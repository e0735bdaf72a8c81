//! The values that a user gives: files and flags, in Helm's order.

use std::collections::BTreeMap;

use chartroom_chart::{merge_values, read_values};
use chartroom_goyaml::Value;

use super::error::ValuesError;
use super::go_json::{self, Json};
use super::set_line::{self, Kind, MAX_PADDING};
use crate::plain::float_numbers;

/// What the flags of a command say about values, each in the order of the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueOptions {
    /// `-f`, `--values`: names of files, `-` for the standard input, or URLs.
    pub values: Vec<String>,
    /// `--set-json`
    pub set_json: Vec<String>,
    /// `--set`
    pub set: Vec<String>,
    /// `--set-string`
    pub set_string: Vec<String>,
    /// `--set-file`
    pub set_file: Vec<String>,
    /// `--set-literal`
    pub set_literal: Vec<String>,
}

impl ValueOptions {
    /// Merges all of it into one map. However the flags are mixed on the command line, files come
    /// first, then the fields of this type in their order; a later one wins.
    ///
    /// Numbers of files and of `--set-json` are floats, those of `--set` integers. `read` gives
    /// the content of a file that `--values` or `--set-file` names; its error is told as it is.
    ///
    /// # Errors
    ///
    /// In Helm's words, when a file can't be read, is no map, or a flag can't be understood.
    pub fn merge(&self, read: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>) -> Result<Value, ValuesError> {
        let mut base = BTreeMap::new();
        for file in &self.values {
            let text = read(file).map_err(ValuesError::Read)?;
            let mut values =
                read_values(&text).map_err(|problem| ValuesError::File { file: file.clone(), problem })?;
            float_numbers(&mut values);
            if let Value::Map(values) = values {
                merge_values(&mut base, values);
            }
        }
        let mut padding = MAX_PADDING;
        for line in &self.set_json {
            set_json(line, &mut padding, &mut base)?;
        }
        let mut set = |flag: &'static str, line: &str, kind: Kind<'_>| {
            set_line::set(line, kind, &mut padding, &mut base)
                .map_err(|problem| ValuesError::Flag { flag, problem })
        };
        for line in &self.set {
            set("--set", line, Kind::Typed)?;
        }
        for line in &self.set_string {
            set("--set-string", line, Kind::Text)?;
        }
        for line in &self.set_file {
            let mut file = |name: &str| {
                let text = read(name)?;
                // A file that is no UTF-8 can't be a value here; Helm keeps its bytes.
                Ok(Value::String(String::from_utf8_lossy(&text).into_owned()))
            };
            set("--set-file", line, Kind::File(&mut file))?;
        }
        for line in &self.set_literal {
            set("--set-literal", line, Kind::Literal)?;
        }
        Ok(Value::Map(base))
    }
}

/// A `--set-json`: one object, or pairs of names and values.
fn set_json(line: &str, padding: &mut usize, base: &mut BTreeMap<String, Value>) -> Result<(), ValuesError> {
    let trimmed = line.trim();
    let whole = trimmed.starts_with('{');
    let error = || ValuesError::Json { whole, value: line.to_owned() };
    if !whole {
        return set_line::set(line, Kind::Json, padding, base).map_err(|_| error());
    }
    match go_json::whole(trimmed).as_ref().map(Json::to_floats) {
        Ok(Ok(Value::Map(values))) => {
            merge_values(base, values);
            Ok(())
        }
        _ => Err(error()),
    }
}
