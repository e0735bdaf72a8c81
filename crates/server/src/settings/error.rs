//! Why settings can't be used.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What reading settings gives back.
pub type Result<T> = std::result::Result<T, Error>;

/// Why settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file can't be read.
    #[error("can't read the configuration file `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file has a line that can't be understood.
    #[error("{}, line {line}: {}{message}", path.display(), prefix(key))]
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The key with its section, such as `limits.idle_timeout`; empty if the line has none.
        key: String,
        /// What is wrong, and what is allowed.
        message: String,
    },
    /// An environment variable can't be understood.
    #[error("environment variable {name}: {message}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong, and what is allowed.
        message: String,
    },
    /// Of two settings that need each other, one is missing.
    #[error("`{set}` is set, but `{missing}` is not")]
    HalfTls {
        /// The one that is set.
        set: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// Everybody may do everything, and only some may do some things: both can't be.
    #[error("`allow_anonymous` lets everybody do everything, and there are accounts")]
    AnonymousWithAccounts,
    /// Strangers could reach the server, and nobody said that they may.
    #[error(
        "refusing to listen on {0}: without accounts, anybody who reaches it could read and write everything"
    )]
    Exposed(SocketAddr),
}

impl Error {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } | Self::File { .. } => None,
            Self::Variable { .. } => Some(
                "a key KEY of section SECTION is set by CHARTROOM_SECTION__KEY, one of no section by \
                 CHARTROOM_KEY"
                    .to_owned(),
            ),
            Self::HalfTls { .. } => Some("set both to encrypt connections, or neither".to_owned()),
            Self::AnonymousWithAccounts => {
                Some("take one of both away; a rule for `anonymous` lets everybody do some things".to_owned())
            }
            Self::Exposed(_) => Some(
                "listen on 127.0.0.1, or add --allow-anonymous (allow_anonymous = true in the configuration \
                 file) if that is what you want"
                    .to_owned(),
            ),
        }
    }
}

fn prefix(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("`{key}`: ") }
}
