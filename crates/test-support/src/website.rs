//! A web server over a folder: what a classic chart repository is. It notes every request down, and
//! may answer some of them otherwise.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tempfile::TempDir;

/// A request for a file.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// Path and query.
    pub target: String,
    /// The header fields as they came.
    pub fields: Vec<(String, String)>,
}

impl Visit {
    /// The value of a header field.
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Another answer than the file.
#[derive(Clone, Debug, Default)]
pub struct Instead {
    /// The status, such as `401 Unauthorized`.
    pub status: String,
    /// More header fields, each with its line end.
    pub fields: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Instead {
    /// An answer with a status and nothing else.
    pub fn status(status: &str) -> Self {
        Self { status: status.to_owned(), ..Self::default() }
    }
}

type Rule = dyn Fn(&Visit) -> Option<Instead> + Send + Sync;

/// The web server, on a port of its own. It ends when this is dropped, and its folder goes.
pub struct Website {
    addr: SocketAddr,
    inner: Arc<Inner>,
    accepting: Option<JoinHandle<()>>,
}

struct Inner {
    folder: TempDir,
    rule: Box<Rule>,
    visits: Mutex<Vec<Visit>>,
    open: Mutex<Vec<TcpStream>>,
    serving: Mutex<Vec<JoinHandle<()>>>,
    closing: AtomicBool,
}

impl Website {
    /// A server of an empty folder.
    pub fn start() -> Self {
        Self::with(|_| None)
    }

    /// A server that answers some requests otherwise.
    pub fn with(rule: impl Fn(&Visit) -> Option<Instead> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            folder: TempDir::new().unwrap(),
            rule: Box::new(rule),
            visits: Mutex::default(),
            open: Mutex::default(),
            serving: Mutex::default(),
            closing: AtomicBool::new(false),
        });
        let accepting = std::thread::spawn({
            let inner = Arc::clone(&inner);
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    if inner.closing.load(Ordering::SeqCst) {
                        return;
                    }
                    inner.open.lock().unwrap().push(stream.try_clone().unwrap());
                    let serving = std::thread::spawn({
                        let inner = Arc::clone(&inner);
                        move || {
                            // A client that hangs up is none of our business.
                            let _ = inner.serve(&stream);
                            let _ = stream.shutdown(Shutdown::Both);
                        }
                    });
                    inner.serving.lock().unwrap().push(serving);
                }
            }
        });
        Self { addr, inner, accepting: Some(accepting) }
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The folder that it serves.
    pub fn folder(&self) -> &Path {
        self.inner.folder.path()
    }

    /// Puts a file there.
    pub fn put(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The requests so far, and forgets them.
    pub fn visits(&self) -> Vec<Visit> {
        std::mem::take(&mut *self.inner.visits.lock().unwrap())
    }

    /// The targets of the requests so far, in order of their names, and forgets them.
    pub fn targets(&self) -> Vec<String> {
        let mut targets: Vec<String> = self.visits().into_iter().map(|visit| visit.target).collect();
        targets.sort();
        targets
    }
}

impl Drop for Website {
    fn drop(&mut self) {
        self.inner.closing.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.addr);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        for stream in self.inner.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let serving = std::mem::take(&mut *self.inner.serving.lock().unwrap());
        for thread in serving {
            let _ = thread.join();
        }
    }
}

impl Inner {
    /// Answers one request and hangs up, so that every request is seen by itself.
    fn serve(&self, client: &TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(client).lines();
        let Some(first) = lines.next().transpose()? else { return Ok(()) };
        let mut visit =
            Visit { target: first.split(' ').nth(1).unwrap_or_default().to_owned(), fields: Vec::new() };
        for line in lines {
            let line = line?;
            let Some((name, value)) = line.split_once(':') else { break };
            visit.fields.push((name.to_owned(), value.trim().to_owned()));
        }
        self.visits.lock().unwrap().push(visit.clone());
        let answer = (self.rule)(&visit).unwrap_or_else(|| self.file(&visit.target));
        let Instead { status, fields, body } = answer;
        let length = body.len();
        let mut client = client;
        let head =
            format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\nConnection: close\r\n\r\n");
        client.write_all(head.as_bytes())?;
        client.write_all(&body)
    }

    fn file(&self, target: &str) -> Instead {
        let path = target.split('?').next().unwrap_or_default();
        let path = path.replace("%2B", "+");
        let inside = !path.contains("..");
        match fs::read(self.folder.path().join(path.trim_start_matches('/'))) {
            Ok(body) if inside => Instead { status: "200 OK".to_owned(), fields: String::new(), body },
            _ => Instead::status("404 Not Found"),
        }
    }
}
