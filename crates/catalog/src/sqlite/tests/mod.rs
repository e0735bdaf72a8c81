//! What holds for SQLite beyond the contract.

#![expect(clippy::unwrap_used, reason = "tests")]

mod batches;
mod damage;
mod files;
mod races;

use std::path::PathBuf;

use super::SqliteCatalog;

/// A new catalog in a folder of its own.
struct Fresh {
    catalog: SqliteCatalog,
    folder: tempfile::TempDir,
}

fn fresh() -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    let catalog = SqliteCatalog::open(&folder.path().join("catalog.sqlite")).unwrap();
    Fresh { catalog, folder }
}

impl Fresh {
    fn path(&self) -> PathBuf {
        self.folder.path().join("catalog.sqlite")
    }

    /// How often was committed: durably, and relaxed.
    fn commits(&self) -> (u64, u64) {
        self.catalog.writer.as_ref().unwrap().commits.get()
    }

    /// Closes the catalog and opens it again.
    fn reopen(self) -> Self {
        let path = self.path();
        drop(self.catalog);
        Self { catalog: SqliteCatalog::open(&path).unwrap(), folder: self.folder }
    }
}
