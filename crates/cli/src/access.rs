//! `chartroom access`

use clap::{Args, Subcommand};

use crate::{OutputFormat, Storage};

/// `chartroom access …`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom access explain --config chartroom.toml user:release push charts/webapp")]
pub struct Access {
    /// What to do.
    #[command(subcommand)]
    pub command: AccessCommand,
}

/// The commands of `chartroom access`.
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    /// Say whether somebody may do something, and which rule decides
    Explain(Explain),
}

/// Flags of `chartroom access explain`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Say whether somebody may do something in a repository, and which rule decides

Reads the rules of the configuration, and the user's groups from the data folder if there is one. The
exit code is 0 if it is allowed, and 1 if it is not.",
    after_help = "\
Examples:

    chartroom access explain --config chartroom.toml user:release push charts/webapp
    chartroom access explain --config chartroom.toml anonymous pull public/webapp
    chartroom access explain --config chartroom.toml ci:github push charts/webapp \\
        --claim repository=myorg/charts --claim ref=refs/heads/main"
)]
pub struct Explain {
    /// Who: anonymous, user:NAME, ci:ISSUER or cert:NAME
    #[arg(value_name = "WHO")]
    pub who: String,

    /// What: pull, push, overwrite or delete
    #[arg(value_name = "ACTION")]
    pub action: String,

    /// Where: the name of a repository
    #[arg(value_name = "REPOSITORY")]
    pub repository: String,

    /// A group that they are in; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    pub groups: Vec<String>,

    /// What their identity provider says, as NAME=VALUE; may be given several times
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    pub claims: Vec<String>,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,
}
