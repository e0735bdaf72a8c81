//! What may depend on what, and how files are named: rules that would otherwise be forgotten
//! one small exception at a time.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

mod dependencies;
mod files;

use std::path::{Path, PathBuf};

/// The folder of the workspace.
fn workspace() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate is in crates/");
    crates.parent().expect("crates/ is in the workspace").to_owned()
}
