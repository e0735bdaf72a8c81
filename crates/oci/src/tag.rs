//! Tags.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A tag, such as `1.2.3_build.5` or `stable`: a name within a repository that can be
/// pointed at another manifest later (OCI distribution specification, "Pulling manifests").
///
/// Cheap to clone. Ordered by bytes, the order that listings use.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(Arc<str>);

/// Why a text is not a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// There is nothing.
    #[error("the tag is empty")]
    Empty,
    /// More than [`Tag::MAX_LEN`] characters.
    #[error("the tag is longer than 128 characters")]
    TooLong,
    /// A character that tags do not have, or one of `.` and `-` at the start.
    #[error("tags are letters, digits, `_`, `.` and `-`, and begin with a letter, a digit or `_`")]
    Grammar,
}

impl Tag {
    /// The most characters that a tag may have.
    pub const MAX_LEN: usize = 128;

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        let bytes = text.as_bytes();
        let Some(first) = bytes.first() else {
            return Err(TagError::Empty);
        };
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        if !word(first) || !bytes.iter().all(|byte| word(byte) || matches!(byte, b'.' | b'-')) {
            return Err(TagError::Grammar);
        }
        if bytes.len() > Self::MAX_LEN {
            return Err(TagError::TooLong);
        }
        Ok(Self(text.into()))
    }
}

impl Borrow<str> for Tag {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_of_the_specification() {
        for tag in ["a", "1.2.3", "1.2.3_build.5", "_x", "Stable", "v1", &"a".repeat(128)] {
            assert!(tag.parse::<Tag>().is_ok(), "{tag}");
        }
        assert_eq!("".parse::<Tag>(), Err(TagError::Empty));
        assert_eq!("a".repeat(129).parse::<Tag>(), Err(TagError::TooLong));
        for tag in [".a", "-a", "a+b", "a/b", "a:b", "a b", "é", "a\n", "..", "a@sha256"] {
            assert_eq!(tag.parse::<Tag>(), Err(TagError::Grammar), "{tag}");
        }
    }
}
