//! Patterns of repository names: `charts/**`, `charts/*`, `team-*/app`.

use std::fmt;
use std::str::FromStr;

use chartroom_oci::RepositoryName;

use crate::glob;

/// A pattern of repository names.
///
/// Components are compared one by one. In a component, `*` stands for any text; a component `**`
/// stands for any number of components, at the end for at least one: `charts/**` is all below `charts`
/// and not `charts` itself, `**` is everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    components: Vec<Component>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Component {
    /// Any number of them.
    Any,
    /// One of this name.
    Exact(String),
    /// One that looks like this.
    Glob(String),
}

impl Component {
    fn is(&self, name: &str) -> bool {
        match self {
            Self::Any => false,
            Self::Exact(exact) => exact == name,
            Self::Glob(glob) => glob::matches(glob, name),
        }
    }
}

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It holds a character that no repository's name has.
    #[error("`{0}` can't match any repository: names have small letters, digits and . _ - /")]
    Character(String),
    /// It is empty, or begins or ends with a slash, or has two of them in a row.
    #[error("`{0}` has an empty component")]
    Empty(String),
    /// `**` beside something else.
    #[error("in `{0}`, `**` has to stand alone between slashes")]
    DoubleStar(String),
    /// Longer than any name.
    #[error("a pattern has at most 255 characters")]
    Long,
}

impl Pattern {
    /// Whether a repository's name is one of those that the pattern describes.
    pub fn matches(&self, repository: &RepositoryName) -> bool {
        matches(&self.components, repository.as_str())
    }
}

/// The number of `**` and the length of names bound the work. This is done for each rule on each request,
/// hence without taking the name apart first.
fn matches(pattern: &[Component], name: &str) -> bool {
    let mut p = 0;
    // What is left of the name.
    let mut rest = Some(name);
    let mut retry: Option<(usize, &str)> = None;
    while let Some(left) = rest {
        let (first, after) = split(left);
        match pattern.get(p) {
            // At the end it stands for what is left, and there is something left.
            Some(Component::Any) if p + 1 == pattern.len() => return true,
            Some(Component::Any) => {
                retry = Some((p + 1, left));
                p += 1;
            }
            Some(component) if component.is(first) => (p, rest) = (p + 1, after),
            _ => {
                let Some((begin, taken)) = retry else { return false };
                (_, rest) = split(taken);
                retry = rest.map(|rest| (begin, rest));
                p = begin;
            }
        }
    }
    p == pattern.len()
}

/// The first component of a name, and what comes after it.
fn split(name: &str) -> (&str, Option<&str>) {
    name.split_once('/').map_or((name, None), |(first, after)| (first, Some(after)))
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.len() > 255 {
            return Err(PatternError::Long);
        }
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-*/".contains(&byte);
        if !text.bytes().all(allowed) {
            return Err(PatternError::Character(text.to_owned()));
        }
        let component = |component: &str| match component {
            "" => Err(PatternError::Empty(text.to_owned())),
            "**" => Ok(Component::Any),
            one if one.contains("**") => Err(PatternError::DoubleStar(text.to_owned())),
            one if one.contains('*') => Ok(Component::Glob(one.to_owned())),
            one => Ok(Component::Exact(one.to_owned())),
        };
        let components = text.split('/').map(component).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), components })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn which_repositories_a_pattern_describes() {
        for (pattern, repository, expected) in [
            ("charts/app", "charts/app", true),
            ("charts/app", "charts/app/x", false),
            ("charts/*", "charts/app", true),
            ("charts/*", "charts/a/b", false),
            ("charts/*", "charts", false),
            ("charts/**", "charts/app", true),
            ("charts/**", "charts/a/b/c", true),
            ("charts/**", "charts", false),
            ("charts/**", "charts2/app", false),
            ("**", "a", true),
            ("**", "a/b/c", true),
            ("**/app", "app", true),
            ("**/app", "a/b/app", true),
            ("**/app", "a/app/b", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b/**", "a/b/b/c", true),
            ("a/**/b/**", "a/b", false),
            ("team-*/app", "team-x/app", true),
            ("team-*/app", "team/app", false),
            ("*", "app", true),
            ("*", "a/b", false),
        ] {
            let found = pattern.parse::<Pattern>().unwrap().matches(&repository.parse().unwrap());
            assert_eq!(found, expected, "{pattern} {repository}");
        }
    }

    #[test]
    fn what_could_never_match_is_refused() {
        for text in ["", "/a", "a/", "a//b", "A", "a b", "a**", "**a/b", "ä", &"a".repeat(256)] {
            assert!(text.parse::<Pattern>().is_err(), "{text:?}");
        }
    }

    fn model(pattern: &[&str], names: &[&str]) -> bool {
        match pattern.split_first() {
            None => names.is_empty(),
            Some((&"**", [])) => !names.is_empty(),
            Some((&"**", rest)) => (0..=names.len()).any(|taken| model(rest, &names[taken..])),
            Some((first, rest)) => names
                .split_first()
                .is_some_and(|(name, after)| glob::matches(first, name) && model(rest, after)),
        }
    }

    proptest! {
        #[test]
        fn the_fast_way_finds_what_trying_finds(
            pattern in "(a|b|\\*|a\\*|\\*\\*)(/(a|b|\\*|\\*\\*)){0,4}",
            repository in "(a|b|ab)(/(a|b|ab)){0,5}",
        ) {
            let parts: Vec<&str> = pattern.split('/').collect();
            let names: Vec<&str> = repository.split('/').collect();
            let found = pattern.parse::<Pattern>().unwrap().matches(&repository.parse().unwrap());
            prop_assert_eq!(found, model(&parts, &names));
        }
    }
}
