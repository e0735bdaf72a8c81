//! `chartroom search repo`, `chartroom search hub`

use clap::{Args, Subcommand};

use crate::{Connection, OutputFormat};

/// `chartroom search …`
#[derive(Debug, Args)]
#[command(
    long_about = "\
Search for charts

Charts are searched for in the classic repositories that `repo add` gave names to, in a registry, or in
a hub.",
    after_help = "\
Examples:

    chartroom search repo nginx
    chartroom search repo oci://ghcr.io/org/charts/webapp --versions
    chartroom search hub nginx"
)]
pub struct Search {
    /// Where to search.
    #[command(subcommand)]
    pub command: SearchCommand,
}

/// The commands of `chartroom search`.
#[derive(Debug, Subcommand)]
pub enum SearchCommand {
    /// Search the repositories that have names, or a registry
    Repo(SearchRepo),
    /// Search Artifact Hub, or another hub
    Hub(SearchHub),
}

/// Flags of `chartroom search repo`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Search the repositories that have names, or a registry

In classic repositories, a chart is found by its name, description and keywords. What is searched are
the indexes on this machine; `repo update` gets new ones. Of a chart in a registry (oci://…) the
versions are listed, as they are now.

Without a version, only the newest one is shown that is no pre-release.",
    after_help = "\
Examples:

    chartroom search repo nginx
    chartroom search repo nginx --versions --version '^1'
    chartroom search repo --regexp 'nginx|apache' --devel -o json
    chartroom search repo oci://ghcr.io/org/charts/webapp --versions"
)]
pub struct SearchRepo {
    /// Words to search for, or a chart in a registry (oci://…) [default: all charts]
    #[arg(value_name = "KEYWORD")]
    pub keywords: Vec<String>,

    /// The words are a regular expression
    #[arg(short, long)]
    pub regexp: bool,

    /// Show every version of each chart
    #[arg(short = 'l', long)]
    pub versions: bool,

    /// Consider pre-releases too; the same as --version '>0.0.0-0'
    #[arg(long)]
    pub devel: bool,

    /// Only versions in this range
    #[arg(long, value_name = "RANGE")]
    pub version: Option<String>,

    /// The widest that a column may be; 0 is as wide as it takes
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub max_col_width: u64,

    /// Fail if nothing is found
    #[arg(long)]
    pub fail_on_no_result: bool,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// How to reach the registry.
    #[command(flatten)]
    pub connection: Connection,
}

/// Flags of `chartroom search hub`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom search hub nginx
    chartroom search hub nginx --endpoint https://hub.example.com --list-repo-url")]
pub struct SearchHub {
    /// Words to search for
    #[arg(value_name = "KEYWORD")]
    pub keywords: Vec<String>,

    /// Address of the hub
    #[arg(long, value_name = "URL", default_value = "https://hub.helm.sh")]
    pub endpoint: String,

    /// Show the addresses of the repositories too
    #[arg(long)]
    pub list_repo_url: bool,

    /// The widest that a column may be; 0 is as wide as it takes
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub max_col_width: u64,

    /// Fail if nothing is found
    #[arg(long)]
    pub fail_on_no_result: bool,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// How to reach the hub.
    #[command(flatten)]
    pub transport: crate::Transport,
}
