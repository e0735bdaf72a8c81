//! Somebody whose credentials were accepted, and what they may do.

use chartroom_oci::RepositoryName;

use crate::action::Action;
use crate::identity::Identity;
use crate::rules::{Decision, Rules};
use crate::scope::Scope;

/// Somebody whose credentials were accepted; or nobody in particular.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Caller {
    /// Who it is.
    pub identity: Identity,
    /// What they came with.
    pub credential: Credential,
}

/// What somebody came with.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Credential {
    /// Nothing.
    #[default]
    None,
    /// Something that is good for all that its holder may do: a password, an access token, a
    /// certificate, an identity token. In a word, for the audit log.
    Direct(&'static str),
    /// A token of our own token service, good for what it was asked for.
    Scoped(Vec<Scope>),
    /// A token of another token service, which alone says what it is good for.
    Foreign(Vec<Scope>),
}

impl Credential {
    /// In a word, for the audit log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Direct(name) => name,
            Self::Scoped(_) => "token",
            Self::Foreign(_) => "external-token",
        }
    }
}

impl Caller {
    /// Whether something may be done in a repository.
    ///
    /// A scoped token is good for what it says *and* what the rules say now, so that a changed rule holds
    /// for the tokens that were made before, too. What everybody may do needs no scope.
    pub fn decide(&self, rules: &Rules, repository: &RepositoryName, action: Action) -> Decision {
        match &self.credential {
            Credential::None | Credential::Direct(_) => rules.decide(&self.identity, repository, action),
            Credential::Scoped(scopes) => {
                if scoped(scopes, repository, action) {
                    rules.decide(&self.identity, repository, action)
                } else {
                    rules.decide(&Identity::anonymous(), repository, action)
                }
            }
            Credential::Foreign(scopes) => {
                Decision { allowed: scoped(scopes, repository, action), rule: None }
            }
        }
    }

    /// Whether a repository may be shown in listings.
    pub fn sees(&self, rules: &Rules, repository: &RepositoryName) -> bool {
        match &self.credential {
            // A listing has a scope of its own; what is in it is for the rules.
            Credential::Scoped(scopes) if scopes.iter().any(Scope::is_catalog) => {
                rules.decide(&self.identity, repository, Action::Pull).allowed
            }
            _ => self.decide(rules, repository, Action::Pull).allowed,
        }
    }

    /// Of what a client asks for in a token, what it gets.
    pub(crate) fn grant(&self, rules: &Rules, asked: &[Scope]) -> Vec<Scope> {
        let grant = |scope: &Scope| {
            if scope.is_catalog() {
                // What is listed is for the rules to say.
                return Some(scope.clone());
            }
            let repository = scope.repository()?;
            let granted = scope.actions().and(rules.actions(&self.identity, &repository));
            (!granted.is_empty()).then(|| Scope::of(&repository, granted))
        };
        asked.iter().filter_map(grant).collect()
    }
}

/// Whether one of the scopes is for an action in a repository.
fn scoped(scopes: &[Scope], repository: &RepositoryName, action: Action) -> bool {
    let here = |scope: &Scope| scope.name == repository.as_str() && scope.kind == "repository";
    scopes.iter().any(|scope| here(scope) && scope.has(action))
}
