//! The programs of others read what we write, and the other way round: both against a tiny
//! server that lets only one user in.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use chartroom_test_support::Peer;

use super::*;

/// `alice:s3:cret`.
const AUTHORIZATION: &str = "Basic YWxpY2U6czM6Y3JldA==";
const CONFIG: &str = ".helm/config/registry/config.json";

/// Demands Basic authentication of alice, knows nothing, and notes who showed what.
struct Gate {
    addr: SocketAddr,
    closing: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<String>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Gate {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let closing = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let accepting = std::thread::spawn({
            let (closing, seen) = (Arc::clone(&closing), Arc::clone(&seen));
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    if closing.load(Ordering::SeqCst) {
                        return;
                    }
                    // A client that goes away in the middle is its own affair.
                    let _ = answer(&stream, &seen);
                    let _ = stream.shutdown(Shutdown::Both);
                }
            }
        });
        Self { addr, closing, seen, accepting: Some(accepting) }
    }

    fn host(&self) -> String {
        self.addr.to_string()
    }

    /// Whether somebody has shown alice's password since the last time.
    fn let_in(&self) -> bool {
        std::mem::take(&mut *self.seen.lock().unwrap()).iter().any(|shown| shown == AUTHORIZATION)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.addr);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn answer(mut stream: &TcpStream, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut shown = String::new();
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("authorization")
        {
            value.clone_into(&mut shown);
        }
    }
    let status = match shown == AUTHORIZATION {
        false => "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"gate\"",
        true if request.split(' ').nth(1).is_some_and(|path| path.trim_end_matches('/') == "/v2") => "200 OK",
        true => "404 Not Found",
    };
    seen.lock().unwrap().push(shown);
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}")
}

fn alice() -> Credential {
    Credential::basic("alice", "s3:cret")
}

/// The store that shares its files with a peer.
fn store_of(peer: &Peer) -> Store {
    let home = peer.home();
    let env = |name: &str| {
        let path = match name {
            "HOME" => home.to_owned(),
            "HELM_CONFIG_HOME" => home.join(".helm/config"),
            "REGISTRY_AUTH_FILE" => home.join(".auth.json"),
            _ => return None,
        };
        Some(path.into())
    };
    Store::from_environment(&env, None)
}

async fn helm_and_we_share_logins(name: &str) {
    let Some(helm) = Peer::find(name) else { return };
    let gate = Gate::start();
    let host = gate.host();
    let helm_tries = |repository: &str| {
        helm.fails(&[
            "show",
            "chart",
            "--plain-http",
            &format!("oci://{host}/{repository}"),
            "--version",
            "1.0.0",
        ]);
        gate.let_in()
    };
    assert!(!helm_tries("charts/x"), "{name} has no login yet");

    // Ours, then theirs.
    let place = store_of(&helm).save(&target(&host), &alice()).await.unwrap();
    assert_eq!(place, crate::credentials::SavedWhere::File(helm.home().join(CONFIG)));
    assert!(helm_tries("charts/x"), "{name} reads what we saved");
    assert!(store_of(&helm).erase(&target(&host)).await.unwrap());
    assert!(!helm_tries("charts/x"), "{name} sees that we logged out");

    // Theirs, then ours, byte for byte the same file.
    store_of(&helm).save(&target(&host), &alice()).await.unwrap();
    let ours = helm.read(CONFIG);
    fs::remove_file(helm.home().join(CONFIG)).unwrap();
    let mut login = vec!["registry", "login", host.as_str(), "-u", "alice", "-p", "s3:cret"];
    login.push(if name == "helm-3" { "--insecure" } else { "--plain-http" });
    helm.ok(&login);
    assert!(gate.let_in(), "{name} logged in");
    assert_eq!(String::from_utf8(helm.read(CONFIG)).unwrap(), String::from_utf8(ours).unwrap());
    let found = store_of(&helm).find(&host, None).await.unwrap().unwrap();
    assert_eq!(found.credential, alice());

    // They log out of what we saved.
    store_of(&helm).save(&target("quay.io"), &user("bob")).await.unwrap();
    helm.ok(&["registry", "logout", &host]);
    assert_eq!(store_of(&helm).find(&host, None).await.unwrap(), None);
    assert!(store_of(&helm).find("quay.io", None).await.unwrap().is_some());
}

#[tokio::test]
async fn helm_4_3() {
    helm_and_we_share_logins("helm-4.3.1").await;
}

#[tokio::test]
async fn helm_4_1() {
    helm_and_we_share_logins("helm-4.1.4").await;
}

#[tokio::test]
async fn helm_3() {
    helm_and_we_share_logins("helm-3").await;
}

#[tokio::test]
async fn helm_and_we_use_the_same_helper() {
    let Some(helm) = Peer::find("helm-4.3.1") else { return };
    let gate = Gate::start();
    let host = gate.host();
    let home = Home::new();
    home.keeper("k");
    helm.write(CONFIG, r#"{"credsStore":"k"}"#);
    let mut path = OsString::from(home.path("bin"));
    path.push(":/usr/bin:/bin");
    let login = ["registry", "login", &host, "-u", "alice", "-p", "s3:cret", "--plain-http"];
    let output = helm.command(&login).env("PATH", &path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let config = helm.home().join(CONFIG);
    let store = || home.store_with(&[("HELM_REGISTRY_CONFIG", &config)]);
    assert_eq!(store().find(&host, None).await.unwrap().unwrap().credential, alice());
    let theirs = home.read("of-k/kept");
    store().save(&target(&host), &alice()).await.unwrap();
    assert_eq!(home.read("of-k/kept"), theirs);
    assert!(store().erase(&target(&host)).await.unwrap());
    assert_eq!(home.read("of-k/log").lines().last().unwrap(), format!("erase {host}"));
}

#[tokio::test]
async fn helm_and_we_spell_docker_hub_alike() {
    let Some(helm) = Peer::find("helm-4.3.1") else { return };
    for name in ["docker.io", "registry-1.docker.io"] {
        store_of(&helm).save(&target(name), &alice()).await.unwrap();
        helm.ok(&["registry", "logout", name]);
        assert_eq!(store_of(&helm).find("docker.io", None).await.unwrap(), None, "{name}");
    }
}

#[tokio::test]
async fn skopeo_and_we_share_logins_for_hosts_and_paths() {
    let Some(skopeo) = Peer::find("skopeo") else { return };
    let gate = Gate::start();
    let host = gate.host();
    let auth_file = skopeo.write(".auth.json", "{}").display().to_string();
    let skopeo_tries = |repository: &str| {
        let image = format!("docker://{host}/{repository}:1");
        skopeo.fails(&["inspect", "--tls-verify=false", "--authfile", &auth_file, &image]);
        gate.let_in()
    };
    let ours = || {
        let env = |_: &str| None;
        Store::from_environment(&env, Some(auth_file.clone().into()))
    };
    for path in ["", "/org/team"] {
        let place = format!("{host}{path}");
        let outside_counts = path.is_empty();
        assert!(!skopeo_tries("org/team/x"), "no login for {place} yet");

        // Ours, then theirs.
        ours().save(&target(&place), &alice()).await.unwrap();
        assert!(skopeo_tries("org/team/x"), "skopeo reads what we saved for {place}");
        assert_eq!(skopeo_tries("other/x"), outside_counts, "{place}");
        assert!(ours().erase(&target(&place)).await.unwrap());

        // Theirs, then ours.
        let login = ["login", "--tls-verify=false", "--authfile", &auth_file, "-u", "alice", "-p", "s3:cret"];
        skopeo.ok(&[&login[..], &[&place]].concat());
        gate.let_in();
        let inside = ours().find(&host, Some(&"org/team/x".parse().unwrap())).await.unwrap();
        assert_eq!(inside.unwrap().credential, alice());
        let outside = ours().find(&host, Some(&"other/x".parse().unwrap())).await.unwrap();
        assert_eq!(outside.is_some(), outside_counts, "{place}");

        // Where podman keeps logins, we find them without being told.
        let repository = "org/team/x".parse().unwrap();
        let found = store_of(&skopeo).find(&host, Some(&repository)).await.unwrap();
        assert_eq!(found.unwrap().credential, alice());
        skopeo.ok(&["logout", "--authfile", &auth_file, &place]);
        assert_eq!(ours().find(&host, Some(&repository)).await.unwrap(), None);
    }
}
