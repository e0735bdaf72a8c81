//! `chartroom history`

use clap::Args;

use crate::OutputFormat;

/// Flags of `chartroom history`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom history web
    chartroom history web --max 5 --show-rollback-revision")]
pub struct History {
    /// Name of the release
    #[arg(value_name = "RELEASE_NAME")]
    pub release: String,

    /// How many revisions to show at most, counted from the last
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = crate::go::integer,
        default_value = "256",
        allow_hyphen_values = true
    )]
    pub max: i64,

    /// Show in the table which revision a rollback has gone back to
    #[arg(long)]
    pub show_rollback_revision: bool,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,
}
