//! Constraints, by Helm's `semverCompare`.

use std::fmt::Write as _;
use std::fs;

use chartroom_chart::{Constraint, Version};
use chartroom_test_support::Peer;

use crate::{check_golden, golden, helm};

const TABLE: &str = "constraints-helm-4.3.1.tsv";
const REFUSED: &str = "constraints-refused-helm-4.3.1.tsv";

const VERSIONS: [&str; 34] = [
    "0.0.0",
    "0.0.0-0",
    "0.0.1",
    "0.1.0",
    "0.2.3",
    "0.2.4-rc.1",
    "0.3.0",
    "0.9.0",
    "1",
    "1.0.0-alpha",
    "1.0.0",
    "1.0.1",
    "1.1",
    "1.1.7",
    "1.2.0-rc.1",
    "1.2.0",
    "1.2.3",
    "1.2.3+build.5",
    "1.2.4-beta.2",
    "1.2.4-beta.10",
    "1.3.0",
    "1.10.0",
    "v2.0.0",
    "2.0.0-0",
    "2.0.1",
    "2.1.0-beta.2",
    "2.1.0-beta.10",
    "2.1.0",
    "3.0.0",
    "10.0.0",
    "11.1.0",
    "01.02.03",
    "1.30.1-gke.100",
    "18446744073709551615.0.0",
];

const CONSTRAINTS: [&str; 118] = [
    "*",
    "x",
    "X",
    "v*",
    "*-0",
    "x.x.x",
    "*.1.2",
    "1",
    "v1",
    "1.2",
    "1.2.3",
    "v1.2.3",
    "01.02.03",
    "1.2.3+other",
    "1.x",
    "1.*",
    "1.X.x",
    "1.2.x",
    "1.2.*",
    "1.x.3",
    "1.2.3-0",
    "1-0",
    "1.2-0",
    "1.x-0",
    "0",
    "0.0",
    "0.0.0",
    "0.x",
    "=1",
    "=1.1",
    "=1.2.3",
    "= 1.2.3",
    "=  v1.2.3",
    "!=1",
    "!=1.2",
    "!=1.2.3",
    "!=*",
    "!=1.2-rc.1",
    "!=1.2.x-rc.1",
    "!=10",
    "!=10.0.0",
    "! =1 || 1",
    ">1",
    ">1.0",
    ">1.2",
    ">1.2.3",
    ">*",
    ">1.2.3-0",
    ">0.0.0-0",
    ">1.2-0",
    ">=1",
    ">=1.2",
    ">=1.2.3",
    ">=*",
    ">=1.2.0-0",
    ">=1.25.0-0",
    ">= 1.20.0-0",
    "=>1.1",
    "<1",
    "<1.2",
    "<1.2.3",
    "<*",
    "<2.0.0-0",
    "<=1",
    "<=1.2",
    "<=1.2.3",
    "<=*",
    "<=2",
    "=<2",
    "<=0",
    "<=1.2-rc.1",
    "~0",
    "~0.0",
    "~0.0.0",
    "~0.0.1",
    "~1",
    "~1.2",
    "~1.2.3",
    "~1.2.x",
    "~*",
    "~1.2.4-beta.2",
    "~2.1.0-0",
    "~>1",
    "~>1.2",
    "~>1.2.3",
    "~> 1.2",
    "^0",
    "^0.0",
    "^0.0.0",
    "^0.0.1",
    "^0.2",
    "^0.2.3",
    "^0.9",
    "^1",
    "^1.1",
    "^1.2.3",
    "^*",
    "^2.1.0-beta.1",
    "^1.x",
    "^0.x",
    ">=1, <2",
    ">=1 <2",
    ">=1,<2",
    ">= 1 , < 2",
    ">=v1.0.0 <v2",
    ">=1.2 <1.3 || ^2",
    "1 || 2",
    "1||2.x",
    ">=1.2.0-0 <2",
    ">=1.2.0-0 || >3",
    "1.0 - 2.0",
    "1.0.0 - 1.2.3",
    "1 - 2 || 10 - 11",
    "1.2.0-rc.1 - 1.2.3",
    "  1.2.3  ",
    "\t>=1\n<2",
    "1.2.3 1.2.3",
    "1|2 || 1",
];

const REFUSED_CONSTRAINTS: [&str; 24] = [
    "",
    " ",
    "latest",
    "==1.0.0",
    "1.2.3.4",
    ">=1<2",
    "1,",
    ",1",
    "1,,2",
    "||",
    "1 ||",
    "|| 1",
    ">",
    "1x",
    "1.2.3-01",
    "1 - 2 - 3",
    "1 -2",
    ">=1.0 - 2.0",
    "a1 - 2",
    "^^1",
    "1.2.3-",
    "=\u{a0}1",
    "18446744073709551616",
    "1 and 2",
];

/// Those of the table that turn out to be none.
const ALSO_REFUSED: [&str; 2] = ["! =1 || 1", "1|2 || 1"];

fn table() -> impl Iterator<Item = &'static str> {
    CONSTRAINTS.into_iter().filter(|constraint| !ALSO_REFUSED.contains(constraint))
}

fn refused() -> impl Iterator<Item = &'static str> {
    REFUSED_CONSTRAINTS.into_iter().chain(ALSO_REFUSED)
}

#[test]
fn the_table_is_helms() {
    let mut ours = String::new();
    for constraint in table() {
        let parsed: Constraint = constraint.parse().unwrap_or_else(|error| panic!("{constraint:?}: {error}"));
        let answers = VERSIONS.map(|version| parsed.matches(&Version::coerce(version).unwrap()));
        writeln!(ours, "{constraint:?}\t{}", bits(answers)).unwrap();
    }
    assert_same_lines(&ours, &fs::read_to_string(golden(TABLE)).unwrap());
}

#[test]
fn the_refusals_are_helms() {
    let mut ours = String::new();
    for constraint in refused() {
        let error = constraint.parse::<Constraint>().expect_err(constraint);
        writeln!(ours, "{constraint:?}\t{error}").unwrap();
    }
    assert_same_lines(&ours, &fs::read_to_string(golden(REFUSED)).unwrap());
}

#[test]
fn helm_still_answers_so() {
    let Some(helm) = helm() else { return };
    let constraints: Vec<&str> = table().collect();
    let rows = ask(&helm, &constraints).unwrap_or_else(|stderr| panic!("{stderr}"));
    let mut helms = String::new();
    for (constraint, row) in constraints.iter().zip(rows) {
        writeln!(helms, "{constraint:?}\t{row}").unwrap();
    }
    check_golden(TABLE, &helms);

    let mut helms = String::new();
    for constraint in refused() {
        let stderr = ask(&helm, &[constraint]).expect_err(constraint);
        let (_, error) = stderr.split_once("error calling semverCompare: ").unwrap();
        writeln!(helms, "{constraint:?}\t{}", error.lines().next().unwrap()).unwrap();
    }
    check_golden(REFUSED, &helms);
}

/// Lets one run of Helm compare every constraint with every version.
fn ask(helm: &Peer, constraints: &[&str]) -> Result<Vec<String>, String> {
    helm.write("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    helm.write("c/constraints.json", serde_json::to_string(constraints).unwrap());
    helm.write("c/versions.json", serde_json::to_string(VERSIONS.as_slice()).unwrap());
    let template = r#"
{{- $versions := .Files.Get "versions.json" | fromJsonArray }}
kind: ConfigMap
rows:
{{- range $constraint := .Files.Get "constraints.json" | fromJsonArray }}
- row {{ range $versions }}{{ ternary 1 0 (semverCompare $constraint .) }}{{ end }}
{{- end }}
"#;
    helm.write("c/templates/rows.yaml", template);
    let outcome = helm.run(&["template", "c"]);
    if !outcome.status.success() {
        return Err(outcome.stderr);
    }
    let rows = outcome.stdout.lines().filter_map(|line| line.strip_prefix("- row "));
    Ok(rows.map(str::to_owned).collect())
}

fn bits(answers: impl IntoIterator<Item = bool>) -> String {
    answers.into_iter().map(|answer| if answer { '1' } else { '0' }).collect()
}

#[track_caller]
fn assert_same_lines(ours: &str, helms: &str) {
    for (ours, helms) in ours.lines().zip(helms.lines()) {
        assert_eq!(ours, helms, "ours, Helm's; versions: {VERSIONS:?}");
    }
    assert_eq!(ours.lines().count(), helms.lines().count());
}
