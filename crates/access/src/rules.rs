//! The rules: who may do what where.
//!
//! Nothing is allowed unless a rule allows it. A rule for `anonymous` holds for everybody: whoever
//! signs in doesn't lose by it. A credential that is limited (an access token) gives at most what its
//! holder may do, and in no case less than what anybody may.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chartroom_oci::RepositoryName;
use serde::{Deserialize, Serialize};

use crate::action::{Action, Actions};
use crate::glob;
use crate::identity::{Claims, Identity, Subject};
use crate::pattern::Pattern;

/// A rule as it is written: one `[[access]]` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// Whom it is for: `anonymous`, `*` for all who sign in, `user:NAME`, `group:NAME`, `ci:ISSUER`,
    /// `cert:NAME`. Any of them is enough.
    pub who: Vec<String>,
    /// Patterns of repositories.
    pub repositories: Vec<String>,
    /// What it allows: `pull`, `push`, `overwrite`, `delete`.
    pub actions: Vec<String>,
    /// What an identity provider must say, for the rule to hold: for each claim, the values of which
    /// it must have one. `*` in a value stands for any text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, OneOrMore>,
}

/// A value, or several of which one is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// A value.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::More(values) => values,
        }
    }
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("access rule {number}: {message}")]
pub struct RuleError {
    /// Which rule, counted from 1 in the order of the file.
    pub number: usize,
    /// What is wrong with it.
    pub message: String,
}

/// The rules, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    who: Vec<Who>,
    repositories: Vec<Pattern>,
    actions: Actions,
    when: Vec<(String, Vec<String>)>,
    /// Whether it holds for everybody.
    open: bool,
}

/// Whom a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    Anonymous,
    SignedIn,
    User(String),
    Group(String),
    Federated(String),
    Certificate(String),
}

impl FromStr for Who {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "anonymous" => return Ok(Self::Anonymous),
            "*" => return Ok(Self::SignedIn),
            _ => {}
        }
        let known = "`who` has anonymous, *, user:NAME, group:NAME, ci:ISSUER or cert:NAME";
        let (kind, name) = text.split_once(':').ok_or_else(|| format!("`{text}` is nobody; {known}"))?;
        if name.is_empty() {
            return Err(format!("`{text}` names nobody; {known}"));
        }
        let name = name.to_owned();
        match kind {
            "user" => Ok(Self::User(name)),
            "group" => Ok(Self::Group(name)),
            "ci" => Ok(Self::Federated(name)),
            "cert" => Ok(Self::Certificate(name)),
            _ => Err(format!("`{text}` is nobody; {known}")),
        }
    }
}

impl Who {
    fn is(&self, identity: &Identity) -> bool {
        match (self, &identity.subject) {
            (Self::Anonymous, _) => true,
            (_, Subject::Anonymous) => false,
            (Self::SignedIn, _) => true,
            (Self::Group(name), _) => identity.groups.contains(name),
            (Self::User(name), Subject::User(user)) => name == user,
            (Self::Federated(name), Subject::Federated(issuer, _)) => name == issuer,
            (Self::Certificate(name), Subject::Certificate(subject)) => glob::matches(name, subject),
            _ => false,
        }
    }
}

/// What a question to the rules was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The first rule that allows it, counted from 1.
    pub rule: Option<usize>,
}

impl Rules {
    /// Reads rules.
    ///
    /// # Errors
    ///
    /// The first rule that can't be understood, or that could never hold.
    pub fn parse(texts: &[RuleText]) -> Result<Self, RuleError> {
        let rules = texts.iter().enumerate().map(|(index, text)| {
            Rule::parse(text).map_err(|message| RuleError { number: index + 1, message })
        });
        rules.collect::<Result<_, _>>().map(Self)
    }

    /// The issuers that rules speak of, each with the number of its rule.
    pub fn issuers(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().enumerate().flat_map(|(index, rule)| {
            rule.who.iter().filter_map(move |who| match who {
                Who::Federated(name) => Some((index + 1, name.as_str())),
                _ => None,
            })
        })
    }

    /// Whether a rule is for somebody in particular: by their name, issuer, group or claims.
    pub fn name(&self, identity: &Identity) -> bool {
        let names = |rule: &Rule| {
            let in_particular = |who: &Who| match who {
                Who::Anonymous => false,
                Who::SignedIn => !rule.when.is_empty(),
                _ => true,
            };
            rule.who.iter().any(|who| in_particular(who) && who.is(identity))
        };
        self.0.iter().any(|rule| names(rule) && rule.unmet(&identity.claims).is_none())
    }

    /// What somebody may do in a repository.
    pub fn actions(&self, identity: &Identity, repository: &RepositoryName) -> Actions {
        let mut open = Actions::NONE;
        let mut own = Actions::NONE;
        for rule in self.0.iter().filter(|rule| rule.covers(repository)) {
            if rule.open {
                open = open.or(rule.actions);
            } else if rule.is_for(identity) {
                own = own.or(rule.actions);
            }
        }
        let own = identity.limits.as_ref().map_or(own, |limits| own.and(limits.actions(repository)));
        open.or(own)
    }

    /// Whether somebody may do something in a repository, and by which rule.
    pub fn decide(&self, identity: &Identity, repository: &RepositoryName, action: Action) -> Decision {
        let within = identity.limits.as_ref().is_none_or(|limits| limits.actions(repository).has(action));
        let allows = |rule: &Rule| {
            rule.actions.has(action)
                && (rule.open || (within && rule.is_for(identity)))
                && rule.covers(repository)
        };
        let rule = self.0.iter().position(allows).map(|index| index + 1);
        Decision { allowed: rule.is_some(), rule }
    }

    /// For each rule that would allow an action here to somebody, why it is or isn't for `identity`;
    /// for people who wonder.
    pub fn explain(
        &self,
        identity: &Identity,
        repository: &RepositoryName,
        action: Action,
    ) -> Vec<(usize, Reason)> {
        let reason = |rule: &Rule| {
            if !rule.covers(repository) {
                Reason::OtherRepositories
            } else if !rule.actions.has(action) {
                Reason::OtherActions
            } else if !rule.names(identity) {
                Reason::OtherPeople
            } else if let Some(claim) = rule.unmet(&identity.claims) {
                Reason::Claim(claim.to_owned())
            } else if !rule.open
                && identity.limits.as_ref().is_some_and(|limits| !limits.actions(repository).has(action))
            {
                Reason::Limited
            } else {
                Reason::Allows
            }
        };
        self.0.iter().enumerate().map(|(index, rule)| (index + 1, reason(rule))).collect()
    }
}

/// What a rule has to do with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It allows it.
    Allows,
    /// It is for other repositories.
    OtherRepositories,
    /// It allows other actions.
    OtherActions,
    /// It is for others.
    OtherPeople,
    /// It asks for a claim that is not there, or that says something else.
    Claim(String),
    /// It would allow it, but the credential is limited to less.
    Limited,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allows => f.write_str("allows it"),
            Self::OtherRepositories => f.write_str("is for other repositories"),
            Self::OtherActions => f.write_str("allows other actions"),
            Self::OtherPeople => f.write_str("is for others"),
            Self::Claim(claim) => write!(f, "asks for another `{claim}`"),
            Self::Limited => f.write_str("would allow it, but the token is limited to less"),
        }
    }
}

impl Rule {
    fn parse(text: &RuleText) -> Result<Self, String> {
        for (name, list) in
            [("who", &text.who), ("repositories", &text.repositories), ("actions", &text.actions)]
        {
            if list.is_empty() {
                return Err(format!("`{name}` is empty, so the rule would never hold"));
            }
        }
        let who = text.who.iter().map(|who| who.parse()).collect::<Result<Vec<Who>, _>>()?;
        let repositories = text.repositories.iter().map(|pattern| pattern.parse::<Pattern>());
        let repositories = repositories.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        let actions = text.actions.iter().map(|action| action.parse::<Action>());
        let actions = actions.collect::<Result<Actions, _>>().map_err(|error| error.to_string())?;
        if actions.has(Action::Overwrite) && !actions.has(Action::Push) {
            return Err("`overwrite` moves tags by pushing, so `push` has to be there too".to_owned());
        }
        let when: Vec<_> =
            text.when.iter().map(|(claim, values)| (claim.clone(), values.values().to_vec())).collect();
        if let Some((claim, _)) = when.iter().find(|(_, values)| values.is_empty()) {
            return Err(format!("`when.{claim}` has no value, so the rule would never hold"));
        }
        if !when.is_empty()
            && who.iter().any(|who| !matches!(who, Who::Federated(_) | Who::Group(_) | Who::SignedIn))
        {
            return Err("`when` asks for claims, which only identities of a `ci:ISSUER` have".to_owned());
        }
        let open = who.contains(&Who::Anonymous);
        Ok(Self { who, repositories, actions, when, open })
    }

    fn covers(&self, repository: &RepositoryName) -> bool {
        self.repositories.iter().any(|pattern| pattern.matches(repository))
    }

    fn names(&self, identity: &Identity) -> bool {
        self.who.iter().any(|who| who.is(identity))
    }

    fn is_for(&self, identity: &Identity) -> bool {
        self.names(identity) && self.unmet(&identity.claims).is_none()
    }

    /// The first claim that is not as the rule asks.
    fn unmet(&self, claims: &Claims) -> Option<&str> {
        let met = |values: &[String], said: &[String]| {
            said.iter().any(|said| values.iter().any(|value| glob::matches(value, said)))
        };
        let unmet = |(claim, values): &&(String, Vec<String>)| {
            !claims.get(claim).is_some_and(|said| met(values, said))
        };
        self.when.iter().find(unmet).map(|(claim, _)| claim.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn rule(who: &str, when: &[(&str, &str)]) -> RuleText {
        RuleText {
            who: vec![who.to_owned()],
            repositories: vec!["**".to_owned()],
            actions: vec!["pull".to_owned()],
            when: when
                .iter()
                .map(|(claim, value)| ((*claim).to_owned(), OneOrMore::One((*value).to_owned())))
                .collect(),
        }
    }

    #[test]
    fn whom_rules_are_for_in_particular() {
        let job = Identity {
            subject: Subject::Federated("github".to_owned(), "repo:myorg/charts".to_owned()),
            groups: vec!["robots".to_owned()],
            claims: [("repository".to_owned(), vec!["myorg/charts".to_owned()])].into_iter().collect(),
            limits: None,
        };
        for (rules, named) in [
            (vec![], false),
            (vec![rule("anonymous", &[])], false),
            (vec![rule("*", &[])], false),
            (vec![rule("ci:gitlab", &[])], false),
            (vec![rule("user:github", &[])], false),
            (vec![rule("ci:github", &[("repository", "other/charts")])], false),
            (vec![rule("*", &[("repository", "other/*")])], false),
            (vec![rule("ci:github", &[])], true),
            (vec![rule("*", &[]), rule("ci:github", &[("repository", "myorg/*")])], true),
            (vec![rule("*", &[("repository", "myorg/charts")])], true),
            (vec![rule("group:robots", &[])], true),
        ] {
            assert_eq!(Rules::parse(&rules).unwrap().name(&job), named, "{rules:?}");
        }
    }
}
