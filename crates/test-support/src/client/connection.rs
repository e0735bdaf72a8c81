//! One TCP connection that speaks HTTP/1.1, a request and its answer at a time.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::Response;

/// Longest head of an answer that is read.
const MAX_HEAD: usize = 256 * 1024;

/// A stream with what was read from it but not used yet.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    timeout: Duration,
    ahead: Vec<u8>,
}

/// How an answer's body is delimited.
enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

impl Connection {
    pub(super) fn open(addr: SocketAddr, timeout: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&addr, timeout)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(timeout))?;
        // Short, because between writes the answer is looked for: it may come before all is sent.
        stream.set_write_timeout(Some(Duration::from_millis(50)))?;
        Ok(Self { stream, timeout, ahead: Vec::new() })
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Whether the server has neither closed the connection nor said anything unasked.
    pub(super) fn is_quiet(&self) -> bool {
        self.ahead.is_empty() && matches!(self.peek(), Peek::Nothing)
    }

    /// Whether something has come that is to be read before more is sent.
    pub(super) fn has_answer(&self) -> bool {
        !self.ahead.is_empty() || matches!(self.peek(), Peek::Bytes | Peek::Closed)
    }

    fn peek(&self) -> Peek {
        let mut byte = [0];
        if self.stream.set_nonblocking(true).is_err() {
            return Peek::Closed;
        }
        let peeked = self.stream.peek(&mut byte);
        if self.stream.set_nonblocking(false).is_err() {
            return Peek::Closed;
        }
        match peeked {
            Ok(0) => Peek::Closed,
            Ok(_) => Peek::Bytes,
            Err(error) if error.kind() == ErrorKind::WouldBlock => Peek::Nothing,
            Err(_) => Peek::Closed,
        }
    }

    /// Sends bytes, unless the answer comes first. `false` if it did.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> io::Result<bool> {
        let mut progressed = Instant::now();
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => {
                    bytes = &bytes[length..];
                    progressed = Instant::now();
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if self.has_answer() {
                        return Ok(false);
                    }
                    if progressed.elapsed() > self.timeout {
                        return Err(timed_out("the server takes no more bytes"));
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Reads an answer, its body into `sink`. Interim answers (1xx) are passed over.
    /// The flag tells whether the connection can be used again.
    pub(super) fn read_response(
        &mut self,
        method: &str,
        sink: &mut dyn Write,
    ) -> io::Result<(Response, bool)> {
        loop {
            let mut response = self.read_head()?;
            if (100..200).contains(&response.status) {
                continue;
            }
            let closes =
                response.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
            let framing = framing(method, &response)?;
            let reusable = !closes && !matches!(framing, Framing::UntilClose);
            response.body_length = self.read_body(&framing, sink)?;
            return Ok((response, reusable));
        }
    }

    fn read_head(&mut self) -> io::Result<Response> {
        loop {
            let mut headers = vec![httparse::EMPTY_HEADER; 200];
            let mut head = httparse::Response::new(&mut headers);
            match head.parse(&self.ahead) {
                Ok(httparse::Status::Complete(length)) => {
                    let response = Response::from_head(&head);
                    self.ahead.drain(..length);
                    return Ok(response);
                }
                Ok(httparse::Status::Partial) if self.ahead.len() < MAX_HEAD => {
                    if self.fill()? == 0 {
                        return Err(closed("within the head of an answer", &self.ahead));
                    }
                }
                Ok(httparse::Status::Partial) => return Err(invalid("a head that never ends")),
                Err(error) => return Err(invalid(&format!("no HTTP answer: {error}"))),
            }
        }
    }

    fn read_body(&mut self, framing: &Framing, sink: &mut dyn Write) -> io::Result<u64> {
        match framing {
            Framing::Length(length) => self.copy(*length, sink).map(|()| *length),
            Framing::UntilClose => {
                let mut total = 0;
                loop {
                    sink.write_all(&self.ahead)?;
                    total += self.ahead.len() as u64;
                    self.ahead.clear();
                    if self.fill()? == 0 {
                        return Ok(total);
                    }
                }
            }
            Framing::Chunked => {
                let mut total = 0;
                loop {
                    let line = self.line()?;
                    let size = line.split(';').next().unwrap_or_default().trim();
                    let size = u64::from_str_radix(size, 16).map_err(|_| invalid("a chunk without size"))?;
                    self.copy(size, sink)?;
                    total += size;
                    if size == 0 {
                        // Trailers, up to the empty line.
                        while !self.line()?.is_empty() {}
                        return Ok(total);
                    }
                    if !self.line()?.is_empty() {
                        return Err(invalid("a chunk that is longer than it says"));
                    }
                }
            }
        }
    }

    fn copy(&mut self, length: u64, sink: &mut dyn Write) -> io::Result<()> {
        let mut left = length;
        while left > 0 {
            if self.ahead.is_empty() && self.fill()? == 0 {
                return Err(closed(&format!("{left} bytes before the end of a body of {length}"), &[]));
            }
            let take = self.ahead.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            sink.write_all(&self.ahead[..take])?;
            self.ahead.drain(..take);
            left -= take as u64;
        }
        Ok(())
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.ahead.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8_lossy(&self.ahead[..end]).into_owned();
                self.ahead.drain(..end + 2);
                return Ok(line);
            }
            if self.fill()? == 0 {
                return Err(closed("within a chunk", &self.ahead));
            }
        }
    }

    /// Reads once; 0 at the end of the stream.
    fn fill(&mut self) -> io::Result<usize> {
        let used = self.ahead.len();
        self.ahead.resize(used + 256 * 1024, 0);
        let outcome = loop {
            match self.stream.read(&mut self.ahead[used..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        self.ahead.truncate(used + *outcome.as_ref().unwrap_or(&0));
        match outcome {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(timed_out("the server says no more"))
            }
            outcome => outcome,
        }
    }
}

enum Peek {
    Nothing,
    Bytes,
    Closed,
}

fn framing(method: &str, response: &Response) -> io::Result<Framing> {
    if method == "HEAD" || matches!(response.status, 204 | 304) {
        return Ok(Framing::Length(0));
    }
    if response.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        return Ok(Framing::Chunked);
    }
    match response.headers("content-length").as_slice() {
        [] => Ok(Framing::UntilClose),
        [length] => length.parse().map(Framing::Length).map_err(|_| invalid("a bad Content-Length")),
        _ => Err(invalid("several Content-Length headers")),
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what.to_owned())
}

fn closed(what: &str, seen: &[u8]) -> io::Error {
    let seen = String::from_utf8_lossy(seen);
    io::Error::new(ErrorKind::UnexpectedEof, format!("the connection closed {what}: {seen:?}"))
}

fn timed_out(what: &str) -> io::Error {
    io::Error::new(ErrorKind::TimedOut, what.to_owned())
}
