//! `chartroom completion`

use anyhow::Result;
use chartroom_cli::{Completion, Program, Shell};
use clap_complete::Shell as Known;

use super::Outcome;
use crate::printer;

/// Prints a script that completes command lines.
pub(crate) fn completion(flags: &Completion, program: Program) -> Result<Outcome> {
    let (shell, script) = match flags.shell {
        Shell::Bash(script) => (Known::Bash, script),
        Shell::Fish(script) => (Known::Fish, script),
        Shell::Powershell(script) => (Known::PowerShell, script),
        Shell::Zsh(script) => (Known::Zsh, script),
    };
    let mut commands = program.commands();
    if script.no_descriptions {
        commands = undescribed(commands);
    }
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut commands, program.name(), &mut text);
    printer::whole(&text)?;
    Ok(Outcome::Success)
}

fn undescribed(command: clap::Command) -> clap::Command {
    command
        .about(None::<&str>)
        .long_about(None::<&str>)
        .mut_args(|flag| flag.help(None::<&str>).long_help(None::<&str>))
        .mut_subcommands(undescribed)
}
