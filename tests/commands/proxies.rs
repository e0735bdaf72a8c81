//! Proxies, as the variables name them: with TLS and without, and whatever other flags there are.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use chartroom_test_support::{ChartBuilder, Peer};

use crate::HELM;
use crate::desk::{Desk, Run, finish};
use crate::front::{Answer, Front};
use crate::server;
use crate::tls::Authority;

/// The name of a registry that nobody can reach but through a proxy.
const NAME: &str = "registry.example.com";

/// A proxy that makes tunnels, all of them to one address, and writes down where they were to lead.
struct Tunnels {
    addr: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    closing: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Tunnels {
    fn start(registry: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let (asked, closing) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let accepting = std::thread::spawn({
            let (asked, closing) = (Arc::clone(&asked), Arc::clone(&closing));
            move || {
                let mut tunnels = Vec::new();
                for client in listener.incoming().map_while(Result::ok) {
                    if closing.load(Ordering::SeqCst) {
                        break;
                    }
                    let asked = Arc::clone(&asked);
                    tunnels.push(std::thread::spawn(move || drop(tunnel(&client, registry, &asked))));
                }
                tunnels.into_iter().for_each(|tunnel| tunnel.join().unwrap());
            }
        });
        Self { addr, asked, closing, accepting: Some(accepting) }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl Drop for Tunnels {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts. Tunnels end with the programs that use them.
        let _ = TcpStream::connect(self.addr);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn tunnel(client: &TcpStream, registry: SocketAddr, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    asked.lock().unwrap().push(head.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    let mut out = client;
    out.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
    let registry = TcpStream::connect(registry)?;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = std::io::copy(&mut reader, &mut &registry);
            let _ = registry.shutdown(Shutdown::Write);
        });
        let _ = std::io::copy(&mut &registry, &mut out);
        let _ = client.shutdown(Shutdown::Both);
    });
    Ok(())
}

fn desk() -> Desk {
    let desk = Desk::alone();
    desk.write("webapp-1.0.0.tgz", &ChartBuilder::new("webapp", "1.0.0").build().archive);
    desk
}

/// Runs a line with these variables, with `chartroom` and, where it is there, with Helm, and looks at
/// what came of each.
fn both(desk: &Desk, line: &str, variables: &[(&str, String)], look: impl Fn(Run)) {
    let helm = Peer::find(HELM);
    let mut commands = vec![desk.command(line)];
    commands.extend(helm.as_ref().map(|helm| desk.helm_command(helm, line)));
    for mut command in commands {
        let variables = variables.iter().map(|(name, value)| (*name, value.as_str()));
        look(finish(command.envs(variables), b""));
    }
}

#[test]
fn tls_goes_through_a_tunnel_whatever_flags_there_are() {
    let authority = Authority::new();
    let registry = authority.registry(&[NAME]);
    let tunnels = Tunnels::start(registry.addr());
    let proxy = ("HTTPS_PROXY", format!("http://{}", tunnels.addr));
    let desk = desk();
    for flags in ["--ca-file FOLDER/ca.pem", "--insecure-skip-tls-verify"] {
        for line in [
            format!("push webapp-1.0.0.tgz oci://{NAME}/charts {flags}"),
            format!("pull oci://{NAME}/charts/webapp --version 1.0.0 {flags}"),
        ] {
            both(&desk, &authority.fill(&line), std::slice::from_ref(&proxy), |run| {
                assert!(run.status.success(), "{line}: {run:?}");
                let asked = tunnels.asked();
                assert!(!asked.is_empty(), "{line}");
                assert!(asked.iter().all(|asked| *asked == format!("CONNECT {NAME}:443")), "{asked:?}");
            });
        }
    }
    // Where no proxy is to be used, none is.
    let line = authority.fill(&format!("pull oci://{NAME}/charts/webapp:1.0.0 --ca-file FOLDER/ca.pem"));
    both(&desk, &line, &[proxy, ("NO_PROXY", "example.com".to_owned())], |run| {
        assert!(!run.status.success(), "{run:?}");
        assert_eq!(tunnels.asked(), Vec::<String>::new());
    });
}

#[test]
fn plain_http_is_asked_of_the_proxy() {
    let server = server();
    ChartBuilder::new("webapp", "1.0.0").build().push(&server.client(), "charts/webapp");
    let front = Front::start(server.addr(), |_| Answer::Pass);
    let desk = desk();
    let line = format!("pull oci://{NAME}/charts/webapp --version 1.0.0 --plain-http");
    for name in ["HTTP_PROXY", "http_proxy"] {
        let before = front.seen("").len();
        both(&desk, &line, &[(name, format!("http://{}", front.addr()))], |run| {
            assert!(run.status.success(), "{run:?}");
        });
        let seen = front.seen("").split_off(before);
        assert!(!seen.is_empty(), "{name}");
        for seen in seen {
            assert!(seen.line.starts_with(&format!("GET http://{NAME}/v2/charts/webapp/")), "{seen:?}");
            assert_eq!(seen.header("Host"), Some(NAME));
        }
    }
}
