//! Environment variables as settings: `CHARTROOM_LISTEN`, `CHARTROOM_CHARTS__STRICT`.

use std::ffi::OsString;

use toml::{Table, Value};

use super::{Error, Result};

const PREFIX: &str = "CHARTROOM_";

/// Variables of the project's own tests; they may be set while a server runs under them.
const TESTS: [&str; 3] = ["CHARTROOM_BIN", "CHARTROOM_PEERS", "CHARTROOM_REQUIRE_PEERS"];

/// A variable that overrides a setting.
pub(super) struct Variable {
    /// The name as it stands in the environment.
    pub(super) name: String,
    value: String,
}

/// The variables that are meant as settings, in the order of their names.
pub(super) fn variables(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<Variable>> {
    let mut variables = Vec::new();
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|name| is_setting(name)) else {
            continue;
        };
        let name = name.to_owned();
        match value.into_string() {
            Ok(value) => variables.push(Variable { name, value }),
            Err(_) => return Err(Error::Variable { name, message: "the value is not UTF-8".to_owned() }),
        }
    }
    variables.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(variables)
}

fn is_setting(name: &str) -> bool {
    name.starts_with(PREFIX) && !TESTS.contains(&name) && !is_of_kubernetes(name)
}

/// Whether Kubernetes sets such a variable in each container when a Service is named `chartroom…`:
/// `CHARTROOM_SERVICE_HOST`, `CHARTROOM_SERVICE_PORT_HTTP`, `CHARTROOM_PORT=tcp://…`,
/// `CHARTROOM_PORT_5000_TCP_ADDR`.
fn is_of_kubernetes(name: &str) -> bool {
    let of_a_port = || {
        name.match_indices("_PORT_")
            .any(|(at, marker)| name[at + marker.len()..].starts_with(|next: char| next.is_ascii_digit()))
    };
    // Two underscores part a section from its key, which no such variable does.
    !name.contains("__")
        && (name.ends_with("_SERVICE_HOST")
            || name.contains("_SERVICE_PORT")
            || name.ends_with("_PORT")
            || of_a_port())
}

impl Variable {
    /// Puts the variable's value in its place in `settings`. What type it is to be read as is told by
    /// `defaults`; where those are silent, or the value doesn't look like it, it stays a text, and
    /// reading the settings says what is wrong.
    pub(super) fn apply(&self, settings: &mut Table, defaults: &Table) -> Result<()> {
        let path = self.name.strip_prefix(PREFIX).unwrap_or(&self.name).to_ascii_lowercase();
        let (section, key) = match path.split_once("__") {
            Some((section, key)) => (Some(section), key),
            None => (None, path.as_str()),
        };
        let default = match section {
            Some(section) => defaults.get(section).and_then(|section| section.get(key)),
            None => defaults.get(key),
        };
        if section.is_none() && matches!(default, Some(Value::Table(_))) {
            return Err(self.error(format!(
                "`{key}` is a section; its keys are set by {PREFIX}{}__KEY",
                key.to_uppercase()
            )));
        }
        let value = self.value_like(default);
        let table = match section {
            Some(section) => settings
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()))
                .as_table_mut()
                .ok_or_else(|| self.error(format!("`{section}` is not a section")))?,
            None => settings,
        };
        table.insert(key.to_owned(), value);
        Ok(())
    }

    pub(super) fn error(&self, message: String) -> Error {
        Error::Variable { name: self.name.clone(), message }
    }

    fn value_like(&self, default: Option<&Value>) -> Value {
        let text = self.value.as_str();
        let read = match default {
            Some(Value::Boolean(_)) => text.parse().ok().map(Value::Boolean),
            Some(Value::Integer(_)) => text.parse().ok().map(Value::Integer),
            Some(Value::Array(_)) => Some(Value::Array(list(text))),
            _ => None,
        };
        read.unwrap_or_else(|| Value::String(text.to_owned()))
    }
}

/// The parts of a comma-separated list; the empty text is the empty list.
fn list(text: &str) -> Vec<Value> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    text.split(',').map(|item| Value::String(item.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_variables_are_settings() {
        for name in [
            "CHARTROOM_LISTEN",
            "CHARTROOM_CHARTS__STRICT",
            "CHARTROOM_TYPO",
            "CHARTROOM_",
            "CHARTROOM_A__PORT",
        ] {
            assert!(is_setting(name), "{name}");
        }
        for name in [
            "PATH",
            "CHARTROOM",
            "CHARTROOM_BIN",
            "CHARTROOM_PEERS",
            "CHARTROOM_SERVICE_HOST",
            "CHARTROOM_SERVICE_PORT",
            "CHARTROOM_SERVICE_PORT_HTTP",
            "CHARTROOM_PORT",
            "CHARTROOM_PORT_5000_TCP",
            "CHARTROOM_PORT_5000_TCP_ADDR",
            "CHARTROOM_UI_SERVICE_HOST",
            "CHARTROOM_UI_PORT_80_TCP_PROTO",
        ] {
            assert!(!is_setting(name), "{name}");
        }
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let texts = |text: &str| {
            list(text).iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts("a, b,c"), ["a", "b", "c"]);
        assert!(texts(" ").is_empty());
    }
}
