//! A real Kubernetes API server with its etcd: two processes, a folder, and nothing else of a cluster. There
//! are no controllers and no nodes: whatever those would do to an object, a test does.

mod authority;
mod connection;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::{Peer, clean_environment};
use authority::Authority;
use connection::Connection;

/// How long the servers may take until they are ready, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// Who may do everything.
const ADMIN_TOKEN: &str = "token-of-the-admin";

/// Who may read and change what is in namespaces, but not the cluster, nor Secrets.
const CLERK_TOKEN: &str = "token-of-the-clerk";

/// A running API server. It ends, and its folder is removed, when this is dropped or the process of the
/// test ends, however it ends.
#[derive(Debug)]
pub struct ApiServer {
    addr: SocketAddr,
    folder: PathBuf,
    authority: Authority,
    connection: Connection,
    guard: Child,
    /// The guard ends the servers when this is closed.
    leash: Option<ChildStdin>,
    startup: Duration,
}

/// Starts both servers, and waits for the end of its input to end them and to remove their folder. So they
/// end with the test, even if that is killed.
const GUARD: &str = r#"
folder=$1
cd "$folder"
"$2" --data-dir data --unsafe-no-fsync --log-level error \
    --listen-client-urls unix://etcd:0 --advertise-client-urls unix://etcd:0 \
    --listen-peer-urls unix://peer:0 --initial-advertise-peer-urls http://127.0.0.1:1 \
    --initial-cluster default=http://127.0.0.1:1 \
    --heartbeat-interval 100 --election-timeout 500 >etcd.log 2>&1 </dev/null &
etcd=$!
shift 2
"$@" >apiserver.log 2>&1 </dev/null &
echo $! >apiserver.pid
cat >/dev/null
kill -9 $etcd "$(cat apiserver.pid)" 2>/dev/null
wait
cd / && rm -rf "$folder"
"#;

impl ApiServer {
    /// The one server of this test process, started when it is first asked for. Tests share it, each in a
    /// [namespace](Self::namespace) of its own. `None`, loudly, where its programs are not there.
    ///
    /// # Panics
    ///
    /// When the programs are not there and `CHARTROOM_REQUIRE_PEERS` is set, or the server does not start.
    #[track_caller]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<ApiServer> = OnceLock::new();
        let (server, etcd) = (Peer::find("kube-apiserver")?, Peer::find("etcd")?);
        Some(SHARED.get_or_init(|| Self::start_with(server.program(), etcd.program())))
    }

    /// A server of the caller's own. `None`, loudly, where its programs are not there.
    ///
    /// # Panics
    ///
    /// As [`shared`](Self::shared).
    #[track_caller]
    pub fn start() -> Option<Self> {
        let (server, etcd) = (Peer::find("kube-apiserver")?, Peer::find("etcd")?);
        Some(Self::start_with(server.program(), etcd.program()))
    }

    fn start_with(server: &Path, etcd: &Path) -> Self {
        // A port that is free may be taken by another before the server has it.
        for _ in 0..3 {
            if let Some(started) = Self::attempt(server, etcd) {
                return started;
            }
        }
        panic!("the API server finds its port taken each time");
    }

    /// `None` if another took the port.
    fn attempt(server: &Path, etcd: &Path) -> Option<Self> {
        let began = Instant::now();
        let folder = tempfile::Builder::new().prefix("apiserver-").tempdir().expect("a folder").keep();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let addr = port.expect("a free port");
        let authority = Authority::new();
        authority.write(&folder);
        let tokens =
            format!("{ADMIN_TOKEN},admin,admin,\"system:masters\"\n{CLERK_TOKEN},clerk,clerk,\"clerks\"\n");
        fs::write(folder.join("tokens.csv"), tokens).expect("the tokens are written");
        let mut guard = Command::new("sh");
        clean_environment(&mut guard);
        guard.args(["-c", GUARD, "apiserver-guard"]).arg(&folder).arg(etcd).arg(server);
        guard.args(arguments(addr.port())).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut guard = guard.spawn().expect("sh starts");
        let leash = guard.stdin.take();
        let connection = Connection::new(addr, authority.root(), ADMIN_TOKEN);
        let mut started = Self { addr, folder, authority, connection, guard, leash, startup: Duration::ZERO };
        started.wait_until_ready(began).then(|| {
            started.startup = began.elapsed();
            started
        })
    }

    /// Whether it became ready; not if its port was taken.
    fn wait_until_ready(&self, began: Instant) -> bool {
        loop {
            let ready = self.connection.send("GET", "/readyz", None, b"");
            // The namespace is made by the server itself, a little later.
            let namespaced = || self.connection.send("GET", "/api/v1/namespaces/default", None, b"");
            if ready.is_ok_and(|(status, _)| status == 200)
                && namespaced().is_ok_and(|(status, _)| status == 200)
            {
                return true;
            }
            let log = self.log();
            if log.contains("address already in use") {
                return false;
            }
            let ended = ["\"command failed\"", "Error: ", "panic: "].iter().any(|end| log.contains(end));
            assert!(!ended && began.elapsed() < PATIENCE, "the API server does not get ready:\n{log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the API server has said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("apiserver.log")).unwrap_or_default()
    }

    /// How long it took from the start to being ready.
    pub fn startup(&self) -> Duration {
        self.startup
    }

    /// Its root, such as `https://127.0.0.1:34567`.
    pub fn url(&self) -> String {
        format!("https://{}", self.addr)
    }

    /// The certificate that its own is checked against, as PEM.
    pub fn authority(&self) -> &str {
        self.authority.root_pem()
    }

    /// A token of somebody who may do everything.
    pub fn token(&self) -> &'static str {
        ADMIN_TOKEN
    }

    /// A token of somebody who may do nothing but what rules of a test allow the group `clerks`.
    pub fn clerk_token(&self) -> &'static str {
        CLERK_TOKEN
    }

    /// A certificate and key of somebody who may do everything, as PEM.
    pub fn client_certificate(&self) -> (String, String) {
        self.authority.client("admin-by-certificate", "system:masters")
    }

    /// A kubeconfig file's text: the admin, by token, with this namespace in its context.
    pub fn kubeconfig(&self, namespace: &str) -> String {
        let user = json!({"token": ADMIN_TOKEN});
        self.kubeconfig_of(&user, namespace)
    }

    /// The same for another user. JSON is YAML.
    pub fn kubeconfig_of(&self, user: &Value, namespace: &str) -> String {
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {
                "server": self.url(),
                "certificate-authority-data": STANDARD.encode(self.authority()),
            }}],
            "users": [{"name": "test", "user": user}],
            "contexts": [{"name": "test", "context":
                {"cluster": "test", "user": "test", "namespace": namespace}}],
        });
        serde_json::to_string_pretty(&config).expect("JSON")
    }

    /// Makes a namespace that nothing else uses, and gives its name.
    pub fn namespace(&self) -> String {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = format!("ns-{}", COUNTER.fetch_add(1, Ordering::Relaxed));
        self.create("/api/v1/namespaces", &json!({"metadata": {"name": name}}));
        name
    }

    /// An object or list, which must be there.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        self.expect("GET", path, None, b"")
    }

    /// An object or list, if it is there.
    #[track_caller]
    pub fn find(&self, path: &str) -> Option<Value> {
        match self.request("GET", path, None, b"") {
            (404, _) => None,
            (200, object) => Some(object),
            (status, object) => panic!("GET {path}: {status} {object}"),
        }
    }

    /// Makes an object; the path is that of the collection.
    #[track_caller]
    pub fn create(&self, path: &str, object: &Value) -> Value {
        self.expect("POST", path, Some("application/json"), object.to_string().as_bytes())
    }

    /// Merges a patch into an object, or its `/status`.
    #[track_caller]
    pub fn patch(&self, path: &str, patch: &Value) -> Value {
        let media_type = Some("application/merge-patch+json");
        self.expect("PATCH", path, media_type, patch.to_string().as_bytes())
    }

    /// Deletes an object, at once.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Value {
        let options = json!({"gracePeriodSeconds": 0, "propagationPolicy": "Background"});
        self.expect("DELETE", path, Some("application/json"), options.to_string().as_bytes())
    }

    /// Any request, and its answer, whatever it is: the status, and JSON.
    #[track_caller]
    pub fn request(&self, method: &str, path: &str, media_type: Option<&str>, body: &[u8]) -> (u16, Value) {
        let (status, answer) = self
            .connection
            .send(method, path, media_type, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", self.log()));
        (status, serde_json::from_slice(&answer).unwrap_or_default())
    }

    #[track_caller]
    fn expect(&self, method: &str, path: &str, media_type: Option<&str>, body: &[u8]) -> Value {
        let (status, object) = self.request(method, path, media_type, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {object}");
        object
    }

    /// The most memory that the API server has ever had resident, in bytes (`VmHWM`).
    pub fn peak_memory(&self) -> io::Result<u64> {
        let pid = fs::read_to_string(self.folder.join("apiserver.pid"))?;
        let status = fs::read_to_string(format!("/proc/{}/status", pid.trim()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        let kilobytes = line.trim().trim_end_matches(" kB").parse::<u64>();
        Ok(kilobytes.map_err(io::Error::other)? * 1024)
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        drop(self.leash.take());
        let _ = self.guard.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn arguments(port: u16) -> Vec<String> {
    let port = format!("--secure-port={port}");
    let own = [
        "--etcd-servers=unix://etcd:0",
        "--bind-address=127.0.0.1",
        &port,
        "--tls-cert-file=server.crt",
        "--tls-private-key-file=server.key",
        "--client-ca-file=root.crt",
        "--token-auth-file=tokens.csv",
        "--service-account-key-file=accounts.pub",
        "--service-account-signing-key-file=accounts.key",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.0.0.0/16",
        "--authorization-mode=RBAC",
        // Its controller, which would make the accounts that pods need, isn't there.
        "--disable-admission-plugins=ServiceAccount",
        "--endpoint-reconciler-type=none",
        "--enable-priority-and-fairness=false",
        "--profiling=false",
    ];
    own.iter().map(|&argument| argument.to_owned()).collect()
}
