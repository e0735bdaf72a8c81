//! The accounts in a data folder, for commands and for the server.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use chartroom_catalog::accounts::{Accounts, SqliteAccounts};
use chartroom_cli::Storage;
use chartroom_server::data_folder::DataFolder;

use crate::storage;

/// Opens the accounts of a data folder that is there.
pub(crate) fn of_folder(data: &Path) -> Result<Arc<dyn Accounts>> {
    let file = DataFolder::accounts_in(data);
    let accounts = SqliteAccounts::open(&file).with_context(|| format!("can't open `{}`", file.display()))?;
    Ok(Arc::new(accounts))
}

/// Opens the accounts that a command's flags name, beside a server that may be running. The folder is
/// made if there is none: users come before the first start.
pub(crate) fn of_flags(flags: &Storage) -> Result<Arc<dyn Accounts>> {
    let settings = storage::settings(flags)?;
    DataFolder::prepare(&settings.data)?;
    of_folder(&settings.data)
}

/// Opens the accounts that a command's flags name, if there are any.
pub(crate) fn of_flags_if_any(flags: &Storage) -> Result<Option<Arc<dyn Accounts>>> {
    let settings = storage::settings(flags)?;
    if DataFolder::accounts_in(&settings.data).exists() {
        of_folder(&settings.data).map(Some)
    } else {
        Ok(None)
    }
}
