//! Where the workspace is, and which cargo to call on it.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

/// The repository's root folder.
pub(crate) fn root() -> Result<PathBuf> {
    // Read at run time: the value compiled in would be wrong in a target/
    // folder that was copied from another checkout.
    let xtask = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = xtask.parent().context("xtask has no parent folder; run it as `cargo xtask`")?;
    Ok(root.to_path_buf())
}

/// The cargo that started this command, at the repository's root.
pub(crate) fn cargo() -> Result<Command> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()?);
    Ok(cargo)
}

/// Whether this is an unattended run, which must not let anything go missing.
pub(crate) fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}
