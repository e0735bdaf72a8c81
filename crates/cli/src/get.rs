//! `chartroom get all`, `get hooks`, `get manifest`, `get metadata`, `get notes`, `get values`

use clap::{Args, Subcommand};

use crate::OutputFormat;

/// `chartroom get …`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom get values web --all
    chartroom get manifest web --revision 2
    chartroom get metadata web -o json")]
pub struct Get {
    /// What to show.
    #[command(subcommand)]
    pub what: GetCommand,
}

/// The commands of `chartroom get`.
#[derive(Debug, Subcommand)]
pub enum GetCommand {
    /// Show all that is known of a release
    All(GetAll),
    /// Show the hooks of a release
    Hooks(ReleaseRevision),
    /// Show the manifest of a release
    Manifest(ReleaseRevision),
    /// Show what a release is made of
    Metadata(GetMetadata),
    /// Show the notes of a release
    Notes(ReleaseRevision),
    /// Show the values of a release
    Values(GetValues),
}

/// Which revision of which release.
#[derive(Debug, Args)]
pub struct ReleaseRevision {
    /// Name of the release
    #[arg(value_name = "RELEASE_NAME")]
    pub release: String,

    /// Revision to show [default: the last]
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = crate::go::integer,
        default_value = "0",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub revision: i64,
}

/// Flags of `chartroom get all`.
#[derive(Debug, Args)]
pub struct GetAll {
    /// Of what.
    #[command(flatten)]
    pub of: ReleaseRevision,

    /// Go template to print instead, such as {{.Release.Name}}
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
}

/// Flags of `chartroom get metadata`.
#[derive(Debug, Args)]
pub struct GetMetadata {
    /// Of what.
    #[command(flatten)]
    pub of: ReleaseRevision,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,
}

/// Flags of `chartroom get values`.
#[derive(Debug, Args)]
pub struct GetValues {
    /// Of what.
    #[command(flatten)]
    pub of: ReleaseRevision,

    /// Show all values, those of the chart too
    #[arg(short, long)]
    pub all: bool,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,
}
