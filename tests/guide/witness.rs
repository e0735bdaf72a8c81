//! Looks into a registry from outside, as none of the programs under test does it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use chartroom_oci::Digest;
use chartroom_test_support::OCI_MANIFEST;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

use crate::authority::Authority;
use crate::names::HOSTS;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A small HTTPS client.
pub(crate) struct Witness {
    registry: SocketAddr,
    /// The value of `Authorization`.
    authorization: String,
    tls: Arc<ClientConfig>,
}

impl Witness {
    /// One that trusts this authority, and shows this.
    pub(crate) fn new(registry: SocketAddr, authority: &Authority, authorization: &str) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.root_der.clone())).unwrap();
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let tls = tls.with_safe_default_protocol_versions().unwrap();
        let tls = Arc::new(tls.with_root_certificates(roots).with_no_client_auth());
        Self { registry, authorization: authorization.to_owned(), tls }
    }

    /// The status and the body of what stands at a path.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let stream = TcpStream::connect(self.registry).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let name = ServerName::try_from(HOSTS[0]).unwrap();
        let tls = ClientConnection::new(Arc::clone(&self.tls), name).unwrap();
        let mut stream = StreamOwned::new(tls, stream);
        // HTTP/1.0, so that the body comes in one piece and the connection ends with it.
        let request = format!(
            "GET {path} HTTP/1.0\r\nHost: {}\r\nAuthorization: {}\r\nAccept: {OCI_MANIFEST}\r\n\r\n",
            HOSTS[0], self.authorization
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{path}: {head}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        let mut length = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let mut body = Vec::new();
        match length.next() {
            // Some take their time to hang up.
            Some((_, length)) => {
                body.resize(length.parse().unwrap(), 0);
                reader.read_exact(&mut body).unwrap();
            }
            None => drop(reader.read_to_end(&mut body).unwrap()),
        }
        (status, body)
    }

    /// The tags of a repository, in order; none if there is no such repository.
    #[track_caller]
    pub(crate) fn tags(&self, repository: &str) -> Vec<String> {
        let (status, body) = self.get(&format!("/v2/{repository}/tags/list"));
        if status == 404 {
            return Vec::new();
        }
        assert_eq!(status, 200, "{repository}: {}", String::from_utf8_lossy(&body));
        let body = serde_json::from_slice::<Value>(&body).unwrap();
        let tags = body["tags"].as_array().into_iter().flatten().map(|tag| tag.as_str().unwrap().to_owned());
        let mut tags = tags.collect::<Vec<_>>();
        tags.sort();
        tags
    }

    /// A manifest.
    #[track_caller]
    pub(crate) fn manifest(&self, repository: &str, reference: &str) -> Vec<u8> {
        self.found(&format!("/v2/{repository}/manifests/{reference}"))
    }

    /// A blob, which must be what its digest says.
    #[track_caller]
    pub(crate) fn blob(&self, repository: &str, digest: &str) -> Vec<u8> {
        let blob = self.found(&format!("/v2/{repository}/blobs/{digest}"));
        assert_eq!(Digest::sha256(&blob).to_string(), digest);
        blob
    }

    #[track_caller]
    fn found(&self, path: &str) -> Vec<u8> {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        body
    }
}
