//! From a file's text and the environment to [`Settings`].

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use toml::Table;

use super::{Auth, Error, Result, Settings, environment};

impl Settings {
    /// Reads the file, if one is given, and lays the environment over it.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self> {
        let Some(path) = file else {
            return Self::parse(None, environment);
        };
        let text =
            fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
        Self::parse(Some((path, &text)), environment)
    }

    /// The settings that a file's text and an environment make together, where the environment wins.
    /// The path is for messages only.
    pub fn parse(
        file: Option<(&Path, &str)>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self> {
        let (mut settings, mut table) = match file {
            Some((path, text)) => (from_text(path, text)?, table_of(path, text)?),
            None => (Self::default(), Table::new()),
        };
        // With all sections there are, so that the types of their keys are known.
        let all = Self { auth: Some(Auth::default()), ..Self::default() };
        let defaults = Table::try_from(all).unwrap_or_default();
        for variable in environment::variables(environment)? {
            variable.apply(&mut table, &defaults)?;
            // What was there before is known to be right, so that whatever is wrong now is wrong
            // with this variable.
            settings = table
                .clone()
                .try_into()
                .map_err(|error: toml::de::Error| variable.error(error.message().to_owned()))?;
        }
        settings.tls.check()?;
        Ok(settings)
    }
}

fn from_text(path: &Path, text: &str) -> Result<Settings> {
    toml::from_str(text).map_err(|error| in_file(path, text, &error))
}

fn table_of(path: &Path, text: &str) -> Result<Table> {
    toml::from_str(text).map_err(|error| in_file(path, text, &error))
}

fn in_file(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let offset = error.span().map_or(0, |span| span.start);
    let (line, key) = place(text, offset);
    Error::File { path: path.to_owned(), line, key, message: error.message().to_owned() }
}

/// The line, counted from 1, and the key, with its section, that stand at an offset.
fn place(text: &str, offset: usize) -> (usize, String) {
    let mut section = "";
    let mut end = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        end += line.len();
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = name.0.trim();
        }
        // An error at the very end is one of the last line.
        if offset < end || end == text.len() {
            let key = line.split_once('=').map_or("", |(key, _)| key.trim());
            let dot = if section.is_empty() || key.is_empty() { "" } else { "." };
            return (index + 1, format!("{section}{dot}{key}"));
        }
    }
    (1, String::new())
}
