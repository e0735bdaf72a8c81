//! Certificates, and replacing them while connections go on.

use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, ServerConfig};
use tokio_rustls::TlsAcceptor;

use super::{Error, Result, client_certificate};

/// Encrypts connections with a certificate that may change.
pub(super) struct Encryption {
    files: Files,
    current: Arc<Current>,
    acceptor: TlsAcceptor,
    /// What the files were like when they were last read, whether or not they could be used.
    seen: Mutex<Fingerprint>,
}

#[derive(Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// The certificate that new connections get.
struct Current(ArcSwap<CertifiedKey>);

impl Encryption {
    /// Reads the files for the first time.
    pub(super) fn load(certificate: &Path, key: &Path, authority: Option<&Path>) -> Result<Self> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let seen = files.fingerprint();
        let current = Arc::new(Current(ArcSwap::from_pointee(files.read(&provider)?)));
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?;
        let config = match authority {
            Some(authority) => {
                config.with_client_cert_verifier(client_certificate::verifier(authority, provider)?)
            }
            None => config.with_no_client_auth(),
        };
        let mut config = config.with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { files, current, acceptor, seen: Mutex::new(seen) })
    }

    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Reads the files anew if they look different from last time, or if somebody asks for it. If
    /// they can't be used, the certificate stays as it was, and the reason is logged once.
    pub(super) async fn refresh(self: &Arc<Self>, asked: bool) {
        let this = Arc::clone(self);
        let refreshed = tokio::task::spawn_blocking(move || this.refresh_blocking(asked)).await;
        if let Err(error) = refreshed {
            tracing::error!(%error, "reloading the certificate failed");
        }
    }

    fn refresh_blocking(&self, asked: bool) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken before the files are read: what changes in between is seen as a change next time.
        let now = self.files.fingerprint();
        if !asked && *seen == now {
            return;
        }
        *seen = now;
        match self.files.read(self.acceptor.config().crypto_provider()) {
            Ok(fresh) => {
                self.current.0.store(Arc::new(fresh));
                tracing::info!(certificate = %self.files.certificate.display(), "using a new certificate");
            }
            Err(error) => tracing::error!(%error, "keeping the old certificate"),
        }
    }
}

impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encryption").field("certificate", &self.files.certificate).finish_non_exhaustive()
    }
}

impl Files {
    fn read(&self, provider: &CryptoProvider) -> Result<CertifiedKey> {
        let bad = |what, path: &Path, reason: &dyn fmt::Display| Error::Pem {
            what,
            path: path.to_owned(),
            reason: reason.to_string(),
        };
        let bad_certificate = |reason: &dyn fmt::Display| bad("certificate", &self.certificate, reason);
        let bad_key = |reason: &dyn fmt::Display| bad("key", &self.key, reason);

        let chain: Vec<_> = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(|error| bad_certificate(&error))?;
        if chain.is_empty() {
            return Err(bad_certificate(&"there is none"));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| bad_key(&error))?;
        CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                Error::Mismatch { certificate: self.certificate.clone(), key: self.key.clone() }
            }
            rustls::Error::InvalidCertificate(_) => bad_certificate(&error),
            error => bad_key(&error),
        })
    }

    fn fingerprint(&self) -> Fingerprint {
        [&self.certificate, &self.key].map(|path| fs::metadata(path).ok().map(|file| Mark::of(&file)))
    }
}

/// What tells whether one of both files has changed.
type Fingerprint = [Option<Mark>; 2];

/// What changes when a file is written, replaced, or when a link on the way to it is turned to another
/// one, as Kubernetes does.
#[derive(PartialEq, Eq)]
struct Mark {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Mark {
    fn of(file: &Metadata) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
            length: file.len(),
            modified: (file.mtime(), file.mtime_nsec()),
        }
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}
