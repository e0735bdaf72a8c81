//! Logging in and out: what is written, and what is stored at all.

use std::path::{Path, PathBuf};

use super::credential_helper::Helper;
use super::error::{Error, Result};
use super::file::{CredentialFile, Document};
use super::target::LoginTarget;
use super::{SavedWhere, Store, blocking, entry, write};
use crate::credential::Credential;

/// A login that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// For what: a host, a URL of one, or a host and a path, as it is kept there.
    pub server: String,
    /// The user. Tokens have none, and some helpers don't tell.
    pub username: Option<String>,
    /// Who keeps it.
    pub place: SavedWhere,
}

impl Store {
    /// Stores a login, in place of the one that is there for the same target.
    ///
    /// As with Helm, that is in Helm's file, or with the credential helper that this file names
    /// for the host. If the file says nothing of any login and the platform's own helper
    /// (`pass`, `secretservice`, `osxkeychain`, `wincred`) is installed, it is named in the
    /// file and used from now on.
    pub async fn save(&self, target: &LoginTarget, credential: &Credential) -> Result<SavedWhere> {
        entry::check_storable(credential)?;
        let path = self.own_file()?;
        let file = load(&path).await?;
        let (helper, detected) = {
            let document = file.document()?;
            let named = document.helper(target.host()).map(str::to_owned);
            let unasked = || self.helpers.platform_default().map(str::to_owned);
            match named {
                None if document.says_nothing() => (unasked(), true),
                named => (named, false),
            }
        };
        let target = target.clone();
        match helper {
            Some(name) => {
                let helper = Helper { name: &name, file: &path };
                self.helpers.store(helper, &target.key(), credential).await?;
                let place = SavedWhere::helper(helper);
                let detected = detected.then(|| name.clone());
                // The file may be one that can't be written, and need not be.
                if !kept_by_helper(&mut file.document()?, &target, detected.clone()) {
                    return Ok(place);
                }
                self.edit(&path, move |document| (kept_by_helper(document, &target, detected), ())).await?;
                Ok(place)
            }
            None => {
                let credential = credential.clone();
                self.edit(&path, move |document| (kept_in_file(document, &target, &credential), ())).await?;
                Ok(SavedWhere::File(path))
            }
        }
    }

    /// Checks that logins can be stored as far as that can be told without storing one: the file that they
    /// go to can be read, if it is there, and understood.
    pub async fn check(&self) -> Result<()> {
        load(&self.own_file()?).await.map(drop)
    }

    /// Removes the login for this target from Helm's file and from the helper that this file
    /// names for it; says whether there was one. Logins of Docker and podman stay:
    /// [`Store::list`] shows them.
    pub async fn erase(&self, target: &LoginTarget) -> Result<bool> {
        let path = self.own_file()?;
        let file = load(&path).await?;
        let (helper, is_there) = {
            let document = file.document()?;
            let is_there =
                document.entries().any(|(key, _)| LoginTarget::from_key(key).as_ref() == Some(target));
            // Of what a helper has for paths, the file has an entry.
            let asks_helper = target.path().is_none() || is_there;
            let helper = document.helper(target.host()).filter(|_| asks_helper);
            (helper.map(str::to_owned), is_there)
        };
        let mut erased = false;
        if let Some(name) = helper {
            erased = self.helpers.erase(Helper { name: &name, file: &path }, &target.key()).await?;
        }
        if is_there {
            let target = target.clone();
            erased |= self
                .edit(&path, move |document| {
                    let removed = document.remove_entries(&target);
                    (removed, removed)
                })
                .await?;
        }
        Ok(erased)
    }

    /// All logins, in the order in which the files are asked. An entry that can't be understood
    /// is listed without its user.
    pub async fn list(&self) -> Result<Vec<Login>> {
        let mut logins = Vec::new();
        for slot in &self.files {
            let file = slot.load().await?;
            let document = file.document()?;
            let mut helpers = Vec::new();
            for (host, name) in document.cred_helpers() {
                let place = SavedWhere::helper(Helper { name, file: &file.path });
                // They make their logins on request, often from a cloud's.
                helpers.push(Login { server: host.to_owned(), username: None, place });
            }
            if let Some(name) = document.creds_store() {
                let helper = Helper { name, file: &file.path };
                for (server, username) in self.helpers.list(helper).await? {
                    let username =
                        Some(username).filter(|name| !name.is_empty() && name != entry::TOKEN_USER);
                    helpers.push(Login { server, username, place: SavedWhere::helper(helper) });
                }
            }
            logins.append(&mut helpers);
            for (server, json) in document.entries() {
                let username = match entry::decode(json) {
                    Ok(Credential::Anonymous) => continue,
                    Ok(Credential::Basic { username, .. }) => Some(username),
                    Ok(_) | Err(_) => None,
                };
                let place = SavedWhere::File(file.path.clone());
                logins.push(Login { server: server.to_owned(), username, place });
            }
        }
        Ok(logins)
    }

    fn own_file(&self) -> Result<PathBuf> {
        self.places.own.clone().ok_or(Error::Nowhere)
    }

    /// Changes Helm's file, and forgets what was read of it.
    async fn edit<T: Send + 'static>(
        &self,
        path: &Path,
        change: impl FnOnce(&mut Document<'_>) -> (bool, T) + Send + 'static,
    ) -> Result<T> {
        let path = path.to_owned();
        let result = blocking(move || write::edit(&path, change)).await;
        for slot in &self.files {
            *slot.loaded.lock().await = None;
        }
        result
    }
}

/// Reads the file as it is now: another process may have written it.
async fn load(path: &Path) -> Result<CredentialFile> {
    let path = path.to_owned();
    blocking(move || CredentialFile::load(&path)).await
}

/// Writes a login into the file.
fn kept_in_file(document: &mut Document<'_>, target: &LoginTarget, credential: &Credential) -> bool {
    let entry = entry::encode(document.entry(&target.key()), credential);
    // What other spellings of the same host hold would outlive a logout.
    document.replace_entries(target, &entry);
    true
}

/// Notes that a helper has the login: its name if nobody had named it, and for a path that there
/// is something to ask for. What the file itself held for the target is out of date.
fn kept_by_helper(document: &mut Document<'_>, target: &LoginTarget, detected: Option<String>) -> bool {
    let before = document.render();
    if let Some(name) = detected.filter(|_| document.creds_store().is_none()) {
        document.set_creds_store(&name);
    }
    let key = target.key();
    let is_there = document.entries().any(|(key, _)| LoginTarget::from_key(key).as_ref() == Some(target));
    if is_there || target.path().is_some() {
        let entry = entry::encode(document.entry(&key), &Credential::Anonymous);
        document.replace_entries(target, &entry);
    }
    document.render() != before
}
