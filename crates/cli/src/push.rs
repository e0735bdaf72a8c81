//! `chartroom push`

use clap::Args;

use crate::{Connection, OutputFormat};

/// Flags of `chartroom push`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Push charts to a registry

Each CHART is an archive (.tgz) or a folder with a chart, which is packaged first. A provenance file
beside an archive (.tgz.prov) goes along. Each chart is stored below REMOTE under its name, and tagged
with its version.

REMOTE may end in the chart's name and a tag (oci://host/charts/webapp:stable): the chart then gets
that tag beside its version.

With several charts, or a folder, a version that is already there with the same files is left alone,
and one that is there with other files is an error; the other charts are pushed all the same.",
    after_help = "\
Examples:

    # As with Helm
    chartroom push webapp-0.1.0.tgz oci://ghcr.io/org/charts

    # All charts of a repository in one go
    chartroom push charts/*/ oci://ghcr.io/org/charts

    # With a tag that can be moved later
    chartroom push webapp-1.0.0.tgz oci://registry.example.com/charts/webapp:stable

    # For a pipeline that signs what it pushed
    chartroom push charts/*/ oci://ghcr.io/org/charts -o json | jq -r '.charts[].reference'"
)]
pub struct Push {
    /// Archives or folders with charts, then where to (oci://…)
    #[arg(value_names = ["CHART", "REMOTE"], num_args = 2.., required = true)]
    pub arguments: Vec<String>,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// How to reach the registry.
    #[command(flatten)]
    pub connection: Connection,
}
