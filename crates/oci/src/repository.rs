//! Repository names.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The name of a repository, such as `charts/webapp`: one or more path components
/// (OCI distribution specification, "Pulling manifests"), at most 255 characters.
///
/// Cheap to clone. Ordered by bytes, the order that listings use.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryName(Arc<str>);

/// Why a text is not a repository name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RepositoryNameError {
    /// There is nothing.
    #[error("the repository name is empty")]
    Empty,
    /// More than [`RepositoryName::MAX_LEN`] characters.
    #[error("the repository name is longer than 255 characters")]
    TooLong,
    /// A component breaks the grammar.
    #[error(
        "repository names are lower-case letters and digits, separated by `/` and, within a component, \
         by one `.`, one or two `_`, or any number of `-`"
    )]
    Grammar,
}

impl RepositoryName {
    /// The most characters that a name may have. Clients count the host name too,
    /// so a name near this limit may still be refused by them.
    pub const MAX_LEN: usize = 255;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last path component: for a chart pushed by Helm, the chart's name.
    pub fn last_component(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

/// Checks one component against `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_component(component: &[u8]) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut rest = component;
    loop {
        let word = rest.iter().take_while(|byte| alphanumeric(**byte)).count();
        if word == 0 {
            return false;
        }
        rest = &rest[word..];
        let separator = match rest {
            [] => return true,
            [b'.', ..] => 1,
            [b'_', b'_', ..] => 2,
            [b'_', ..] => 1,
            [b'-', ..] => rest.iter().take_while(|byte| **byte == b'-').count(),
            _ => return false,
        };
        rest = &rest[separator..];
    }
}

impl FromStr for RepositoryName {
    type Err = RepositoryNameError;

    fn from_str(text: &str) -> Result<Self, RepositoryNameError> {
        if text.is_empty() {
            return Err(RepositoryNameError::Empty);
        }
        if text.len() > Self::MAX_LEN {
            return Err(RepositoryNameError::TooLong);
        }
        if !text.as_bytes().split(|byte| *byte == b'/').all(is_component) {
            return Err(RepositoryNameError::Grammar);
        }
        Ok(Self(text.into()))
    }
}

impl Borrow<str> for RepositoryName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RepositoryName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RepositoryName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_the_specification_allows() {
        for name in [
            "a",
            "webapp",
            "charts/webapp",
            "a.b",
            "a_b",
            "a__b",
            "a-b",
            "a---b",
            "0/1/2",
            "my.org/charts__x/y-z",
        ] {
            assert!(name.parse::<RepositoryName>().is_ok(), "{name}");
        }
        assert!("a".repeat(255).parse::<RepositoryName>().is_ok());
    }

    #[test]
    fn names_that_it_does_not() {
        for name in [
            "/", "a/", "/a", "a//b", "A", "a.", ".a", "-a", "a-", "a___b", "a..b", "a._b", "a_-b", "..",
            "a/../b", "a b", "a%2fb", "a\0", "é", "a:b", "a@b", "_catalog", "a/_x",
        ] {
            assert_eq!(name.parse::<RepositoryName>(), Err(RepositoryNameError::Grammar), "{name}");
        }
        assert_eq!("".parse::<RepositoryName>(), Err(RepositoryNameError::Empty));
        assert_eq!("a".repeat(256).parse::<RepositoryName>(), Err(RepositoryNameError::TooLong));
    }

    proptest! {
        #[test]
        fn what_the_grammar_makes_is_accepted(
            name in "[a-z0-9]{1,4}((\\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}(/[a-z0-9]{1,4}((\\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}){0,3}"
        ) {
            prop_assert!(name.parse::<RepositoryName>().is_ok());
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            if let Ok(name) = text.parse::<RepositoryName>() {
                prop_assert_eq!(name.as_str(), text);
            }
        }
    }
}
