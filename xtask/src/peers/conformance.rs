//! The OCI distribution specification's own conformance suite.
//!
//! Its module has no tagged release, and module proxies need not serve its commits, so it can't be
//! a line in `tests/peers/go.mod`. Whoever has built it names the program, and it is taken from there.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Store;

/// The state of the specification that the registry is held to: of 2026-07-16, when the suite was one
/// program for all versions up to the coming one.
pub(super) const COMMIT: &str = "967efdc079b91785ad18c77cc4f8991a47feefbf";

/// Names the suite's program.
const PROGRAM: &str = "PEERS_CONFORMANCE";

pub(super) fn bring(store: &Store, name: &str) -> Result<()> {
    let program = env::var_os(PROGRAM).filter(|program| !program.is_empty()).map(PathBuf::from);
    let program = program.with_context(|| {
        format!("set {PROGRAM} to the specification's conformance program, as built from its commit {COMMIT}")
    })?;
    let scratch = store.scratch()?;
    let copy = scratch.path().join(name);
    fs::copy(&program, &copy).with_context(|| format!("cannot copy {}", program.display()))?;
    store.install(name, &copy)
}
