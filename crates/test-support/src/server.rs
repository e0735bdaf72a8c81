//! The server as users run it: a process.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Client, clean_environment, eventually, signal, spilled};

/// How long a server may take to say that it listens, and to stop when asked to.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server prints before its address.
const ANNOUNCEMENT: &str = "chartroom listening on http";

/// How a server is to be started.
#[derive(Debug)]
pub struct TestServerBuilder {
    binary: PathBuf,
    launcher: Vec<OsString>,
    config: String,
    listen: String,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    data: Option<PathBuf>,
}

impl TestServerBuilder {
    /// A program that starts the server in its own place, with its arguments, such as `nsenter`. It
    /// has to end up as the same process.
    pub fn launcher(mut self, words: &[impl AsRef<OsStr>]) -> Self {
        self.launcher = words.iter().map(|word| word.as_ref().to_owned()).collect();
        self
    }

    /// The program with its launcher, to which arguments are yet to be added.
    fn program(&self) -> Command {
        let mut words = self.launcher.iter().map(OsString::as_os_str).chain([self.binary.as_os_str()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        clean_environment(&mut command);
        command.args(words);
        command
    }

    /// The text of the configuration file; there is none otherwise.
    pub fn config(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.config);
        self
    }

    /// Where to listen, instead of a free port of 127.0.0.1.
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.listen);
        self
    }

    /// One more command-line argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// One more environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// The data folder, which then outlives the server; a temporary one otherwise.
    pub fn data(mut self, folder: impl AsRef<Path>) -> Self {
        self.data = Some(folder.as_ref().to_owned());
        self
    }

    /// Starts the server and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it ends instead, or does not listen in time.
    #[track_caller]
    pub fn start(self) -> TestServer {
        match self.try_start() {
            Ok(server) => server,
            Err(refused) => panic!("the server did not start: {refused:?}"),
        }
    }

    /// Starts the server, or tells how it ended before it listened.
    #[track_caller]
    pub fn try_start(self) -> Result<TestServer, Refused> {
        let folder = TempDir::new().expect("a temporary folder");
        let data = self.data.clone().unwrap_or_else(|| folder.path().join("data"));
        let config = folder.path().join("chartroom.toml");
        if !self.config.is_empty() {
            fs::write(&config, &self.config).expect("the configuration is written");
        }
        let running = Running::start(&self, &data, &config)?;
        let stderr = Arc::clone(&running.stderr);
        Ok(TestServer { setup: self, data, config, running: Some(running), stderr, _folder: folder })
    }
}

/// How a server ended that would not start.
#[derive(Debug)]
pub struct Refused {
    /// How it ended.
    pub status: ExitStatus,
    /// What it said on stderr.
    pub stderr: String,
}

/// A running server. Dropping it kills the process and removes its folder, unless the folder
/// was given, and fails the test if the server has logged a secret.
#[derive(Debug)]
pub struct TestServer {
    setup: TestServerBuilder,
    data: PathBuf,
    config: PathBuf,
    running: Option<Running>,
    stderr: Arc<Mutex<String>>,
    _folder: TempDir,
}

impl TestServer {
    /// A server of this program, which a test knows as `env!("CARGO_BIN_EXE_chartroom")`.
    pub fn builder(binary: impl AsRef<Path>) -> TestServerBuilder {
        TestServerBuilder {
            binary: binary.as_ref().to_owned(),
            launcher: Vec::new(),
            config: String::new(),
            listen: "127.0.0.1:0".to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            data: None,
        }
    }

    /// Where the server listens.
    pub fn addr(&self) -> SocketAddr {
        self.running().addr
    }

    /// The server's root, such as `http://127.0.0.1:34567`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.running().child.id()
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A client of this server, with a connection of its own.
    pub fn client(&self) -> Client {
        Client::new(self.addr())
    }

    /// What the server has said on stderr since it was last started.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Waits until the server has said something on stderr, and gives all of it back.
    #[track_caller]
    pub fn says(&self, text: &str) -> String {
        eventually(&format!("{text:?} on stderr"), PATIENCE, || {
            Some(self.stderr()).filter(|stderr| stderr.contains(text))
        })
    }

    /// Ends the server as a power cut would: no signal handler, no destructor.
    pub fn kill(&mut self) {
        let mut running = self.running.take().expect("the server runs");
        running.child.kill().expect("the server is killed");
        running.finish(PATIENCE).expect("a killed process ends");
    }

    /// Asks the server to stop, and waits until it has.
    #[track_caller]
    pub fn terminate(&mut self) -> ExitStatus {
        self.ask_to_stop();
        self.wait()
    }

    /// Asks the server to stop, as `kill` and Kubernetes do.
    #[track_caller]
    pub fn ask_to_stop(&self) {
        signal(self.pid(), "TERM");
    }

    /// Waits until the server has ended by itself.
    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        let mut running = self.running.take().expect("the server runs");
        running.finish(PATIENCE).unwrap_or_else(|| panic!("the server still runs after {PATIENCE:?}"))
    }

    /// Starts the server again on the same folder, killing it first if it still runs. It gets
    /// another port.
    #[track_caller]
    pub fn restart(&mut self) {
        if self.running.is_some() {
            self.kill();
        }
        self.check_logs();
        let running = Running::start(&self.setup, &self.data, &self.config);
        let running = running.expect("the server starts again on its folder");
        self.stderr = Arc::clone(&running.stderr);
        self.running = Some(running);
    }

    /// Runs another command of the same program and gives its exit status and all it printed.
    pub fn command(&self, arguments: &[&str]) -> (ExitStatus, String) {
        let mut command = self.setup.program();
        let output = command.args(arguments).stdin(Stdio::null()).output().expect("the program starts");
        let text = [output.stdout, output.stderr].concat();
        (output.status, String::from_utf8_lossy(&text).into_owned())
    }

    /// The most memory that the process has ever had resident, in bytes (`VmHWM`).
    pub fn peak_memory(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// The memory that the process has resident, in bytes (`VmRSS`).
    pub fn memory_now(&self) -> u64 {
        self.memory("VmRSS:")
    }

    fn memory(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("Linux's /proc");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the field is there");
        let kibibytes = line.trim().trim_end_matches("kB").trim().parse::<u64>();
        kibibytes.expect("a number of kB") * 1024
    }

    /// Searches all that the server has written, up to now, for secrets.
    ///
    /// # Panics
    ///
    /// When there are any.
    #[track_caller]
    fn check_logs(&self) {
        let stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let files = audit_log(&self.setup.config).into_iter().flat_map(|file| files_named_after(&file));
        for log in files.map(|file| read(&file)).chain([stderr]) {
            let spilled = spilled(&log);
            assert!(spilled.is_empty(), "secrets in the server's log: {spilled:#?}");
        }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("the server runs")
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.child.kill();
            running.finish(PATIENCE);
        }
        if std::thread::panicking() {
            show(&self.stderr.lock().unwrap_or_else(PoisonError::into_inner));
        } else {
            self.check_logs();
        }
    }
}

/// The file of the audit log that a configuration names.
fn audit_log(config: &str) -> Option<PathBuf> {
    // Some are wrong on purpose.
    let config = config.parse::<toml::Table>().ok()?;
    Some(config.get("audit")?.get("file")?.as_str()?.into())
}

/// A file and those that were begun before it, which have its name with a number.
fn files_named_after(file: &Path) -> Vec<PathBuf> {
    let Some((folder, name)) = file.parent().zip(file.file_name()) else { return Vec::new() };
    let entries = fs::read_dir(folder).into_iter().flatten().map_while(Result::ok);
    let named =
        entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(name.as_encoded_bytes()));
    named.map(|entry| entry.path()).collect()
}

fn read(file: &Path) -> String {
    fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

#[expect(clippy::print_stderr, reason = "what the server said explains why the test failed")]
fn show(stderr: &str) {
    let skipped = stderr.lines().count().saturating_sub(60);
    eprintln!("---- the server's stderr, last lines ----");
    for line in stderr.lines().skip(skipped) {
        eprintln!("{line}");
    }
    eprintln!("----");
}

/// The process behind a [`TestServer`].
#[derive(Debug)]
struct Running {
    child: Child,
    addr: SocketAddr,
    stderr: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    fn start(setup: &TestServerBuilder, data: &Path, config: &Path) -> Result<Self, Refused> {
        let mut command = setup.program();
        command.arg("serve").args(["--listen", &setup.listen]).arg("--data").arg(data);
        if config.exists() {
            command.arg("--config").arg(config);
        }
        command.args(&setup.arguments);
        command.envs(setup.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));

        let stderr = Arc::new(Mutex::new(String::new()));
        let (announce, announced) = mpsc::channel();
        let stdout = child.stdout.take().expect("piped");
        let out = std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens any more once the address is known.
                let _ = announce.send(line);
            }
        });
        let pipe = child.stderr.take().expect("piped");
        let collected = Arc::clone(&stderr);
        let err = std::thread::spawn(move || collect(pipe, &collected));
        // A placeholder until the real address is known, so that the process is owned from here on.
        let addr = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut running = Self { child, addr, stderr, readers: vec![out, err] };

        let began = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            match announced.recv_timeout(left) {
                Ok(line) => {
                    if let Some(addr) = line.trim().strip_prefix(ANNOUNCEMENT) {
                        let addr = addr.trim_start_matches('s').trim_start_matches("://");
                        running.addr = addr.parse().expect("an address and a port");
                        return Ok(running);
                    }
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    let status = running.finish(PATIENCE).expect("stdout closed, so it ends");
                    return Err(Refused { status, stderr: running.stderr.lock().unwrap().clone() });
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let _ = running.child.kill();
                    running.finish(PATIENCE);
                    panic!(
                        "the server did not listen within {PATIENCE:?}: {}",
                        running.stderr.lock().unwrap()
                    );
                }
            }
        }
    }

    /// Waits for the end of the process and of its output.
    fn finish(&mut self, limit: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("a child of ours") {
                Some(status) => break status,
                None if began.elapsed() > limit => return None,
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        Some(status)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only reached with the process alive when a test panics half way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut pipe: impl Read, into: &Mutex<String>) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = pipe.read(&mut buffer) {
        into.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::plant;

    /// Something in the server's place that says this on stderr, and appends it to its audit log.
    fn chatterbox(folder: &Path, says: &str, audits: &str) -> TestServer {
        let program = folder.join("chatterbox");
        let audit = folder.join("audit.log");
        let script = format!(
            "#!/bin/sh\necho '{audits}' > '{}.1'\necho '{says}' >&2\necho '{ANNOUNCEMENT}://127.0.0.1:1'\nexec tail -f /dev/null\n",
            audit.display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        TestServer::builder(program).config(&format!("[audit]\nfile = {audit:?}\n")).start()
    }

    /// How a test ends in which the server says this.
    fn ends_well(says: &str, audits: &str) -> bool {
        let folder = TempDir::new().unwrap();
        let server = chatterbox(folder.path(), says, audits);
        catch_unwind(AssertUnwindSafe(|| drop(server))).is_ok()
    }

    #[test]
    fn a_server_that_logs_a_secret_fails_the_test() {
        plant("hunter2-of-the-harness");
        assert!(ends_well("all is well", "all is well"));
        assert!(!ends_well("the password is hunter2-of-the-harness", "nothing"));
        assert!(!ends_well("nothing", "path=/token?password=hunter2-of-the-harness"));
    }

    #[test]
    fn the_log_before_a_restart_counts_too() {
        plant("hunter3-of-the-harness");
        let folder = TempDir::new().unwrap();
        let mut server = chatterbox(folder.path(), "hunter3-of-the-harness", "");
        let restarted = catch_unwind(AssertUnwindSafe(|| server.restart()));
        assert!(restarted.is_err());
        // It would fail this test, too.
        server.stderr.lock().unwrap().clear();
    }
}
