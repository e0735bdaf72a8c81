//! The values that go into and come out of [`Accounts`](super::Accounts).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// The name of a user: 1 to 64 ASCII letters, digits, `.`, `_`, `-`, `@`, `+`, the first of them a
/// letter or digit. No colon, which ends a name in HTTP's Basic authentication.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserName(String);

/// A text that is no name for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user's name has 1 to 64 letters, digits and any of . _ - @ +, and begins with a letter or digit")]
pub struct UserNameError;

impl UserName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserName {
    type Err = UserNameError;

    fn from_str(text: &str) -> Result<Self, UserNameError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@+".contains(&byte);
        let begins = text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
        if begins && text.len() <= 64 && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(UserNameError)
        }
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names an access token. No secret: it is listed, logged, and used to revoke the token.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId(String);

/// A text that names no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a token has 12 letters and digits")]
pub struct TokenIdError;

impl TokenId {
    /// How many characters an id has.
    pub const LENGTH: usize = 12;

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenId {
    type Err = TokenIdError;

    fn from_str(text: &str) -> Result<Self, TokenIdError> {
        if text.len() == Self::LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TokenIdError)
        }
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody, or something, with an account.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: UserName,
    /// The hash of the password, in the PHC string format; none for those who have tokens only.
    pub password: Option<String>,
    /// The groups they are in.
    pub groups: Vec<String>,
    /// Since when.
    pub created_at: Timestamp,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("name", &self.name).field("groups", &self.groups).finish_non_exhaustive()
    }
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Made by an operator, used instead of a password.
    Access,
    /// What a client keeps of a login with a password: OAuth's refresh token.
    Session,
}

/// A token, without its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Its name.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserName,
    /// What it is for.
    pub purpose: Purpose,
    /// What it was made for, in its maker's words.
    pub description: String,
    /// SHA-256 of the secret. A secret is 256 random bits: there is nothing to guess.
    pub secret_hash: [u8; 32],
    /// Patterns of the repositories that it is good for; all that its user may use, if empty.
    pub repositories: Vec<String>,
    /// What it is good for there; all that its user may do, if empty.
    pub actions: Vec<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when; forever if nothing.
    pub expires_at: Option<Timestamp>,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("id", &self.id).field("user", &self.user).finish_non_exhaustive()
    }
}
