//! `chartroom list`

use clap::Args;

use crate::OutputFormat;

/// Flags of `chartroom list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom list
    chartroom list --all-namespaces --failed --pending
    chartroom list --filter '^web' --date --reverse --max 10
    chartroom list -l team=blue -o json")]
pub struct List {
    /// List the releases of all namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,

    /// Only releases whose names fit this regular expression
    #[arg(short, long, value_name = "PATTERN")]
    pub filter: Option<String>,

    /// Only releases with labels like these: key=value, key!=value, parted by commas
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,

    /// Only releases that are deployed; this and the next five can be given together
    #[arg(long)]
    pub deployed: bool,

    /// Only releases that have failed
    #[arg(long)]
    pub failed: bool,

    /// Only releases with something under way
    #[arg(long)]
    pub pending: bool,

    /// Only revisions that others have followed
    #[arg(long)]
    pub superseded: bool,

    /// Only releases that are gone, but for their history
    #[arg(long)]
    pub uninstalled: bool,

    /// Only releases that are being uninstalled
    #[arg(long)]
    pub uninstalling: bool,

    /// Accepted as Helm 3 does; without a status, all are listed
    #[arg(short, long, hide = true)]
    pub all: bool,

    /// Sort by date
    #[arg(short, long)]
    pub date: bool,

    /// Sort the other way round
    #[arg(short, long)]
    pub reverse: bool,

    /// How many to list at most; 0 is all
    #[arg(
        short,
        long,
        value_name = "NUMBER",
        value_parser = crate::go::integer,
        default_value = "256",
        allow_hyphen_values = true
    )]
    pub max: i64,

    /// How many to leave out at the start
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = crate::go::integer,
        default_value = "0",
        allow_hyphen_values = true
    )]
    pub offset: i64,

    /// Print names only
    #[arg(short = 'q', long)]
    pub short: bool,

    /// Print no headings
    #[arg(long)]
    pub no_headers: bool,

    /// Layout of times, as Go writes them: 2006-01-02 15:04:05Z0700
    #[arg(long, value_name = "LAYOUT")]
    pub time_format: Option<String>,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,
}
