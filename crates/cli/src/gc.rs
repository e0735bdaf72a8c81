//! `chartroom gc`

use clap::Args;

use crate::{OutputFormat, Storage};

/// Flags of `chartroom gc`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Reclaim the space of what is no longer used

Removes blobs that no manifest refers to, once `gc.grace` (24h unless set) has passed; uploads that
nobody has continued for `uploads.expire` (7d); and files that belong to nothing.

A running server does all this by itself, every `gc.interval` (1h). This command is for data that no
server is using; with --dry-run it may be used beside one.",
    after_help = "\
Examples:

    # What would be removed
    chartroom gc --dry-run --data /var/lib/chartroom

    # Remove it
    chartroom gc --data /var/lib/chartroom"
)]
pub struct Gc {
    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,

    /// Only show what would be removed
    #[arg(long)]
    pub dry_run: bool,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,
}
