//! Who is asking.

use std::collections::BTreeMap;
use std::fmt;

use chartroom_oci::RepositoryName;
use serde::{Deserialize, Serialize};

use crate::action::Actions;
use crate::pattern::Pattern;

/// Who is asking, as far as it was proved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identity {
    /// Their name.
    pub subject: Subject,
    /// The groups they are in.
    pub groups: Vec<String>,
    /// What an identity provider says of them.
    pub claims: Claims,
    /// What their credential is good for, where that is less than what they may do.
    pub limits: Option<Limits>,
}

/// The name of whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// Nobody has said who they are.
    #[default]
    Anonymous,
    /// A user of this registry, or one of its htpasswd file.
    User(String),
    /// Somebody for whom an identity provider vouches: its name in the configuration, and the name
    /// that it gives them.
    Federated(String, String),
    /// The holder of a client certificate, by its common name.
    Certificate(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::User(name) => write!(f, "user:{name}"),
            Self::Federated(issuer, subject) => write!(f, "ci:{issuer} ({subject})"),
            Self::Certificate(name) => write!(f, "cert:{name}"),
        }
    }
}

/// What an identity provider says: a claim's name, and its values as texts.
pub type Claims = BTreeMap<String, Vec<String>>;

/// What a credential is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The repositories; all if empty.
    pub repositories: Vec<Pattern>,
    /// What may be done there.
    pub actions: Actions,
}

impl Limits {
    /// What is allowed in a repository.
    pub(crate) fn actions(&self, repository: &RepositoryName) -> Actions {
        let within =
            self.repositories.is_empty() || self.repositories.iter().any(|one| one.matches(repository));
        if within { self.actions } else { Actions::NONE }
    }
}

impl Identity {
    /// Nobody in particular.
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// A user.
    pub fn user(name: impl Into<String>, groups: Vec<String>) -> Self {
        Self { subject: Subject::User(name.into()), groups, ..Self::default() }
    }

    /// Whether nobody said who they are.
    pub fn is_anonymous(&self) -> bool {
        self.subject == Subject::Anonymous
    }
}
