//! From flags to settings, and from a data folder to what is in it.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use chartroom_blobs::BlobStore;
use chartroom_catalog::Catalog;
use chartroom_catalog::sqlite::SqliteCatalog;
use chartroom_cli::Storage;
use chartroom_server::data_folder::DataFolder;
use chartroom_server::settings::Settings;

use crate::failure::Hinted;

/// The settings, as the file, the environment and the flags make them.
pub(crate) fn settings(flags: &Storage) -> Result<Settings> {
    let mut settings = Settings::load(flags.config.as_deref(), std::env::vars_os())?;
    if let Some(data) = &flags.data {
        settings.data = PathBuf::clone(data);
    }
    Ok(settings)
}

/// What a data folder holds.
pub(crate) struct Contents {
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) blobs: BlobStore,
}

impl Contents {
    /// Opens what is in a folder that is this process's alone.
    pub(crate) async fn open(folder: &DataFolder) -> Result<Self> {
        let blobs = open_blobs(folder)?;
        // Going on would make an empty catalog, and garbage collection would then take all blobs for
        // left-overs.
        if !folder.catalog().exists() && !blobs.walk(None, 1).await?.is_empty() {
            let lost = anyhow!("`{}` is missing, but there are blobs", folder.catalog().display());
            return Err(Hinted::new(lost, "put it back from a backup, or start with an empty folder").into());
        }
        let catalog = SqliteCatalog::open(&folder.catalog()).with_context(|| cannot_open(folder))?;
        Ok(Self { catalog: Arc::new(catalog), blobs })
    }

    /// Opens what is in a folder for looking at it only, beside whoever works with it.
    pub(crate) fn look(folder: &DataFolder) -> Result<Self> {
        let blobs = open_blobs(folder)?;
        let catalog =
            SqliteCatalog::open_read_only(&folder.catalog()).with_context(|| cannot_open(folder))?;
        Ok(Self { catalog: Arc::new(catalog), blobs })
    }
}

fn open_blobs(folder: &DataFolder) -> Result<BlobStore> {
    Ok(BlobStore::open(folder.path())?)
}

fn cannot_open(folder: &DataFolder) -> String {
    format!("can't open `{}`", folder.catalog().display())
}
