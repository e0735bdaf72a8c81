//! The registries that the guide is followed with. All speak TLS with a certificate of a private
//! authority; three want to know who one is.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use chartroom_test_support::{Peer, TestServer, eventually};

use crate::authority::Authority;
use crate::members::{self, Secrets};
use crate::names::{READER, htpasswd};

/// Which registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Chartroom with a certificate, open to all.
    Chartroom,
    /// Chartroom with a certificate and accounts: people with passwords, robots with access tokens.
    ChartroomWithAccounts,
    /// Chartroom without accounts behind nginx, which holds the certificate and has a token service, as
    /// Docker Hub and GitHub have one beside the registry.
    ChartroomBehindTokens,
    /// Debian's `docker-registry` with a certificate, open to all.
    Distribution,
    /// Debian's `docker-registry` with a certificate and accounts.
    DistributionWithAccounts,
}

impl Kind {
    /// Whether a login is checked, and needed.
    pub(crate) fn has_accounts(self) -> bool {
        !matches!(self, Self::Chartroom | Self::Distribution)
    }
}

/// A registry that runs, with all that it stands on. Everything ends when this is dropped.
pub(crate) struct Registry {
    /// Where it takes TLS connections.
    pub(crate) addr: SocketAddr,
    /// What the guide's secrets are here.
    pub(crate) secrets: Secrets,
    /// First what is in front.
    _running: (Option<Daemon>, Option<TestServer>),
}

impl Registry {
    /// Starts one; nothing where a program is missing. `more` is for the configuration of one with accounts
    /// of our own.
    #[track_caller]
    pub(crate) fn start(kind: Kind, authority: &Authority, folder: &Path, more: &str) -> Option<Self> {
        for (file, content) in [
            ("registry.pem", &authority.certificate),
            ("registry.key", &authority.key),
            ("htpasswd", &htpasswd()),
        ] {
            fs::write(folder.join(file), content).unwrap();
        }
        let path = |file: &str| format!("{:?}", folder.join(file));
        let chartroom = TestServer::builder(env!("CARGO_BIN_EXE_chartroom"));
        let secrets = Secrets::default();
        let tls = format!("[tls]\ncertificate = {}\nkey = {}\n", path("registry.pem"), path("registry.key"));
        match kind {
            Kind::Chartroom => {
                let server = chartroom.config(&tls).start();
                Some(Self { addr: server.addr(), secrets, _running: (None, Some(server)) })
            }
            Kind::ChartroomWithAccounts => {
                let (accounts, secrets) = members::join(folder);
                let server =
                    chartroom.config(&format!("{tls}{accounts}{more}")).data(folder.join("data")).start();
                Some(Self { addr: server.addr(), secrets, _running: (None, Some(server)) })
            }
            Kind::ChartroomBehindTokens => {
                let peer = Peer::find("nginx")?;
                let server = chartroom.start();
                let front = tokens(folder);
                let front = Daemon::start(peer, |addr, peer| {
                    let config = nginx(addr, &front, folder).replace("REGISTRY", &server.url());
                    let config = peer.write("nginx.conf", config);
                    let home = peer.home().to_string_lossy().into_owned();
                    ["-e", "error.log", "-p", &home, "-c", config.to_str().unwrap()]
                        .map(str::to_owned)
                        .to_vec()
                });
                Some(Self { addr: front.addr, secrets, _running: (Some(front), Some(server)) })
            }
            Kind::Distribution | Kind::DistributionWithAccounts => {
                let peer = Peer::find("docker-registry")?;
                let registry = Daemon::start(peer, |addr, peer| {
                    let data = peer.home().join("data");
                    let mut config = format!(
                        "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  \
                         filesystem:\n    rootdirectory: {data:?}\nhttp:\n  addr: {addr}\n  tls:\n    \
                         certificate: {}\n    key: {}\n",
                        path("registry.pem"),
                        path("registry.key"),
                    );
                    if kind.has_accounts() {
                        let file = path("htpasswd");
                        config.push_str(&format!("auth:\n  htpasswd:\n    realm: test\n    path: {file}\n"));
                    }
                    let config = peer.write("config.yml", config);
                    ["serve", config.to_str().unwrap()].map(str::to_owned).to_vec()
                });
                Some(Self { addr: registry.addr, secrets, _running: (Some(registry), None) })
            }
        }
    }
}

/// A peer that serves until this is dropped.
struct Daemon {
    addr: SocketAddr,
    child: Child,
    _peer: Peer,
}

impl Daemon {
    #[track_caller]
    fn start(peer: Peer, arguments: impl Fn(SocketAddr, &Peer) -> Vec<String>) -> Self {
        // The port may be taken by somebody else before the program gets there; then another is.
        for _ in 0..5 {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let addr = listener.local_addr().unwrap();
            drop(listener);
            let mut command = peer.command(&arguments(addr, &peer));
            // docker-registry takes what begins like this for settings of its own.
            command.env_remove("REGISTRY_AUTH_FILE");
            let log = fs::File::create(peer.home().join("log")).unwrap();
            let mut child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
            let serves = eventually("a registry listens", Duration::from_secs(30), || {
                if child.try_wait().unwrap().is_some() {
                    return Some(false);
                }
                TcpStream::connect(addr).is_ok().then_some(true)
            });
            if serves {
                return Self { addr, child, _peer: peer };
            }
        }
        panic!("it does not start: {}", String::from_utf8_lossy(&peer.read("log")));
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// nginx as one process, with TLS and these further lines.
fn nginx(addr: SocketAddr, front: &Front, folder: &Path) -> String {
    let path = |file: &str| folder.join(file).display().to_string();
    let (certificate, key, accounts) = (path("registry.pem"), path("registry.key"), path("htpasswd"));
    let Front { outside, inside } = front;
    let inside = inside.replace("ACCOUNTS", &accounts);
    format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nevents {{ worker_connections 256; }}\n\
         http {{\n  access_log off;\n  default_type application/json;\n  client_max_body_size 0;\n  \
         client_body_temp_path body;\n  proxy_temp_path proxy;\n  fastcgi_temp_path fastcgi;\n  \
         uwsgi_temp_path uwsgi;\n  scgi_temp_path scgi;\n{outside}\
         server {{\n  listen {addr} ssl;\n  ssl_certificate \"{certificate}\";\n  \
         ssl_certificate_key \"{key}\";\n  proxy_set_header Host $http_host;\n  \
         proxy_set_header X-Forwarded-Proto https;\n  proxy_request_buffering off;\n{inside}}}\n}}\n"
    )
}

/// What makes nginx ask who one is.
struct Front {
    /// Lines beside the server.
    outside: String,
    /// Lines in it.
    inside: String,
}

/// A token service and what asks for its tokens. There are two tokens, one for the reader and one
/// for all others.
fn tokens(folder: &Path) -> Front {
    for token in ["reading", "everything"] {
        fs::write(folder.join(format!("{token}.json")), format!("{{\"token\":\"{token}\"}}")).unwrap();
    }
    let folder = folder.display();
    let reader = READER.user;
    Front {
        outside: format!(
            "map $remote_user $token {{ default everything; {reader} reading; }}\n\
             map \"$http_authorization $request_method\" $refused {{\n  default \
             'error=\"invalid_token\"';\n  \"~^Bearer everything \" '';\n  \"~^Bearer reading (GET|HEAD)\" '';\n  \
             \"~^Bearer reading \" 'error=\"insufficient_scope\"';\n}}\n"
        ),
        inside: format!(
            "  location = /token {{\n    auth_basic tokens;\n    auth_basic_user_file \"ACCOUNTS\";\n    \
             alias \"{folder}/$token.json\";\n  }}\n  \
             location / {{\n    if ($refused) {{\n      add_header WWW-Authenticate 'Bearer \
             realm=\"https://$http_host/token\",service=\"registry\",$refused' always;\n      \
             return 401 '{{\"errors\":[{{\"code\":\"UNAUTHORIZED\",\"message\":\"authorization failed\"}}]}}';\n    }}\n    \
             proxy_pass REGISTRY;\n  }}\n"
        ),
    }
}
