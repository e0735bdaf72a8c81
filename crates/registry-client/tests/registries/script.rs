//! A registry that does what a test says, good or bad, to the byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What came in.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// `GET /v2/`, to tell requests by.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }
}

/// What goes out.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// After how many bytes of the body to hang up.
    cut: Option<usize>,
    hang_up: bool,
}

impl Reply {
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), cut: None, hang_up: false }
    }

    /// No answer at all.
    pub fn hang_up() -> Self {
        Self { hang_up: true, ..Self::new(0) }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn json(self, body: &str) -> Self {
        self.header("Content-Type", "application/json").body(body)
    }

    /// Hangs up in the middle of the body.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;
/// How many bytes of a request's body to read before hanging up; nothing for all, and an answer.
type Reluctance = dyn Fn(&Request) -> Option<usize> + Send + Sync;

/// A registry on a port of its own.
pub struct Script {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    handler: Box<Handler>,
    reluctance: Box<Reluctance>,
    requests: Mutex<Vec<Request>>,
    open: Mutex<Option<Vec<TcpStream>>>,
}

impl Script {
    pub fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::reluctant(|_| None, handler)
    }

    /// One that may hang up in the middle of a request's body.
    pub fn reluctant(
        reluctance: impl Fn(&Request) -> Option<usize> + Send + Sync + 'static,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            reluctance: Box::new(reluctance),
            requests: Mutex::default(),
            open: Mutex::new(Some(Vec::new())),
        });
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming().flatten() {
                    match &mut *shared.open.lock().unwrap() {
                        Some(open) => open.push(stream.try_clone().unwrap()),
                        None => return,
                    }
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || serve(&shared, &stream));
                }
            }
        });
        Self { address, shared }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The same server under a name that is another one.
    pub fn other_name(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// All that came in, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub fn lines(&self) -> Vec<String> {
        self.requests().iter().map(Request::line).collect()
    }

    pub fn count(&self, start: &str) -> usize {
        self.lines().iter().filter(|line| line.starts_with(start)).count()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let open = self.shared.open.lock().unwrap().take();
        for stream in open.into_iter().flatten() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the one that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(shared: &Shared, stream: &TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(mut request) = read_head(&mut reader) {
        let len = request.header("content-length").map_or(0, |len| len.parse::<usize>().unwrap());
        if let Some(some) = (shared.reluctance)(&request) {
            request.body = vec![0; some.min(len)];
            let _ = reader.read_exact(&mut request.body);
            shared.requests.lock().unwrap().push(request);
            // Without a reset the client could still write for a while.
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
        request.body = vec![0; len];
        if reader.read_exact(&mut request.body).is_err() {
            return;
        }
        shared.requests.lock().unwrap().push(request.clone());
        if !answer(stream, &request, (shared.handler)(&request)) {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
    // Something that is no HTTP, such as TLS.
    let mut stream = stream;
    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let _ = stream.shutdown(Shutdown::Both);
}

fn read_head(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_ascii_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut request = Request { method, target, ..Request::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            return Some(request);
        };
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// Sends a reply; says whether the connection goes on.
fn answer(mut stream: &TcpStream, request: &Request, reply: Reply) -> bool {
    if reply.hang_up {
        return false;
    }
    let mut head = format!("HTTP/1.1 {} Reason\r\n", reply.status);
    let has_length = reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    if !has_length && reply.status != 204 {
        head.push_str(&format!("Content-Length: {}\r\n", reply.body.len()));
    }
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let sent = if request.method == "HEAD" { 0 } else { reply.cut.unwrap_or(reply.body.len()) };
    let whole = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&reply.body[..sent]));
    whole.is_ok() && (request.method == "HEAD" || reply.cut.is_none())
}
