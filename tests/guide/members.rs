//! The guide's users as members of a registry of our own: some come from another registry with its
//! htpasswd file, one has a password here, and the robots and all for whom the guide has a token have
//! access tokens.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use chartroom_test_support::{clean_environment, plant};

use crate::names::{AWS_TOKEN, DOCKER_HUB, GITHUB_ACTOR, GITHUB_TOKEN, GITLAB_JOB, MY_USER, READER};

const BINARY: &str = env!("CARGO_BIN_EXE_chartroom");

/// What the guide's placeholders for secrets stand for at this registry, as its reader fills in a token of
/// their own.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    /// The text with real secrets in the place of those of the guide.
    pub(crate) fn fill(&self, text: &str) -> String {
        let fill = |text: String, (guides, real): &(&str, String)| text.replace(guides, real);
        self.0.iter().fold(text.to_owned(), fill)
    }
}

/// What the registry's owner does before it starts: adds everybody to the data below the folder.
/// Gives the configuration and the secrets.
#[track_caller]
pub(crate) fn join(folder: &Path) -> (String, Secrets) {
    let file = folder.join("users.htpasswd");
    let lines = [MY_USER, READER].map(|account| format!("{}:{}\n", account.user, account.hash));
    fs::write(&file, lines.concat()).unwrap();
    for account in [MY_USER, READER, DOCKER_HUB] {
        plant(account.password);
    }

    let data = folder.join("data");
    let add = |name: &str| ["user", "add", name, "--group", "writers"].map(str::to_owned).to_vec();
    run(&data, &[add(DOCKER_HUB.user), vec!["--password-stdin".to_owned()]].concat(), DOCKER_HUB.password);
    let mut secrets = Vec::new();
    for (name, guides) in [
        ("github-user", GITHUB_TOKEN),
        ("aws", AWS_TOKEN),
        (GITHUB_ACTOR.user, GITHUB_ACTOR.password),
        (GITLAB_JOB.user, GITLAB_JOB.password),
    ] {
        run(&data, &[add(name), vec!["--no-password".to_owned()]].concat(), "");
        let create =
            ["token", "create", "--user", name, "--actions", "pull,push,overwrite", "--expires", "1d"];
        let token = run(&data, &create.map(str::to_owned), "");
        plant(token.trim());
        secrets.push((guides, token.trim().to_owned()));
    }
    let config = format!(
        "[auth]\nhtpasswd = {file:?}\n[auth.groups]\nwriters = [\"{}\"]\n\
         [[access]]\nwho = [\"*\"]\nrepositories = [\"**\"]\nactions = [\"pull\"]\n\
         [[access]]\nwho = [\"group:writers\"]\nrepositories = [\"**\"]\nactions = [\"push\", \"overwrite\"]\n",
        MY_USER.user
    );
    (config, Secrets(secrets))
}

/// Runs a command on the accounts, with this on its standard input, and gives what it prints.
#[track_caller]
fn run(data: &Path, arguments: &[String], input: &str) -> String {
    let mut command = Command::new(BINARY);
    clean_environment(&mut command);
    command.args(arguments).arg("--data").arg(data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
