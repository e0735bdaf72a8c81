//! `chartroom token`

use clap::{Args, Subcommand};

use crate::{OutputFormat, Storage};

/// `chartroom token …`
#[derive(Debug, Args)]
#[command(
    long_about = "\
Make, list and revoke access tokens

An access token is used instead of a password, with any user name:

    echo $TOKEN | helm registry login charts.example.com --username ci --password-stdin

It is good for what its user may do, or for less. Works on the registry's data folder, also while a
server is using it: a token that is revoked is refused from the next request on.",
    after_help = "\
Examples:

    # For a pipeline, for 90 days
    chartroom token create --user ci --repositories 'charts/**' --actions pull,push --expires 90d

    # What there is, and taking one back
    chartroom token list
    chartroom token revoke q7Xw2mPz4LtA"
)]
pub struct Token {
    /// What to do.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// The commands of `chartroom token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token; it is shown once
    Create(TokenCreate),
    /// List the tokens, without their secrets
    List(TokenList),
    /// Revoke a token at once
    Revoke(TokenRevoke),
}

/// Flags of `chartroom token create`.
#[derive(Debug, Args)]
pub struct TokenCreate {
    /// Whose token it is
    #[arg(long, value_name = "NAME")]
    pub user: String,

    /// What it is for, in your own words
    #[arg(long, value_name = "TEXT", default_value_t)]
    pub description: String,

    /// Patterns of the repositories that it is good for [default: all that its user may use]
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    pub repositories: Vec<String>,

    /// What it is good for there: pull, push, overwrite, delete [default: all that its user may do]
    #[arg(long, value_name = "ACTIONS", value_delimiter = ',')]
    pub actions: Vec<String>,

    /// For how long it is good, such as 12h or 90d [default: until it is revoked]
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,

    /// Format of the result; as a table, the token stands alone on the standard output
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,
}

/// Flags of `chartroom token list`.
#[derive(Debug, Args)]
pub struct TokenList {
    /// Only those of this user
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,
}

/// Flags of `chartroom token revoke`.
#[derive(Debug, Args)]
pub struct TokenRevoke {
    /// The ids of the tokens, as `token list` shows them
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,

    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,
}
