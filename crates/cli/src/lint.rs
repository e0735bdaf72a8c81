//! `chartroom lint`

use std::path::PathBuf;

use clap::Args;

use crate::ValueFlags;

/// Flags of `chartroom lint`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Look for mistakes in charts

[ERROR] is what keeps a chart from being installed, [WARNING] what is against custom or will not work
for long, [INFO] what could be better. Templates are rendered with the chart's values and yours, as for
a release called test-release; required and fail don't stop it, and lookups find nothing.

The exit code is 1 when there are errors, with --strict also when there are warnings.",
    after_help = "\
Examples:

    chartroom lint charts/webapp
    chartroom lint charts/* --strict --quiet
    chartroom lint webapp-1.2.3.tgz -f values-prod.yaml --kube-version 1.30"
)]
pub struct Lint {
    /// Folders or archives of charts
    #[arg(value_name = "CHART", num_args = 1.., required = true)]
    pub charts: Vec<PathBuf>,

    /// Look at the charts in charts/, too
    #[arg(long)]
    pub with_subcharts: bool,

    /// Take warnings for errors
    #[arg(long)]
    pub strict: bool,

    /// Print warnings and errors only
    #[arg(long)]
    pub quiet: bool,

    /// Version of Kubernetes that the charts are for: what is deprecated depends on it
    #[arg(long, value_name = "VERSION")]
    pub kube_version: Option<String>,

    /// Don't check values by values.schema.json
    #[arg(long)]
    pub skip_schema_validation: bool,

    /// Values for all of the charts.
    #[command(flatten)]
    pub values: ValueFlags,
}
