//! Values files: YAML documents that together make one map.

use std::collections::BTreeMap;

use chartroom_goyaml::{self as goyaml, Value};

use crate::chart::Chart;
use crate::error::Error;
use crate::file::Budget;
use crate::shape::kind;

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
    for document in documents(text) {
        let value = goyaml::decode(document).map_err(|error| unreadable(&error.to_string()))?;
        count(document, &value).map_err(Problem::Limit)?;
        match value {
            Value::Null => {}
            Value::Map(map) => merge(&mut values, map),
            other => {
                return Err(unreadable(&format!(
                    "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                    kind(&other)
                )));
            }
        }
    }
    Ok(Value::Map(values))
}

/// Lays a map over another. The depth of what was read from YAML is bounded.
fn merge(base: &mut BTreeMap<String, Value>, over: BTreeMap<String, Value>) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Map(base)), Value::Map(over)) => merge(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Cuts a text at the lines that begin with `---` and have nothing but space or a comment after
/// it, as Kubernetes does: without a look at what YAML makes of them. Such a line with nothing
/// before it stays with what follows it.
fn documents(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let (mut start, mut end) = (0, 0);
    for line in text.split_inclusive('\n') {
        let next = end + line.len();
        let is_separator = line.strip_prefix("---").is_some_and(|rest| {
            let rest = rest.trim();
            rest.is_empty() || rest.starts_with('#')
        });
        if is_separator && start < end {
            documents.extend(text.get(start..end));
            start = next;
        }
        end = next;
    }
    if start < end {
        documents.extend(text.get(start..end));
    }
    documents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_cut_at_lines() {
        assert_eq!(documents("a: 1\n---\nb: 2\n--- # x\nc: 3"), ["a: 1\n", "b: 2\n", "c: 3"]);
        assert_eq!(documents("---\na: 1\n---  \n---\nb: 2"), ["---\na: 1\n", "---\nb: 2"]);
        assert_eq!(documents("a: |\n  ---\n  x\n---b"), ["a: |\n  ---\n  x\n---b"]);
        assert!(documents("").is_empty());
    }
}
