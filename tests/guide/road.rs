//! The only way out of a test: a proxy that leads every host of the guide to the registry under
//! test, and everybody else nowhere.
//!
//! Helm and Chartroom both take `HTTPS_PROXY` from the environment, so the guide's commands reach
//! `ghcr.io` as they stand, with TLS from end to end, and nothing leaves the machine.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::names::HOSTS;

/// The longest request line or header that is read.
const MAX_LINE: u64 = 4096;

/// The proxy, on a port of its own. It ends when this is dropped.
pub(crate) struct Road {
    addr: SocketAddr,
    traffic: Arc<Traffic>,
    accepting: Option<JoinHandle<()>>,
}

struct Traffic {
    registry: SocketAddr,
    reached: Mutex<BTreeSet<String>>,
    strayed: Mutex<Vec<String>>,
    open: Mutex<Vec<TcpStream>>,
    serving: Mutex<Vec<JoinHandle<()>>>,
    closing: AtomicBool,
}

impl Road {
    /// A proxy in front of this registry.
    pub(crate) fn to(registry: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let traffic = Arc::new(Traffic {
            registry,
            reached: Mutex::default(),
            strayed: Mutex::default(),
            open: Mutex::default(),
            serving: Mutex::default(),
            closing: AtomicBool::new(false),
        });
        let accepting = std::thread::spawn({
            let traffic = Arc::clone(&traffic);
            move || {
                for client in listener.incoming().map_while(Result::ok) {
                    if traffic.closing.load(Ordering::SeqCst) {
                        return;
                    }
                    traffic.open.lock().unwrap().push(client.try_clone().unwrap());
                    let serving = std::thread::spawn({
                        let traffic = Arc::clone(&traffic);
                        move || {
                            // A client that hangs up is none of our business.
                            let _ = traffic.lead(&client);
                            let _ = client.shutdown(Shutdown::Both);
                        }
                    });
                    traffic.serving.lock().unwrap().push(serving);
                }
            }
        });
        Self { addr, traffic, accepting: Some(accepting) }
    }

    /// What `HTTPS_PROXY` is to be.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The guide's hosts that somebody connected to since this was last asked.
    pub(crate) fn reached(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.traffic.reached.lock().unwrap())
    }

    /// What else somebody asked for. None of it was reached.
    pub(crate) fn strayed(&self) -> Vec<String> {
        self.traffic.strayed.lock().unwrap().clone()
    }
}

impl Drop for Road {
    fn drop(&mut self) {
        self.traffic.closing.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.addr);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        for stream in self.traffic.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let serving = std::mem::take(&mut *self.traffic.serving.lock().unwrap());
        for thread in serving {
            let _ = thread.join();
        }
    }
}

impl Traffic {
    /// Answers one `CONNECT`, and carries bytes both ways until both sides have had enough.
    fn lead(&self, client: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(client);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            std::io::Read::take(&mut reader, MAX_LINE).read_line(&mut line)?;
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let Some(request) = lines.first() else { return Ok(()) };
        let target = request.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
        let host = target.and_then(|target| target.strip_suffix(":443"));
        let mut out = client;
        let Some(host) = host.filter(|host| HOSTS.contains(host)) else {
            self.strayed.lock().unwrap().push(request.clone());
            return out.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        };
        self.reached.lock().unwrap().insert(host.to_owned());
        let registry = TcpStream::connect(self.registry)?;
        self.open.lock().unwrap().push(registry.try_clone()?);
        // Small requests would wait for each other's acknowledgements.
        registry.set_nodelay(true)?;
        client.set_nodelay(true)?;
        out.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // Nobody sends before the tunnel is there, so the reader is empty.
                let _ = std::io::copy(&mut &*client, &mut &registry);
                let _ = registry.shutdown(Shutdown::Write);
            });
            let _ = std::io::copy(&mut &registry, &mut out);
            let _ = client.shutdown(Shutdown::Both);
        });
        Ok(())
    }
}
