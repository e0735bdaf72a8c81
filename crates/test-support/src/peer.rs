//! Real programs that the tests run Chartroom against.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use tempfile::TempDir;

use crate::at_home;

/// A program of others, with a home folder of its own that is removed afterwards.
#[derive(Debug)]
pub struct Peer {
    name: String,
    program: PathBuf,
    home: TempDir,
}

/// How a run of a peer ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The exit status.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

impl Peer {
    /// Finds a peer that `cargo xtask peers` brought: in the folder `CHARTROOM_PEERS`, or in
    /// `target/peers/bin` of the workspace. If it is not there, says so, loudly.
    ///
    /// # Panics
    ///
    /// When it is not there and `CHARTROOM_REQUIRE_PEERS` is set.
    #[track_caller]
    pub fn find(name: &str) -> Option<Self> {
        let found = Self::look(name);
        if found.is_none() {
            missing(name, "run cargo xtask peers");
        }
        found
    }

    /// Finds a peer that not every machine can have, so that nobody requires it.
    pub fn find_optional(name: &str) -> Option<Self> {
        let found = Self::look(name);
        if found.is_none() {
            skipped(&format!("needs {name} (see tests/peers/README.md)"));
        }
        found
    }

    fn look(name: &str) -> Option<Self> {
        let folders = env::var_os("CHARTROOM_PEERS").map(PathBuf::from).into_iter();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let folders = folders.chain(workspace.map(|folder| folder.join("target/peers/bin")));
        let program = folders.map(|folder| folder.join(name)).find(|program| program.is_file())?;
        let home = TempDir::new().expect("a temporary folder");
        // Some insist that the file with their credentials is there.
        fs::write(home.path().join(".auth.json"), "{}").expect("the file is written");
        Some(Self { name: name.to_owned(), program, home })
    }

    /// Where the program is.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The peer's home and working folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file into the peer's home.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(path);
        fs::create_dir_all(path.parent().expect("below the home")).expect("a folder");
        fs::write(&path, content).expect("the file is written");
        path
    }

    /// Reads a file of the peer's home.
    #[track_caller]
    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.home().join(path)).unwrap_or_else(|error| panic!("{}: {path}: {error}", self.name))
    }

    /// A command that runs the peer with these arguments, in its home and with nothing of the
    /// user's settings.
    pub fn command<A: AsRef<str>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(&self.program);
        let home = self.home();
        at_home(&mut command, home);
        command
            .env("REGISTRY_AUTH_FILE", home.join(".auth.json"))
            .env("TMPDIR", home)
            .args(arguments.iter().map(AsRef::as_ref));
        command
    }

    /// Runs the peer, however it ends.
    #[track_caller]
    pub fn run<A: AsRef<str>>(&self, arguments: &[A]) -> Outcome {
        let output = self.command(arguments).output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Outcome { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Runs the peer, which must succeed.
    #[track_caller]
    pub fn ok<A: AsRef<str>>(&self, arguments: &[A]) -> Outcome {
        let outcome = self.run(arguments);
        assert!(outcome.status.success(), "{}", self.describe(arguments, &outcome));
        outcome
    }

    /// Runs the peer, which must fail, but not crash.
    #[track_caller]
    pub fn fails<A: AsRef<str>>(&self, arguments: &[A]) -> Outcome {
        let outcome = self.run(arguments);
        let code = outcome.status.code();
        assert!(code.is_some_and(|code| code != 0), "{}", self.describe(arguments, &outcome));
        outcome
    }

    fn describe<A: AsRef<str>>(&self, arguments: &[A], outcome: &Outcome) -> String {
        let arguments = arguments.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" ");
        let Outcome { status, stdout, stderr } = outcome;
        format!("{} {arguments}: {status}\n{stdout}\n{stderr}", self.name)
    }
}

#[track_caller]
fn missing(name: &str, remedy: &str) {
    assert!(
        env::var_os("CHARTROOM_REQUIRE_PEERS").is_none_or(|value| value.is_empty()),
        "needs {name} ({remedy})"
    );
    skipped(&format!("needs {name} ({remedy})"));
}

/// Says that a test did not run, where everybody sees it: the test runner keeps what a test that passes
/// prints with the usual macros to itself. `.ci/run` counts these lines.
pub fn skipped(why: &str) {
    // Whoever closed the stream does not want to see it.
    let _ = std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes());
}
