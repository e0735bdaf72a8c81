//! Whether somebody has the password that they say: by the accounts, or by the htpasswd file.

use std::sync::Arc;

use chartroom_catalog::accounts::{Accounts, User, UserName};

use crate::authenticator::Proved;
use crate::caller::Credential;
use crate::error::{AuthError, Refusal};
use crate::identity::Identity;
use crate::password;

/// What the accounts have under a name.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) name: UserName,
    pub(crate) user: Option<User>,
}

/// What an htpasswd file has to say of a user.
#[derive(Default)]
pub(crate) struct OfFile {
    pub(crate) hash: Option<String>,
    /// The hash in it that takes longest to check, whosever it is.
    pub(crate) slowest: Option<String>,
}

/// Checks a password against the accounts first, then against the htpasswd file.
pub(crate) fn check_password(
    accounts: &dyn Accounts,
    user: &str,
    password: &str,
    of_file: OfFile,
) -> Result<Proved, AuthError> {
    let version = accounts.version().map_err(|error| unavailable(&error))?;
    let found = match user.parse::<UserName>() {
        Ok(name) => {
            let user = accounts.user(&name).map_err(|error| unavailable(&error))?;
            Some(Arc::new(Found { name, user }))
        }
        Err(_) => None,
    };
    let known = found.as_ref().and_then(|found| found.user.as_ref());
    let (hash, groups) = match known {
        Some(known) => (known.password.clone(), known.groups.clone()),
        None => (of_file.hash, Vec::new()),
    };
    // A refusal takes as long for somebody who is here, for one who is in the file, and for one who is
    // nowhere.
    let in_file = hash.as_deref().is_some_and(password::is_bcrypt);
    let right = match hash {
        Some(hash) => password::verify(password, &hash),
        None => password::pretend(password),
    };
    if !right {
        match of_file.slowest {
            Some(_) if in_file => password::pretend(password),
            Some(slowest) => password::verify(password, &slowest),
            None => false,
        };
        return Err(Refusal::Password.into());
    }
    let (identity, credential) = (Identity::user(user, groups), Credential::Direct("password"));
    Ok(Proved { identity, credential, version: Some(version), until: None, found })
}

/// The answer where the accounts can't be read; the reason is for the operator.
pub(crate) fn unavailable(error: &chartroom_catalog::Error) -> AuthError {
    tracing::error!(%error, "accounts can't be read");
    AuthError::Unavailable("the accounts can't be read".to_owned())
}
