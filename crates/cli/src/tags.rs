//! `chartroom tags`

use clap::Args;

use crate::{Connection, OutputFormat};

/// Flags of `chartroom tags`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
List the versions of a chart in a registry

Versions come newest first, then the tags that are no versions. What each one is (appVersion, when it
was made, whether it is deprecated) is read from its manifest.",
    after_help = "\
Examples:

    chartroom tags oci://ghcr.io/org/charts/webapp
    chartroom tags oci://ghcr.io/org/charts/webapp --version '^1'
    chartroom tags oci://ghcr.io/org/charts/webapp -o json"
)]
pub struct Tags {
    /// Chart (oci://…)
    #[arg(value_name = "CHART")]
    pub chart: String,

    /// Only versions in this range
    #[arg(long, value_name = "RANGE")]
    pub version: Option<String>,

    /// Only the names, without asking for each manifest
    #[arg(short, long)]
    pub short: bool,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// The same as --output json
    #[arg(long)]
    pub json: bool,

    /// How to reach the registry.
    #[command(flatten)]
    pub connection: Connection,
}
