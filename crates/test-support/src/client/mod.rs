//! A small blocking HTTP/1.1 client. It sends exactly what it is told to, keeps its
//! connection, hides nothing of the answer, and never waits longer than its timeout.

mod connection;
mod raw;
mod request;
mod response;

use std::cell::RefCell;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use connection::Connection;
pub use raw::{RawConnection, RawResponse};
pub use request::Request;
pub use response::Response;

/// A client of one server with at most one open connection. Clones share nothing but settings.
#[derive(Debug)]
pub struct Client {
    addr: SocketAddr,
    timeout: Duration,
    idle: RefCell<Option<Connection>>,
}

impl Client {
    /// A client that connects when it is first used.
    pub fn new(addr: SocketAddr) -> Self {
        Self { addr, timeout: Duration::from_secs(10), idle: RefCell::new(None) }
    }

    /// How long the client waits for progress in either direction; 10 s at first.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The server's address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// A request that is sent by [`Request::send`]. The target is what stands in the request
    /// line, or an absolute URL, of which only path and query are used.
    pub fn request(&self, method: &str, target: &str) -> Request<'_> {
        Request::new(self, method, target)
    }

    /// A GET request.
    pub fn get(&self, target: &str) -> Request<'_> {
        self.request("GET", target)
    }

    /// A HEAD request.
    pub fn head(&self, target: &str) -> Request<'_> {
        self.request("HEAD", target)
    }

    /// A POST request.
    pub fn post(&self, target: &str) -> Request<'_> {
        self.request("POST", target)
    }

    /// A PUT request.
    pub fn put(&self, target: &str) -> Request<'_> {
        self.request("PUT", target)
    }

    /// A PATCH request.
    pub fn patch(&self, target: &str) -> Request<'_> {
        self.request("PATCH", target)
    }

    /// A DELETE request.
    pub fn delete(&self, target: &str) -> Request<'_> {
        self.request("DELETE", target)
    }

    /// A connection of its own, for sending bytes that are no proper request.
    #[track_caller]
    pub fn raw(&self) -> RawConnection {
        RawConnection::open(self.addr, self.timeout)
    }
}

impl Clone for Client {
    fn clone(&self) -> Self {
        Self::new(self.addr).with_timeout(self.timeout)
    }
}

/// Percent-encodes all but unreserved characters, as a query value needs it.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a string");
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
