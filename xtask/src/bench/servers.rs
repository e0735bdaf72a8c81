//! Starting and ending the servers that are measured.
//!
//! Each has a folder of its own, and is the leader of a process group of its
//! own: so a Ctrl-C reaches this command alone, which then ends the servers,
//! and the workers of a server end with it.

use std::env;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::unix::pipe;
use tokio::time::{sleep, timeout};

use super::wire::{self, Body, Connection};
use crate::process;

/// How long a server may take to start, or to end when asked to.
const PATIENCE: Duration = Duration::from_secs(60);
/// What Chartroom prints once it accepts connections.
const LISTENING: &str = "chartroom listening on http://";

/// The file in a server's folder from which Chartroom takes its settings, if it is there.
pub(super) const CONFIG: &str = "chartroom.toml";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Peer {
    Chartroom,
    /// The reference implementation, as Debian packages it
    DockerRegistry,
    /// The same bytes as static files
    Nginx,
}

impl Peer {
    pub(super) const ALL: &[Self] = &[Self::Chartroom, Self::DockerRegistry, Self::Nginx];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Chartroom => "chartroom",
            Self::DockerRegistry => "docker-registry",
            Self::Nginx => "nginx",
        }
    }
}

/// Where the programs are.
pub(super) struct Programs {
    pub(super) chartroom: PathBuf,
    /// The folder of the peers.
    pub(super) peers: PathBuf,
}

impl Programs {
    pub(super) fn of(&self, peer: Peer) -> PathBuf {
        match peer {
            Peer::Chartroom => self.chartroom.clone(),
            other => self.peers.join(other.name()),
        }
    }

    pub(super) fn version(&self, peer: Peer) -> Result<String> {
        let argument = if peer == Peer::Nginx { "-v" } else { "--version" };
        let output = process::capture(Command::new(self.of(peer)).arg(argument))?;
        let text = process::text(&output);
        let version = text.lines().next().and_then(|line| line.split_ascii_whitespace().last());
        Ok(version.unwrap_or("unknown").trim_start_matches("nginx/").to_owned())
    }
}

/// A server that runs, and ends when this is dropped.
pub(super) struct Server {
    pub(super) peer: Peer,
    pub(super) address: SocketAddr,
    program: PathBuf,
    /// What the server works in; the folder it keeps its data in is below it.
    folder: PathBuf,
    group: Group,
    /// Kept open, for the server would fail to write to it otherwise.
    _stdout: Option<pipe::Receiver>,
}

impl Server {
    pub(super) async fn start(peer: Peer, program: PathBuf, folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let (address, group, stdout) = launch(peer, &program, &folder).await?;
        Ok(Self { peer, address, program, folder, group, _stdout: stdout })
    }

    /// Ends the server in an orderly way; its folder stays.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.group.stop(Signal::TERM).await
    }

    /// Where Chartroom keeps what it stores.
    pub(super) fn data(folder: &Path) -> PathBuf {
        folder.join("data")
    }

    /// Where nginx takes its files from.
    pub(super) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    pub(super) fn process(&self) -> u32 {
        self.group.0.id()
    }

    /// Ends the server, with the signal, and starts it again on the same data;
    /// gives the time from then to its first answer.
    pub(super) async fn restart(&mut self, signal: Signal) -> Result<Duration> {
        self.group.stop(signal).await?;
        let started = Instant::now();
        (self.address, self.group, self._stdout) = launch(self.peer, &self.program, &self.folder).await?;
        let mut connection = Connection::open(self.address).await?;
        connection.send(&wire::request("GET", "/v2/", self.address, &[]), &[]).await?;
        let (response, _) = connection.receive(Body::Count).await?;
        let time = started.elapsed();
        if response.status != 200 {
            bail!("GET /v2/ was answered {}", response.status);
        }
        Ok(time)
    }
}

/// Starts the program and waits until it accepts connections.
async fn launch(
    peer: Peer,
    program: &Path,
    folder: &Path,
) -> Result<(SocketAddr, Group, Option<pipe::Receiver>)> {
    let log = folder.join("stderr.log");
    let ready = async {
        let mut command = Command::new(program);
        let address = configure(&mut command, peer, folder)?;
        let errors = File::create(&log).with_context(|| format!("cannot create {}", log.display()))?;
        // Variables in which a server finds settings must not reach it.
        command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command.current_dir(folder).stdin(Stdio::null()).stderr(errors).process_group(0);
        command.stdout(if address.is_none() { Stdio::piped() } else { Stdio::null() });
        let child = command.spawn().with_context(|| format!("cannot run {}", program.display()))?;
        let mut group = Group(child);
        match address {
            Some(address) => {
                group.accepts(address).await?;
                Ok((address, group, None))
            }
            None => {
                let (address, stdout) = group.says_address().await?;
                Ok((address, group, Some(stdout)))
            }
        }
    };
    let ready = timeout(PATIENCE, ready).await;
    let ready = ready.unwrap_or_else(|_| bail!("it was not ready within {} s", PATIENCE.as_secs()));
    ready.with_context(|| {
        // The folder will be gone when this is read.
        let log = fs::read_to_string(&log).unwrap_or_default();
        let log = if log.trim().is_empty() { "it said nothing" } else { log.trim() };
        format!("{} did not start ({log})", peer.name())
    })
}

/// Puts the arguments and the configuration in place. Gives the address, of
/// servers which can be told one and cannot tell it.
fn configure(command: &mut Command, peer: Peer, folder: &Path) -> Result<Option<SocketAddr>> {
    let data = Server::data(folder);
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        anyhow::Ok(path)
    };
    match peer {
        Peer::Chartroom => {
            command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
            // Whoever wants other settings than the defaults has put them there.
            let config = folder.join(CONFIG);
            if config.exists() {
                command.arg("--config").arg(config);
            }
            Ok(None)
        }
        Peer::DockerRegistry => {
            let address = free_address()?;
            let config = write("config.yml", docker_registry(address, &data))?;
            command.arg("serve").arg(config);
            Ok(Some(address))
        }
        Peer::Nginx => {
            let address = free_address()?;
            let config = write("nginx.conf", nginx(address)?)?;
            command.args(["-e", "stderr", "-g", "daemon off;", "-p"]).arg(folder).arg("-c").arg(config);
            Ok(Some(address))
        }
    }
}

/// Debian's own configuration, with its cache of blob descriptors, and without
/// what it would cost to log each request.
fn docker_registry(address: SocketAddr, data: &Path) -> String {
    format!(
        "version: 0.1
log:
  level: error
  accesslog:
    disabled: true
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: {data:?}
  delete:
    enabled: true
http:
  addr: {address}
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
"
    )
}

/// Debian's own settings for files; connections stay open as they do with the
/// other servers.
fn nginx(address: SocketAddr) -> Result<String> {
    let user = process::capture(Command::new("id").arg("-un"))?;
    let user = process::text(&user);
    // Started by root, it would otherwise become a user who may not be able to
    // read the folder.
    let user = if user.trim() == "root" { "user root;\n" } else { "" };
    Ok(format!(
        "{user}worker_processes auto;
pid nginx.pid;
events {{
    worker_connections 1024;
}}
http {{
    sendfile on;
    tcp_nopush on;
    access_log off;
    keepalive_requests 1000000000;
    default_type application/octet-stream;
    client_body_temp_path client_body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen {address};
        root files;
    }}
}}
"
    ))
}

/// An address that nobody listens on. Somebody may by the time it is used,
/// and then the server says so.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on 127.0.0.1")?;
    listener.local_addr().context("cannot tell the port")
}

/// A process and those it has started; killed when dropped.
struct Group(Child);

impl Group {
    fn still_runs(&mut self) -> Result<()> {
        match self.0.try_wait().context("cannot wait for it")? {
            Some(status) => bail!("it ended: {status}"),
            None => Ok(()),
        }
    }

    async fn accepts(&mut self, address: SocketAddr) -> Result<()> {
        while TcpStream::connect(address).await.is_err() {
            self.still_runs()?;
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    async fn says_address(&mut self) -> Result<(SocketAddr, pipe::Receiver)> {
        let stdout = OwnedFd::from(self.0.stdout.take().context("it has no standard output")?);
        let stdout = pipe::Receiver::from_owned_fd(stdout).context("cannot read its standard output")?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        loop {
            line.clear();
            if stdout.read_line(&mut line).await.context("cannot read its standard output")? == 0 {
                self.still_runs()?;
                bail!("it closed its standard output without saying where it listens");
            }
            if let Some(address) = line.trim().strip_prefix(LISTENING) {
                let address = address.parse().with_context(|| format!("no address: {address}"))?;
                return Ok((address, stdout.into_inner()));
            }
        }
    }

    /// Sends the signal to the server itself, and waits for its end.
    async fn stop(&mut self, signal: Signal) -> Result<()> {
        kill_process(Pid::from_child(&self.0), signal).context("cannot signal the server")?;
        let ended = async {
            while self.0.try_wait().context("cannot wait for the server")?.is_none() {
                sleep(Duration::from_millis(1)).await;
            }
            Ok(())
        };
        let ended = timeout(PATIENCE, ended).await;
        ended.unwrap_or_else(|_| bail!("the server did not end within {} s", PATIENCE.as_secs()))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The id is the group's as long as the process has not been waited for.
        if let Ok(None) = self.0.try_wait() {
            let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
            let _ = self.0.wait();
        }
    }
}
