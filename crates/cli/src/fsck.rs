//! `chartroom fsck`

use clap::Args;

use crate::{OutputFormat, Storage};

/// Flags of `chartroom fsck`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Check that everything stored is intact

Reads every blob and every manifest and compares them with their digests, and checks the catalog.
Ends with exit code 1 if anything is wrong. Can be used beside a running server, except with
--quarantine.

With --quarantine, a damaged blob is moved aside, into the folder `quarantine` of the data, and
forgotten, so that it can be pushed again: clients skip what the registry says it has.",
    after_help = "\
Examples:

    # Check, and say what is wrong
    chartroom fsck --data /var/lib/chartroom

    # Move what is damaged aside; then push the charts concerned again
    chartroom fsck --quarantine --data /var/lib/chartroom

    # For a monitoring job
    chartroom fsck -o json --data /var/lib/chartroom"
)]
pub struct Fsck {
    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,

    /// Move damaged blobs aside and forget them, so that they can be pushed again
    #[arg(long)]
    pub quarantine: bool,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,
}
