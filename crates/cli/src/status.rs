//! `chartroom status`

use clap::Args;

use crate::OutputFormat;

/// Flags of `chartroom status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom status web
    chartroom status web --revision 2 -o json")]
pub struct Status {
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

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,
}
