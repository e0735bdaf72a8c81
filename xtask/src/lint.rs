//! `cargo xtask lint`: every check that needs no test run.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::peers::{self, Store};
use crate::{process, workspace};

#[derive(Args)]
pub(crate) struct LintArgs {
    /// What to check; everything but `advisories` when none is named
    #[arg(value_enum)]
    checks: Vec<Check>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Check {
    /// Formatting
    Fmt,
    /// Clippy on every target, warnings denied
    Clippy,
    /// Documentation, private items included, warnings denied
    Doc,
    /// Licences, banned crates and crate sources, as deny.toml has them
    Deny,
    /// Published security advisories; needs to reach the advisory database,
    /// a git repository, so it is run only when named
    Advisories,
}

const DEFAULT: &[Check] = &[Check::Fmt, Check::Clippy, Check::Doc, Check::Deny];

pub(crate) fn run(args: LintArgs) -> Result<()> {
    let checks = if args.checks.is_empty() { DEFAULT } else { &args.checks };
    // All of them run even after one has failed: one look shows everything.
    let mut failed = Vec::new();
    for &check in checks {
        let name = check.name();
        println!("lint: {name}");
        let started = Instant::now();
        match check.run() {
            Ok(true) => println!("lint: {name}: ok ({:.1} s)", started.elapsed().as_secs_f64()),
            Ok(false) => failed.push(name),
            Err(error) => {
                eprintln!("lint: {name}: {error:#}");
                failed.push(name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

impl Check {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self) -> Result<bool> {
        let mut cargo = workspace::cargo()?;
        match self {
            Self::Fmt => cargo.args(["fmt", "--all", "--check"]),
            Self::Clippy => {
                cargo.args(["clippy", "--workspace", "--all-targets"]).args(["--", "-D", "warnings"])
            }
            Self::Doc => cargo
                .args(["doc", "--workspace", "--no-deps"])
                .arg("--document-private-items")
                .env("RUSTDOCFLAGS", "-D warnings"),
            Self::Deny => return cargo_deny(&["bans", "licenses", "sources"]),
            Self::Advisories => return cargo_deny(&["advisories"]),
        };
        process::succeeds(&mut cargo)
    }
}

fn cargo_deny(checks: &[&str]) -> Result<bool> {
    let mut cargo = workspace::cargo()?;
    // Found by cargo as its own subcommand when installed by hand; the pinned
    // one goes first so that everybody gets the same verdict.
    let mut path = vec![pinned_cargo_deny()?];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    cargo.env("PATH", std::env::join_paths(path)?).args(["deny", "--locked", "check"]).args(checks);
    process::succeeds(&mut cargo)
}

/// The folder that holds the pinned cargo-deny, if it could be had.
fn pinned_cargo_deny() -> Result<PathBuf> {
    let store = Store::open(&workspace::root()?)?;
    // Not required: one on PATH is as good, and without either cargo says so.
    peers::bring(&store, &[peers::cargo_deny()], false)?;
    Ok(store.bin())
}
