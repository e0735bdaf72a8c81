//! What may stand after `/manifests/`: a tag or a digest.

use std::fmt;
use std::str::FromStr;

use crate::{Digest, DigestError, Tag, TagError};

/// A manifest named by its tag or by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// By tag: what it names can change.
    Tag(Tag),
    /// By digest: what it names cannot.
    Digest(Digest),
}

/// Why a text is neither a tag nor a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It has a `:`, so it was meant as a digest.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// It has none, so it was meant as a tag.
    #[error(transparent)]
    Tag(#[from] TagError),
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        // A tag never has a colon, a digest always has one.
        if text.contains(':') { Ok(Self::Digest(text.parse()?)) } else { Ok(Self::Tag(text.parse()?)) }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_makes_it_a_digest() {
        assert!(matches!("1.2.3".parse(), Ok(Reference::Tag(_))));
        assert!(matches!(Digest::sha256(b"x").to_string().parse(), Ok(Reference::Digest(_))));
        assert!(matches!("sha256:bad".parse::<Reference>(), Err(ReferenceError::Digest(_))));
        assert!(matches!("-x".parse::<Reference>(), Err(ReferenceError::Tag(_))));
    }
}
