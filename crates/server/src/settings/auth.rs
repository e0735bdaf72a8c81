//! Settings of accounts and access.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chartroom_access::{Config, ExternalText, IssuerText};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Period, Settings, Size};

/// Section `[auth]`. If it is there, even empty, or there are `[[access]]` rules, there are accounts, and
/// nobody may do anything that no rule allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// An htpasswd file (bcrypt) with users beside the registry's own. Read anew when it changes.
    /// Default: none.
    pub htpasswd: Option<PathBuf>,
    /// What tokens call this registry. Default: `chartroom`.
    pub service: String,
    /// The URL at which clients find the token service, if it can't be told from their requests.
    /// Default: none.
    pub public_url: Option<String>,
    /// For how long tokens of the token service are good; at most `5m`. Default: `5m`.
    #[serde(deserialize_with = "lifetime")]
    pub token_lifetime: Period,
    /// The proxies whose `X-Forwarded-*` headers are believed: addresses or networks. Default: none.
    pub trusted_proxies: Vec<String>,
    /// Whether `/metrics` is for everybody. Default: `false`.
    pub open_metrics: bool,
    /// More members of groups: for each group, names of users. Default: none.
    pub groups: BTreeMap<String, Vec<String>>,
    /// Identity providers whose tokens are accepted, each an `[[auth.issuer]]`. Default: none.
    pub issuer: Vec<IssuerText>,
    /// Another token service to send clients to. Default: none.
    pub external: Option<ExternalText>,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            htpasswd: None,
            service: "chartroom".to_owned(),
            public_url: None,
            token_lifetime: Period::seconds(300),
            trusted_proxies: Vec::new(),
            open_metrics: false,
            groups: BTreeMap::new(),
            issuer: Vec::new(),
            external: None,
        }
    }
}

/// Section `[audit]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditLog {
    /// The file to write who did what to, one JSON object a line. Default: none.
    pub file: Option<PathBuf>,
    /// Whether reading is recorded, too. Default: `false`.
    pub reads: bool,
    /// When a file is full and a new one is begun. Default: `64MiB`.
    pub max_bytes: Size,
    /// How many full files are kept. Default: `10`.
    pub keep: usize,
}

impl Default for AuditLog {
    fn default() -> Self {
        Self { file: None, reads: false, max_bytes: Size::mebibytes(64), keep: 10 }
    }
}

impl Settings {
    /// Whether there are accounts.
    pub fn has_accounts(&self) -> bool {
        self.auth.is_some() || !self.access.is_empty()
    }

    /// What decides about access, in the form that it is decided by.
    pub fn access_config(&self) -> Config {
        let auth = self.auth.clone().unwrap_or_default();
        Config {
            rules: self.access.clone(),
            htpasswd: auth.htpasswd,
            groups: auth.groups,
            service: auth.service,
            token_lifetime: SignedDuration::try_from(auth.token_lifetime.duration())
                .unwrap_or(chartroom_access::MAX_LIFETIME),
            issuers: auth.issuer,
            external: auth.external,
        }
    }
}

fn lifetime<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Period, D::Error> {
    let period = Period::deserialize(deserializer)?;
    // Clients of Docker take a token for good for a minute at least.
    if period < Period::seconds(60) || period > Period::seconds(300) {
        return Err(de::Error::custom("must be between 1m and 5m"));
    }
    Ok(period)
}
