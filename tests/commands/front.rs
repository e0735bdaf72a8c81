//! A front before a registry, which notes every request down, and may answer some of them itself,
//! or break off an answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// `GET /v2/`
    pub(crate) line: String,
    /// The whole head.
    pub(crate) head: String,
    /// The body, which rules don't know yet.
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }
}

/// What to do with a request.
pub(crate) enum Answer {
    /// Let the registry answer.
    Pass,
    /// Let it answer, and break off after so many bytes.
    Cut(u64),
    /// Let it answer, and stop after so many bytes until the gate is opened.
    Hold(u64, Gate),
    /// Let it answer, but take nothing of the request's body until the gate is opened.
    Refrain(Gate),
    /// Answer with this status, these headers and this body.
    Own(u16, String, String),
}

/// Keeps answers back until it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(crate) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(open, |open| !*open).unwrap());
    }
}

type Rule = dyn Fn(&Seen) -> Answer + Send + Sync;

/// The front, on a port of its own. It ends when this is dropped.
pub(crate) struct Front {
    addr: SocketAddr,
    behind: Arc<Behind>,
    accepting: Option<JoinHandle<()>>,
}

struct Behind {
    registry: SocketAddr,
    rule: Box<Rule>,
    seen: Mutex<Vec<Seen>>,
    open: Mutex<Vec<TcpStream>>,
    serving: Mutex<Vec<JoinHandle<()>>>,
    gates: Mutex<Vec<Gate>>,
    closing: AtomicBool,
}

impl Front {
    /// A front that does with every request what the rule says.
    pub(crate) fn start(
        registry: SocketAddr,
        rule: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let behind = Arc::new(Behind {
            registry,
            rule: Box::new(rule),
            seen: Mutex::default(),
            open: Mutex::default(),
            serving: Mutex::default(),
            gates: Mutex::default(),
            closing: AtomicBool::new(false),
        });
        let accepting = std::thread::spawn({
            let behind = Arc::clone(&behind);
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    if behind.closing.load(Ordering::SeqCst) {
                        return;
                    }
                    behind.open.lock().unwrap().push(stream.try_clone().unwrap());
                    let serving = std::thread::spawn({
                        let behind = Arc::clone(&behind);
                        move || {
                            // A client that hangs up is none of our business.
                            let _ = behind.serve(&stream);
                            let _ = stream.shutdown(Shutdown::Both);
                        }
                    });
                    behind.serving.lock().unwrap().push(serving);
                }
            }
        });
        Self { addr, behind, accepting: Some(accepting) }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// All requests so far whose line has this in it.
    pub(crate) fn seen(&self, what: &str) -> Vec<Seen> {
        let seen = self.behind.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.line.contains(what)).cloned().collect()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.behind.closing.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.addr);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        // Nobody opens them after a test has failed.
        self.behind.gates.lock().unwrap().iter().for_each(Gate::open);
        for stream in self.behind.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let serving = std::mem::take(&mut *self.behind.serving.lock().unwrap());
        for thread in serving {
            let _ = thread.join();
        }
    }
}

impl Behind {
    fn wait(&self, gate: &Gate) {
        self.gates.lock().unwrap().push(gate.clone());
        gate.wait();
    }

    /// Answers one request and hangs up, so that every request is seen by itself.
    fn serve(&self, client: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(client);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let line = head.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let mut seen = Seen { line, head, body: Vec::new() };
        let answer = (self.rule)(&seen);
        if let Answer::Refrain(gate) = &answer {
            self.wait(gate);
        }
        let length = seen.header("content-length").map_or(0, |length| length.parse::<u64>().unwrap());
        (&mut reader).take(length).read_to_end(&mut seen.body)?;
        self.seen.lock().unwrap().push(seen.clone());
        let mut out = client;
        let (most, gate) = match answer {
            Answer::Own(status, headers, body) => {
                let length = body.len();
                let head = format!("HTTP/1.1 {status} Own\r\n{headers}Content-Length: {length}\r\n");
                return out.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes());
            }
            Answer::Pass | Answer::Refrain(_) => (u64::MAX, None),
            Answer::Cut(most) => (most, None),
            Answer::Hold(most, gate) => (most, Some(gate)),
        };
        let mut registry = TcpStream::connect(self.registry)?;
        let fields = seen.head.trim_end().lines();
        let fields = fields.filter(|field| !field.to_ascii_lowercase().starts_with("connection:"));
        let head = fields.collect::<Vec<_>>().join("\r\n");
        registry.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes())?;
        registry.write_all(&seen.body)?;
        std::io::copy(&mut (&mut registry).take(most), &mut out)?;
        if let Some(gate) = gate {
            self.wait(&gate);
            std::io::copy(&mut registry, &mut out)?;
        }
        Ok(())
    }
}
