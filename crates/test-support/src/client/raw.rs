//! Connections for those who do not keep to the protocol.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::{Connection, Response};

/// A connection on which any bytes can be sent.
#[derive(Debug)]
pub struct RawConnection {
    connection: Connection,
    timeout: Duration,
}

/// What came on a [`RawConnection`] until the server closed it.
#[derive(Debug)]
pub struct RawResponse {
    /// All that came.
    pub bytes: Vec<u8>,
    /// How long it took.
    pub took: Duration,
}

impl RawResponse {
    /// The status code of the first answer; `None` if the server closed without one.
    pub fn status(&self) -> Option<u16> {
        let line = self.bytes.strip_prefix(b"HTTP/1.1 ")?;
        std::str::from_utf8(line.get(..3)?).ok()?.parse().ok()
    }

    /// All that came, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl RawConnection {
    #[track_caller]
    pub(super) fn open(addr: SocketAddr, timeout: Duration) -> Self {
        let connection = Connection::open(addr, timeout).unwrap_or_else(|error| panic!("{addr}: {error}"));
        Self { connection, timeout }
    }

    /// Sends bytes. `false` if the server takes no more, which can be what a test wants.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.connection.write(bytes.as_ref()).unwrap_or(false)
    }

    /// Says that nothing more will be sent, and goes on listening.
    pub fn half_close(&self) {
        // The server may have closed already.
        let _ = self.stream().shutdown(Shutdown::Write);
    }

    /// Whether the server has closed the connection or answered by now.
    pub fn has_answer(&self) -> bool {
        self.connection.has_answer()
    }

    /// Reads one answer to a request of this method.
    #[track_caller]
    pub fn response(&mut self, method: &str) -> Response {
        let mut body = Vec::new();
        match self.connection.read_response(method, &mut body) {
            Ok((mut response, _)) => {
                "raw request".clone_into(&mut response.request);
                response.body = body;
                response
            }
            Err(error) => panic!("no answer on a raw connection: {error}"),
        }
    }

    /// Reads until the server closes the connection.
    ///
    /// # Panics
    ///
    /// When it does not within the client's timeout.
    #[track_caller]
    pub fn until_close(self) -> RawResponse {
        let began = Instant::now();
        let mut stream = self.stream();
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 * 1024];
        loop {
            let left = self.timeout.saturating_sub(began.elapsed()).max(Duration::from_millis(1));
            stream.set_read_timeout(Some(left)).expect("a timeout is set");
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => bytes.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    panic!(
                        "still open after {:?}, having said: {}",
                        began.elapsed(),
                        String::from_utf8_lossy(&bytes)
                    );
                }
                // A reset is a close too.
                Err(_) => break,
            }
        }
        RawResponse { bytes, took: began.elapsed() }
    }

    fn stream(&self) -> &TcpStream {
        self.connection.stream()
    }
}

impl Write for RawConnection {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.connection.write(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
