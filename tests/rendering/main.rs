//! Charts in text files, rendered by `chartroom template` and by stock Helm 4.3.1: both have to say the
//! same, on both streams, and end the same.
//!
//! Where Helm is not at hand, what it said before is taken (`recorded/`). With `CHARTROOM_RECORD=1` that
//! is written anew, and it has to be what Helm says where it is at hand.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod case;
mod outcome;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chartroom_test_support::{Peer, at_home};
use tempfile::TempDir;

use case::Case;
use outcome::Outcome;

/// The Helm whose behaviour is the measure.
const HELM: &str = "helm-4.3.1";

/// How many cases are tried at a time.
const WORKERS: usize = 4;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/rendering").join(name)
}

/// All files with cases, or those that `CHARTROOM_CASES` names.
fn cases() -> BTreeMap<String, Case> {
    let wanted = std::env::var("CHARTROOM_CASES").unwrap_or_default();
    let entries = fs::read_dir(folder("cases")).expect("cases/").map(|entry| entry.expect("an entry").path());
    let named = entries.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path));
    let wanted = named.filter(|(name, _)| name.contains(&wanted));
    wanted.map(|(name, path)| (name, Case::parse(&fs::read_to_string(path).unwrap()))).collect()
}

/// Runs a program on every variant of a case, one after the other.
fn outcomes(case: &Case, program: &dyn Fn() -> Command) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for files in case.variants() {
        let home = TempDir::new().expect("a folder");
        for (name, content) in files {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        for line in &case.lines {
            let mut command = program();
            at_home(&mut command, home.path());
            command.env("TZ", "UTC").args(case::words(line));
            outcomes.push(Outcome::of(&mut command, home.path()));
        }
    }
    outcomes
}

/// What differs between two series of outcomes; `same` says which are alike.
fn difference(
    expected: &[Outcome],
    found: &[Outcome],
    case: &Case,
    same: impl Fn(&str, &Outcome, &Outcome) -> bool,
) -> String {
    let mut text = String::new();
    for (number, (expected, found)) in expected.iter().zip(found).enumerate() {
        if !same(&case.lines[number % case.lines.len()], expected, found) {
            let (variant, line) = (number / case.lines.len(), number % case.lines.len());
            let variant = case.variant_text(variant);
            writeln!(text, "$ {}\n{variant}{}", case.lines[line], expected.against(found)).unwrap();
        }
    }
    assert_eq!(expected.len(), found.len(), "another number of runs was recorded");
    text
}

/// Compares one case; gives what differs, and how many runs there were.
fn compare(name: &str, case: &Case, helm: Option<&Peer>) -> (String, usize) {
    let path = folder("recorded").join(format!("{name}.txt"));
    let live = helm.map(|helm| outcomes(case, &|| helm.command::<&str>(&[])));
    if let (Some(live), true) = (&live, std::env::var_os("CHARTROOM_RECORD").is_some()) {
        fs::write(&path, outcome::text(live)).unwrap();
    }
    let recorded = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let recorded = outcome::parse(&recorded);
    if let Some(live) = live {
        let stale = difference(&recorded, &live, case, |_, recorded, live| recorded == live);
        assert!(stale.is_empty(), "{name}: Helm says something else than what was recorded\n{stale}");
    }
    let ours = outcomes(case, &|| {
        let mut chartroom = Command::new(env!("CARGO_BIN_EXE_chartroom"));
        chartroom.arg0("helm");
        chartroom
    });
    let difference = difference(&recorded, &ours, case, |line, helm, ours| {
        if line.contains("--debug") { helm.is_told_by(ours) } else { helm == ours }
    });
    (difference, ours.len())
}

#[test]
fn charts_are_rendered_as_by_helm() {
    let helm = Peer::find(HELM);
    let cases: Vec<_> = cases().into_iter().collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut problems = String::new();
        let mut runs = 0;
        while let Some((name, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (difference, count) = compare(name, case, helm.as_ref());
            runs += count;
            if !difference.is_empty() {
                writeln!(problems, "==== {name}\n{difference}").unwrap();
            }
        }
        (problems, runs)
    };
    let found: Vec<_> = thread::scope(|scope| {
        let workers = [(); WORKERS].map(|()| scope.spawn(work));
        workers.into_iter().map(|worker| worker.join().expect("it ends")).collect()
    });
    let problems: String = found.iter().map(|(problems, _)| problems.as_str()).collect();
    assert!(problems.is_empty(), "\n{problems}");
    assert!(found.iter().any(|(_, runs)| *runs > 0), "no case was run");
}

/// Nobody should be able to empty the corpus unseen.
#[test]
fn there_are_cases_enough() {
    if std::env::var_os("CHARTROOM_CASES").is_some() {
        return;
    }
    let count: usize = cases().values().map(|case| case.variants().count() * case.lines.len()).sum();
    assert!(count >= 150, "only {count} cases");
}
