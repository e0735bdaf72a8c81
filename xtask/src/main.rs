//! The project's own commands, run as `cargo xtask <command>`.
//!
//! Everything a contributor or CI runs goes through here, so that both run
//! the same thing.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for a person at a terminal: what it prints is its result"
)]

mod bench;
mod lint;
mod parity;
mod peers;
mod process;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about, version)]
struct Xtask {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the peer programs, then run every test of the workspace
    Test(test::TestArgs),
    /// Check formatting, lints, documentation, licences and banned crates
    Lint(lint::LintArgs),
    /// Bring the real programs that tests talk to into target/peers/bin
    Peers(peers::PeersArgs),
    /// Measure against other registries and clients
    Bench(bench::BenchArgs),
    /// Render folders of charts with Helm and with Chartroom, and show what differs
    Parity(parity::ParityArgs),
}

fn main() -> ExitCode {
    let done = match Xtask::parse().command {
        Command::Test(args) => test::run(args),
        Command::Lint(args) => lint::run(args),
        Command::Peers(args) => peers::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Parity(args) => parity::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not by returning it from main: that adds a backtrace wherever
            // RUST_BACKTRACE is set, to failures that are no fault of ours.
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
