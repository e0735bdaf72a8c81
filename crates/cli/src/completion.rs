//! `chartroom completion`

use clap::{Args, Subcommand};

/// `chartroom completion …`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    # In this shell
    source <(chartroom completion bash)

    # In every shell to come
    chartroom completion fish > ~/.config/fish/completions/chartroom.fish")]
pub struct Completion {
    /// For which shell.
    #[command(subcommand)]
    pub shell: Shell,
}

/// The shells that there are completions for.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Shell {
    /// Print a script that completes command lines in bash
    Bash(ShellScript),
    /// Print a script that completes command lines in fish
    Fish(ShellScript),
    /// Print a script that completes command lines in PowerShell
    Powershell(ShellScript),
    /// Print a script that completes command lines in zsh
    Zsh(ShellScript),
}

/// Flags of `chartroom completion bash` and its siblings.
#[derive(Clone, Copy, Debug, Args)]
pub struct ShellScript {
    /// Show the names of flags and commands without what they are for
    #[arg(long)]
    pub no_descriptions: bool,
}
