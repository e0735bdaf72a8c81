//! The `chartroom` binary: from a command line to what it asks for, and from what came of it to an
//! exit code.

mod commands;
mod failure;
mod logging;
mod printer;
mod storage;
mod table;

use std::process::ExitCode;

use chartroom_cli::{Cli, Command};
use clap::Parser as _;

use crate::commands::Outcome;

fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(cli) => run(cli.command),
        Err(error) => failure::of_command_line(&error),
    };
    match outcome {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::FoundProblems) => ExitCode::FAILURE,
        Err(error) => {
            failure::report(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Serve(serve) => commands::serve(serve),
        Command::Gc(gc) => commands::gc(gc),
        Command::Fsck(fsck) => commands::fsck(fsck),
        Command::Version(version) => commands::version(&version),
    }
}
