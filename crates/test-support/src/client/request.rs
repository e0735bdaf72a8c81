//! Requests.

use std::fmt;
use std::io::{self, Read, Write};

use super::{Client, Connection, Response};
use crate::secrets::plant_authorization;

/// A request on its way out.
#[must_use = "a request does nothing until it is sent"]
pub struct Request<'a> {
    client: &'a Client,
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Body<'a>,
}

enum Body<'a> {
    None,
    Bytes(&'a [u8]),
    Reader(u64, Box<dyn Read + 'a>),
    Chunked(Box<dyn Read + 'a>),
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target.chars().take(300).collect::<String>();
        write!(f, "{} {target}", self.method)
    }
}

impl<'a> Request<'a> {
    pub(super) fn new(client: &'a Client, method: &str, target: &str) -> Self {
        let target = match target.split_once("://") {
            Some((scheme, rest)) if scheme.starts_with("http") => {
                rest.find('/').map_or("/", |slash| &rest[slash..])
            }
            _ => target,
        };
        Self {
            client,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Body::None,
        }
    }

    /// One more header; the value is sent as it is. Credentials must not be in the server's log then.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        if name.eq_ignore_ascii_case("Authorization") {
            plant_authorization(value.as_ref());
        }
        self.headers.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// A `Content-Type` header.
    pub fn content_type(self, media_type: &str) -> Self {
        self.header("Content-Type", media_type)
    }

    /// A body, with its `Content-Length`.
    pub fn body(mut self, bytes: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.body = Body::Bytes(bytes.as_ref());
        self
    }

    /// A body that is read while it is sent, with its `Content-Length`.
    pub fn reader(mut self, length: u64, reader: impl Read + 'a) -> Self {
        self.body = Body::Reader(length, Box::new(reader));
        self
    }

    /// A body that is read while it is sent, in chunks and without `Content-Length`.
    pub fn chunked(mut self, reader: impl Read + 'a) -> Self {
        self.body = Body::Chunked(Box::new(reader));
        self
    }

    /// Sends the request and reads the whole answer.
    ///
    /// # Panics
    ///
    /// When there is no proper answer in time.
    #[track_caller]
    pub fn send(self) -> Response {
        let what = format!("{self:?}");
        self.try_send().unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Sends the request and reads the whole answer, or tells why there is none.
    pub fn try_send(self) -> io::Result<Response> {
        let mut body = Vec::new();
        let mut response = self.exchange(&mut body)?;
        response.body = body;
        Ok(response)
    }

    /// Sends the request and writes the answer's body to `sink` while it comes.
    ///
    /// # Panics
    ///
    /// When there is no proper answer in time.
    #[track_caller]
    pub fn send_into(self, sink: &mut dyn Write) -> Response {
        let what = format!("{self:?}");
        self.exchange(sink).unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    fn exchange(mut self, sink: &mut dyn Write) -> io::Result<Response> {
        let idle = self.client.idle.borrow_mut().take().filter(Connection::is_quiet);
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::open(self.client.addr, self.client.timeout)?,
        };
        let sent = self.write(&mut connection);
        // A server that refuses a body may answer and close before it has read all of it: the
        // answer is what counts, and only without one the failure to send.
        let (mut response, reusable) = match (connection.read_response(&self.method, sink), &sent) {
            (Ok(answer), _) => answer,
            (Err(_), Err(error)) => return Err(io::Error::new(error.kind(), format!("sending: {error}"))),
            (Err(error), Ok(_)) => return Err(error),
        };
        if reusable && matches!(sent, Ok(true)) {
            *self.client.idle.borrow_mut() = Some(connection);
        }
        response.request = format!("{self:?}");
        Ok(response)
    }

    /// `Ok(false)` if the answer came before all was sent.
    fn write(&mut self, connection: &mut Connection) -> io::Result<bool> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        let given = |wanted: &str| self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        if !given("Host") {
            head.extend_from_slice(format!("Host: {}\r\n", self.client.addr).as_bytes());
        }
        let length = match &self.body {
            Body::None if matches!(self.method.as_str(), "POST" | "PUT" | "PATCH") => Some(0),
            Body::None | Body::Chunked(_) => None,
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::Reader(length, _) => Some(*length),
        };
        if matches!(self.body, Body::Chunked(_)) {
            head.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
        }
        if let Some(length) = length
            && !given("Content-Length")
        {
            head.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
        }
        for (name, value) in &self.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        match &mut self.body {
            Body::None => connection.write(&head),
            Body::Bytes(bytes) if bytes.len() <= 64 * 1024 => {
                head.extend_from_slice(bytes);
                connection.write(&head)
            }
            Body::Bytes(bytes) => Ok(connection.write(&head)? && copy(connection, &mut &bytes[..])?),
            Body::Reader(length, reader) => {
                Ok(connection.write(&head)? && copy(connection, &mut reader.take(*length))?)
            }
            Body::Chunked(reader) => Ok(connection.write(&head)? && copy_chunked(connection, reader)?),
        }
    }
}

fn copy(connection: &mut Connection, reader: &mut dyn Read) -> io::Result<bool> {
    let mut buffer = vec![0; 256 * 1024];
    let mut length = reader.read(&mut buffer)?;
    while length > 0 {
        if connection.has_answer() || !connection.write(&buffer[..length])? {
            return Ok(false);
        }
        length = reader.read(&mut buffer)?;
    }
    Ok(true)
}

fn copy_chunked(connection: &mut Connection, reader: &mut dyn Read) -> io::Result<bool> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = reader.read(&mut buffer)?;
        if connection.has_answer() {
            return Ok(false);
        }
        if length == 0 {
            return connection.write(b"0\r\n\r\n");
        }
        let size = format!("{length:x}\r\n");
        let sent = connection.write(size.as_bytes())?
            && connection.write(&buffer[..length])?
            && connection.write(b"\r\n")?;
        if !sent {
            return Ok(false);
        }
    }
}
