//! `cargo xtask test`: the peers, then `cargo test` over the whole workspace.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};
use clap::Args;

use crate::peers::{self, Store};
use crate::{process, workspace};

#[derive(Args)]
pub(crate) struct TestArgs {
    /// Don't bring the peers, and let the tests that need them skip
    #[arg(long)]
    no_peers: bool,
    /// Passed on to `cargo test`; name packages with -p to test only those
    #[arg(last = true)]
    cargo_args: Vec<OsString>,
}

pub(crate) fn run(args: TestArgs) -> Result<()> {
    let mut cargo = workspace::cargo()?;
    cargo.arg("test");
    if !names_packages(&args.cargo_args) {
        cargo.arg("--workspace");
    }
    cargo.args(&args.cargo_args).env_remove("CHARTROOM_PEERS").env_remove("CHARTROOM_REQUIRE_PEERS");
    if !args.no_peers {
        let store = Store::open(&workspace::root()?)?;
        // A missing peer fails the tests that need it, if it must; the others
        // still have something to say.
        peers::bring(&store, &peers::all(&store)?, false)?;
        cargo.env("CHARTROOM_PEERS", store.bin());
        if workspace::is_ci() {
            cargo.env("CHARTROOM_REQUIRE_PEERS", "1");
        }
    }
    // Becoming cargo, rather than waiting for it, hands on its exit code and
    // every signal, Ctrl-C among them, without any code of ours.
    let error = cargo.exec();
    Err(error).with_context(|| format!("cannot run {}", process::describe(&cargo)))
}

/// Whether cargo's arguments choose packages: `--workspace` beside `-p` would
/// make it take them all.
fn names_packages(cargo_args: &[OsString]) -> bool {
    let mut own = cargo_args.iter().map(|arg| arg.to_string_lossy()).take_while(|arg| arg != "--");
    own.any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
}
