//! What can go wrong, in the words that Helm's users see.

use std::fmt;

/// A place in a text, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// Why a text was not read, or a value not written.
///
/// The texts are those of `sigs.k8s.io/yaml`, up to Go's own types in [`Error::Type`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not YAML.
    #[error("error converting YAML to JSON: yaml: {}{problem}", go_line(*.reported))]
    Syntax {
        /// What is wrong, in libyaml's words.
        problem: String,
        /// Where the scanner stood. None when the text as a whole can't be read.
        position: Option<Position>,
        /// The line that Helm names: for errors of the grammar it is the line before, and on the
        /// first line it is none.
        reported: Option<usize>,
    },
    /// The text is YAML that means nothing: an unknown anchor, a value that its tag doesn't fit,
    /// a merge of something else than maps, too many aliases.
    #[error("error converting YAML to JSON: yaml: {problem}")]
    Meaning {
        /// What is wrong, in go-yaml's words.
        problem: String,
        /// Where the value begins.
        position: Option<Position>,
    },
    /// Mappings have keys twice. One entry for each, in the order of the text.
    #[error("error converting YAML to JSON: yaml: unmarshal errors:{}", .0.iter().map(|line| format!("\n  {line}")).collect::<String>())]
    DuplicateKeys(Vec<String>),
    /// JSON has no such value: an infinity, NaN, or a key that isn't a string, number or boolean.
    #[error("error converting YAML to JSON: {0}")]
    Json(String),
    /// The value doesn't fit the type that was asked for.
    #[error("error unmarshaling JSON: while decoding JSON: json: {0}")]
    Type(String),
    /// The value can't be written.
    #[error("{0}")]
    Encode(String),
}

impl Error {
    /// Where in the text it is, when that is known. Unlike the line in the error's text, this is
    /// the true place.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Syntax { position, .. } | Self::Meaning { position, .. } => *position,
            _ => None,
        }
    }

    pub(crate) fn unreadable(problem: &str) -> Self {
        Self::Syntax { problem: problem.to_owned(), position: None, reported: None }
    }

    pub(crate) fn unwritable_number(number: f64) -> Self {
        let name = crate::number::special_name(number);
        Self::Encode(format!("error marshaling into JSON: json: unsupported value: {name}"))
    }

    pub(crate) fn unwritable_text() -> Self {
        Self::Encode("yaml: control characters are not allowed".to_owned())
    }

    pub(crate) fn unwritable_key(line: usize) -> Self {
        let line = go_line(Some(line).filter(|line| *line > 0));
        Self::Encode(format!("yaml: {line}did not find expected ',' or '}}'"))
    }

    pub(crate) fn unwritable_marker(line: usize) -> Self {
        Self::Encode(format!("yaml: line {line}: found unexpected document indicator"))
    }

    pub(crate) fn too_deep_to_write() -> Self {
        let depth = crate::MAX_DEPTH;
        Self::Encode(format!("yaml: exceeded max depth of {depth}"))
    }
}

fn go_line(line: Option<usize>) -> String {
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}
