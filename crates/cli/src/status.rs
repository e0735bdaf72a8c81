//! `chartroom status`

use clap::Args;

use crate::{OutputFormat, ReleaseRevision};

/// Flags of `chartroom status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom status web
    chartroom status web --revision 2 -o json")]
pub struct Status {
    /// Of what.
    #[command(flatten)]
    pub of: ReleaseRevision,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,
}
