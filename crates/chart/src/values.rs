//! Values files: YAML documents that together make one map.

use std::collections::BTreeMap;

use chartroom_goyaml::{self as goyaml, Value};

use crate::chart::Chart;
use crate::error::Error;
use crate::file::Budget;

/// Reads a values file: a chart's `values.yaml`, or one that a user gives. It may have several
/// documents; maps in later ones are merged into those of earlier ones, anything else replaces
/// what was there. An empty file is an empty map. Nulls are kept.
///
/// The error is the text that Helm puts behind the file's name.
pub fn read_values(text: &[u8]) -> Result<Value, String> {
    read(text, |_, _| Ok(())).map_err(|problem| match problem {
        Problem::Yaml(problem) => problem,
        Problem::Limit(error) => error.to_string(),
    })
}

/// Reads a chart's `values.yaml` within what is left of its limits.
pub(crate) fn read_defaults(text: &[u8], budget: &mut Budget<'_>) -> Result<Value, Error> {
    read(text, |text, value| budget.yaml(text, value)).map_err(|problem| match problem {
        Problem::Yaml(problem) => Error::Unreadable { file: Chart::VALUES, problem },
        Problem::Limit(error) => error,
    })
}

enum Problem {
    Yaml(String),
    Limit(Error),
}

fn read(text: &[u8], mut count: impl FnMut(&str, &Value) -> Result<(), Error>) -> Result<Value, Problem> {
    let unreadable = |problem: &str| Problem::Yaml(format!("cannot unmarshal yaml document: {problem}"));
    let text = std::str::from_utf8(text)
        .map_err(|_| unreadable("error converting YAML to JSON: yaml: invalid leading UTF-8 octet"))?;
    let mut values = BTreeMap::new();
    for document in yaml_documents(text) {
        let document =
            document.map_err(|problem| Problem::Yaml(format!("error reading yaml document: {problem}")))?;
        let value = goyaml::decode(document).map_err(|error| unreadable(&error.to_string()))?;
        count(document, &value).map_err(Problem::Limit)?;
        match value {
            Value::Null => {}
            Value::Map(map) => merge_values(&mut values, map),
            other => {
                return Err(unreadable(&format!(
                    "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                    other.json_kind()
                )));
            }
        }
    }
    Ok(Value::Map(values))
}

/// Lays a map over another: maps are merged, anything else is replaced.
pub fn merge_values(base: &mut BTreeMap<String, Value>, over: BTreeMap<String, Value>) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Map(base)), Value::Map(over)) => merge_values(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Cuts a text into YAML documents at the lines that begin with `---`, as Kubernetes does: without
/// a look at what YAML makes of them. Such a line with nothing before it stays with what follows it.
///
/// The error, which ends it, is for such a line with anything but space and a comment behind the
/// `---`. It is told when what was before it has been given.
pub fn yaml_documents(text: &str) -> impl Iterator<Item = Result<&str, String>> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut end = 0;
        for line in text.split_inclusive('\n') {
            if let Some(behind) = line.strip_prefix("---") {
                let behind = behind.trim();
                if !behind.is_empty() && !behind.starts_with('#') {
                    rest = None;
                    return Some(Err(format!("invalid Yaml document separator: {behind}")));
                }
                if end > 0 {
                    rest = text.get(end + line.len()..);
                    return Some(Ok(text.get(..end).unwrap_or_default()));
                }
            }
            end += line.len();
        }
        rest = None;
        (end > 0).then_some(Ok(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_cut_at_lines() {
        let documents = |text| yaml_documents(text).collect::<Vec<_>>();
        assert_eq!(documents("a: 1\n---\nb: 2\n--- # x\nc: 3"), [Ok("a: 1\n"), Ok("b: 2\n"), Ok("c: 3")]);
        assert_eq!(documents("---\na: 1\n---  \n---\nb: 2"), [Ok("---\na: 1\n"), Ok("---\nb: 2")]);
        assert_eq!(documents("a: |\n  ---\n  x\n"), [Ok("a: |\n  ---\n  x\n")]);
        assert_eq!(documents("a: 1\n---\n"), [Ok("a: 1\n")]);
        let wrong = Err("invalid Yaml document separator: b".to_owned());
        assert_eq!(documents("---b"), std::slice::from_ref(&wrong));
        assert_eq!(documents("a: 1\n---\nb: 1\n--- b \nc: 1"), [Ok("a: 1\n"), wrong]);
        assert!(documents("").is_empty());
    }
}
