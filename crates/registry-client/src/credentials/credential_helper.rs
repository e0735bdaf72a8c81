//! Credential helpers: programs named `docker-credential-…` that keep logins in a keychain or
//! get them from a cloud. They speak JSON over their standard streams, and are given bounded
//! time and bounded memory.

use std::collections::HashMap;
use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::OnceCell;

use super::entry::{TOKEN_USER, from_user_and_secret};
use super::error::{Error, Result};
use crate::credential::{Credential, Secret};

/// How long a helper may take.
const LIMIT: Duration = Duration::from_secs(30);
/// How long to wait for a helper that was killed.
const GRACE: Duration = Duration::from_secs(1);
/// How much a helper may say on each of its streams.
const MAX_OUTPUT: u64 = 1 << 20;
/// How much of what a failing helper says is shown.
const MAX_SHOWN: usize = 500;
/// What a helper says when it has no such login; the other one is an older spelling.
const NOT_FOUND: [&str; 2] =
    ["credentials not found in native keychain", "credentials not found in native store"];

/// Finds helpers, runs them, and remembers what they answered.
#[derive(Debug)]
pub(super) struct Helpers {
    search_path: Option<OsString>,
    limit: Duration,
    answers: Mutex<HashMap<(String, String), Answer>>,
}

/// One answer, which those who ask at the same time wait for together.
type Answer = Arc<OnceCell<Credential>>;

/// A helper, as a credential file names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Helper<'a> {
    /// What follows `docker-credential-`.
    pub(super) name: &'a str,
    /// The file that names it.
    pub(super) file: &'a Path,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stored {
    #[serde(rename = "ServerURL", default)]
    server: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// How a helper's run ended.
enum Ended {
    Done(Vec<u8>),
    NotFound,
}

impl Helper<'_> {
    /// The program's name.
    pub(super) fn program(&self) -> String {
        format!("docker-credential-{}", self.name)
    }

    /// Whether the name can't lead anywhere but to a program in `PATH`.
    fn is_plain(&self) -> bool {
        !self.name.is_empty()
            && self.name.len() <= 100
            && self.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte))
    }
}

impl Helpers {
    /// Helpers in these folders, which are separated as in `PATH`.
    pub(super) fn new(search_path: Option<OsString>) -> Self {
        Self { search_path, limit: LIMIT, answers: Mutex::default() }
    }

    /// Gives helpers another time than 30 seconds.
    #[cfg(test)]
    pub(super) fn set_limit(&mut self, limit: Duration) {
        self.limit = limit;
    }

    /// The login that a helper keeps under this key; anonymous if there is none. Asks once
    /// and remembers.
    pub(super) async fn get(&self, helper: Helper<'_>, key: &str) -> Result<Credential> {
        let answer = {
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(answers.entry((helper.name.to_owned(), key.to_owned())).or_default())
        };
        answer.get_or_try_init(|| self.ask(helper, key)).await.cloned()
    }

    async fn ask(&self, helper: Helper<'_>, key: &str) -> Result<Credential> {
        let Ended::Done(output) = self.run(helper, "get", key, key.as_bytes(), None).await? else {
            return Ok(Credential::Anonymous);
        };
        let stored: Stored = serde_json::from_slice(&output).map_err(|_| Error::HelperAnswer {
            program: helper.program(),
            action: "get",
            message: "it is not the JSON object of the credential helper protocol",
        })?;
        Ok(from_user_and_secret(stored.username, stored.secret.into()))
    }

    /// Has a helper keep a login.
    pub(super) async fn store(&self, helper: Helper<'_>, key: &str, credential: &Credential) -> Result<()> {
        let (username, secret) = match credential {
            Credential::Basic { username, password } => (username.as_str(), password),
            Credential::IdentityToken(token) => (TOKEN_USER, token),
            Credential::RegistryToken(_) | Credential::Anonymous => {
                return Err(Error::Unstorable(
                    "credential helpers keep passwords and identity tokens, but no registry tokens",
                ));
            }
        };
        let stored = Stored {
            server: key.to_owned(),
            username: username.to_owned(),
            secret: secret.expose().to_owned(),
        };
        let input = serde_json::to_vec(&stored)
            .map_err(|source| Error::HelperIo { program: helper.program(), source: source.into() })?;
        let ended = self.run(helper, "store", key, &input, Some(secret)).await;
        self.forget();
        ended.map(drop)
    }

    /// Has a helper forget a login; says whether it could have had one.
    pub(super) async fn erase(&self, helper: Helper<'_>, key: &str) -> Result<bool> {
        let ended = self.run(helper, "erase", key, key.as_bytes(), None).await;
        self.forget();
        Ok(matches!(ended?, Ended::Done(_)))
    }

    /// The servers that a helper keeps logins for, with the user of each.
    pub(super) async fn list(&self, helper: Helper<'_>) -> Result<Vec<(String, String)>> {
        let Ended::Done(output) = self.run(helper, "list", "all servers", b"", None).await? else {
            return Ok(Vec::new());
        };
        if output.trim_ascii().is_empty() {
            return Ok(Vec::new());
        }
        let servers: Option<HashMap<String, String>> =
            serde_json::from_slice(&output).map_err(|_| Error::HelperAnswer {
                program: helper.program(),
                action: "list",
                message: "it is not a JSON object of servers and users",
            })?;
        let mut servers: Vec<_> = servers.unwrap_or_default().into_iter().collect();
        servers.sort();
        Ok(servers)
    }

    /// Whether a program can be found.
    pub(super) fn find(&self, program: &str) -> Option<PathBuf> {
        let folders = std::env::split_paths(self.search_path.as_ref()?);
        // A relative entry would find what lies in the working folder.
        let programs = folders.filter(|folder| folder.is_absolute());
        programs.map(|folder| folder.join(format!("{program}{EXE_SUFFIX}"))).find(|path| is_executable(path))
    }

    /// The helper of the platform's own keychain, which Helm and Docker use unasked if it is
    /// installed and nothing was set up yet.
    pub(super) fn platform_default(&self) -> Option<&'static str> {
        let name = if cfg!(target_os = "macos") {
            "osxkeychain"
        } else if cfg!(windows) {
            "wincred"
        } else if self.find("pass").is_some() {
            "pass"
        } else {
            "secretservice"
        };
        self.find(&format!("docker-credential-{name}")).map(|_| name)
    }

    fn forget(&self) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn run(
        &self,
        helper: Helper<'_>,
        action: &'static str,
        server: &str,
        input: &[u8],
        secret: Option<&Secret>,
    ) -> Result<Ended> {
        if !helper.is_plain() {
            return Err(Error::HelperName { path: helper.file.to_owned(), name: helper.name.to_owned() });
        }
        let program = helper.program();
        let Some(path) = self.find(&program) else {
            return Err(Error::HelperMissing { path: helper.file.to_owned(), program });
        };
        let mut command = Command::new(path);
        command.arg(action).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        if let Some(search_path) = &self.search_path {
            command.env("PATH", search_path);
        }
        let (succeeded, stdout, stderr) = match talk(command, input, self.limit).await {
            Ok(Some(output)) => output,
            Ok(None) => {
                return Err(Error::HelperTimeout { program, action, seconds: self.limit.as_secs_f64() });
            }
            Err(source) => return Err(Error::HelperIo { program, source }),
        };
        if is_too_much(&stdout) || is_too_much(&stderr) {
            return Err(Error::HelperAnswer { program, action, message: "it is longer than 1 MiB" });
        }
        if succeeded {
            return Ok(Ended::Done(stdout));
        }
        let said = String::from_utf8_lossy(&stdout);
        if NOT_FOUND.contains(&said.trim()) {
            return Ok(Ended::NotFound);
        }
        let message = complaint(&said, &String::from_utf8_lossy(&stderr), secret);
        Err(Error::HelperFailed { program, action, server: server.to_owned(), message })
    }
}

/// Runs a program to its end: whether it succeeded, and what it wrote, up to one byte too much.
/// Nothing if it didn't end in time.
async fn talk(
    mut command: Command,
    input: &[u8],
    limit: Duration,
) -> io::Result<Option<(bool, Vec<u8>, Vec<u8>)>> {
    let mut child = command.spawn()?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async move {
        if let Some(mut stdin) = stdin {
            // Some helpers need no input and end before they have it.
            let _ = stdin.write_all(input).await;
            let _ = stdin.shutdown().await;
        }
    };
    let whole = async {
        let ((), stdout, stderr) = tokio::join!(write, bounded(stdout), bounded(stderr));
        let (stdout, stderr) = (stdout?, stderr?);
        if is_too_much(&stdout) || is_too_much(&stderr) {
            child.kill().await?;
            return Ok((false, stdout, stderr));
        }
        Ok((child.wait().await?.success(), stdout, stderr))
    };
    match tokio::time::timeout(limit, whole).await {
        Ok(ended) => ended.map(Some),
        Err(_) => {
            let _ = tokio::time::timeout(GRACE, child.kill()).await;
            Ok(None)
        }
    }
}

fn is_too_much(stream: &[u8]) -> bool {
    stream.len() as u64 > MAX_OUTPUT
}

/// Reads to the end, or to the bound. The stream is closed then, so a program that goes on
/// writing notices.
async fn bounded(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(MAX_OUTPUT + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// What a helper says of its failure, in one line and without secrets. By the protocol that is
/// on its standard output, where otherwise the secret is.
fn complaint(stdout: &str, stderr: &str, secret: Option<&Secret>) -> String {
    let stdout = if stdout.contains('{') { "" } else { stdout };
    let mut said = [stdout, stderr].map(str::trim).into_iter().filter(|text| !text.is_empty()).fold(
        String::new(),
        |said, text| if said.is_empty() { text.to_owned() } else { format!("{said}: {text}") },
    );
    if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
        let escaped = serde_json::Value::from(secret.expose()).to_string();
        said = said.replace(secret.expose(), "<redacted>");
        said = said.replace(escaped.trim_matches('"'), "<redacted>");
    }
    let words = said.split(|char: char| char.is_whitespace() || char.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_SHOWN) {
        _ if line.is_empty() => "it gave no reason".to_owned(),
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_one_line_without_secrets() {
        let secret = Secret::from("hun\"ter2");
        assert_eq!(
            complaint("no hun\"ter2\n", "\x1b[1mgot hun\\\"ter2\nhere", Some(&secret)),
            "no <redacted>: [1mgot <redacted> here"
        );
        assert_eq!(complaint("{\"Secret\":\"hunter2\"}", "", None), "it gave no reason");
        assert_eq!(complaint(&"é".repeat(2000), "", None).chars().count(), MAX_SHOWN + 1);
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let plain = |name| Helper { name, file: Path::new("config.json") }.is_plain();
        assert!(["pass", "ecr-login", "gcloud", "acr_env", "x.y"].into_iter().all(plain));
        assert!(!["", "../x", "a/b", "a\\b", "a b", "a\0", "é"].into_iter().any(plain));
    }
}
