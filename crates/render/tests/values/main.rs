//! Values and subcharts against the real Helm: the same flags, files and charts give the same
//! values, logs and errors.
//!
//! `tests/data/values/*.golden` holds Helm's answers. One test compares ours with them, another
//! asks Helm for some of them again; `CHARTROOM_BLESS=1` writes them anew.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod coalesce;
mod flags;
mod limits;
mod made_up;
mod schema_limits;
mod schemas;
mod show;
mod subcharts;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chartroom_chart::{Chart, Limits};

use chartroom_render::subcharts::check_dependencies;
use chartroom_render::values::{Preparation, ValueOptions, prepare};
use chartroom_test_support::Peer;

/// The Helm that we go by.
const HELM: &str = "helm-4.3.1";

/// A chart, the files beside it, and what a user says.
#[derive(Clone, Default)]
struct Case {
    name: String,
    /// Below the working folder; the chart is in `c/`.
    files: Vec<(String, String)>,
    flags: Vec<(&'static str, String)>,
    /// Whether chance may have a say in what Helm answers.
    vary: bool,
}

/// What stands for an answer that isn't always the same.
const VARIES: &str = "(varies)\n";

impl Case {
    fn new(name: &str, files: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Self {
            name: name.to_owned(),
            files: files.iter().map(own).collect(),
            flags: flags.iter().map(|(flag, value)| (*flag, (*value).to_owned())).collect(),
            vary: false,
        }
    }

    /// Writes the chart, with templates that show what templates see.
    fn write(&self, folder: &Path) {
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("c/templates/_show.tpl", show::HELPER);
        for (path, text) in &self.files {
            write(path, text);
            if let Some(chart) = path.strip_suffix("Chart.yaml") {
                write(&format!("{chart}templates/show.yaml"), show::TEMPLATE);
            }
        }
    }

    /// What Helm says: its log, then its error or what each chart's template sees.
    fn helms(&self, helm: &Peer) -> String {
        let folder = helm.home().join("work");
        self.write(&folder);
        let mut arguments = vec!["template".to_owned(), "c".to_owned()];
        for (flag, value) in &self.flags {
            arguments.extend([(*flag).to_owned(), value.clone()]);
        }
        let output = helm.command(&arguments).current_dir(&folder).output().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let (mut log, mut rest): (Vec<&str>, Vec<&str>) =
            stderr.lines().partition(|line| line.starts_with("level="));
        // In Helm, the order of some is up to chance.
        log.sort_unstable();
        let mut text = String::new();
        for line in log {
            writeln!(text, "{line}").unwrap();
        }
        while rest.last().is_some_and(|line| line.is_empty()) {
            rest.pop();
        }
        for line in rest {
            writeln!(text, "{line}").unwrap();
        }
        if output.status.success() {
            text.push_str(&show::read(&String::from_utf8(output.stdout).unwrap()));
        }
        text
    }

    /// What we say, in the same form.
    fn ours(&self) -> String {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        let options = self.options();
        let mut read = |name: &str| {
            let path = folder.path().join(name);
            fs::read(path).map_err(|_| format!("open {name}: no such file or directory"))
        };
        let mut log = Vec::new();
        let outcome = options.merge(&mut read).and_then(|values| {
            let chart = Chart::open(&folder.path().join("c"), &Limits::default()).unwrap();
            check_dependencies(&chart)?;
            prepare(&chart, &values, &Preparation::default(), &mut log)
        });
        let mut log: Vec<String> = log.iter().map(ToString::to_string).collect();
        log.sort_unstable();
        let mut text = String::new();
        for line in log {
            writeln!(text, "{line}").unwrap();
        }
        match outcome {
            Ok(prepared) => text.push_str(&show::tree(&prepared.chart, &prepared.values)),
            Err(error) => writeln!(text, "Error: {}", error.to_string().trim_end_matches('\n')).unwrap(),
        }
        text
    }

    fn options(&self) -> ValueOptions {
        let of = |wanted: &str| {
            let values = self.flags.iter().filter(|(flag, _)| *flag == wanted);
            values.map(|(_, value)| value.clone()).collect()
        };
        ValueOptions {
            values: of("-f"),
            set_json: of("--set-json"),
            set: of("--set"),
            set_string: of("--set-string"),
            set_file: of("--set-file"),
            set_literal: of("--set-literal"),
        }
    }
}

/// Compares with a golden file, and some of that with Helm.
#[track_caller]
fn check(golden: &str, cases: &[Case]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/values").join(golden);
    let bless = std::env::var_os("CHARTROOM_BLESS").is_some();
    let helm = Peer::find(HELM);
    if bless {
        let helm = helm.as_ref().expect("only Helm can bless");
        let mut text = format!("# What {HELM} says.\n");
        for case in cases {
            let answer = case.helms(helm);
            // Helm goes through charts/ in an order that is up to chance.
            let varies = (0..3).any(|_| case.vary && case.helms(helm) != answer);
            let answer = if varies { VARIES.to_owned() } else { answer };
            write!(text, "=== {}\n{answer}", case.name).unwrap();
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let golden: Vec<(&str, &str)> =
        text.split("=== ").skip(1).map(|case| case.split_once('\n').unwrap()).collect();
    let names: Vec<&str> = cases.iter().map(|case| &case.name[..]).collect();
    assert_eq!(golden.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names, "bless {path:?} anew");
    let mut wrong = String::new();
    for (case, (name, expected)) in cases.iter().zip(&golden) {
        let found = case.ours();
        if found != *expected && *expected != VARIES {
            write!(wrong, "\n{name}\n{}", difference(expected, &found)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    // Each takes Helm a tenth of a second.
    for (case, (name, expected)) in cases.iter().zip(&golden).step_by(if bless { cases.len() } else { 9 }) {
        if let Some(helm) = &helm
            && *expected != VARIES
        {
            assert_eq!(case.helms(helm), *expected, "{name}: {HELM} says something else now");
        }
    }
}

/// The lines that only one of both has.
fn difference(helms: &str, ours: &str) -> String {
    let only = |mark: char, of: &str, other: &str| {
        let lines = of.lines().filter(|line| !other.lines().any(|known| known == *line));
        lines.map(|line| format!("{mark} {line}\n")).collect::<String>()
    };
    let text = only('-', helms, ours) + &only('+', ours, helms);
    if text.is_empty() { format!("- {helms}+ {ours}") } else { text }
}
