//! One run of Helm for all questions: a chart whose template goes through them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::json;
use tempfile::TempDir;

use super::Question;

const NAME: &str = "helm-4.3.1";

const TEMPLATE: &str = r#"
{{- $answers := list -}}
{{- range (.Files.Get "questions.json" | fromJsonArray) -}}
  {{- if hasKey . "readMap" -}}
    {{- $answers = append $answers (fromYaml .readMap | toYaml) -}}
  {{- else if hasKey . "readList" -}}
    {{- $answers = append $answers (fromYamlArray .readList | toYaml) -}}
  {{- else -}}
    {{- $answers = append $answers (toYaml .write) -}}
  {{- end -}}
{{- end -}}
{{- dict "answers" $answers | toJson -}}
"#;

pub(super) struct Helm {
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
    pub(super) fn find() -> Option<Self> {
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

    /// Writes a file into Helm's home.
    pub(super) fn write(&self, path: &str, content: &str) {
        let path = self.home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Runs Helm, which must succeed, and answers with what it prints.
    #[track_caller]
    pub(super) fn run(&self, arguments: &[&str]) -> String {
        let home = self.home.path();
        let output = Command::new(&self.program)
            .args(arguments)
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {complaint}", arguments.join(" "));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Asks questions, and answers with one text for each.
    #[track_caller]
    pub(super) fn ask(&self, questions: &[Question]) -> Vec<String> {
        self.write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n");
        self.write("chart/questions.json", &json!(questions).to_string());
        self.write("chart/templates/answers.yaml", TEMPLATE);
        let printed = self.run(&["template", "chart"]);
        let line = printed.lines().find(|line| line.starts_with('{')).expect("a line of JSON");
        let answers: serde_json::Value = serde_json::from_str(line).unwrap();
        let answers = answers["answers"].as_array().unwrap();
        assert_eq!(answers.len(), questions.len());
        answers.iter().map(|answer| answer.as_str().unwrap().to_owned()).collect()
    }
}
