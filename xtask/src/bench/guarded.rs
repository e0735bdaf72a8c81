//! A Chartroom with accounts: what it costs to say who one is, and whether
//! others wait while somebody tries passwords.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::task::JoinSet;

use super::cases::{Case, Rival, Unit};
use super::figures::{Measurement, percentile};
use super::load::{self, Sample};
use super::servers::{CONFIG, Peer, Server};
use super::subject::{Corpus, READERS};
use super::wire::{self, Body, Connection};
use crate::process;

const USER: &str = "bench";
const PASSWORD: &str = "correct horse battery staple";
/// Connections that try passwords.
const GUESSERS: usize = 4;
/// How often the time of a password check alone is taken.
const CHECKS: usize = 15;

/// What a team has: some rules for others, and one for us. Those who guess say that they come through a
/// proxy, each time from another address, since after a few attempts of one they would not be looked at.
const ACCESS: &str = r#"
[auth]
trusted_proxies = ["127.0.0.1"]

[[access]]
who = ["anonymous"]
repositories = ["public/**"]
actions = ["pull"]

[[access]]
who = ["group:platform"]
repositories = ["**"]
actions = ["pull", "push", "overwrite", "delete"]

[[access]]
who = ["user:bench"]
repositories = ["charts/*"]
actions = ["pull", "push"]
"#;

/// A server with accounts and the same charts as the others have.
pub(super) struct Guarded {
    server: Server,
    /// How many passwords have been tried so far: no name and no address is used twice.
    guesses: Arc<AtomicU32>,
}

impl Guarded {
    pub(super) async fn start(program: PathBuf, folder: PathBuf, corpus: &Corpus) -> Result<Self> {
        // The charts come to be there before there are accounts.
        let open = Server::start(Peer::Chartroom, program.clone(), folder.clone()).await?;
        corpus.push_charts(&open).await?;
        open.stop().await?;
        add_user(&program, &folder)?;
        let config = folder.join(CONFIG);
        fs::write(&config, ACCESS).with_context(|| format!("cannot write {}", config.display()))?;
        let server = Server::start(Peer::Chartroom, program, folder).await?;
        let this = Self { server, guesses: Arc::default() };
        this.needs_credentials(corpus).await?;
        Ok(this)
    }

    /// Makes sure that what is measured is a registry that looks at credentials.
    async fn needs_credentials(&self, corpus: &Corpus) -> Result<()> {
        let ask = &corpus.manifests(&self.server, "GET", None)[0];
        let mut connection = Connection::open(self.server.address).await?;
        connection.send(&ask.request, &[]).await?;
        let (response, _) = connection.receive(Body::Count).await?;
        if response.status != 401 {
            bail!("a manifest was given to nobody in particular: {}", response.status);
        }
        Ok(())
    }

    /// Manifests, with the credentials of the case on each request.
    pub(super) async fn read(&self, case: Case, corpus: &Corpus, time: Duration) -> Result<Sample> {
        let authorization = match case {
            Case::ManifestGetBasic => basic(USER, PASSWORD),
            _ => format!("Bearer {}", self.token(corpus).await?),
        };
        let asks = corpus.manifests(&self.server, "GET", Some(&authorization));
        load::read(&self.server, Arc::new(asks), READERS, time).await
    }

    /// The latency of others' requests while passwords are tried, and the time of a password check.
    pub(super) async fn measure_guessing(
        &self,
        corpus: &Corpus,
        time: Duration,
    ) -> Result<Vec<(Rival, Measurement)>> {
        let mut connection = Connection::open(self.server.address).await?;
        let mut checks = Vec::with_capacity(CHECKS);
        for _ in 0..CHECKS {
            checks.push(guess(&mut connection, self.server.address, &self.guesses).await?);
        }
        checks.sort_unstable();

        let over = Arc::new(AtomicBool::new(false));
        let mut guessers = JoinSet::new();
        for _ in 0..GUESSERS {
            let (over, guesses, address) = (over.clone(), self.guesses.clone(), self.server.address);
            guessers.spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut made = 0;
                while !over.load(Ordering::Relaxed) {
                    guess(&mut connection, address, &guesses).await?;
                    made += 1;
                }
                anyhow::Ok(made)
            });
        }
        let authorization = format!("Bearer {}", self.token(corpus).await?);
        let asks = corpus.manifests(&self.server, "GET", Some(&authorization));
        let sample = load::read(&self.server, Arc::new(asks), READERS, time).await;
        over.store(true, Ordering::Relaxed);
        let mut made = 0;
        while let Some(ended) = guessers.join_next().await {
            made += ended.context("a guesser's task ended")??;
        }
        if made < GUESSERS * 2 {
            bail!("only {made} passwords were tried, which disturbs nobody");
        }
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let others = Measurement::of(&sample?, Unit::PerSecond);
        let slow = others.load.map_or(f64::INFINITY, |load| milliseconds(load.p99));
        Ok(vec![
            (Rival::Peer(Peer::Chartroom), Measurement { value: slow, ..others }),
            (Rival::PasswordCheck, milliseconds(percentile(&checks, 0.5)).into()),
        ])
    }

    /// A token as clients of Docker's protocol get it.
    async fn token(&self, corpus: &Corpus) -> Result<String> {
        let target = format!("/token?service=chartroom&scope=repository:{}:pull", corpus.repository());
        let authorization = basic(USER, PASSWORD);
        let fields = [("Authorization", authorization.as_str())];
        let mut connection = Connection::open(self.server.address).await?;
        connection.send(&wire::request("GET", &target, self.server.address, &fields), &[]).await?;
        let mut body = Vec::new();
        let (response, _) = connection.receive(Body::Collect(&mut body)).await?;
        if response.status != 200 {
            bail!("GET {target} was answered {}", response.status);
        }
        let answer: serde_json::Value = serde_json::from_slice(&body).context("a token that is not JSON")?;
        Ok(answer["token"].as_str().context("an answer without a token")?.to_owned())
    }
}

/// Tries a password for a name that nobody has tried yet, from an address that nobody came from; gives
/// the time until it was refused.
async fn guess(connection: &mut Connection, host: SocketAddr, guesses: &AtomicU32) -> Result<Duration> {
    let number = guesses.fetch_add(1, Ordering::Relaxed);
    let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 0, 0, 0)) + number).to_string();
    let authorization = basic(&format!("guess-{number}"), "letmein");
    let fields = [("Authorization", authorization.as_str()), ("X-Forwarded-For", from.as_str())];
    let started = Instant::now();
    connection.send(&wire::request("GET", "/v2/", host, &fields), &[]).await?;
    let (response, _) = connection.receive(Body::Count).await?;
    if response.status != 401 {
        bail!("a wrong password was answered {}", response.status);
    }
    Ok(started.elapsed())
}

fn add_user(program: &Path, folder: &Path) -> Result<()> {
    let mut command = Command::new(program);
    command.args(["user", "add", USER, "--password-stdin", "--data"]).arg(Server::data(folder));
    // Variables in which it finds settings must not reach it.
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::null());
    let described = process::describe(&command);
    let failed = || format!("{described} failed");
    let mut child = command.spawn().with_context(failed)?;
    let mut stdin = child.stdin.take().with_context(failed)?;
    stdin.write_all(PASSWORD.as_bytes()).with_context(failed)?;
    drop(stdin);
    if !child.wait().with_context(failed)?.success() {
        bail!("{described} failed");
    }
    Ok(())
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
