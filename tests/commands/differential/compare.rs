//! What came of a line on each side, and in what that differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chartroom_chart::{Limits, read_archive};

use super::cases::Case;
use crate::desk::{CACHE, Desk, Run};
use crate::front::Seen;

/// What of the outcome is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    Exit,
    Stdout,
    Stderr,
    Files,
    /// What the registry is asked for. Asking for less than Helm does is no difference.
    Requests,
}

/// What came of a line.
pub(super) struct Trace {
    exit: Option<i32>,
    stdout: String,
    stderr: String,
    files: BTreeMap<String, (u32, Vec<u8>)>,
    cached: BTreeMap<String, Vec<u8>>,
    requests: Vec<String>,
}

impl Trace {
    pub(super) fn of(desk: &Desk, run: Run, requests: &[Seen]) -> Self {
        let home = desk.path("").display().to_string();
        let home = home.trim_end_matches('/');
        let plain = |text: &str| text.replace(desk.host(), "HOST").replace(home, "HOME");
        let modes = desk.modes("");
        let files = desk.contents("").into_iter().map(|(name, content)| {
            let text = String::from_utf8(content.clone());
            let content = text.map_or(content, |text| plain(&text).into_bytes());
            (name.clone(), (modes[&name], content))
        });
        let files = files.collect();
        let cached = if desk.exists(CACHE) { desk.contents(CACHE) } else { BTreeMap::new() };
        Self {
            exit: run.status.code(),
            stdout: plain(&run.stdout),
            stderr: plain(&run.stderr),
            files,
            cached,
            requests: requests.iter().map(|seen| request(&seen.line)).collect(),
        }
    }
}

/// A request without what is different each time.
fn request(line: &str) -> String {
    let (start, query) = line.split_once('?').unwrap_or((line, ""));
    let start = match start.split_once("/blobs/uploads/") {
        Some((before, session)) if !session.is_empty() => format!("{before}/blobs/uploads/SESSION"),
        _ => start.to_owned(),
    };
    // Whether a manifest is there is asked by digest or by tag.
    let start = match start.split_once("/manifests/") {
        Some((before, _)) if start.starts_with("HEAD ") => format!("{before}/manifests/ANY"),
        _ => start,
    };
    let fields = query.split('&').filter(|field| field.starts_with("digest=") || field.starts_with("mount="));
    let query = fields.map(|field| field.replace("%3A", ":")).collect::<Vec<_>>().join("&");
    if query.is_empty() { start } else { format!("{start}?{query}") }
}

/// In what two outcomes differ, and how.
pub(super) fn differences(ours: &Trace, theirs: &Trace, case: &Case) -> Vec<(Aspect, String)> {
    let mut found = Vec::new();
    let mut differ = |aspect, text: String| {
        if !text.is_empty() {
            found.push((aspect, text));
        }
    };
    let both = |ours: &str, theirs: &str| {
        if ours == theirs { String::new() } else { format!("ours:   {ours}\nHelm's: {theirs}") }
    };
    differ(Aspect::Exit, both(&format!("{:?}", ours.exit), &format!("{:?}", theirs.exit)));
    differ(Aspect::Stdout, both(&ours.stdout, &theirs.stdout));
    differ(Aspect::Stderr, stderr(&ours.stderr, &theirs.stderr, case.words));
    differ(Aspect::Files, files(ours, theirs));
    differ(Aspect::Requests, requests(&ours.requests, &theirs.requests));
    found
}

fn stderr(ours: &str, theirs: &str, words: &str) -> String {
    // That there are hints is our own; docs/compatibility.md says so.
    let ours: String =
        ours.lines().filter(|line| !line.starts_with("hint: ")).fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        });
    let same = if words.is_empty() {
        ours == theirs || ours.trim_end() == theirs.trim_end()
    } else {
        let errors = |text: &str| text.lines().filter(|line| line.starts_with("Error: ")).count();
        ours.contains(words) && theirs.contains(words) && errors(&ours) == errors(theirs)
    };
    if same { String::new() } else { format!("ours:   {ours}\nHelm's: {theirs}") }
}

fn files(ours: &Trace, theirs: &Trace) -> String {
    let mut text = String::new();
    let names: BTreeSet<&String> = ours.files.keys().chain(theirs.files.keys()).collect();
    for name in names {
        match (ours.files.get(name), theirs.files.get(name)) {
            (Some(_), None) => text.push_str(&format!("only ours: {name}\n")),
            (None, Some(_)) => text.push_str(&format!("only Helm's: {name}\n")),
            (Some((mode, _)), Some((other, _))) if mode != other => {
                text.push_str(&format!("{name}: mode {mode:o}, Helm's {other:o}\n"));
            }
            (Some((_, own)), Some((_, other))) if own != other && !same_chart(own, other) => {
                let shown = |bytes: &[u8]| match contents(bytes) {
                    Some(files) => format!("{files:?}"),
                    None => String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned(),
                };
                text.push_str(&format!("{name}: {}\nHelm's: {}\n", shown(own), shown(other)));
            }
            _ => {}
        }
    }
    // We may keep more, but nothing else under the same name.
    for (name, content) in &theirs.cached {
        if name.ends_with(".chart") && ours.cached.get(name) != Some(content) {
            text.push_str(&format!("{name} is not in our cache, or is something else\n"));
        }
    }
    text
}

/// The files of an archive, in order, with their times.
fn contents(archive: &[u8]) -> Option<Vec<(String, String, Option<i64>)>> {
    let files = read_archive(archive, &Limits::untrusted()).ok()?;
    let told = files.into_iter().map(|file| {
        let time = file.modified.map(|time| time.as_second());
        (file.name, String::from_utf8_lossy(&file.data).into_owned(), time)
    });
    Some(told.collect())
}

/// Whether two archives hold the same, however they are compressed.
fn same_chart(one: &[u8], other: &[u8]) -> bool {
    contents(one).is_some_and(|one| contents(other) == Some(one))
}

/// What we ask for more often than Helm does.
fn requests(ours: &[String], theirs: &[String]) -> String {
    let mut left = theirs.to_vec();
    let mut more = Vec::new();
    for request in ours {
        match left.iter().position(|other| other == request) {
            Some(at) => drop(left.remove(at)),
            None => more.push(request),
        }
    }
    // What changes the registry has to happen.
    let missing: Vec<_> = left.iter().filter(|other| other.starts_with("PUT") && tags(other)).collect();
    if more.is_empty() && missing.is_empty() {
        return String::new();
    }
    format!("only ours: {more:#?}\nmissing: {missing:#?}\nours: {ours:#?}\nHelm's: {theirs:#?}")
}

/// Whether a request is about a tag, which it is where it names no digest.
fn tags(request: &str) -> bool {
    request.contains("/manifests/") && !request.contains("sha256:")
}
