//! `chartroom repo add`, `repo list`, `repo update`, `repo remove`, `repo index`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::{Globals, OutputFormat};

/// `chartroom repo …`
#[derive(Debug, Args)]
#[command(
    long_about = "\
Give names to classic chart repositories

A classic repository is a web server with an index.yaml and archives of charts. Registries (oci://…)
need no name, and no index on this machine.",
    after_help = "\
Examples:

    chartroom repo add example https://charts.example.com
    chartroom repo update
    chartroom search repo nginx
    chartroom pull example/nginx"
)]
pub struct Repo {
    /// What to do.
    #[command(subcommand)]
    pub command: RepoCommand,
}

/// The commands of `chartroom repo`.
#[derive(Debug, Subcommand)]
pub enum RepoCommand {
    /// Give a chart repository a name
    Add(RepoAdd),
    /// List the chart repositories that have names
    List(RepoList),
    /// Get the newest indexes of chart repositories
    Update(RepoUpdate),
    /// Forget chart repositories
    Remove(RepoRemove),
    /// Make an index of a folder with archives of charts
    Index(RepoIndex),
}

/// Flags of `chartroom repo add`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom repo add example https://charts.example.com
    echo $PASSWORD | chartroom repo add private https://charts.example.com/private --username ci --password-stdin")]
pub struct RepoAdd {
    /// Name to give it
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Address of the repository: that of its index.yaml, without that
    #[arg(value_name = "URL")]
    pub url: String,

    /// Replace a repository of the same name
    #[arg(long)]
    pub force_update: bool,

    /// Accept addresses that are known to be gone for good
    #[arg(long)]
    pub allow_deprecated_repos: bool,

    /// User name
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,

    /// Password of that user; asked for if it is not given
    #[arg(long, value_name = "PASSWORD")]
    pub password: Option<String>,

    /// Read the password from the standard input
    #[arg(long)]
    pub password_stdin: bool,

    /// Show user name and password to every server that the index names
    #[arg(long)]
    pub pass_credentials: bool,

    /// Certificates that the server's certificate is checked against (PEM), instead of the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Certificate to show to the server (PEM)
    #[arg(long, value_name = "FILE")]
    pub cert_file: Option<PathBuf>,

    /// Key of that certificate (PEM)
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// Accept any certificate of the server
    #[arg(long)]
    pub insecure_skip_tls_verify: bool,

    /// How long the index may take to come
    #[arg(long, value_name = "DURATION", default_value = "2m0s", value_parser = crate::go::duration)]
    pub timeout: Duration,

    /// The flags that every command of the client takes.
    #[command(flatten)]
    pub globals: Globals,
}

/// Flags of `chartroom repo list`.
#[derive(Debug, Args)]
#[command(
    visible_alias = "ls",
    after_help = "Examples:\n\n    chartroom repo list\n    chartroom repo list -o json"
)]
pub struct RepoList {
    /// Leave out the headings
    #[arg(long)]
    pub no_headers: bool,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// The flags that every command of the client takes.
    #[command(flatten)]
    pub globals: Globals,
}

/// Flags of `chartroom repo update`.
#[derive(Debug, Args)]
#[command(
    visible_alias = "up",
    after_help = "Examples:\n\n    chartroom repo update\n    chartroom repo update example"
)]
pub struct RepoUpdate {
    /// Repositories to update [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,

    /// How long an index may take to come
    #[arg(long, value_name = "DURATION", default_value = "2m0s", value_parser = crate::go::duration)]
    pub timeout: Duration,

    /// The flags that every command of the client takes.
    #[command(flatten)]
    pub globals: Globals,
}

/// Flags of `chartroom repo remove`.
#[derive(Debug, Args)]
#[command(visible_alias = "rm", after_help = "Example:\n\n    chartroom repo remove example")]
pub struct RepoRemove {
    /// Repositories to forget
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,

    /// The flags that every command of the client takes.
    #[command(flatten)]
    pub globals: Globals,
}

/// Flags of `chartroom repo index`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Make an index of a folder with archives of charts

The folder, with the folders right below it, then is a chart repository, once a web server serves it.",
    after_help = "\
Examples:

    chartroom repo index dist
    chartroom repo index dist --url https://charts.example.com --merge old/index.yaml"
)]
pub struct RepoIndex {
    /// Folder with archives; index.yaml is written there
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,

    /// Address that the archives will have; without it, they are found beside the index
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// Add what this index has and the folder has not
    #[arg(long, value_name = "FILE")]
    pub merge: Option<PathBuf>,

    /// Write the index as JSON
    #[arg(long)]
    pub json: bool,

    /// The flags that every command of the client takes.
    #[command(flatten)]
    pub globals: Globals,
}
