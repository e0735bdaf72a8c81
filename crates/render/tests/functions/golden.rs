//! The golden files: what is recorded, compared, and asked anew.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::ask::Helm;
use crate::template;

/// Which file a child process compares.
const FILE: &str = "CHARTROOM_GOLDEN_FILE";

/// The first line of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    /// The version that was asked.
    helm: String,
    /// The time zone that it was asked in.
    tz: String,
}

/// A template and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) template: String,
    #[serde(flatten)]
    pub(crate) answer: Option<Answer>,
    /// What we do, where that differs on purpose or for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ours: Option<Answer>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Answer {
    /// A text.
    Output(String),
    /// Bytes that are none, in base64.
    Base64(String),
    /// What the error ends with.
    Error(String),
}

impl Answer {
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Output(text),
            Err(error) => Self::Base64(STANDARD.encode(error.into_bytes())),
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions/golden")
}

fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn read(path: &Path) -> (Header, Vec<Case>) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header = serde_json::from_str(lines.next().expect("a header")).unwrap();
    let cases = lines.map(|line| {
        let case = serde_json::from_str::<Case>(line);
        case.unwrap_or_else(|error| panic!("{}: {error}: {line}", path.display()))
    });
    (header, cases.collect())
}

/// Whether what we do is what the answer says; if not, what we do.
fn difference(case: &Case, answer: &Answer) -> Option<String> {
    let ours = template::run(&case.template);
    let same = match (&ours, answer) {
        (Err(error), Answer::Error(end)) => error.ends_with(end.as_str()),
        (Ok(out), answer) => Answer::of_bytes(out.clone()) == *answer,
        (Err(_), _) => false,
    };
    if same {
        return None;
    }
    let ours = ours.map(|out| String::from_utf8_lossy(&out).into_owned());
    Some(format!("{}\n  Helm {answer:?}\n  ours {ours:?}\n", case.template))
}

/// Without zone data nothing can be said about zones.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn can_compare(path: &Path) -> bool {
    let needed = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("zones"));
    let there = Path::new("/usr/share/zoneinfo/America/New_York").exists();
    if needed && !there {
        eprintln!("SKIPPED: {} needs time zone data", path.display());
    }
    there || !needed
}

/// The time zone is a matter of the process, so each file is looked at by one of its own: this same test,
/// started once more with the name of the file.
#[test]
fn as_recorded() {
    if let Some(file) = env::var_os(FILE) {
        return one_file(Path::new(&file));
    }
    let mut count = 0;
    let mut failures = String::new();
    for path in files().into_iter().filter(|path| can_compare(path)) {
        let (header, cases) = read(&path);
        count += cases.len();
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "golden::as_recorded", "--nocapture"])
            .env("TZ", &header.tz)
            .env("RUST_BACKTRACE", "0")
            .env(FILE, &path)
            .output()
            .unwrap();
        if !output.status.success() {
            failures.push_str(&format!("{}:\n{}", path.display(), String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(count >= 500, "only {count} cases");
}

fn one_file(path: &Path) {
    let (header, cases) = read(path);
    assert_eq!(header.helm, "4.3.1");
    let differences: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let answer = case.answer.as_ref().expect("an answer: run this with CHARTROOM_BLESS=1 and Helm");
            difference(case, case.ours.as_ref().unwrap_or(answer))
        })
        .collect();
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}",
        differences.len(),
        cases.len(),
        differences.concat()
    );
}

#[test]
fn as_helm_says() {
    let Some(helm) = Helm::find() else { return };
    let bless = env::var_os("CHARTROOM_BLESS").is_some();
    let mut changed = Vec::new();
    for path in files().into_iter().filter(|path| can_compare(path)) {
        let (header, cases) = read(&path);
        let answers = helm.ask(&cases, &header.tz);
        let mut lines = vec![serde_json::to_string(&header).unwrap()];
        for (case, answer) in cases.into_iter().zip(answers) {
            if case.answer.as_ref() != Some(&answer) && !bless {
                changed.push(format!("{}\n  Helm {answer:?}\n  file {:?}\n", case.template, case.answer));
            }
            lines.push(serde_json::to_string(&Case { answer: Some(answer), ..case }).unwrap());
        }
        if bless {
            fs::write(&path, format!("{}\n", lines.join("\n"))).unwrap();
        }
    }
    assert!(changed.is_empty(), "{} differ:\n{}", changed.len(), changed.concat());
}
