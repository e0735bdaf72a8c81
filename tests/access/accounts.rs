//! A server with accounts, and people and robots that have one.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use chartroom_test_support::{Client, Request, TestServer, TestServerBuilder, clean_environment, plant};
use tempfile::TempDir;

use crate::basic;

const BINARY: &str = env!("CARGO_BIN_EXE_chartroom");

/// A data folder with accounts in it.
pub(crate) struct Office {
    folder: TempDir,
}

impl Office {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command on the accounts, and gives what it prints.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let (success, stdout, stderr) = self.try_run(arguments);
        assert!(success, "{arguments:?}: {stdout}{stderr}");
        stdout
    }

    /// Runs a command on the accounts: whether it succeeded, and what it printed on both outputs.
    pub(crate) fn try_run(&self, arguments: &[&str]) -> (bool, String, String) {
        let mut command = Command::new(BINARY);
        clean_environment(&mut command);
        command.args(arguments).arg("--data").arg(self.data()).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    /// Adds a user with a password.
    #[track_caller]
    pub(crate) fn add(&self, name: &str, password: &str, groups: &[&str]) {
        plant(password);
        let mut command = Command::new(BINARY);
        clean_environment(&mut command);
        command.args(["user", "add", name, "--password-stdin", "--data"]).arg(self.data());
        for group in groups {
            command.args(["--group", group]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), password.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Adds a robot, and gives its token.
    #[track_caller]
    pub(crate) fn robot(&self, name: &str, groups: &[&str], limits: &[&str]) -> String {
        let groups = groups.iter().flat_map(|group| ["--group", group]);
        self.run(&["user", "add", name, "--no-password"].into_iter().chain(groups).collect::<Vec<_>>());
        self.token(name, limits)
    }

    /// Makes a token of a user.
    #[track_caller]
    pub(crate) fn token(&self, name: &str, limits: &[&str]) -> String {
        let arguments = ["token", "create", "--user", name].into_iter().chain(limits.iter().copied());
        let token = self.run(&arguments.collect::<Vec<_>>()).trim().to_owned();
        plant(&token);
        token
    }

    pub(crate) fn builder(&self, config: &str) -> TestServerBuilder {
        // So that what would be logged by an operator in search of a fault is searched for secrets as well.
        TestServer::builder(BINARY).data(self.data()).config(config).env("CHARTROOM_LOG__LEVEL", "debug")
    }

    /// Starts the registry.
    #[track_caller]
    pub(crate) fn serve(&self, config: &str) -> TestServer {
        self.builder(config).start()
    }
}

/// Somebody who makes requests.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    authorization: Option<String>,
}

impl Caller {
    pub(crate) fn anonymous() -> Self {
        Self { authorization: None }
    }

    pub(crate) fn basic(user: &str, password: &str) -> Self {
        Self { authorization: Some(basic(user, password)) }
    }

    pub(crate) fn bearer(token: &str) -> Self {
        Self { authorization: Some(format!("Bearer {token}")) }
    }

    /// Somebody with a token of the token service for a scope.
    #[track_caller]
    pub(crate) fn with_scope(&self, client: &Client, scope: &str) -> Self {
        let scope = chartroom_test_support::encode(scope);
        let answer = self.request(client, "GET", &format!("/token?service=chartroom&scope={scope}")).send();
        Self::bearer(answer.expect(200).json()["token"].as_str().unwrap())
    }

    pub(crate) fn request<'a>(&self, client: &'a Client, method: &str, target: &str) -> Request<'a> {
        let request = client.request(method, target);
        match &self.authorization {
            Some(value) => request.header("Authorization", value),
            None => request,
        }
    }

    /// Pushes a blob in one request.
    #[track_caller]
    pub(crate) fn push_blob(
        &self,
        client: &Client,
        repository: &str,
        content: &[u8],
    ) -> chartroom_oci::Digest {
        let digest = chartroom_oci::Digest::sha256(content);
        let target = format!("/v2/{repository}/blobs/uploads/?digest={digest}");
        self.request(client, "POST", &target).body(content).send().expect(201);
        digest
    }
}
