//! What the operator has configured, ready to use. Replaced as a whole when the configuration is read anew.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::federation::{Issuer, IssuerText};
use crate::htpasswd::Htpasswd;
use crate::identity::{Identity, Subject};
use crate::rules::{OneOrMore, RuleError, RuleText, Rules};

/// What the operator has written.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The rules.
    pub rules: Vec<RuleText>,
    /// An htpasswd file with more users.
    pub htpasswd: Option<PathBuf>,
    /// More members of groups: a group's name, and users' names.
    pub groups: BTreeMap<String, Vec<String>>,
    /// What this registry is called in tokens.
    pub service: String,
    /// For how long its tokens are good; at most [`MAX_LIFETIME`](crate::MAX_LIFETIME).
    pub token_lifetime: SignedDuration,
    /// Issuers whose tokens are accepted.
    pub issuers: Vec<IssuerText>,
    /// Another token service, whose tokens are accepted and to which clients are sent.
    pub external: Option<ExternalText>,
}

/// Another token service: `[auth.external]` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalText {
    /// The URL at which clients get tokens.
    pub realm: String,
    /// What its tokens have as `iss`.
    pub issuer: String,
    /// What its tokens have as `aud`, and what clients ask it for.
    pub service: String,
    /// Where its key set is.
    pub jwks: String,
}

/// What the operator has configured, ready to use.
pub(crate) struct Policy {
    pub(crate) rules: Rules,
    pub(crate) htpasswd: Option<HtpasswdFile>,
    groups: BTreeMap<String, Vec<String>>,
    pub(crate) service: String,
    pub(crate) token_lifetime: SignedDuration,
    pub(crate) issuers: Vec<Arc<Issuer>>,
    pub(crate) external: Option<External>,
}

pub(crate) struct External {
    pub(crate) text: ExternalText,
    pub(crate) issuer: Arc<Issuer>,
}

impl Policy {
    pub(crate) fn read(config: Config) -> Result<Self, Error> {
        let rules = Rules::parse(&config.rules)?;
        let issuers = config.issuers.iter().map(|text| Issuer::parse(text).map(Arc::new));
        let issuers = issuers.collect::<Result<Vec<_>, _>>()?;
        for (index, issuer) in issuers.iter().enumerate() {
            let fault = |message: &str| {
                Err(Error::Issuer { name: issuer.name().to_owned(), message: message.to_owned() })
            };
            if issuers[..index].iter().any(|other| other.name() == issuer.name()) {
                return fault("there are two of this name");
            }
            if issuers[..index].iter().any(|other| other.url() == issuer.url()) {
                return fault("there are two with this `issuer`");
            }
        }
        if let Some((number, name)) =
            rules.issuers().find(|(_, name)| !issuers.iter().any(|issuer| issuer.name() == *name))
        {
            let message = format!("there is no [[auth.issuer]] with the name `{name}`");
            return Err(RuleError { number, message }.into());
        }
        let external = config.external.map(External::read).transpose()?;
        let htpasswd = config.htpasswd.as_deref().map(HtpasswdFile::read).transpose()?;
        Ok(Self {
            rules,
            htpasswd,
            groups: config.groups,
            service: config.service,
            token_lifetime: config.token_lifetime,
            issuers,
            external,
        })
    }

    /// Adds the groups that the configuration says somebody is in.
    pub(crate) fn with_groups(&self, mut identity: Identity) -> Identity {
        if let Subject::User(name) = &identity.subject {
            for (group, members) in &self.groups {
                if members.contains(name) && !identity.groups.contains(group) {
                    identity.groups.push(group.clone());
                }
            }
        }
        identity
    }

    /// The same, with the htpasswd file as it is now, if it has changed.
    pub(crate) fn with_fresh_htpasswd(&self) -> Option<Result<Self, Error>> {
        let file = self.htpasswd.as_ref().filter(|file| !file.is_current())?;
        let fresh = HtpasswdFile::read(&file.path).map(|fresh| Self {
            rules: self.rules.clone(),
            htpasswd: Some(fresh),
            groups: self.groups.clone(),
            service: self.service.clone(),
            token_lifetime: self.token_lifetime,
            issuers: self.issuers.clone(),
            external: self.external.as_ref().map(External::clone_of),
        });
        Some(fresh)
    }
}

impl External {
    fn read(text: ExternalText) -> Result<Self, Error> {
        let issuer = Issuer::parse(&IssuerText {
            name: "auth.external".to_owned(),
            issuer: Some(text.issuer.clone()),
            audience: OneOrMore::One(text.service.clone()),
            jwks: Some(text.jwks.clone()),
            algorithms: Vec::new(),
            groups_claim: None,
        })?;
        Ok(Self { text, issuer: Arc::new(issuer) })
    }

    fn clone_of(this: &Self) -> Self {
        Self { text: this.text.clone(), issuer: Arc::clone(&this.issuer) }
    }
}

/// An htpasswd file, and how to tell that it is another one by now.
pub(crate) struct HtpasswdFile {
    path: PathBuf,
    stamp: Option<Stamp>,
    pub(crate) users: Htpasswd,
}

/// Which file it is, when it was changed, how long it is.
type Stamp = (u64, i64, i64, u64);

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.len()))
}

impl HtpasswdFile {
    fn read(path: &Path) -> Result<Self, Error> {
        // Before the content, so that a change in between is seen the next time.
        let stamp = stamp(path);
        Ok(Self { path: path.to_owned(), stamp, users: Htpasswd::read(path)? })
    }

    fn is_current(&self) -> bool {
        stamp(&self.path) == self.stamp
    }
}
