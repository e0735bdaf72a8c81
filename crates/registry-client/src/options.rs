//! How the client is to behave.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::observer::{NoObserver, Observer};
use crate::proxy::Proxies;
use crate::retry::RetryPolicy;

/// How long to wait for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, with its TLS.
    pub connect: Duration,
    /// For the next byte in either direction. There is no limit on a whole transfer.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(30), idle: Duration::from_secs(120) }
    }
}

/// How the client is to behave. No option has a side effect on another: those for TLS leave
/// retries and proxies as they are.
#[derive(Clone)]
pub struct Options {
    /// Speak HTTP without TLS to registries.
    pub plain_http: bool,
    /// Take any certificate. Whoever is in between can then read and alter everything.
    pub insecure_skip_tls_verify: bool,
    /// Trust these certificate authorities (PEM), and not the system's.
    pub ca_file: Option<PathBuf>,
    /// The certificate (PEM, with its chain) that we show. Needs `key_file`.
    pub cert_file: Option<PathBuf>,
    /// The key (PEM) of `cert_file`.
    pub key_file: Option<PathBuf>,
    /// What we call ourselves.
    pub user_agent: String,
    /// How long to wait for others.
    pub timeouts: Timeouts,
    /// How often to try again.
    pub retry: RetryPolicy,
    /// How many requests, and how many whole downloads, run at once for each registry.
    pub parallelism: usize,
    /// Hosts of token services that credentials may be sent to although they belong to another
    /// site than the registry.
    pub trusted_realms: Vec<String>,
    /// Where the login is refused, read without one what everybody may read. Not for a login that somebody
    /// named just now: they want to know.
    pub forgo_refused_login: bool,
    /// How many entries to ask for in each page of a list; by default what suits the registry.
    pub page_size: Option<u32>,
    /// Which proxies to use.
    pub proxies: Proxies,
    /// Who is told what happens.
    pub observer: Arc<dyn Observer>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            plain_http: false,
            insecure_skip_tls_verify: false,
            ca_file: None,
            cert_file: None,
            key_file: None,
            user_agent: concat!("chartroom/", env!("CARGO_PKG_VERSION")).to_owned(),
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            parallelism: 3,
            trusted_realms: Vec::new(),
            forgo_refused_login: false,
            page_size: None,
            proxies: Proxies::from_env(),
            observer: Arc::new(NoObserver),
            clock: Arc::new(SystemClock),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plain_http, insecure_skip_tls_verify, ca_file, cert_file, key_file, .. } = self;
        f.debug_struct("Options")
            .field("plain_http", plain_http)
            .field("insecure_skip_tls_verify", insecure_skip_tls_verify)
            .field("ca_file", ca_file)
            .field("cert_file", cert_file)
            .field("key_file", key_file)
            .field("user_agent", &self.user_agent)
            .field("timeouts", &self.timeouts)
            .field("retry", &self.retry)
            .field("parallelism", &self.parallelism)
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}
