//! The real Helm, asked what it makes of templates.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::golden::{Answer, Case};
use crate::template::VALUES;

const NAME: &str = "helm-4.3.1";

pub(crate) struct Helm {
    program: PathBuf,
    home: TempDir,
}

impl Helm {
    /// Finds the Helm that `cargo xtask peers` brought: in the folder `CHARTROOM_PEERS`, or in
    /// `target/peers/bin` of the workspace. If it is not there, says so, loudly.
    ///
    /// # Panics
    ///
    /// When it is not there and `CHARTROOM_REQUIRE_PEERS` is set.
    #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
    pub(crate) fn find() -> Option<Self> {
        let folder = env::var_os("CHARTROOM_PEERS").map(PathBuf::from).into_iter();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let folders = folder.chain(workspace.map(|folder| folder.join("target/peers/bin")));
        let program = folders.map(|folder| folder.join(NAME)).find(|program| program.is_file());
        let Some(program) = program else {
            let required = env::var_os("CHARTROOM_REQUIRE_PEERS").is_some_and(|value| !value.is_empty());
            assert!(!required, "needs {NAME} (run cargo xtask peers)");
            eprintln!("SKIPPED: needs {NAME} (run cargo xtask peers)");
            return None;
        };
        Some(Self { program, home: TempDir::new().unwrap() })
    }

    /// Asks about templates: all that are known to succeed in one run, the others one by one.
    pub(crate) fn ask(&self, cases: &[Case], tz: &str) -> Vec<Answer> {
        let fine = |case: &&Case| matches!(case.answer, Some(Answer::Output(_) | Answer::Base64(_)));
        let together: Vec<&str> = cases.iter().filter(fine).map(|case| case.template.as_str()).collect();
        let mut together = self.all(&together, tz).into_iter().flatten();
        cases
            .iter()
            .map(|case| match fine(&case) {
                true => together.next().unwrap_or_else(|| self.one(&case.template, tz)),
                false => self.one(&case.template, tz),
            })
            .collect()
    }

    /// What templates write; `None` if any of them fails.
    fn all(&self, templates: &[&str], tz: &str) -> Option<Vec<Answer>> {
        let mut defines = String::new();
        let mut calls = String::new();
        for (index, template) in templates.iter().enumerate() {
            defines.push_str(&format!("{{{{ define \"x{index}\" }}}}{template}{{{{ end }}}}\n"));
            calls.push_str(&format!("o{index}: {{{{ include \"x{index}\" . | b64enc | quote }}}}\n"));
        }
        let output = self.render(&defines, &calls, tz);
        if !output.status.success() {
            return None;
        }
        let text = String::from_utf8(output.stdout).unwrap();
        let coded =
            text.lines().filter(|line| line.starts_with('o')).filter_map(|line| line.split('"').nth(1));
        let answers: Vec<Answer> =
            coded.map(|coded| Answer::of_bytes(STANDARD.decode(coded).unwrap())).collect();
        assert_eq!(answers.len(), templates.len());
        Some(answers)
    }

    fn one(&self, template: &str, tz: &str) -> Answer {
        if let Some(mut answers) = self.all(&[template], tz) {
            return answers.remove(0);
        }
        let output = self.render("", template, tz);
        assert!(!output.status.success(), "{template} fails only when it is included");
        Answer::Error(essence(&String::from_utf8_lossy(&output.stderr)))
    }

    /// Renders a chart with one template, and definitions beside it.
    pub(crate) fn render(&self, defines: &str, template: &str, tz: &str) -> Output {
        let chart = self.home.path().join("c");
        fs::create_dir_all(chart.join("templates")).unwrap();
        fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: c\nversion: 1.0.0\n").unwrap();
        fs::write(chart.join("values.yaml"), VALUES).unwrap();
        fs::write(chart.join("templates/_h.tpl"), defines).unwrap();
        fs::write(chart.join("templates/t.yaml"), template).unwrap();
        Command::new(&self.program)
            .args(["template", "c"])
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("TZ", tz)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

/// What an error says at its end, without the place, of which Helm's form and ours differ.
fn essence(complaint: &str) -> String {
    let end = complaint.find("\n\nUse --debug").unwrap_or(complaint.len());
    let text = complaint[..end].trim_end();
    if let Some(at) = text.find("error calling ") {
        // Helm puts the message on lines of its own, or leaves Go's text as it is.
        return text[at..].replace(":\n      ", ": ");
    }
    match text.rsplit_once(">:\n    ") {
        Some((_, message)) => message.to_owned(),
        None => text.rsplit_once(">: ").map_or(text, |(_, message)| message).to_owned(),
    }
}
