//! TLS: whom to trust, whom to be, and what is said when it goes wrong.

use std::path::PathBuf;
use std::sync::Arc;

use chartroom_registry_client::{Client, Error, Options, Proxies, RetryPolicy, StaticCredential, TlsProblem};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto::aws_lc_rs};

use crate::script::{Reply, Script};

/// A registry behind TLS, its authority, and a client's certificate of the same.
struct Secure {
    host: String,
    folder: TempDir,
}

impl Secure {
    async fn start(names: &[&str], wants_client: bool) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        let client_key = KeyPair::generate().unwrap();
        let client = CertificateParams::new([]).unwrap().signed_by(&client_key, &authority).unwrap();
        let folder = TempDir::new().unwrap();
        for (file, pem) in [
            ("ca.pem", authority.pem()),
            ("client.pem", client.pem()),
            ("client.key", client_key.serialize_pem()),
        ] {
            std::fs::write(folder.path().join(file), pem).unwrap();
        }

        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let builder = if wants_client {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let host = format!("localhost:{}", listener.local_addr().unwrap().port());
        let host = if wants_client { host } else { host.replace("localhost", "127.0.0.1") };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut stream = acceptor.accept(stream).await?;
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(stream.read_u8().await?);
                    }
                    stream
                        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        .await?;
                    stream.shutdown().await
                });
            }
        });
        Self { host, folder }
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.path().join(name))
    }

    async fn ping(&self, set: impl FnOnce(&mut Options)) -> Result<(), Error> {
        ping(&self.host, set).await
    }
}

async fn ping(host: &str, set: impl FnOnce(&mut Options)) -> Result<(), Error> {
    let mut options = Options { proxies: Proxies::none(), retry: RetryPolicy::NEVER, ..Options::default() };
    set(&mut options);
    let client = Client::new(options, Arc::new(StaticCredential::anonymous()))?;
    client.registry(&host.parse().unwrap())?.ping().await.map(drop)
}

fn problem(result: Result<(), Error>) -> TlsProblem {
    match result {
        Err(Error::Tls { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_private_authority_is_trusted_if_given() {
    let server = Secure::start(&["127.0.0.1"], false).await;
    server.ping(|options| options.ca_file = server.file("ca.pem")).await.unwrap();
    server.ping(|options| options.insecure_skip_tls_verify = true).await.unwrap();
    let other = Secure::start(&["127.0.0.1"], false).await;
    let error = server.ping(|options| options.ca_file = other.file("ca.pem")).await;
    assert_eq!(problem(error), TlsProblem::UnknownAuthority);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let server = Secure::start(&["elsewhere.test"], false).await;
    let error = server.ping(|options| options.ca_file = server.file("ca.pem")).await;
    assert_eq!(problem(error), TlsProblem::WrongName);
    server.ping(|options| options.insecure_skip_tls_verify = true).await.unwrap();
}

#[tokio::test]
async fn plain_http_where_tls_was_expected_is_named() {
    let script = Script::start(|_| Reply::new(200));
    let ca = Secure::start(&["127.0.0.1"], false).await;
    let error = ping(&script.host(), |options| options.ca_file = ca.file("ca.pem")).await;
    assert!(error.as_ref().unwrap_err().hint().unwrap().contains("plain HTTP"), "{error:?}");
    assert_eq!(problem(error), TlsProblem::NotTls);
}

#[tokio::test]
async fn we_show_a_certificate_where_one_is_wanted() {
    let server = Secure::start(&["localhost"], true).await;
    let error = server.ping(|options| options.ca_file = server.file("ca.pem")).await;
    assert_eq!(problem(error), TlsProblem::ClientCertificate);
    server
        .ping(|options| {
            options.ca_file = server.file("ca.pem");
            options.cert_file = server.file("client.pem");
            options.key_file = server.file("client.key");
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn files_that_are_wrong_are_named() {
    let server = Secure::start(&["127.0.0.1"], false).await;
    let setup = |set: fn(&mut Options, &Secure)| {
        let mut options = Options { proxies: Proxies::none(), ..Options::default() };
        set(&mut options, &server);
        Client::new(options, Arc::new(StaticCredential::anonymous())).unwrap_err().to_string()
    };
    let missing = setup(|options, _| options.ca_file = Some("/nonexistent/ca.pem".into()));
    let file = "/nonexistent/ca.pem";
    assert_eq!(
        missing,
        format!(
            "can't create TLS config for client: can't read CA file: {file:?}: open {file}: no such file or directory"
        )
    );
    let empty = setup(|options, server| options.ca_file = server.file("client.key"));
    assert!(empty.contains("failed to append certificates from pem block: "), "{empty}");
    assert!(empty.contains("client.key"), "{empty}");
    assert!(setup(|options, server| options.cert_file = server.file("client.pem")).contains("key file"));
    assert!(
        setup(|options, server| options.key_file = server.file("client.key")).contains("certificate file")
    );
    let swapped = setup(|options, server| {
        options.cert_file = server.file("client.pem");
        options.key_file = server.file("ca.pem");
    });
    assert!(swapped.contains("unable to load cert from key pair: "), "{swapped}");
    assert!(swapped.contains("client.pem"), "{swapped}");
}
