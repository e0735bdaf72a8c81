//! A namespace, and both tools before it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chartroom_test_support::{ApiServer, Outcome, Peer, at_home};
use tempfile::TempDir;

use crate::HELM;

/// A namespace of the shared server, with a home folder for both tools.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) server: &'static ApiServer,
    pub(crate) namespace: String,
    home: TempDir,
    stock: Peer,
}

impl Desk {
    /// `None`, loudly, where the server or Helm is not there.
    #[track_caller]
    pub(crate) fn new() -> Option<Self> {
        let stock = Peer::find(HELM)?;
        let server = ApiServer::shared()?;
        let namespace = server.namespace();
        let home = TempDir::new().unwrap();
        let desk = Self { server, namespace, home, stock };
        desk.write("kubeconfig", &server.kubeconfig(&desk.namespace));
        // The program by the name that has Helm's ways.
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_chartroom"), desk.path("helm")).unwrap();
        Some(desk)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, program: &Path, line: &str) -> Command {
        let mut command = Command::new(program);
        at_home(&mut command, self.home.path());
        command.env("KUBECONFIG", self.path("kubeconfig")).args(words(line));
        command
    }

    /// A command line for Chartroom, called `helm`.
    pub(crate) fn our_command(&self, line: &str) -> Command {
        self.command(&self.path("helm"), line)
    }

    /// A command line for stock Helm.
    pub(crate) fn stock_command(&self, line: &str) -> Command {
        self.command(self.stock.program(), line)
    }

    /// Runs a line with Chartroom.
    #[track_caller]
    pub(crate) fn ours(&self, line: &str) -> Outcome {
        run(self.our_command(line))
    }

    /// Runs a line with stock Helm.
    #[track_caller]
    pub(crate) fn theirs(&self, line: &str) -> Outcome {
        run(self.stock_command(line))
    }

    /// Runs a line with stock Helm, which must succeed.
    #[track_caller]
    pub(crate) fn stock(&self, line: &str) -> Outcome {
        let outcome = self.theirs(line);
        assert!(outcome.status.success(), "helm {line}: {outcome:?}");
        outcome
    }

    /// Runs a line with another peer, such as Helm 3, which must succeed.
    #[track_caller]
    pub(crate) fn with(&self, peer: &Peer, line: &str) -> Outcome {
        let outcome = run(self.command(peer.program(), line));
        assert!(outcome.status.success(), "{line}: {outcome:?}");
        outcome
    }

    /// Runs a line with both, which must print the same and end the same.
    #[track_caller]
    pub(crate) fn same(&self, line: &str) -> Outcome {
        self.compared(line, str::to_owned)
    }

    /// The same, where something of what is printed is left to chance.
    #[track_caller]
    pub(crate) fn compared(&self, line: &str, plain: impl Fn(&str) -> String) -> Outcome {
        let (ours, theirs) = (self.ours(line), self.theirs(line));
        let whole = |outcome: &Outcome| {
            let (stdout, stderr) = (plain(&outcome.stdout), plain(&outcome.stderr));
            format!("exit code {:?}\n{stdout}\n--- stderr\n{stderr}", outcome.status.code())
        };
        assert_eq!(whole(&ours), whole(&theirs), "ours, and then Helm's: {line}");
        ours
    }

    /// Writes the chart that most tests take.
    pub(crate) fn chart(&self) {
        for (name, text) in CHART {
            self.write(&format!("web/{name}"), text);
        }
    }
}

const CHART: [(&str, &str); 7] = [
    (
        "Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: \"1.16.0\"\ndescription: a <web> & more\n\
         annotations: {a: b, c: \"d\"}\nkeywords: [x, z]\n",
    ),
    (
        "values.yaml",
        "replicas: 1\nname: web\nnested: {a: 1, b: null, c: 1.5, big: 12345678901234567}\nlist: [1, \"x<y\"]\n",
    ),
    (
        "templates/cm.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-cm\ndata:\n  a: {{ .Values.name | quote }}\n",
    ),
    (
        "templates/deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  \
         replicas: {{ .Values.replicas }}\n  selector: {matchLabels: {app: {{ .Release.Name }}}}\n  template:\n    \
         metadata: {labels: {app: {{ .Release.Name }}}}\n    spec:\n      containers: [{name: c, image: \"nginx:1\"}]\n",
    ),
    (
        "templates/hook.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-hook\n  annotations:\n    \
         helm.sh/hook: post-install,post-upgrade\n    helm.sh/hook-weight: \"5\"\ndata: {a: b}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-test\n  annotations:\n    \
         helm.sh/hook: test\nspec:\n  restartPolicy: Never\n  containers: [{name: c, image: \"nginx:1\"}]\n",
    ),
    ("templates/NOTES.txt", "Hello {{ .Release.Name }} <&>\n"),
    ("values.schema.json", "{\"type\":\"object\"}"),
];

#[track_caller]
fn run(mut command: Command) -> Outcome {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The words of a line; what stands between `'` is one.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
