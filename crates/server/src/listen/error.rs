//! Why the server can't start to listen.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::settings;

/// What starting to listen gives back.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the server can't start to listen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address can't be had.
    #[error("can't listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The settings forbid it.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// A PEM file can't be used.
    #[error("can't use the {what} in `{}`: {reason}", path.display())]
    Pem {
        /// What the file is for.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Certificate and key are not of each other.
    #[error("the key in `{}` doesn't belong to the certificate in `{}`", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// The TLS library refuses to work as it should.
    #[error("can't set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

impl Error {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Bind { source, .. } => match source.kind() {
                io::ErrorKind::AddrInUse => {
                    Some("another program listens there; choose another address with --listen".to_owned())
                }
                io::ErrorKind::PermissionDenied => {
                    Some("ports below 1024 need privileges; choose another one with --listen".to_owned())
                }
                io::ErrorKind::AddrNotAvailable => {
                    Some("choose an address of this machine with --listen".to_owned())
                }
                _ => None,
            },
            Self::Settings(error) => error.hint(),
            Self::Pem { .. } => Some("`tls.certificate` and `tls.key` name PEM files".to_owned()),
            Self::Mismatch { .. } | Self::Tls(_) => None,
        }
    }
}
