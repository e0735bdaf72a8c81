//! Debian's `docker-registry`: the registry that most others are like.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use chartroom_test_support::{Peer, eventually, plant};

/// The user of a registry with accounts, and the password.
pub(crate) const USER: &str = "dev";
pub(crate) const PASSWORD: &str = "correct horse";

/// That user's line, as `htpasswd -B` writes it.
const ACCOUNTS: &str = "dev:$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e\n";

/// A `docker-registry` that runs over plain HTTP, and ends when this is dropped.
pub(crate) struct Distribution {
    addr: SocketAddr,
    child: Child,
    _peer: Peer,
}

impl Distribution {
    /// One that is open to all; nothing where the program is not there.
    #[track_caller]
    pub(crate) fn open() -> Option<Self> {
        Self::start(false)
    }

    /// One that wants a user and a password.
    #[track_caller]
    pub(crate) fn with_accounts() -> Option<Self> {
        Self::start(true)
    }

    #[track_caller]
    fn start(accounts: bool) -> Option<Self> {
        plant(PASSWORD);
        // The port may be taken by somebody else before the registry gets there; then another is.
        for _ in 0..5 {
            let peer = Peer::find("docker-registry")?;
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let addr = listener.local_addr().unwrap();
            drop(listener);
            let home = peer.home();
            let data = home.join("data");
            let mut config = format!(
                "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    \
                 rootdirectory: {data:?}\nhttp:\n  addr: {addr}\n"
            );
            if accounts {
                let file = peer.write("htpasswd", ACCOUNTS);
                config.push_str(&format!("auth:\n  htpasswd:\n    realm: test\n    path: {file:?}\n"));
            }
            let config = peer.write("config.yml", config);
            let mut command = peer.command(&["serve", config.to_str().unwrap()]);
            // It takes what begins like this for settings of its own.
            command.env_remove("REGISTRY_AUTH_FILE");
            let log = fs::File::create(home.join("log")).unwrap();
            let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
            let mut running = Self { addr, child, _peer: peer };
            let answers = eventually("docker-registry listens", Duration::from_secs(30), || {
                if running.child.try_wait().unwrap().is_some() {
                    return Some(false);
                }
                TcpStream::connect(addr).is_ok().then_some(true)
            });
            if answers {
                return Some(running);
            }
        }
        panic!("docker-registry does not start");
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Distribution {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
