//! What an operator can set: one TOML file, every key of which an environment variable can
//! override, and a few command-line flags that win over both.
//!
//! A setting that isn't known or can't be understood is an error and never a warning: a
//! server that starts with less protection than its operator wrote down is the worse one.

mod auth;
mod environment;
mod error;
mod period;
mod read;
mod size;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use chartroom_access::RuleText;
use serde::{Deserialize, Deserializer, Serialize, de};

pub use auth::{AuditLog, Auth};
pub use error::{Error, Result};
pub use period::{Period, PeriodError};
pub use size::{Size, SizeError, SizeLimit};

/// Everything that can be set, with what holds when nothing is.
///
/// Relative paths start at the folder that the process runs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// IP address and port to listen on; port 0 picks a free one. Default: `127.0.0.1:5000`.
    #[serde(deserialize_with = "socket_address")]
    pub listen: SocketAddr,
    /// Folder that holds everything the registry stores. Default: `./chartroom-data`.
    pub data: PathBuf,
    /// Whether anybody who reaches the server may read and write. Without accounts, any address
    /// other than a loopback one needs it. Default: `false`.
    pub allow_anonymous: bool,
    /// How to encrypt connections. Default: not at all.
    pub tls: Tls,
    /// What one client may use up.
    pub limits: Limits,
    /// What is logged, and how.
    pub log: Log,
    /// What is asked of charts.
    pub charts: Charts,
    /// How space is reclaimed.
    pub gc: Gc,
    /// What becomes of unfinished uploads.
    pub uploads: Uploads,
    /// Accounts, if there are any. Default: none, and everybody who reaches the server may do everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Who may do what, each rule an `[[access]]`. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<RuleText>,
    /// What is recorded of who did what.
    pub audit: AuditLog,
}

/// Section `[tls]`: certificate and key are either both set or neither. The files are read anew when they change
/// and on SIGHUP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the server's certificate, followed by its chain. Default: none.
    pub certificate: Option<PathBuf>,
    /// PEM file with the certificate's private key. Default: none.
    pub key: Option<PathBuf>,
    /// PEM file with the authorities whose client certificates are believed: a client that shows one is
    /// `cert:NAME` in rules. Read at the start. Default: none.
    pub client_authority: Option<PathBuf>,
}

/// Section `[limits]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Time to finish a TLS handshake, and then to send the head of a request. Default: `15s`.
    #[serde(deserialize_with = "positive")]
    pub header_timeout: Period,
    /// Time for which a connection may stand still: no byte of a body moving, or nothing asked.
    /// Default: `60s`.
    #[serde(deserialize_with = "positive")]
    pub idle_timeout: Period,
    /// Connections at one time; more of them wait to be accepted. Default: `4096`.
    pub max_connections: NonZeroUsize,
    /// Size of a request's head, in all and of its decoded fields; between 8KiB and 16MiB.
    /// Default: `64KiB`.
    #[serde(deserialize_with = "header_bytes")]
    pub max_header_bytes: Size,
    /// Size of a manifest; at least 4MiB, which the specification promises to clients.
    /// Default: `8MiB`.
    #[serde(deserialize_with = "manifest_bytes")]
    pub max_manifest_bytes: Size,
    /// Size of a blob; `0` is no limit. Default: `0`.
    pub max_blob_bytes: SizeLimit,
    /// Time that requests under way are given to finish when the server is told to stop.
    /// Default: `30s`.
    pub drain_timeout: Period,
}

/// Section `[log]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// The least important kind of event that is logged. Default: `info`.
    pub level: LogLevel,
    /// How events are written to the standard error. Default: `auto`.
    pub format: LogFormat,
}

/// How important an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something needs attention.
    Warn,
    /// What an operator wants to know of.
    #[default]
    Info,
    /// What helps to find a fault.
    Debug,
    /// Everything, and what helps to find a fault in the libraries.
    Trace,
}

/// How events are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// A line for people.
    Text,
    /// A JSON object on each line.
    Json,
}

/// Section `[charts]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Charts {
    /// Whether a pushed chart is refused if its tag or repository contradicts its `Chart.yaml`.
    /// Default: `false`.
    pub strict: bool,
    /// Whether a chart version, once pushed, can be neither overwritten nor deleted.
    /// Default: `false`.
    pub immutable_versions: bool,
}

/// Section `[gc]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gc {
    /// Whether the server reclaims space by itself. Default: `true`.
    pub enabled: bool,
    /// Time from one run to the next. Default: `1h`.
    #[serde(deserialize_with = "positive")]
    pub interval: Period,
    /// Time for which a blob that nothing refers to is kept, so that a push under way finds what it
    /// brought. Default: `24h`.
    pub grace: Period,
}

/// Section `[uploads]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Uploads {
    /// Time after which an unfinished upload that nobody continued is dropped. Default: `7d`.
    #[serde(deserialize_with = "positive")]
    pub expire: Period,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 5000)),
            data: PathBuf::from("./chartroom-data"),
            allow_anonymous: false,
            tls: Tls::default(),
            limits: Limits::default(),
            log: Log::default(),
            charts: Charts::default(),
            gc: Gc::default(),
            uploads: Uploads::default(),
            auth: None,
            access: Vec::new(),
            audit: AuditLog::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Period::seconds(15),
            idle_timeout: Period::seconds(60),
            max_connections: NonZeroUsize::MIN.saturating_add(4095),
            max_header_bytes: Size::kibibytes(64),
            max_manifest_bytes: Size::mebibytes(8),
            max_blob_bytes: SizeLimit::NONE,
            drain_timeout: Period::seconds(30),
        }
    }
}

impl Default for Gc {
    fn default() -> Self {
        Self { enabled: true, interval: Period::hours(1), grace: Period::hours(24) }
    }
}

impl Default for Uploads {
    fn default() -> Self {
        Self { expire: Period::hours(7 * 24) }
    }
}

impl Settings {
    /// Refuses to serve strangers unless there are accounts or that was asked for: without either,
    /// whoever reaches the address may do everything. Asking for both is a mistake, whichever was meant.
    pub fn check_exposure(&self) -> Result<()> {
        if self.allow_anonymous && self.has_accounts() {
            return Err(Error::AnonymousWithAccounts);
        }
        if self.allow_anonymous || self.has_accounts() || self.listen.ip().to_canonical().is_loopback() {
            Ok(())
        } else {
            Err(Error::Exposed(self.listen))
        }
    }
}

impl Tls {
    /// The certificate's and the key's file, if connections are encrypted.
    pub fn files(&self) -> Option<(&Path, &Path)> {
        Some((self.certificate.as_deref()?, self.key.as_deref()?))
    }

    /// Whether both keys are set or neither.
    fn check(&self) -> Result<()> {
        match (&self.certificate, &self.key) {
            (Some(_), None) => Err(Error::HalfTls { set: "tls.certificate", missing: "tls.key" }),
            (None, Some(_)) => Err(Error::HalfTls { set: "tls.key", missing: "tls.certificate" }),
            (None, None) if self.client_authority.is_some() => {
                Err(Error::HalfTls { set: "tls.client_authority", missing: "tls.certificate" })
            }
            _ => Ok(()),
        }
    }
}

fn socket_address<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        de::Error::custom(format!(
            "`{text}` is not an IP address and a port, such as 127.0.0.1:5000 or [::]:5000"
        ))
    })
}

fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Period, D::Error> {
    let period = Period::deserialize(deserializer)?;
    if period.duration().is_zero() {
        return Err(de::Error::custom("must be longer than zero"));
    }
    Ok(period)
}

fn header_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Size, D::Error> {
    // The lower bound is what the HTTP library can do, the upper one keeps what a connection can
    // make the server hold in bounds.
    between(deserializer, Size::kibibytes(8), Size::mebibytes(16))
}

fn manifest_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Size, D::Error> {
    // OCI Distribution, "Pushing Manifests": registries SHOULD accept at least 4 MiB. Manifests are
    // held in memory and stored in the catalog, hence the upper bound.
    between(deserializer, Size::mebibytes(4), Size::mebibytes(256))
}

fn between<'de, D: Deserializer<'de>>(
    deserializer: D,
    least: Size,
    most: Size,
) -> std::result::Result<Size, D::Error> {
    let size = Size::deserialize(deserializer)?;
    if size < least || size > most {
        return Err(de::Error::custom(format!("`{size}` is not between {least} and {most}")));
    }
    Ok(size)
}

#[cfg(test)]
mod tests;
