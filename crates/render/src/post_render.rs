//! What plugins that change manifests are given, and what is made of their answer: all documents in one
//! stream, each with the path of its template in an annotation, by which it is found again.
//!
//! Helm writes every document anew on the way. Here only the annotation is put in and taken out, and the
//! rest stays as it is; what can't be edited that way is written anew too, without its comments.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use chartroom_goyaml::{Value, decode, encode};

use crate::manifests::split;

/// The annotation with the path.
const PATH: &str = "postrenderer.helm.sh/postrender-filename";

/// All documents of rendered files as one stream.
///
/// # Errors
///
/// When one is no YAML, or no map.
pub fn merge(files: &BTreeMap<String, Bytes>) -> Result<String, String> {
    let mut stream = String::new();
    for (path, content) in files {
        for document in split(content) {
            let Ok(text) = std::str::from_utf8(&document) else {
                return Err(format!("error merging manifests: parsing {path}: it is no UTF-8"));
            };
            let annotated =
                annotated(text, path).map_err(|problem| format!("error merging manifests: {problem}"))?;
            if let Some(annotated) = annotated {
                if !stream.is_empty() {
                    stream.push_str("---\n");
                }
                stream.push_str(&annotated);
            }
        }
    }
    Ok(stream)
}

/// The files that a stream consists of, by the paths in it. What has no path gets one of its own.
///
/// # Errors
///
/// When a document is no YAML, or no map.
pub fn part(stream: Vec<u8>) -> Result<BTreeMap<String, Bytes>, String> {
    let told = |problem: String| format!("error while parsing post rendered output: {problem}");
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut number = 0;
    for document in split(&Bytes::from(stream)) {
        let text = std::str::from_utf8(&document).map_err(|error| told(error.to_string()))?;
        let value = decode(text).map_err(|error| told(format!("error parsing YAML: {error}")))?;
        let Value::Map(_) = value else {
            if value.is_null() {
                continue;
            }
            return Err(told("getting metadata: a document is no map".to_owned()));
        };
        let annotations = value.get("metadata").and_then(|metadata| metadata.get("annotations"));
        let path = annotations.and_then(|annotations| annotations.get(PATH)).and_then(Value::as_str);
        let path = path.filter(|path| !path.is_empty()).map(str::to_owned);
        let path = path.unwrap_or_else(|| format!("generated-by-postrender-{number}.yaml"));
        let file = files.entry(path).or_default();
        if !file.is_empty() {
            file.push_str("---\n");
        }
        file.push_str(&bare(text, value).map_err(told)?);
        number += 1;
    }
    Ok(files.into_iter().map(|(path, text)| (path, text.into())).collect())
}

/// A document with its path in it; nothing if there is nothing but comments.
fn annotated(text: &str, path: &str) -> Result<Option<String>, String> {
    let value = decode(text).map_err(|error| format!("parsing {path}: {error}"))?;
    let wanted = match value {
        Value::Null => return Ok(None),
        Value::Map(mut fields) => {
            let metadata = fields.entry("metadata".to_owned()).or_default();
            let annotations = child(metadata, "annotations");
            let annotations =
                annotations.ok_or_else(|| format!("annotating {path}: its metadata is no map"))?;
            let Some(annotations) = map(annotations) else {
                return Err(format!("annotating {path}: its annotations are no map"));
            };
            annotations.insert(PATH.to_owned(), Value::String(path.to_owned()));
            Value::Map(fields)
        }
        _ => return Err(format!("annotating {path}: it is no map")),
    };
    let line = format!("{PATH}: '{}'\n", path.replace('\'', "''"));
    checked(with_line(text, &line), &wanted).map(Some)
}

/// A document without its path.
fn bare(text: &str, mut value: Value) -> Result<String, String> {
    let Some(fields) = map(&mut value) else { return Ok(text.to_owned()) };
    let mut emptied = false;
    if let Some(Value::Map(metadata)) = fields.get_mut("metadata") {
        if let Some(Value::Map(annotations)) = metadata.get_mut("annotations") {
            emptied = annotations.remove(PATH).is_some() && annotations.is_empty();
        }
        if emptied {
            metadata.remove("annotations");
            emptied = metadata.is_empty();
        }
    }
    if emptied {
        fields.remove("metadata");
    }
    checked(without_line(text), &value)
}

fn map(value: &mut Value) -> Option<&mut BTreeMap<String, Value>> {
    if value.is_null() {
        *value = Value::Map(BTreeMap::new());
    }
    match value {
        Value::Map(fields) => Some(fields),
        _ => None,
    }
}

fn child<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    Some(map(value)?.entry(name.to_owned()).or_default())
}

/// An edited text, if it says what it should, and else that written anew.
fn checked(edited: Option<String>, wanted: &Value) -> Result<String, String> {
    if let Some(edited) = edited.filter(|edited| decode(edited).is_ok_and(|value| value == *wanted)) {
        return Ok(edited);
    }
    encode(wanted).map_err(|error| error.to_string())
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_empty(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// Whether a line is a key with its value on the lines below it.
fn opens(line: &str, key: &str) -> bool {
    line.trim_start_matches(' ')
        .strip_prefix(key)
        .and_then(|rest| rest.strip_prefix(':'))
        .is_some_and(is_empty)
}

/// The first line that says something below another one, and is further in.
fn first_below(lines: &[&str], above: usize) -> Option<usize> {
    let indented = indent(lines.get(above)?);
    let next = lines.iter().skip(above + 1).position(|line| !is_empty(line))? + above + 1;
    (indent(lines.get(next)?) > indented).then_some(next)
}

/// Puts an annotation into a document in block style.
fn with_line(text: &str, annotation: &str) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let Some(metadata) = lines.iter().position(|line| line.starts_with("metadata:")) else {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        return Some(format!("{text}{end}metadata:\n  annotations:\n    {annotation}"));
    };
    if !opens(lines.get(metadata)?, "metadata") {
        return None;
    }
    let mut put = String::new();
    let after = match first_below(&lines, metadata) {
        None => {
            let _ = write!(put, "  annotations:\n    {annotation}");
            metadata
        }
        Some(first) => {
            let inner = indent(lines.get(first)?);
            let own = lines.iter().enumerate().skip(first);
            let mut own = own.take_while(|(_, line)| is_empty(line) || indent(line) >= inner);
            match own.find(|(_, line)| indent(line) == inner && opens(line, "annotations")) {
                Some((at, _)) => {
                    let below = first_below(&lines, at).and_then(|below| lines.get(below));
                    let inner = below.map_or(inner + 2, |line| indent(line));
                    let _ = write!(put, "{:inner$}{annotation}", "");
                    at
                }
                None => {
                    let deeper = inner + 2;
                    let _ = write!(put, "{:inner$}annotations:\n{:deeper$}{annotation}", "", "");
                    metadata
                }
            }
        }
    };
    let (before, rest) = lines.split_at_checked(after + 1)?;
    let before = before.concat();
    let end = if before.ends_with('\n') { "" } else { "\n" };
    Some(format!("{before}{end}{put}{}", rest.concat()))
}

/// Takes the annotation out of a document in block style, and the keys above it if nothing is left there.
fn without_line(text: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_path = |line: &&str| line.trim_start_matches([' ', '"', '\'']).starts_with(PATH);
    let Some(at) = lines.iter().position(is_path) else { return Some(text.to_owned()) };
    lines.remove(at);
    let mut above = at;
    for key in ["annotations", "metadata"] {
        let Some(parent) = lines.get(..above)?.iter().rposition(|line| opens(line, key)) else { break };
        if first_below(&lines, parent).is_some() {
            break;
        }
        lines.remove(parent);
        above = parent;
    }
    Some(lines.concat())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const LINE: &str = "postrenderer.helm.sh/postrender-filename: 'c/a.yaml'\n";

    fn there_and_back(text: &str) -> (String, String) {
        let there = annotated(text, "c/a.yaml").unwrap().unwrap();
        let back = bare(&there, decode(&there).unwrap()).unwrap();
        (there, back)
    }

    #[test]
    fn the_path_is_put_in_and_taken_out_again() {
        for (text, expected) in [
            ("kind: X\n", format!("kind: X\nmetadata:\n  annotations:\n    {LINE}")),
            (
                "# top\nkind: X\nmetadata:\n    name: a # x\ndata: {}\n",
                format!(
                    "# top\nkind: X\nmetadata:\n    annotations:\n      {LINE}    name: a # x\ndata: {{}}\n"
                ),
            ),
            (
                "metadata:\n  name: a\n  annotations:\n      b: c\nspec: |\n  metadata:\n",
                format!(
                    "metadata:\n  name: a\n  annotations:\n      {LINE}      b: c\nspec: |\n  metadata:\n"
                ),
            ),
        ] {
            let (there, back) = there_and_back(text);
            assert_eq!(there, expected);
            assert_eq!(back, text);
        }
    }

    #[test]
    fn what_can_not_be_edited_is_written_anew() {
        let (there, back) = there_and_back("{\"kind\": \"X\", \"metadata\": {\"name\": \"a\"}}\n");
        let expected =
            format!("kind: X\nmetadata:\n  annotations:\n    {}  name: a\n", LINE.replace('\'', ""));
        assert_eq!(there, expected);
        assert_eq!(back, "kind: X\nmetadata:\n  name: a\n");
    }

    #[test]
    fn streams_are_merged_and_parted() {
        let files = BTreeMap::from([
            ("c/a.yaml".to_owned(), Bytes::from("kind: X\n---\n# nothing\n---\nkind: Y")),
            ("c/b.yaml".to_owned(), Bytes::from("kind: Z\n")),
        ]);
        let stream = merge(&files).unwrap();
        assert_eq!(stream.matches("postrender-filename").count(), 3);
        let more = format!("{stream}---\nkind: New\n");
        let parted = part(more.into_bytes()).unwrap();
        let texts: Vec<_> = parted.iter().map(|(path, text)| (path.as_str(), &text[..])).collect();
        let expected: [(&str, &[u8]); 3] = [
            ("c/a.yaml", b"kind: X\n---\nkind: Y\n"),
            ("c/b.yaml", b"kind: Z\n"),
            ("generated-by-postrender-3.yaml", b"kind: New\n"),
        ];
        assert_eq!(texts, expected);
        assert!(merge(&BTreeMap::from([("x".to_owned(), Bytes::from("- a"))])).is_err());
        assert!(part(b"a: [".to_vec()).is_err());
    }
}
