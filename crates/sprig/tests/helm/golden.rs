//! The recorded calls.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

/// A call, or a whole template if there are braces in it, and what comes of it.
pub(crate) struct Golden {
    pub(crate) expr: String,
    pub(crate) outcome: Option<Outcome>,
}

/// What comes of a call.
#[derive(PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What is written.
    Bytes(Vec<u8>),
    /// `at <…>: ` and why it failed.
    Error(String),
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "\"{}\"", bytes.escape_ascii()),
            Self::Error(error) => write!(f, "{error}"),
        }
    }
}

pub(crate) struct GoldenFile {
    path: PathBuf,
    pub(crate) calls: Vec<Golden>,
}

/// All files, by name.
pub(crate) fn files() -> Vec<GoldenFile> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    paths.sort();
    paths.into_iter().map(GoldenFile::read).collect()
}

impl GoldenFile {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let calls = text.lines().map(|line| Golden::read(&serde_json::from_str(line).expect(line)));
        Self { calls: calls.collect(), path }
    }

    pub(crate) fn write(&self) {
        let lines = self.calls.iter().map(|call| call.to_json() + "\n");
        fs::write(&self.path, lines.collect::<String>()).unwrap();
    }
}

impl Golden {
    fn read(json: &Json) -> Self {
        let text = |key: &str| json.get(key).map(|text| text.as_str().expect("a text"));
        let bytes = text("bytes").map(|text| STANDARD.decode(text).unwrap());
        let bytes = bytes.or_else(|| text("out").map(|text| text.as_bytes().to_vec()));
        let error = text("error").map(|text| Outcome::Error(text.to_owned()));
        Self { expr: text("expr").expect("a call").to_owned(), outcome: bytes.map(Outcome::Bytes).or(error) }
    }

    fn to_json(&self) -> String {
        let expr = Json::from(self.expr.as_str());
        let (key, value) = match &self.outcome {
            None => return format!("{{\"expr\":{expr}}}"),
            Some(Outcome::Error(error)) => ("error", error.clone()),
            Some(Outcome::Bytes(bytes)) => match String::from_utf8(bytes.clone()) {
                Ok(text) => ("out", text),
                Err(_) => ("bytes", STANDARD.encode(bytes)),
            },
        };
        format!("{{\"expr\":{expr},\"{key}\":{}}}", Json::from(value))
    }

    /// The template that makes the call.
    pub(crate) fn template(expr: &str) -> String {
        if expr.contains("{{") { expr.to_owned() } else { format!("{{{{ {expr} }}}}") }
    }
}
