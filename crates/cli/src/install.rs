//! `chartroom install`

use clap::Args;

use crate::{ChartSource, OutputFormat, ReleaseFlags, ValueFlags};

/// Flags of `chartroom install`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom install web ./charts/webapp -f values-prod.yaml
    chartroom install web oci://ghcr.io/org/charts/webapp --version '^1.2' -n prod --create-namespace
    chartroom install web ./charts/webapp --wait --timeout 2m --rollback-on-failure
    chartroom install web ./charts/webapp --dry-run=server")]
pub struct Install {
    /// Name of the release, unless one is generated, and the chart
    #[arg(value_names = ["NAME", "CHART"], num_args = 1.., required = true)]
    pub arguments: Vec<String>,

    /// Name the release after the chart and the time
    #[arg(short, long)]
    pub generate_name: bool,

    /// Template that names the release
    #[arg(long, value_name = "TEMPLATE")]
    pub name_template: Option<String>,

    /// Take the name of a release that failed or was uninstalled
    #[arg(long)]
    pub replace: bool,

    /// Show what would be installed: client (asking nobody), or server (asking the cluster)
    #[arg(
        long,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "unset",
        value_name = "HOW"
    )]
    pub dry_run: Option<String>,

    /// Don't show Secrets, with --dry-run
    #[arg(long)]
    pub hide_secret: bool,

    /// Don't show the notes
    #[arg(long)]
    pub hide_notes: bool,

    /// Show the notes of subcharts too
    #[arg(long)]
    pub render_subchart_notes: bool,

    /// Let the server merge changes; the only way that is there yet
    #[arg(
        long,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "BOOL",
        value_parser = crate::go::boolean,
        hide_short_help = true
    )]
    pub server_side: Option<bool>,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// Values for the chart.
    #[command(flatten)]
    pub values: ValueFlags,

    /// What the release is like.
    #[command(flatten)]
    pub release: ReleaseFlags,

    /// Where the chart comes from.
    #[command(flatten)]
    pub source: ChartSource,
}
