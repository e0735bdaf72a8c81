//! `values.schema.json`: every keyword and format, schemas that are none, references; in the words of
//! Helm.
//!
//! Each case is a subchart with a schema of its own. Helm tells of all of them at once, so that a
//! few runs are enough for hundreds of cases.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chartroom_chart::{Chart, Limits};
use chartroom_render::values::{Preparation, ValuesError, prepare};
use chartroom_test_support::Peer;

use crate::HELM;

const CASES: &str = include_str!("../data/schemas/cases.txt");

/// A name, a schema, and values.
struct Schema {
    name: &'static str,
    schema: &'static str,
    values: &'static str,
}

fn cases() -> Vec<Schema> {
    let case = |text: &'static str| {
        let (name, rest) = text.split_once('\n').unwrap();
        let (schema, values) = rest.split_once("\n---\n").unwrap();
        Schema { name, schema, values }
    };
    CASES.strip_prefix("### ").unwrap().split("\n### ").map(case).collect()
}

/// How many cases one chart has.
const BATCH: usize = 60;

fn write(folder: &Path, cases: &[Schema]) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    // Helm drops line ends at the very end of what it says, and keeps the order of what is listed.
    let last = Schema { name: "last", schema: "false", values: "" };
    let mut root = String::from("apiVersion: v2\nname: c\nversion: 0.1.0\ndependencies:\n");
    for (index, case) in cases.iter().chain([&last]).enumerate() {
        let name = subchart(index);
        writeln!(root, "- {{name: {name}, version: '*', repository: ''}}").unwrap();
        write(
            &format!("c/charts/{name}/Chart.yaml"),
            &format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n"),
        );
        write(&format!("c/charts/{name}/values.yaml"), case.values);
        write(&format!("c/charts/{name}/values.schema.json"), case.schema);
    }
    write("c/Chart.yaml", &root);
}

fn subchart(index: usize) -> String {
    format!("case-{index:03}")
}

/// Takes apart what is said of all subcharts. One of them ends without a line end where a schema
/// can't be used at all.
fn apart(text: &str, count: usize) -> Vec<String> {
    let mut found = BTreeMap::new();
    for index in 0..=count {
        found.extend(text.find(&format!("{}:\n", subchart(index))).map(|at| (at, index)));
    }
    let starts: Vec<(usize, usize)> = found.into_iter().collect();
    let mut parts = vec![String::new(); count];
    for (position, (at, index)) in starts.iter().enumerate() {
        let end = starts.get(position + 1).map_or(text.len(), |(next, _)| *next);
        if *index == count {
            continue;
        }
        let part = &text[at + subchart(*index).len() + 2..end];
        parts[*index] = sorted(part);
    }
    parts
}

/// Among the properties of a value, Helm leaves the order to chance: what is wrong on one level is
/// sorted.
fn sorted(text: &str) -> String {
    let ends = text.ends_with('\n');
    let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
    let mut text = blocks(&lines, 0);
    if !ends {
        text.push_str("(no line end)\n");
    }
    text
}

fn blocks(lines: &[&str], indent: usize) -> String {
    let mark = format!("{}- at ", "  ".repeat(indent));
    let starts: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with(&mark)).collect();
    let Some(first) = starts.first() else {
        return lines.iter().map(|line| format!("{line}\n")).collect();
    };
    let mut parts: Vec<String> = Vec::new();
    for (position, at) in starts.iter().enumerate() {
        let end = starts.get(position + 1).copied().unwrap_or(lines.len());
        let mut part = format!("{}\n", in_order(lines[*at]));
        part.push_str(&blocks(&lines[at + 1..end], indent + 1));
        parts.push(part);
    }
    parts.sort();
    lines[..*first].iter().map(|line| format!("{line}\n")).collect::<String>() + &parts.concat()
}

/// The names in `additional properties 'b', 'a' not allowed`.
fn in_order(line: &str) -> String {
    let Some((head, names)) = line.split_once(": additional properties ") else { return line.to_owned() };
    let mut names: Vec<&str> = names.trim_end_matches(" not allowed").split(", ").collect();
    names.sort_unstable();
    format!("{head}: additional properties {} not allowed", names.join(", "))
}

fn helms(helm: &Peer, cases: &[Schema]) -> Vec<String> {
    let folder = helm.home().join("work");
    write(&folder, cases);
    let output = helm.command(&["template", "c"]).current_dir(&folder).output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    apart(&String::from_utf8(output.stderr).unwrap(), cases.len())
}

fn ours(cases: &[Schema]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), cases);
    let chart = Chart::open(&folder.path().join("c"), &Limits::default()).unwrap();
    let user = chartroom_goyaml::decode("{}").unwrap();
    match prepare(&chart, &user, &Preparation::default(), &mut Vec::new()) {
        Err(ValuesError::Schema(error)) => apart(&error.to_string(), cases.len()),
        other => panic!("{:?}", other.map(drop)),
    }
}

#[test]
fn every_keyword_in_helms_words() {
    let cases = cases();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schemas/answers.golden");
    let helm = Peer::find(HELM);
    if std::env::var_os("CHARTROOM_BLESS").is_some() {
        let helm = helm.as_ref().expect("only Helm can bless");
        let mut text = format!("What {HELM} says of the cases.\n");
        for batch in cases.chunks(BATCH) {
            for (case, answer) in batch.iter().zip(helms(helm, batch)) {
                write!(text, "### {}\n{answer}", case.name).unwrap();
            }
        }
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    let golden: Vec<(&str, &str)> =
        golden.split("### ").skip(1).map(|case| case.split_once('\n').unwrap()).collect();
    assert_eq!(golden.len(), cases.len(), "bless anew");
    let mut wrong = String::new();
    for (batch, golden) in cases.chunks(BATCH).zip(golden.chunks(BATCH)) {
        for ((case, found), (name, expected)) in batch.iter().zip(ours(batch)).zip(golden) {
            assert_eq!(case.name, *name, "bless anew");
            if found != *expected {
                write!(
                    wrong,
                    "\n{name}\n{}\n{}\n--- {HELM}\n{expected}--- ours\n{found}",
                    case.schema, case.values
                )
                .unwrap();
            }
        }
    }
    if let Some(dump) = std::env::var_os("CHARTROOM_DUMP") {
        fs::write(dump, &wrong).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.chars().take(4000).collect::<String>());
    if let Some(helm) = helm {
        let live = helms(&helm, &cases[..BATCH]);
        let expected: Vec<&str> = golden.iter().take(BATCH).map(|(_, answer)| *answer).collect();
        assert_eq!(live, expected, "{HELM} says something else now");
    }
}
