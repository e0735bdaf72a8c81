//! HTTP/1.1 over one kept connection, as little of it as a load generator
//! needs: what a general client spends on each request would be missing from
//! the server that shares the machine with it.

use std::fmt::Write as _;
use std::io::IoSlice;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Holds any head, and as much of a large body as one read is to bring.
const BUFFER: usize = 256 * 1024;
/// More header fields than any of the servers sends.
const FIELDS: usize = 32;

pub(super) struct Connection {
    stream: TcpStream,
    buffer: Box<[u8]>,
    /// What has been read and not been used is at `from..to`.
    from: usize,
    to: usize,
}

/// The head of a response, reduced to what the cases look at.
#[derive(Debug, Default)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) link: Option<String>,
    length: Length,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Length {
    #[default]
    Unknown,
    Bytes(usize),
    Chunked,
}

/// What to do with the body of a response.
pub(super) enum Body<'a> {
    /// There is none, whatever the head says: the answer to a HEAD.
    Absent,
    Count,
    /// Must be these bytes.
    Same(&'a [u8]),
    Collect(&'a mut Vec<u8>),
}

impl Body<'_> {
    fn take(&mut self, part: &[u8]) -> Result<()> {
        match self {
            Body::Absent | Body::Count => {}
            Body::Same(rest) => match rest.split_at_checked(part.len()) {
                Some((start, tail)) if start == part => *rest = tail,
                _ => bail!("the body is not what was stored"),
            },
            Body::Collect(all) => all.extend_from_slice(part),
        }
        Ok(())
    }
}

/// The head of a request, with an empty line at its end.
pub(super) fn request(method: &str, target: &str, host: SocketAddr, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: chartroom-bench\r\n");
    for (name, value) in fields {
        // Writing to a String cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await;
        let stream = stream.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        Ok(Self { stream, buffer: vec![0; BUFFER].into_boxed_slice(), from: 0, to: 0 })
    }

    pub(super) async fn send(&mut self, head: &[u8], body: &[u8]) -> Result<()> {
        let mut parts = [IoSlice::new(head), IoSlice::new(body)];
        let mut parts = &mut parts[..];
        while !parts.is_empty() {
            let written = self.stream.write_vectored(parts).await.context("cannot send a request")?;
            if written == 0 {
                bail!("the server has closed the connection");
            }
            IoSlice::advance_slices(&mut parts, written);
        }
        Ok(())
    }

    /// Reads a response; gives its head and the number of bytes of its body,
    /// or of the body that a GET would have brought.
    pub(super) async fn receive(&mut self, mut body: Body<'_>) -> Result<(Response, usize)> {
        let response = self.head().await?;
        if matches!(body, Body::Same(_)) && response.status >= 400 {
            // The status says more than that this is not what was stored.
            body = Body::Count;
        }
        let length = match response.length {
            Length::Bytes(length) if matches!(body, Body::Absent) => length,
            _ if matches!(body, Body::Absent) => 0,
            Length::Bytes(length) => {
                self.pass(length, &mut body).await?;
                length
            }
            Length::Chunked => self.chunks(&mut body).await?,
            Length::Unknown if response.status == 204 => 0,
            Length::Unknown => bail!("a response with neither Content-Length nor chunks"),
        };
        if let Body::Same(rest) = body
            && !rest.is_empty()
        {
            bail!("the body lacks the last {} bytes of what was stored", rest.len());
        }
        Ok((response, length))
    }

    async fn head(&mut self) -> Result<Response> {
        loop {
            if let Some((used, response)) = parse(&self.buffer[self.from..self.to])? {
                self.from += used;
                return Ok(response);
            }
            self.more().await?;
        }
    }

    /// Hands the next bytes to the body.
    async fn pass(&mut self, length: usize, body: &mut Body<'_>) -> Result<()> {
        let mut left = length;
        loop {
            let part = left.min(self.to - self.from);
            body.take(&self.buffer[self.from..self.from + part])?;
            self.from += part;
            left -= part;
            if left == 0 {
                return Ok(());
            }
            self.more().await?;
        }
    }

    async fn chunks(&mut self, body: &mut Body<'_>) -> Result<usize> {
        let mut total = 0;
        loop {
            let size = self.chunk_size().await?;
            self.pass(size, body).await?;
            // Without trailers, the last chunk ends like any other.
            let mut end = Vec::with_capacity(2);
            self.pass(2, &mut Body::Collect(&mut end)).await?;
            if end != b"\r\n" {
                bail!("a chunk that doesn't end where it says");
            }
            if size == 0 {
                return Ok(total);
            }
            total += size;
        }
    }

    async fn chunk_size(&mut self) -> Result<usize> {
        loop {
            match httparse::parse_chunk_size(&self.buffer[self.from..self.to]) {
                Ok(httparse::Status::Complete((used, size))) => {
                    self.from += used;
                    return usize::try_from(size).context("a chunk larger than memory");
                }
                Ok(httparse::Status::Partial) => self.more().await?,
                Err(_) => bail!("a chunk without a size"),
            }
        }
    }

    async fn more(&mut self) -> Result<()> {
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
        } else if self.to == self.buffer.len() {
            if self.from == 0 {
                bail!("a response whose head is larger than {BUFFER} bytes");
            }
            self.buffer.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
        let read = self.stream.read(&mut self.buffer[self.to..]).await.context("cannot read a response")?;
        if read == 0 {
            bail!("the server has closed the connection");
        }
        self.to += read;
        Ok(())
    }
}

/// The head of a response and how long it is, if all of it is there.
fn parse(bytes: &[u8]) -> Result<Option<(usize, Response)>> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut head = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(used) = head.parse(bytes).context("a response that is not HTTP")? else {
        return Ok(None);
    };
    let mut response = Response { status: head.code.unwrap_or_default(), ..Response::default() };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    for field in head.headers.iter() {
        if field.name.eq_ignore_ascii_case("content-length") {
            let length = str::from_utf8(field.value).ok().and_then(|value| value.parse().ok());
            response.length = Length::Bytes(length.context("a Content-Length that is no number")?);
        } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
            response.length = Length::Chunked;
        } else if field.name.eq_ignore_ascii_case("location") {
            response.location = Some(text(field.value));
        } else if field.name.eq_ignore_ascii_case("link") {
            response.link = Some(text(field.value));
        }
    }
    Ok(Some((used, response)))
}

/// The path and query of an absolute or relative URL of the same server.
pub(super) fn target(url: &str) -> &str {
    match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_parsed_once_it_is_whole() -> Result<()> {
        let head = b"HTTP/1.1 202 Accepted\r\nContent-Length: 12\r\nlocation: /v2/x\r\n\r\n";
        assert!(parse(&head[..head.len() - 1])?.is_none());
        let (used, response) = parse(head)?.context("it is whole")?;
        assert_eq!((used, response.status, response.length), (head.len(), 202, Length::Bytes(12)));
        assert_eq!(response.location.as_deref(), Some("/v2/x"));
        Ok(())
    }

    #[test]
    fn a_location_is_reduced_to_what_a_request_line_takes() {
        assert_eq!(target("http://127.0.0.1:1/v2/a?b=c"), "/v2/a?b=c");
        assert_eq!(target("/v2/a"), "/v2/a");
        assert_eq!(target("http://127.0.0.1:1"), "/");
    }

    #[test]
    fn a_body_must_be_the_expected_one() -> Result<()> {
        let mut body = Body::Same(b"abc");
        body.take(b"ab")?;
        assert!(body.take(b"d").is_err());
        assert!(Body::Same(b"a").take(b"ab").is_err());
        Ok(())
    }
}
