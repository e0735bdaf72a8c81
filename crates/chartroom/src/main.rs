//! The `chartroom` binary: from a command line to what it asks for, and from what came of it to an
//! exit code.

mod commands;
mod failure;
mod logging;
mod printer;
mod remote;
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
        Command::Registry(registry) => commands::registry(&registry),
        Command::Create(create) => commands::create(&create),
        Command::Package(package) => commands::package(&package),
        Command::Push(push) => commands::push(&push),
        Command::Pull(pull) => commands::pull(&pull),
        Command::Show(show) => commands::show(&show),
        Command::Tags(tags) => commands::tags(&tags),
        Command::Copy(copy) => commands::copy(&copy),
        Command::Version(version) => commands::version(&version),
    }
}
