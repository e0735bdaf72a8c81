//! A network that breaks when it is told to.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// No limit on how many bytes may pass.
const UNLIMITED: u64 = u64::MAX;

/// A TCP proxy in front of a server that cuts connections after so many bytes. It delays and
/// alters nothing else.
#[derive(Debug)]
pub struct ChaosProxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    server: SocketAddr,
    closing: AtomicBool,
    to_server: AtomicU64,
    to_client: AtomicU64,
    cuts: Mutex<u64>,
    cut: Condvar,
    open: Mutex<Vec<TcpStream>>,
    pumps: Mutex<Vec<JoinHandle<()>>>,
}

impl ChaosProxy {
    /// A proxy in front of this server, on a port of its own.
    pub fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let addr = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared {
            server,
            closing: AtomicBool::new(false),
            to_server: AtomicU64::new(UNLIMITED),
            to_client: AtomicU64::new(UNLIMITED),
            cuts: Mutex::new(0),
            cut: Condvar::new(),
            open: Mutex::new(Vec::new()),
            pumps: Mutex::new(Vec::new()),
        });
        let accepting = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { addr, shared, accepting: Some(accepting) }
    }

    /// Where clients connect.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Lets so many more bytes through to the server, over all connections, then cuts the
    /// connection that sent the last of them, and lets everything through again.
    pub fn cut_after_to_server(&self, bytes: u64) {
        self.shared.to_server.store(bytes, Ordering::SeqCst);
    }

    /// The same for bytes from the server.
    pub fn cut_after_to_client(&self, bytes: u64) {
        self.shared.to_client.store(bytes, Ordering::SeqCst);
    }

    /// How many connections have been cut.
    pub fn cuts(&self) -> u64 {
        *self.shared.cuts.lock().unwrap()
    }

    /// Waits until so many connections have been cut.
    ///
    /// # Panics
    ///
    /// When they are not within `limit`.
    #[track_caller]
    pub fn wait_for_cuts(&self, cuts: u64, limit: Duration) {
        let count = self.shared.cuts.lock().unwrap();
        let (count, _) = self.shared.cut.wait_timeout_while(count, limit, |count| *count < cuts).unwrap();
        assert!(*count >= cuts, "{} cuts within {limit:?}, not {cuts}", *count);
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.addr);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        let lock = |poisoned: std::sync::PoisonError<_>| poisoned.into_inner();
        for stream in self.shared.open.lock().unwrap_or_else(lock).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let pumps = std::mem::take(&mut *self.shared.pumps.lock().unwrap());
        for pump in pumps {
            let _ = pump.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming().map_while(Result::ok) {
        if shared.closing.load(Ordering::SeqCst) {
            return;
        }
        let Ok(server) = TcpStream::connect(shared.server) else { continue };
        let copies = [&client, &server, &client, &server].map(|stream| stream.try_clone().expect("a handle"));
        let [client_in, server_out, client_out, server_in] = copies;
        shared.open.lock().unwrap().extend([client, server]);
        let up = Arc::clone(shared);
        let down = Arc::clone(shared);
        let pumps = [
            std::thread::spawn(move || pump(client_in, server_out, &up.to_server, &up)),
            std::thread::spawn(move || pump(server_in, client_out, &down.to_client, &down)),
        ];
        shared.pumps.lock().unwrap().extend(pumps);
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, budget: &AtomicU64, shared: &Shared) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let before = budget.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
            UNLIMITED => Some(UNLIMITED),
            left if left <= length as u64 => Some(UNLIMITED),
            left => Some(left - length as u64),
        });
        let allowed = before.unwrap_or(UNLIMITED);
        let cut = allowed != UNLIMITED && allowed <= length as u64;
        let pass = if cut { usize::try_from(allowed).unwrap_or(length) } else { length };
        let passed = to.write_all(&buffer[..pass]).is_ok();
        if cut {
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
            *shared.cuts.lock().unwrap() += 1;
            shared.cut.notify_all();
        }
        if cut || !passed {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_cut_after_as_many_bytes_as_were_allowed() {
        let server = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let proxy = ChaosProxy::start(server.local_addr().unwrap());
        proxy.cut_after_to_server(5);
        let mut client = TcpStream::connect(proxy.addr()).unwrap();
        client.write_all(b"0123456789").unwrap();
        let mut seen = Vec::new();
        server.accept().unwrap().0.read_to_end(&mut seen).unwrap();
        assert_eq!(seen, b"01234");
        proxy.wait_for_cuts(1, Duration::from_secs(10));
        // Cut once, and whole again.
        let mut client = TcpStream::connect(proxy.addr()).unwrap();
        client.write_all(b"0123456789").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut seen = Vec::new();
        server.accept().unwrap().0.read_to_end(&mut seen).unwrap();
        assert_eq!(seen, b"0123456789");
    }
}
