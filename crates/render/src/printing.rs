//! How what was rendered is printed and stored.

use std::collections::BTreeMap;
use std::io::{self, Write};

use bytes::Bytes;
use chartroom_chart::PathPattern;

use crate::manifests::{Hook, Manifest, split, trim};
use crate::rendered::Crd;

/// One document with its source above it.
fn write_document(out: &mut impl Write, path: &str, content: &[u8]) -> io::Result<()> {
    write!(out, "---\n# Source: {path}\n")?;
    out.write_all(content)?;
    out.write_all(b"\n")
}

/// All objects of a release as one text, after its CRDs where those are wanted: what a release keeps.
pub fn manifest(crds: &[Crd], manifests: &[Manifest]) -> Vec<u8> {
    let documents = documents(crds, manifests);
    let length = documents.clone().map(|(path, content)| path.len() + content.len() + 18).sum();
    let mut text = Vec::with_capacity(length);
    for (path, content) in documents {
        // Nothing goes wrong with a vector.
        let _ = write_document(&mut text, path, content);
    }
    text
}

fn documents<'a>(
    crds: &'a [Crd],
    manifests: &'a [Manifest],
) -> impl Iterator<Item = (&'a str, &'a Bytes)> + Clone {
    let crds = crds.iter().map(|crd| (crd.path.as_str(), &crd.content));
    crds.chain(manifests.iter().map(|manifest| (manifest.path.as_str(), &manifest.content)))
}

/// Prints what `helm template` prints: CRDs, objects without the white space behind the last of them,
/// and hooks.
///
/// # Errors
///
/// Those of the stream.
pub fn write(out: &mut impl Write, crds: &[Crd], manifests: &[Manifest], hooks: &[&Hook]) -> io::Result<()> {
    let mut documents = documents(crds, manifests).peekable();
    while let Some((path, content)) = documents.next() {
        if documents.peek().is_some() {
            write_document(out, path, content)?;
        } else {
            let mut last = Vec::with_capacity(path.len() + content.len() + 18);
            write_document(&mut last, path, content)?;
            out.write_all(trim(&last))?;
        }
    }
    out.write_all(b"\n")?;
    write_hooks(out, hooks)
}

/// Prints what a program has made of all objects and CRDs, and hooks.
///
/// # Errors
///
/// Those of the stream.
pub fn write_changed(out: &mut impl Write, changed: &[u8], hooks: &[&Hook]) -> io::Result<()> {
    out.write_all(trim(changed))?;
    out.write_all(b"\n")?;
    write_hooks(out, hooks)
}

/// Prints files of which a part is no manifest, for whoever looks for the mistake, and the hooks that were
/// found in them.
///
/// # Errors
///
/// Those of the stream.
pub fn write_unsorted(
    out: &mut impl Write,
    files: &BTreeMap<String, Bytes>,
    hooks: &[&Hook],
) -> io::Result<()> {
    let mut text = Vec::new();
    for (path, content) in files.iter().filter(|(_, content)| !trim(content).is_empty()) {
        write_document(&mut text, path, content)?;
    }
    out.write_all(trim(&text))?;
    out.write_all(b"\n")?;
    write_hooks(out, hooks)
}

fn write_hooks(out: &mut impl Write, hooks: &[&Hook]) -> io::Result<()> {
    hooks.iter().try_for_each(|hook| write_document(out, &hook.path, &hook.manifest))
}

/// One document as it is written to a file of its own.
///
/// # Errors
///
/// Those of the stream.
pub fn write_to_file(out: &mut impl Write, path: &str, content: &[u8]) -> io::Result<()> {
    write_document(out, path, content)
}

/// A path that was asked for is not among what was rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not find template {0} in chart")]
pub struct NoSuchTemplate(pub String);

/// Of what [`write()`] or [`write_unsorted`] has printed, only what comes from some templates. Each of them
/// is a pattern for the path below the chart's folder, and may fit several; what fits two is there twice.
///
/// # Errors
///
/// When one fits nothing.
pub fn only(printed: Vec<u8>, wanted: &[String]) -> Result<Vec<u8>, NoSuchTemplate> {
    let documents = split(&Bytes::from(printed));
    let documents: Vec<_> =
        documents.iter().filter_map(|document| Some((source(document)?, document))).collect();
    let mut text = Vec::new();
    for path in wanted {
        let pattern = PathPattern::parse(path).ok();
        let mut fitting =
            documents.iter().filter(|(source, _)| pattern.as_ref().is_some_and(|it| it.matches(source)));
        let Some(first) = fitting.next() else { return Err(NoSuchTemplate(path.clone())) };
        for (_, document) in std::iter::once(first).chain(fitting) {
            text.extend_from_slice(b"---\n");
            text.extend_from_slice(document);
            text.push(b'\n');
        }
    }
    Ok(text)
}

/// The path in the first `# Source: CHART/PATH` of a document.
fn source(document: &[u8]) -> Option<String> {
    const MARK: &[u8] = b"# Source: ";
    let mut rest = document;
    while let Some(at) = find(rest, MARK) {
        rest = rest.get(at + MARK.len()..)?;
        let slash = rest.iter().position(|byte| *byte == b'/')?;
        let path = rest.get(slash + 1..)?;
        let path = path.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if slash > 0 && !path.is_empty() {
            return Some(String::from_utf8_lossy(path).into_owned());
        }
    }
    None
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_know_their_source() {
        for (document, expected) in [
            ("# Source: c/templates/a.yaml\na: b", Some("templates/a.yaml")),
            ("a: b\n# Source: c/x\n", Some("x")),
            ("# Source: /x\n# Source: c/y", Some("y")),
            ("# Source: c", None),
            ("a: b", None),
        ] {
            assert_eq!(source(document.as_bytes()).as_deref(), expected, "{document}");
        }
    }
}
