//! TLS: versions, protocols, and certificates that change.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::TLS12;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::tls::Encryption;
use super::*;

/// A folder with a certificate in it.
struct Files(TempDir);

impl Files {
    fn new() -> (Self, CertificateDer<'static>) {
        let files = Self(tempfile::tempdir().unwrap());
        let certificate = issue(files.0.path());
        (files, certificate)
    }

    fn settings(&self, more: &str) -> Settings {
        let folder = self.0.path().display();
        settings(&format!("[tls]\ncertificate = \"{folder}/tls.crt\"\nkey = \"{folder}/tls.key\"\n{more}"))
    }

    fn encryption(&self) -> Arc<Encryption> {
        let settings = self.settings("");
        let (certificate, key) = settings.tls.files().unwrap();
        Arc::new(Encryption::load(certificate, key, None).unwrap())
    }
}

/// Writes a new certificate for `localhost` and its key into a folder.
fn issue(folder: &Path) -> CertificateDer<'static> {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("tls.crt"), issued.cert.pem()).unwrap();
    fs::write(folder.join("tls.key"), issued.signing_key.serialize_pem()).unwrap();
    issued.cert.der().clone()
}

/// Connects as a client that trusts these certificates and nothing else.
async fn connect(
    server: &Running,
    trusted: &[&CertificateDer<'static>],
    versions: &[&'static SupportedProtocolVersion],
    protocol: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for certificate in trusted {
        roots.add((*certificate).clone()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.into()];
    let stream = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    timeout(SOON, TlsConnector::from(Arc::new(config)).connect(name, stream)).await.unwrap()
}

/// The certificate that the server shows.
async fn shown(server: &Running, trusted: &[&CertificateDer<'static>]) -> CertificateDer<'static> {
    let stream = connect(server, trusted, rustls::DEFAULT_VERSIONS, "http/1.1").await.unwrap();
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

#[tokio::test]
async fn requests_over_each_version() {
    let (files, certificate) = Files::new();
    let server = start(&files.settings("")).await;
    for version in [&TLS12, &rustls::version::TLS13] {
        let mut stream = connect(&server, &[&certificate], &[version], "http/1.1").await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        timeout(SOON, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hello"), "{answer}");
    }
}

#[tokio::test]
async fn http_2_is_agreed_on() {
    let (files, certificate) = Files::new();
    let server = start(&files.settings("")).await;
    let stream = connect(&server, &[&certificate], rustls::DEFAULT_VERSIONS, "h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));

    let (mut requests, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = |path: &str| http::Request::get(format!("https://localhost{path}")).body(()).unwrap();
    let (answer, _) = requests.send_request(request("/"), true).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, http::Version::HTTP_2));
    assert_eq!(answer.into_body().data().await.unwrap().unwrap(), "hello");

    // What is under way is finished here too.
    let (slow, _) = requests.send_request(request("/slow/500"), true).unwrap();
    sleep(Duration::from_millis(100)).await;
    server.lifecycle.drain();
    assert_eq!(slow.await.unwrap().status(), 200);
    drop(requests);
    server.stopped().await;
    timeout(SOON, connection).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_handshake_that_never_comes() {
    let (files, _) = Files::new();
    let server = start(&files.settings("[limits]\nheader_timeout = \"200ms\"")).await;
    assert_eq!(server.connect().await.rest().await, "");
}

#[tokio::test]
async fn plain_http_is_not_answered() {
    let (files, _) = Files::new();
    let server = start(&files.settings("")).await;
    let mut client = server.connect().await;
    client.get("/").await;
    let mut rest = Vec::new();
    let _ = timeout(SOON, client.0.read_to_end(&mut rest)).await.unwrap();
    assert!(!rest.starts_with(b"HTTP"));
}

#[tokio::test]
async fn a_changed_certificate_is_used_from_then_on() {
    let (files, old) = Files::new();
    let encryption = files.encryption();
    let server = start_with(&files.settings(""), Arc::clone(&encryption)).await;
    assert_eq!(shown(&server, &[&old]).await, old);

    let new = issue(files.0.path());
    encryption.refresh(false).await;
    assert_eq!(shown(&server, &[&old, &new]).await, new);
}

#[tokio::test]
async fn a_turned_link_is_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["1", "2"] {
        fs::create_dir(path(name)).unwrap();
    }
    let (old, new) = (issue(&path("1")), issue(&path("2")));
    symlink("1", path("..data")).unwrap();
    symlink("..data/tls.crt", path("tls.crt")).unwrap();
    symlink("..data/tls.key", path("tls.key")).unwrap();
    let files = Files(folder);
    let encryption = files.encryption();
    let server = start_with(&files.settings(""), Arc::clone(&encryption)).await;
    assert_eq!(shown(&server, &[&old]).await, old);

    let turned = files.0.path().join("..turned");
    symlink("2", &turned).unwrap();
    fs::rename(&turned, files.0.path().join("..data")).unwrap();
    encryption.refresh(false).await;
    assert_eq!(shown(&server, &[&new]).await, new);
}

#[tokio::test]
async fn bad_new_files_leave_the_old_certificate_in_use() {
    let (files, old) = Files::new();
    let encryption = files.encryption();
    let server = start_with(&files.settings(""), Arc::clone(&encryption)).await;
    let other = Files::new().0;
    let certificate = files.0.path().join("tls.crt");

    for step in ["not PEM", "of another key", "gone"] {
        match step {
            "not PEM" => fs::write(&certificate, "no").unwrap(),
            "gone" => fs::remove_file(&certificate).unwrap(),
            _ => drop(fs::copy(other.0.path().join("tls.crt"), &certificate).unwrap()),
        }
        encryption.refresh(true).await;
        assert_eq!(shown(&server, &[&old]).await, old, "{step}");
    }
    let new = issue(files.0.path());
    encryption.refresh(false).await;
    assert_eq!(shown(&server, &[&new]).await, new);
}

#[tokio::test]
async fn sighup_reloads_at_once() {
    // So that the process survives the signal before the server listens for it.
    let _survive = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).unwrap();
    let (files, old) = Files::new();
    let server = start(&files.settings("")).await;
    assert_eq!(shown(&server, &[&old]).await, old);
    let new = issue(files.0.path());
    let reloaded = async {
        loop {
            let process = std::process::id().to_string();
            tokio::process::Command::new("kill").args(["-HUP", &process]).status().await.unwrap();
            sleep(Duration::from_millis(50)).await;
            if shown(&server, &[&old, &new]).await == new {
                break;
            }
        }
    };
    timeout(Duration::from_secs(5), reloaded).await.unwrap();
}

#[tokio::test]
async fn files_that_are_of_no_use_are_refused_at_the_start() {
    let (files, _) = Files::new();
    let settings = files.settings("");
    let path = |name: &str| files.0.path().join(name);
    let refusal = || async { Server::bind(&settings).await.unwrap_err().to_string() };

    fs::write(path("tls.key"), rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    assert!(refusal().await.contains("doesn't belong to"), "{}", refusal().await);
    fs::write(path("tls.key"), "no").unwrap();
    assert!(refusal().await.starts_with("can't use the key in"), "{}", refusal().await);
    fs::write(path("tls.crt"), "no").unwrap();
    assert!(refusal().await.starts_with("can't use the certificate in"), "{}", refusal().await);
    fs::remove_file(path("tls.crt")).unwrap();
    assert!(refusal().await.starts_with("can't use the certificate in"), "{}", refusal().await);
}

/// As [`start`], with a certificate that the test can have reloaded.
async fn start_with(settings: &Settings, encryption: Arc<Encryption>) -> Running {
    let mut server = Server::bind(settings).await.unwrap();
    server.encryption = Some(encryption);
    let lifecycle = Lifecycle::new();
    let address = server.address();
    let task = tokio::spawn(server.serve(app(), lifecycle.clone()));
    Running { address, lifecycle, task }
}
