//! What can go wrong, told apart by what the caller can do about it.

use std::io;
use std::time::Duration;

use chartroom_oci::{Digest, Reference, RepositoryName};

use crate::answer::Answer;
use crate::credential::CredentialError;
use crate::remedy;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What was looked for and isn't there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// A manifest, by tag or digest.
    Manifest(Reference),
    /// A blob.
    Blob(Digest),
    /// Whatever else the request was about.
    Other,
}

/// What is wrong with a registry's certificate, or the talk about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsProblem {
    /// The other side speaks no TLS: most likely plain HTTP.
    NotTls,
    /// The certificate is signed by nobody who is trusted here.
    UnknownAuthority,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is no longer valid, or not yet.
    NotValidNow,
    /// The registry wants a client's certificate, or another one.
    ClientCertificate,
    /// Something else.
    Other,
}

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client can't be set up with these options.
    #[error("{what}")]
    Setup {
        /// What is wrong.
        what: String,
        /// What it came from.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },

    /// The stored credential couldn't be had.
    #[error("failed to resolve credential: {0}")]
    Credential(#[from] CredentialError),

    /// The registry, or its token service, wants to know who we are, or doesn't believe it.
    #[error("{answer}")]
    Unauthorized {
        /// What it said.
        answer: Box<Answer>,
        /// Whether a credential was shown.
        shown: bool,
        /// Whether it was the credential itself that was refused, rather than its rights.
        wrong: bool,
    },

    /// We may not do this.
    #[error("{0}")]
    Denied(Box<Answer>),

    /// What was asked for isn't there.
    #[error("{answer}")]
    NotFound {
        /// What it was.
        what: Missing,
        /// What the registry said.
        answer: Box<Answer>,
    },

    /// There is no such repository.
    #[error("{answer}")]
    NameUnknown {
        /// Which.
        repository: Option<RepositoryName>,
        /// What the registry said.
        answer: Box<Answer>,
    },

    /// Too many requests.
    #[error("{answer}")]
    RateLimited {
        /// How long to wait, where the registry says so.
        retry_after: Option<Duration>,
        /// What it said.
        answer: Box<Answer>,
    },

    /// No answer came.
    #[error("{method} {url:?}: {reason}")]
    Unreachable {
        /// The request's method.
        method: reqwest::Method,
        /// The request's URL, without anything secret.
        url: String,
        /// What happened, down to its cause.
        reason: String,
        /// Whether there was a connection at all.
        connected: bool,
    },

    /// There is no secure connection.
    #[error("{method} {url:?}: {reason}")]
    Tls {
        /// The request's method.
        method: reqwest::Method,
        /// The request's URL, without anything secret.
        url: String,
        /// What is wrong.
        problem: TlsProblem,
        /// The same as text.
        reason: String,
    },

    /// The registry tells us to show our credential to somebody whom it may not be shown to.
    #[error("the registry {registry} asks for a token from {realm}, which {reason}")]
    RealmRefused {
        /// The registry.
        registry: String,
        /// Where it sends us.
        realm: String,
        /// Why we don't go, to be read after "which".
        reason: &'static str,
    },

    /// The registry breaks the rules of its own protocol.
    #[error("{url}: {what}")]
    Protocol {
        /// The request's URL, without anything secret.
        url: String,
        /// What it did.
        what: String,
    },

    /// The content is not what its digest says.
    #[error("{what} has the digest {found}, not {expected}")]
    DigestMismatch {
        /// What was transferred.
        what: &'static str,
        /// What it should be. Boxed, as a digest is large for an error.
        expected: Box<Digest>,
        /// What it is.
        found: Box<Digest>,
    },

    /// The content is larger or smaller than it should be.
    #[error("{what} has {found} bytes, not {expected}")]
    SizeMismatch {
        /// What was transferred.
        what: &'static str,
        /// What it should have.
        expected: u64,
        /// What it has, or had when we stopped reading.
        found: u64,
    },

    /// The content is larger than the caller takes.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// The most that is taken.
        limit: u64,
    },

    /// Reading what is to be sent, or writing what came, failed on our side.
    #[error("can't {what}")]
    Io {
        /// What was tried, to be read after "can't".
        what: &'static str,
        /// What the operating system said.
        source: io::Error,
    },

    /// The registry refused for another reason.
    #[error("{0}")]
    Registry(Box<Answer>),
}

impl Error {
    pub(crate) fn setup(what: impl Into<String>) -> Self {
        Self::Setup { what: what.into(), source: None }
    }

    pub(crate) fn protocol(url: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Protocol { url: url.into(), what: what.into() }
    }

    /// Sorts a refusal by its meaning.
    pub(crate) fn refused(answer: Answer, subject: Subject<'_>, shown: bool) -> Self {
        let answer = Box::new(answer);
        match answer.status.as_u16() {
            401 => Self::Unauthorized { answer, shown, wrong: false },
            // Some say 403 to whoever goes too fast.
            _ if answer.status.as_u16() == 429 || answer.has_code("TOOMANYREQUESTS") => {
                Self::RateLimited { retry_after: answer.retry_after, answer }
            }
            403 => Self::Denied(answer),
            404 if answer.has_code("NAME_UNKNOWN") => {
                Self::NameUnknown { repository: subject.repository.cloned(), answer }
            }
            404 => Self::NotFound { what: subject.what, answer },
            _ => Self::Registry(answer),
        }
    }

    /// The registry's answer, where there was one.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Unauthorized { answer, .. }
            | Self::Denied(answer)
            | Self::NotFound { answer, .. }
            | Self::NameUnknown { answer, .. }
            | Self::RateLimited { answer, .. }
            | Self::Registry(answer) => Some(answer),
            _ => None,
        }
    }

    /// Whether what was asked for isn't there, be it for lack of the whole repository.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::NameUnknown { .. })
    }

    /// What the user can do, where that is known. May have several lines.
    pub fn hint(&self) -> Option<String> {
        remedy::remedy(self)
    }
}

/// What a request was about, for its error.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) what: Missing,
    pub(crate) repository: Option<&'a RepositoryName>,
}

impl<'a> Subject<'a> {
    pub(crate) fn registry() -> Self {
        Self { what: Missing::Other, repository: None }
    }

    pub(crate) fn of(repository: &'a RepositoryName, what: Missing) -> Self {
        Self { what, repository: Some(repository) }
    }
}
