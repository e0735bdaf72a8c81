//! Why somebody is not let in, and what can be wrong with what decides it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::rules::RuleError;

/// Why a credential is not accepted. Which part of it was wrong is for the log, never for whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// It proves nothing: unknown, wrong, expired or revoked.
    #[error("{0}")]
    Refused(Refusal),
    /// Too many wrong ones came from there, or for that account.
    #[error("too many failed logins; try again in {} s", .0.as_secs().max(1))]
    Throttled(Duration),
    /// It can't be checked now.
    #[error("credentials can't be checked now: {0}")]
    Unavailable(String),
}

/// Why a credential proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such user, or the password is another; which of both is not told.
    #[error("unknown user or wrong password")]
    Password,
    /// There is no such access token; it may have been revoked.
    #[error("unknown or revoked access token")]
    UnknownToken,
    /// It was good until a moment that has passed.
    #[error("the token has expired")]
    Expired,
    /// It is no token of ours, nor of an issuer that is trusted here.
    #[error("the token is not valid here: {0}")]
    Token(String),
    /// An issuer vouches for them, and no rule is for them: anybody can get a token of a public issuer.
    #[error("{0} is known by its issuer, but no rule here is for it")]
    Stranger(String),
    /// It is a token of a token service, which was asked for another.
    #[error("a token of the token service gives no other token; come with a password or an access token")]
    Derived,
    /// It is too long, or not text.
    #[error("the credentials can't be read")]
    Malformed,
}

impl From<Refusal> for AuthError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What is wrong with the configuration of access.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule can't be understood.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A file can't be read.
    #[error("can't read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A line of the htpasswd file can't be understood.
    #[error("`{}`, line {line}: {message}", path.display())]
    Htpasswd {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// An issuer or the external token server can't be used as it is described.
    #[error("issuer `{name}`: {message}")]
    Issuer {
        /// Its name in the configuration.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// A key or a password can't be made or hashed.
    #[error("cryptography failed: {0}")]
    Cryptography(&'static str),
    /// Accounts can't be read or written.
    #[error(transparent)]
    Accounts(#[from] chartroom_catalog::Error),
}
