//! Who has an account: users, the groups they are in, and access tokens.
//!
//! [`Accounts`] is the contract; [`SqliteAccounts`] implements it in a file of its own, beside the
//! catalog's. Commands change it while a server reads it: [`Accounts::version`] tells the server, at the
//! cost of one small read, whether what it remembers is still true. What a password or a token is worth
//! is the business of `chartroom-access`; here are only their hashes.

pub mod conformance;
mod model;
mod sqlite;

pub use model::{AccessToken, Purpose, TokenId, TokenIdError, User, UserName, UserNameError};
pub use sqlite::SqliteAccounts;

use jiff::Timestamp;

use crate::Result;

/// Users and access tokens.
///
/// Every operation is one transaction, durable when it has answered. They block for as long as
/// a disk takes; asynchronous callers run them elsewhere.
pub trait Accounts: Send + Sync + 'static {
    /// A number that differs whenever anything here has changed, by whatever process. Cheap enough to
    /// ask with each request.
    fn version(&self) -> Result<u64>;

    /// Adds a user. `false`, and nothing changed, if there is one of that name.
    fn add_user(&self, user: &User) -> Result<bool>;

    /// The user of a name.
    fn user(&self, name: &UserName) -> Result<Option<User>>;

    /// All users, by name.
    fn users(&self) -> Result<Vec<User>>;

    /// Removes a user and all their tokens. `false` if there was none.
    fn remove_user(&self, name: &UserName) -> Result<bool>;

    /// Sets or takes away a user's password, and ends all sessions that were begun with the old
    /// one (tokens of [`Purpose::Session`]). `false` if there is no such user.
    fn set_password(&self, name: &UserName, hash: Option<&str>) -> Result<bool>;

    /// Sets the groups of a user. `false` if there is no such user.
    fn set_groups(&self, name: &UserName, groups: &[String]) -> Result<bool>;

    /// Adds a token. `false`, and nothing changed, if its user is not there.
    fn add_token(&self, token: &AccessToken) -> Result<bool>;

    /// The token of an id, expired or not.
    fn token(&self, id: &TokenId) -> Result<Option<AccessToken>>;

    /// All tokens, by user and age; those of one user, if one is named.
    fn tokens(&self, user: Option<&UserName>) -> Result<Vec<AccessToken>>;

    /// Removes a token. `false` if there was none.
    fn revoke_token(&self, id: &TokenId) -> Result<bool>;

    /// Removes tokens that expired before `before`, and says how many.
    fn forget_expired(&self, before: Timestamp) -> Result<usize>;
}
