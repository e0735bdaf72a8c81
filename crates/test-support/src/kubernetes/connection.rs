//! Requests to the API server, each over a connection of its own.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

#[derive(Debug)]
pub(super) struct Connection {
    addr: SocketAddr,
    tls: Arc<ClientConfig>,
    token: &'static str,
}

impl Connection {
    pub(super) fn new(addr: SocketAddr, root: Vec<u8>, token: &'static str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(root)).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.expect("versions of TLS").with_root_certificates(roots).with_no_client_auth();
        Self { addr, tls: Arc::new(tls), token }
    }

    /// The status and the body of the answer.
    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        media_type: Option<&str>,
        body: &[u8],
    ) -> io::Result<(u16, Vec<u8>)> {
        let timeout = Duration::from_secs(30);
        let stream = TcpStream::connect_timeout(&self.addr, timeout)?;
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        let name = ServerName::from(self.addr.ip());
        let session = ClientConnection::new(Arc::clone(&self.tls), name).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(session, stream);
        // Of 1.0, so that the answer comes in one piece, and ends with the connection.
        let mut request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {}\r\nAccept: application/json\r\n",
            self.addr, self.token
        );
        if let Some(media_type) = media_type {
            request.push_str(&format!("Content-Type: {media_type}\r\nContent-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes())?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer)
            && error.kind() != io::ErrorKind::UnexpectedEof
        {
            return Err(error);
        }
        let mut headers = vec![httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Response::new(&mut headers);
        match head.parse(&answer) {
            Ok(httparse::Status::Complete(length)) => {
                Ok((head.code.unwrap_or_default(), answer.split_off(length)))
            }
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "no HTTP answer")),
        }
    }
}
