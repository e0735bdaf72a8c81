//! Where somebody works: a folder that is home and working folder of `chartroom` and of stock Helm.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use chartroom_test_support::{Peer, at_home, spilled};
use tempfile::TempDir;

/// Where Helm and `chartroom` keep what they could have again.
pub(crate) const CACHE: &str = ".helm/cache";

/// A folder, and the registry that `REGISTRY` and `HOST` stand for in the lines that are run there.
/// It is removed afterwards.
pub(crate) struct Desk {
    home: TempDir,
    host: String,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Both streams.
    pub(crate) fn both(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The result as JSON, which must be all that is on the standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Desk {
    /// A desk with this registry.
    pub(crate) fn at(registry: SocketAddr) -> Self {
        Self { home: TempDir::new().unwrap(), host: registry.to_string() }
    }

    /// A desk without any registry: nobody listens where `REGISTRY` leads.
    pub(crate) fn alone() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        Self::at(listener.local_addr().unwrap())
    }

    /// `HOST:PORT` of the registry.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn folder(&self, path: &str) {
        fs::create_dir_all(self.path(path)).unwrap();
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path))
            .unwrap_or_else(|error| panic!("{path}: {error}; there is {:?}", self.names("")))
    }

    #[track_caller]
    pub(crate) fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path)).unwrap()
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    /// All files and folders below a folder, in order.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        self.contents(folder).into_keys().collect()
    }

    /// What may be done with each file and folder below a folder (`st_mode`).
    pub(crate) fn modes(&self, folder: &str) -> BTreeMap<String, u32> {
        let mode = |name: &str| self.path(folder).join(name).metadata().unwrap().permissions().mode();
        self.names(folder).into_iter().map(|name| (name.clone(), mode(&name))).collect()
    }

    /// All files below a folder with what is in them, and all folders with nothing. The content cache
    /// is no part of what is at a desk, unless it is that folder.
    pub(crate) fn contents(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.path(folder);
        let mut found = BTreeMap::new();
        let mut open = vec![root.clone()];
        let cache = self.path(CACHE);
        let above = cache.parent().unwrap();
        let only_cache = |path: &Path| {
            path == above && fs::read_dir(path).unwrap().all(|entry| entry.unwrap().path() == cache)
        };
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path == cache || only_cache(&path) {
                    continue;
                }
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                if path.is_dir() {
                    found.insert(name, Vec::new());
                    open.push(path);
                } else {
                    found.insert(name, fs::read(&path).unwrap_or_default());
                }
            }
        }
        found
    }

    /// Checks that two folders hold the same files and folders.
    #[track_caller]
    pub(crate) fn same(&self, one: &str, other: &str) {
        assert_eq!(self.names(one), self.names(other), "{one}, {other}");
        let other = self.contents(other);
        for (name, content) in self.contents(one) {
            assert!(content == other[&name], "{one}/{name}: {}", String::from_utf8_lossy(&content));
        }
    }

    /// The words of a line: parted by spaces, except within '…'. `REGISTRY` and `HOST` are filled in.
    pub(crate) fn words(&self, line: &str) -> Vec<String> {
        let mut words = Vec::new();
        for (number, part) in line.split('\'').enumerate() {
            if number % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        let fill = |word: &String| {
            word.replace("REGISTRY", &format!("oci://{}", self.host)).replace("HOST", &self.host)
        };
        words.iter().map(fill).collect()
    }

    /// `chartroom` with this line of arguments.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chartroom"));
        self.settle(&mut command);
        command.args(self.words(line));
        command
    }

    /// Runs `chartroom` by the name `helm`, however it ends.
    #[track_caller]
    pub(crate) fn as_helm(&self, line: &str) -> Run {
        finish(self.command(line).arg0("helm"), b"")
    }

    /// Lets a program know this desk and nothing else.
    fn settle(&self, command: &mut Command) {
        at_home(command, self.home.path());
        command.env_remove("SOURCE_DATE_EPOCH").env("TZ", "UTC");
    }

    /// Runs `chartroom`, however it ends.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> Run {
        finish(&mut self.command(line), b"")
    }

    /// Runs `chartroom`, which must succeed.
    #[track_caller]
    pub(crate) fn ok(&self, line: &str) -> Run {
        succeeded(line, self.run(line))
    }

    /// The same over plain HTTP.
    #[track_caller]
    pub(crate) fn remote(&self, line: &str) -> Run {
        self.ok(&format!("{line} --plain-http"))
    }

    /// Runs `chartroom` with something on its standard input.
    #[track_caller]
    pub(crate) fn run_with_input(&self, line: &str, input: &[u8]) -> Run {
        finish(&mut self.command(line), input)
    }

    /// Runs `chartroom`, which must fail as all its commands do: with exit code 1, an `Error: …` on
    /// the standard error, nothing on the standard output, and all files as they were.
    #[track_caller]
    pub(crate) fn fails(&self, line: &str) -> Run {
        let before = self.contents("");
        let run = self.run(line);
        assert_eq!(run.status.code(), Some(1), "{line}: {run:?}");
        assert!(run.stderr.lines().any(|line| line.starts_with("Error: ")), "{line}: {run:?}");
        assert!(!run.stderr.contains("panicked"), "{line}: {run:?}");
        assert_eq!(run.stdout, "", "{line}: {run:?}");
        let after = self.contents("");
        assert!(before == after, "{line}: {:?} became {:?}", before.keys(), after.keys());
        run
    }

    /// Runs Helm here, however it ends.
    #[track_caller]
    pub(crate) fn try_helm(&self, helm: &Peer, line: &str) -> Run {
        finish(&mut self.helm_command(helm, line), b"")
    }

    /// Helm with this line of arguments.
    pub(crate) fn helm_command(&self, helm: &Peer, line: &str) -> Command {
        let mut command = helm.command(&self.words(line));
        self.settle(&mut command);
        command
    }

    /// Runs Helm here, which must succeed.
    #[track_caller]
    pub(crate) fn helm(&self, helm: &Peer, line: &str) -> Run {
        succeeded(line, self.try_helm(helm, line))
    }

    /// A file's modification time, in seconds since 1970.
    pub(crate) fn set_modified(&self, path: &str, seconds: u64) {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        let open = |path: &Path| fs::File::open(path).unwrap();
        open(&self.path(path)).set_modified(time).unwrap();
    }
}

#[track_caller]
fn succeeded(line: &str, run: Run) -> Run {
    assert!(run.status.success(), "{line}: {}\n{}\n{}", run.status, run.stdout, run.stderr);
    run
}

#[track_caller]
pub(crate) fn finish(command: &mut Command, input: &[u8]) -> Run {
    if !input.is_empty() {
        command.stdin(Stdio::piped());
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    if let Some(mut stdin) = child.stdin.take() {
        // Who needs no input need not read it.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let run = Run { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) };
    // Standard output may be asked for a secret, such as a new token; what is said beside it never has one.
    if Path::new(command.get_program()).ends_with("chartroom") {
        assert_eq!(spilled(&run.stderr), [""; 0], "secrets on the standard error of {command:?}");
    }
    run
}
