//! `.Release`: what is being made, and how it is named.

use chartroom_gotemplate::Value;

/// What templates are told of the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// How often it was installed and upgraded, this time included.
    pub revision: i64,
    /// Whether it is an upgrade; else it is being installed.
    pub is_upgrade: bool,
}

impl Release {
    /// The value that templates see. Under lint, it is neither installed nor upgraded.
    pub(crate) fn value(&self, lint: bool) -> Value {
        Value::map([
            ("Name", Value::from(self.name.as_str())),
            ("Namespace", Value::from(self.namespace.as_str())),
            ("Revision", Value::int(self.revision)),
            ("IsInstall", Value::Bool(!self.is_upgrade && !lint)),
            ("IsUpgrade", Value::Bool(self.is_upgrade)),
            ("Service", Value::from("Helm")),
        ])
    }
}

/// The longest name of a release, which has to fit into a label together with what charts append.
const MAX_NAME: usize = 53;

/// A name that no release can have, in Helm's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseNameError {
    /// None at all.
    #[error("no name provided")]
    Missing,
    /// Not a name of a DNS subdomain, or too long.
    #[error(
        "invalid release name, must match regex \
         ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ \
         and the length must not be longer than 53"
    )]
    Invalid,
}

/// Checks the name of a release: small letters, digits, `-` and `.`, at most 53 of them.
///
/// # Errors
///
/// For all other names.
pub fn check_release_name(name: &str) -> Result<(), ReleaseNameError> {
    if name.is_empty() {
        return Err(ReleaseNameError::Missing);
    }
    let end = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let fits = name.len() <= MAX_NAME
        && name.split('.').map(str::as_bytes).all(|part| {
            let inner = |byte: &u8| *byte == b'-' || end(Some(byte));
            end(part.first()) && end(part.last()) && part.iter().all(inner)
        });
    if fits { Ok(()) } else { Err(ReleaseNameError::Invalid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_releases() {
        for name in ["a", "0", "a-b", "a.b-c.d", &"x".repeat(53)] {
            assert_eq!(check_release_name(name), Ok(()), "{name}");
        }
        for name in ["A", "-a", "a-", "a..b", ".a", "a.", "a_b", "ä", "a b", "a\n", &"x".repeat(54)] {
            assert_eq!(check_release_name(name), Err(ReleaseNameError::Invalid), "{name}");
        }
        assert_eq!(check_release_name(""), Err(ReleaseNameError::Missing));
    }
}
