//! Lint against the real Helm: what it finds in hundreds of charts, we find, in the same words.
//!
//! `tests/data/lint/*.golden` holds Helm's answers; `CHARTROOM_BLESS=1` writes them anew.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod chart_file;
mod deprecations;
mod folders;
mod templates;
mod values;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chartroom_goyaml::Value;
use chartroom_render::lint::{LintOptions, Linter};
use chartroom_render::values::ValueOptions;
use chartroom_render::{KubernetesVersion, on_large_stack};
use chartroom_test_support::Peer;

/// The Helm that we go by.
const HELM: &str = "helm-4.3.1";

/// A folder that is to be looked at.
#[derive(Clone, Default)]
struct Case {
    name: String,
    /// Below the working folder; the chart is in `c/`. What ends in `/` is a folder.
    files: Vec<(String, String)>,
    flags: Vec<(&'static str, String)>,
}

impl Case {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Self { name: name.to_owned(), files: files.iter().map(own).collect(), flags: Vec::new() }
    }

    /// A chart that nothing is wrong with, but for these files.
    fn good_but(name: &str, files: &[(&str, &str)]) -> Self {
        let mut all = vec![
            ("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\nicon: https://a.example/i.svg\n"),
            ("c/values.yaml", "a: 1\n"),
            ("c/templates/good.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"),
        ];
        all.retain(|(path, _)| !files.iter().any(|(other, _)| other == path));
        all.extend_from_slice(files);
        Self::new(name, &all)
    }

    fn with(mut self, flag: &'static str, value: &str) -> Self {
        self.flags.push((flag, value.to_owned()));
        self
    }

    fn write(&self, folder: &Path) {
        fs::create_dir_all(folder.join("c")).unwrap();
        for (path, text) in &self.files {
            let path = folder.join(path);
            if text == "(folder)" {
                fs::create_dir_all(&path).unwrap();
                continue;
            }
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn helms(&self, helm: &Peer) -> String {
        let folder = helm.home().join("work");
        self.write(&folder);
        let mut arguments = vec!["lint".to_owned(), "c".to_owned()];
        for (flag, value) in &self.flags {
            arguments.push((*flag).to_owned());
            if !value.is_empty() {
                arguments.push(value.clone());
            }
        }
        let output = helm.command(&arguments).current_dir(&folder).output().unwrap();
        let here = folder.display().to_string();
        fs::remove_dir_all(&folder).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let mut log: Vec<&str> = stderr.lines().filter(|line| line.starts_with("level=")).collect();
        log.sort_unstable();
        let mut text: String = log.iter().map(|line| format!("{line}\n")).collect();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let found = stdout.strip_prefix("==> Linting c\n");
        let found = found.unwrap_or_else(|| panic!("{}: {stdout}{stderr}", self.name));
        text.push_str(found.trim_end_matches("1 chart(s) linted, 0 chart(s) failed\n"));
        let text = text.replace(&here, "<folder>");
        format!("{}\n", text.trim_end_matches('\n'))
    }

    fn ours(&self) -> String {
        let folder = tempfile::tempdir().unwrap();
        let folder_path = folder.path().canonicalize().unwrap();
        self.write(&folder_path);
        let of = |wanted: &str| {
            let values = self.flags.iter().filter(|(flag, _)| *flag == wanted);
            values.map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        let options = ValueOptions { set: of("--set"), ..ValueOptions::default() };
        let values: Value = options.merge(&mut |_| Err("no files".into())).unwrap();
        let options = LintOptions {
            namespace: "default".into(),
            kubernetes: of("--kube-version")
                .first()
                .map(|version| KubernetesVersion::parse(version).unwrap()),
            skip_schema_validation: self.flags.iter().any(|(flag, _)| *flag == "--skip-schema-validation"),
        };
        let path = folder_path.join("c");
        let report = on_large_stack(|| Linter::new(&values, options).lint(&path));
        let mut text = String::new();
        match report {
            Ok(report) => {
                let mut log: Vec<String> = report.log.iter().map(ToString::to_string).collect();
                log.sort_unstable();
                for line in log {
                    writeln!(text, "{line}").unwrap();
                }
                for message in report.messages {
                    writeln!(text, "{message}").unwrap();
                }
            }
            Err(error) => writeln!(text, "Error {error}").unwrap(),
        }
        let here = folder_path.display().to_string();
        let text = text.replace(&format!("stat {here}/c"), "stat c").replace(&here, "<folder>");
        format!("{}\n", text.trim_end_matches('\n'))
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

/// Compares with a golden file, and some of that with Helm.
#[track_caller]
fn check(golden: &str, cases: &[Case]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lint").join(golden);
    let bless = std::env::var_os("CHARTROOM_BLESS").is_some();
    let helm = Peer::find(HELM);
    if bless {
        let helm = helm.as_ref().expect("only Helm can bless");
        let mut text = format!("# What {HELM} finds.\n");
        for case in cases {
            write!(text, "=== {}\n{}", case.name, case.helms(helm)).unwrap();
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
        if found != *expected {
            write!(wrong, "\n{name}\n{}", difference(expected, &found)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    for (case, (name, expected)) in cases.iter().zip(&golden).step_by(if bless { cases.len() } else { 9 }) {
        if let Some(helm) = &helm {
            assert_eq!(case.helms(helm), *expected, "{name}: {HELM} says something else now");
        }
    }
}
