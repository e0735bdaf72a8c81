//! What proves to a registry who we are, and where that comes from: the types that
//! whoever stores credentials implements. Reading files and calling helper programs is
//! left to them.

use std::fmt;
use std::future;

use chartroom_oci::RepositoryName;
use futures_util::future::BoxFuture;

/// A text that must not be seen: a password or a token. It prints as `<redacted>`.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes a text out of sight.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself. For sending and storing, never for printing.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// What is shown to a registry, or to its token service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum Credential {
    /// Nothing: what is public can be read all the same.
    #[default]
    Anonymous,
    /// A user's name and password, or whatever a registry takes in their place.
    Basic {
        /// Who.
        username: String,
        /// The password, personal access token, robot's secret, …
        password: Secret,
    },
    /// A refresh token of the registry's token service (`identitytoken` in Docker's
    /// file): it is exchanged for short-lived ones, and never sent to the registry.
    IdentityToken(Secret),
    /// A token that is sent as it is (`registrytoken` in Docker's file).
    RegistryToken(Secret),
}

impl Credential {
    /// Whether there is nothing to show.
    pub fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous)
    }

    /// A user's name and password.
    pub fn basic(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::Basic { username: username.into(), password: password.into() }
    }
}

/// Why a stored credential couldn't be had. That there is none is not an error.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CredentialError {
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl CredentialError {
    /// An error that says this.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, source: None }
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what it came from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What the user can do, where that is known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// Where credentials come from.
pub trait CredentialSource: Send + Sync {
    /// The credential for a repository of a registry. `host` is the registry's name as it
    /// is written in references, with its port if it has one (`ghcr.io`, `docker.io`,
    /// `[::1]:5000`); without a repository, the credential for the registry as a whole.
    ///
    /// Asked once for each pair and run: the client remembers the answer.
    fn credential<'a>(
        &'a self,
        host: &'a str,
        repository: Option<&'a RepositoryName>,
    ) -> BoxFuture<'a, Result<Credential, CredentialError>>;
}

/// The same credential for whoever asks: `--username` and `--password`, and tests.
#[derive(Clone, Debug, Default)]
pub struct StaticCredential(pub Credential);

impl StaticCredential {
    /// No credential at all.
    pub fn anonymous() -> Self {
        Self(Credential::Anonymous)
    }
}

impl CredentialSource for StaticCredential {
    fn credential<'a>(
        &'a self,
        _host: &'a str,
        _repository: Option<&'a RepositoryName>,
    ) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        Box::pin(future::ready(Ok(self.0.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_of_printing_shows_a_secret() {
        let credential = Credential::basic("alice", "hunter2");
        assert!(!format!("{credential:?}").contains("hunter2"));
        assert!(!format!("{} {:?}", Secret::new("hunter2"), Secret::new("hunter2")).contains("hunter2"));
        assert!(!format!("{:#?}", StaticCredential(credential)).contains("hunter2"));
    }
}
