//! Scopes: what a token is good for (distribution, "Docker Registry Token Scope and Access").

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chartroom_oci::RepositoryName;

/// A set of scopes, such as `repository:charts/webapp:pull,push`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Scopes {
    /// From what may be acted upon (`repository:charts/webapp`) to the actions.
    by_resource: BTreeMap<String, BTreeSet<String>>,
    /// Scopes of services with a grammar of their own, such as Amazon's `aws`.
    opaque: BTreeSet<String>,
}

impl Scopes {
    /// No rights in particular: what a login is tried with.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Reading from a repository.
    pub(crate) fn pull(repository: &RepositoryName) -> Self {
        Self::none().with(format!("repository:{repository}"), &["pull"])
    }

    /// Reading from and writing to a repository.
    pub(crate) fn push(repository: &RepositoryName) -> Self {
        Self::none().with(format!("repository:{repository}"), &["pull", "push"])
    }

    /// Listing a registry's repositories.
    pub(crate) fn catalog() -> Self {
        Self::none().with("registry:catalog".to_owned(), &["*"])
    }

    fn with(mut self, resource: String, actions: &[&str]) -> Self {
        let own = self.by_resource.entry(resource).or_default();
        own.extend(actions.iter().map(|action| (*action).to_owned()));
        self
    }

    /// Reads the `scope` of a challenge: several are separated by spaces.
    pub(crate) fn parse(text: &str) -> Self {
        let mut scopes = Self::none();
        for scope in text.split_ascii_whitespace() {
            match scope.rsplit_once(':') {
                // The name may have a colon of its own, in a host's port.
                Some((resource, actions)) if resource.contains(':') => {
                    let actions = actions.split(',').filter(|action| !action.is_empty());
                    let own = scopes.by_resource.entry(resource.to_owned()).or_default();
                    own.extend(actions.map(str::to_owned));
                }
                _ => {
                    scopes.opaque.insert(scope.to_owned());
                }
            }
        }
        scopes
    }

    /// What is in either of the two.
    pub(crate) fn union(mut self, other: &Self) -> Self {
        for (resource, actions) in &other.by_resource {
            self.by_resource.entry(resource.clone()).or_default().extend(actions.iter().cloned());
        }
        self.opaque.extend(other.opaque.iter().cloned());
        self
    }

    /// Whether whoever has these may do all that the others allow.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let covered = |(resource, actions): (&String, &BTreeSet<String>)| {
            self.by_resource.get(resource).is_some_and(|own| actions.is_subset(own))
        };
        other.by_resource.iter().all(covered) && other.opaque.is_subset(&self.opaque)
    }

    /// Each scope as text, those that touch `first` before the others: some services read
    /// only the first one.
    pub(crate) fn texts(&self, first: &Self) -> Vec<String> {
        let mut texts = Vec::new();
        for wanted in [true, false] {
            let opaque = self.opaque.iter().filter(|scope| first.opaque.contains(*scope) == wanted);
            texts.extend(opaque.cloned());
            let resources = self.by_resource.iter();
            let resources =
                resources.filter(|(resource, _)| first.by_resource.contains_key(*resource) == wanted);
            texts.extend(resources.map(|(resource, actions)| text(resource, actions)));
        }
        texts
    }
}

fn text(resource: &str, actions: &BTreeSet<String>) -> String {
    // In the order that people know: `pull,push`, then the rest.
    let mut actions = actions.iter().map(String::as_str).collect::<Vec<_>>();
    actions.sort_by_key(|action| match *action {
        "pull" => 0,
        "push" => 1,
        "delete" => 2,
        _ => 3,
    });
    format!("{resource}:{}", actions.join(","))
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts(self).join(" "))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn repository(name: &str) -> RepositoryName {
        name.parse().unwrap()
    }

    #[test]
    fn scopes_are_written_as_services_read_them() {
        assert_eq!(Scopes::pull(&repository("a/b")).to_string(), "repository:a/b:pull");
        assert_eq!(Scopes::push(&repository("a")).to_string(), "repository:a:pull,push");
        let delete = Scopes::push(&repository("a")).union(&Scopes::parse("repository:a:delete"));
        assert_eq!(delete.to_string(), "repository:a:pull,push,delete");
        assert_eq!(Scopes::catalog().to_string(), "registry:catalog:*");
        let mount = Scopes::push(&repository("z")).union(&Scopes::pull(&repository("a")));
        assert_eq!(
            mount.texts(&Scopes::push(&repository("z"))),
            ["repository:z:pull,push", "repository:a:pull"]
        );
    }

    #[test]
    fn scopes_of_challenges_are_read() {
        assert_eq!(Scopes::parse("repository:a:push,pull"), Scopes::push(&repository("a")));
        let ported = Scopes::parse("repository:host:5000/a:pull");
        assert_eq!(ported.to_string(), "repository:host:5000/a:pull");
        assert_eq!(Scopes::parse("aws").to_string(), "aws");
        assert_eq!(Scopes::parse(" a:b:c  d ").to_string(), "d a:b:c");
        assert_eq!(Scopes::parse(""), Scopes::none());
    }

    #[test]
    fn more_rights_cover_fewer() {
        let (push, pull) = (Scopes::push(&repository("a")), Scopes::pull(&repository("a")));
        assert!(push.covers(&pull) && push.covers(&Scopes::none()) && !pull.covers(&push));
        assert!(!push.covers(&Scopes::pull(&repository("b"))));
        assert!(!push.covers(&Scopes::parse("aws")));
    }
}
