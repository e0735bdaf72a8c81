//! Why stored credentials can't be read or changed. No message holds a secret.

use std::io;
use std::path::PathBuf;

use super::LoginTarget;
use crate::credential::CredentialError;

/// What work on stored credentials gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why stored credentials can't be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A credential file is there, but can't be read.
    #[error("can't read the credential file `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A credential file isn't one. It was left as it is.
    #[error("the credential file `{}` is malformed at line {line}, column {column}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column in bytes, counted from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The login for this registry can't be understood; the rest of the file can.
    #[error("the login for `{key}` in the credential file `{}` can't be used: {message}", path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// The login's key in the file.
        key: String,
        /// What is wrong.
        message: &'static str,
    },
    /// A credential file can't be written.
    #[error("can't write the credential file `{}`: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Somebody else is writing the credential file, and doesn't come to an end.
    #[error("the credential file `{}` is being changed by another process", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// Neither the environment nor the caller says where logins are kept.
    #[error("there is no place for credentials: neither HOME nor HELM_REGISTRY_CONFIG is set")]
    Nowhere,
    /// The credential is of a kind that can't be kept there.
    #[error("this login can't be stored: {0}")]
    Unstorable(&'static str),
    /// A credential helper's name could lead to any program.
    #[error(
        "the credential file `{}` names the credential helper `{}`, which is not a plain name",
        path.display(),
        name.escape_debug()
    )]
    HelperName {
        /// The file.
        path: PathBuf,
        /// The name as the file has it.
        name: String,
    },
    /// A credential helper isn't installed.
    #[error(
        "the credential helper `{program}`, which the credential file `{}` asks for, is not in PATH",
        path.display()
    )]
    HelperMissing {
        /// The file.
        path: PathBuf,
        /// The program.
        program: String,
    },
    /// A credential helper couldn't be run.
    #[error("can't run the credential helper `{program}`: {source}")]
    HelperIo {
        /// The program.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// A credential helper reported a failure.
    #[error("the credential helper `{program} {action}` failed for `{server}`: {message}")]
    HelperFailed {
        /// The program.
        program: String,
        /// What it was to do.
        action: &'static str,
        /// For which server.
        server: String,
        /// What it says, with secrets removed.
        message: String,
    },
    /// A credential helper didn't come to an end.
    #[error("the credential helper `{program} {action}` did not answer within {seconds} s")]
    HelperTimeout {
        /// The program.
        program: String,
        /// What it was to do.
        action: &'static str,
        /// How long it had, in seconds.
        seconds: f64,
    },
    /// A credential helper's answer isn't one.
    #[error("the credential helper `{program} {action}` gave an answer that can't be used: {message}")]
    HelperAnswer {
        /// The program.
        program: String,
        /// What it was to do.
        action: &'static str,
        /// What is wrong.
        message: &'static str,
    },
    /// A background task came to no end: the process is shutting down.
    #[error("reading credentials was interrupted")]
    Interrupted,
}

impl Error {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { source, .. } => (source.kind() == io::ErrorKind::PermissionDenied)
                .then(|| "make the file readable for you, and for nobody else (mode 0600)".to_owned()),
            Self::Malformed { path, .. } => Some(format!(
                "correct `{0}`, or move it away and log in again; nothing in it was changed",
                path.display()
            )),
            Self::Entry { key, .. } => Some(format!(
                "log in again: chartroom registry login {}",
                LoginTarget::from_key(key).map_or_else(|| key.clone(), |target| target.to_string())
            )),
            Self::Unwritable { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(
                    "keep logins in a file that you may write: set HELM_REGISTRY_CONFIG or --registry-config"
                        .to_owned(),
                ),
                _ => None,
            },
            Self::Locked { .. } => Some("try again when the other login or logout has finished".to_owned()),
            Self::Nowhere => Some("set HELM_REGISTRY_CONFIG, or pass --registry-config FILE".to_owned()),
            Self::Unstorable(_) => None,
            Self::HelperName { .. } => Some(
                "`credsStore` and `credHelpers` hold what follows `docker-credential-` in the name of a \
                 program in PATH, such as `pass` or `ecr-login`"
                    .to_owned(),
            ),
            Self::HelperMissing { path, program } => Some(format!(
                "install `{program}`, or remove its name from `credsStore` and `credHelpers` in `{}` and log \
                 in again",
                path.display()
            )),
            Self::HelperIo { .. } | Self::HelperAnswer { .. } | Self::Interrupted => None,
            Self::HelperFailed { program, action, .. } => Some(format!(
                "`{program} {action}` keeps this login; see that it works on its own (is its keychain \
                 unlocked, its session still valid?)"
            )),
            Self::HelperTimeout { program, .. } => {
                Some(format!("`{program}` may be waiting for a keychain to be unlocked, or for a network"))
            }
        }
    }
}

impl From<Error> for CredentialError {
    fn from(error: Error) -> Self {
        let mapped = Self::new(error.to_string());
        let mapped = match error.hint() {
            Some(hint) => mapped.with_hint(hint),
            None => mapped,
        };
        mapped.with_source(error)
    }
}
