//! Scopes of Docker's token protocol: `repository:charts/app:pull,push`.
//!
//! Where from: the distribution project's token specification. Docker knows `pull`, `push` and
//! `delete`, and `*` for all; what we tell apart beyond that (`overwrite`) goes with `push`.

use chartroom_oci::RepositoryName;
use serde::{Deserialize, Serialize};

use crate::action::{Action, Actions};

/// How many scopes one token may have.
pub(crate) const MAX_SCOPES: usize = 64;

/// An entry of a token's `access`: what it is good for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// `repository`, or `registry`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The repository's name; `catalog` for the list of them.
    pub name: String,
    /// What may be done.
    pub actions: Vec<String>,
}

impl Scope {
    /// Reads a scope as a client asks for it. `None` for what can't be one, which is overlooked.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        // A port may stand in the name, hence from the right.
        let (name, actions) = rest.rsplit_once(':')?;
        // `repository(class)` is an old form of the same.
        let kind = kind.split_once('(').map_or(kind, |(kind, _)| kind);
        let actions = actions.split(',').filter(|action| !action.is_empty()).map(str::to_owned).collect();
        Some(Self { kind: kind.to_owned(), name: name.to_owned(), actions })
    }

    /// Several scopes, separated by spaces or given one by one. What is beyond 64 is overlooked.
    pub fn parse_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        texts.into_iter().flat_map(str::split_whitespace).filter_map(Self::parse).take(MAX_SCOPES).collect()
    }

    /// The repository, if it is for one.
    pub fn repository(&self) -> Option<RepositoryName> {
        if self.kind == "repository" { self.name.parse().ok() } else { None }
    }

    /// Whether it is for listing all repositories.
    pub(crate) fn is_catalog(&self) -> bool {
        self.kind == "registry" && self.name == "catalog"
    }

    /// The actions that it names, as we tell them apart.
    pub(crate) fn actions(&self) -> Actions {
        Action::ALL.into_iter().filter(|action| self.has(*action)).collect()
    }

    /// Whether it names an action.
    pub(crate) fn has(&self, action: Action) -> bool {
        let name = if action == Action::Overwrite { "push" } else { action.as_str() };
        self.actions.iter().any(|asked| asked == name || asked == "*")
    }

    /// The scope for some actions in a repository, as challenges and tokens name it.
    pub fn of(repository: &RepositoryName, actions: Actions) -> Self {
        let names = actions.iter().filter(|action| *action != Action::Overwrite);
        Self {
            kind: "repository".to_owned(),
            name: repository.to_string(),
            actions: names.map(|action| action.as_str().to_owned()).collect(),
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.kind, self.name, self.actions.join(","))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scopes_are_read_as_clients_write_them() {
        let scope = Scope::parse("repository:charts/app:pull,push").unwrap();
        assert_eq!(scope.repository().unwrap().as_str(), "charts/app");
        assert!(scope.actions().has(Action::Pull) && scope.actions().has(Action::Overwrite));
        assert!(!scope.actions().has(Action::Delete));
        assert_eq!(scope.to_string(), "repository:charts/app:pull,push");
        assert_eq!(Scope::parse("repository:a:*").unwrap().actions(), Actions::all());
        assert_eq!(Scope::parse("repository(plugin):a:pull").unwrap().kind, "repository");
        assert!(Scope::parse("registry:catalog:*").unwrap().is_catalog());
        assert!(Scope::parse("repository:A:pull").unwrap().repository().is_none());
        for text in ["", "repository", "repository:a"] {
            assert!(Scope::parse(text).is_none(), "{text}");
        }
        let several = Scope::parse_all(["repository:a:pull repository:b:push", "x", "repository:c:pull"]);
        assert_eq!(several.len(), 3);
        assert_eq!(Scope::parse_all(["repository:a:pull "; 100]).len(), MAX_SCOPES);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,80}") {
            let _ = Scope::parse(&text).map(|scope| (scope.actions(), scope.repository()));
        }
    }
}
