//! The contract, on SQLite.

#![expect(clippy::expect_used, reason = "tests")]

use chartroom_catalog::conformance;
use chartroom_catalog::sqlite::SqliteCatalog;

fn fresh() -> (SqliteCatalog, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let catalog = SqliteCatalog::open(&folder.path().join("catalog.sqlite")).expect("a new catalog");
    (catalog, folder)
}

conformance!(fresh());
