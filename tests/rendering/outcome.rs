//! How runs ended, and how that is written down.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::case::sections;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Stands for the end of a text that doesn't end in a line end.
const UNFINISHED: &str = "\\ no line end\n";

impl Outcome {
    /// Runs a command in a folder, whose name must not matter.
    pub(crate) fn of(command: &mut Command, folder: &Path) -> Self {
        let output =
            command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let text = |bytes: Vec<u8>| {
            String::from_utf8_lossy(&bytes).replace(folder.to_str().expect("UTF-8"), "FOLDER")
        };
        Self {
            code: output.status.code().expect("an exit code"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Whether another outcome says the same under `--debug`: there, what is done is told in other ways,
    /// and errors are explained.
    pub(crate) fn is_told_by(&self, found: &Self) -> bool {
        let told: String =
            self.stderr.split_inclusive('\n').filter(|line| !line.starts_with("level=DEBUG")).collect();
        self.code == found.code && self.stdout == found.stdout && found.stderr.starts_with(&told)
    }

    /// What the one has that the other hasn't.
    pub(crate) fn against(&self, found: &Self) -> String {
        let mut text = String::new();
        if self.code != found.code {
            writeln!(text, "exit code {}, not {}", found.code, self.code).expect("a string");
        }
        for (name, expected, found) in
            [("stdout", &self.stdout, &found.stdout), ("stderr", &self.stderr, &found.stderr)]
        {
            if expected != found {
                let same =
                    expected.lines().zip(found.lines()).take_while(|(one, other)| one == other).count();
                let rest = |text: &str| {
                    let lines = text.lines().skip(same).take(12);
                    lines.map(|line| format!("    {line:?}\n")).collect::<String>()
                };
                let (expected, found) = (rest(expected), rest(found));
                writeln!(text, "{name} from line {}:\n  Helm\n{expected}  Chartroom\n{found}", same + 1)
                    .expect("a string");
            }
        }
        text
    }
}

/// Outcomes as they are kept.
pub(crate) fn text(outcomes: &[Outcome]) -> String {
    let mut text = "Said by Helm 4.3.1.\n".to_owned();
    for (number, outcome) in outcomes.iter().enumerate() {
        let Outcome { code, stdout, stderr } = outcome;
        let [stdout, stderr] = [stdout, stderr].map(|stream| {
            if stream.is_empty() || stream.ends_with('\n') {
                stream.clone()
            } else {
                format!("{stream}\n{UNFINISHED}")
            }
        });
        let number = number + 1;
        write!(text, "=== {number} code\n{code}\n=== {number} stdout\n{stdout}=== {number} stderr\n{stderr}")
            .expect("a string");
    }
    text
}

/// Reads what [`text`] wrote.
pub(crate) fn parse(text: &str) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (name, content) in sections(text) {
        let content = match content.strip_suffix(UNFINISHED) {
            Some(content) => content.strip_suffix('\n').unwrap_or(content),
            None => &content,
        };
        match name.split_once(' ').expect("a number").1 {
            "code" => outcomes.push(Outcome {
                code: content.trim().parse().expect("a number"),
                stdout: String::new(),
                stderr: String::new(),
            }),
            "stdout" => content.clone_into(&mut outcomes.last_mut().expect("a code").stdout),
            _ => content.clone_into(&mut outcomes.last_mut().expect("a code").stderr),
        }
    }
    outcomes
}
