//! `chartroom template`

use std::path::PathBuf;

use clap::Args;

use crate::go::CommaSeparated;
use crate::{ChartSource, ReleaseFlags, ValueFlags};

/// Flags of `chartroom template`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Render a chart's templates, and print the manifests

CHART is a folder, an archive, or oci://…. No cluster is asked: what it can do is what Helm supposes,
unless --kube-version and --api-versions say otherwise, and lookups find nothing.

Under --debug, and on a terminal, errors of templates show the line that failed, the templates that
led to it, and the value that was missing.",
    after_help = "\
Examples:

    chartroom template app ./charts/webapp -f values-prod.yaml --set image.tag=1.2.3
    chartroom template app oci://ghcr.io/org/charts/webapp --version '^1.2' --namespace prod
    chartroom template app ./charts/webapp --show-only templates/deployment.yaml
    chartroom template app ./charts/webapp --api-versions monitoring.coreos.com/v1 --kube-version 1.30"
)]
pub struct Template {
    /// Name of the release [default: release-name], and the chart
    #[arg(value_names = ["NAME", "CHART"], num_args = 1.., required = true)]
    pub arguments: Vec<String>,

    /// API versions that the cluster has, beside Helm's own; can be given several times, and have
    /// several, parted by commas
    #[arg(short, long, value_name = "VERSIONS")]
    pub api_versions: Vec<CommaSeparated>,

    /// Version of Kubernetes that the cluster has
    #[arg(long, value_name = "VERSION")]
    pub kube_version: Option<String>,

    /// Print custom resource definitions too
    #[arg(long)]
    pub include_crds: bool,

    /// Render as for an upgrade, not for an installation
    #[arg(long)]
    pub is_upgrade: bool,

    /// Print only what comes from these templates: a path or pattern, below the chart's folder
    #[arg(short, long, value_name = "PATH")]
    pub show_only: Vec<String>,

    /// Leave out hooks that are tests
    #[arg(long)]
    pub skip_tests: bool,

    /// Folder to write manifests to, each to the path of its template
    #[arg(long, value_name = "FOLDER")]
    pub output_dir: Option<PathBuf>,

    /// Put the name of the release into that path
    #[arg(long)]
    pub release_name: bool,

    /// Name the release release-name, where no name is given (as without this flag)
    #[arg(short, long, hide_short_help = true)]
    pub generate_name: bool,

    /// Template that names the release
    #[arg(long, value_name = "TEMPLATE", hide_short_help = true)]
    pub name_template: Option<String>,

    /// Accepted as Helm does; a rendering takes no name from anybody
    #[arg(long, hide_short_help = true)]
    pub replace: bool,

    /// Whom to ask: client (nobody), or server (the cluster, which takes the commands for releases)
    #[arg(
        long,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "unset",
        value_name = "HOW",
        hide_short_help = true
    )]
    pub dry_run: Option<String>,

    /// Whether the server would merge changes
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

    /// The old name of --dry-run=server.
    #[arg(long, hide = true, help = "The old name of --dry-run=server")]
    pub validate: bool,

    /// Has no meaning here.
    #[arg(long, hide = true, help = "Has no meaning here")]
    pub hide_notes: bool,

    /// Has no meaning here.
    #[arg(long, hide = true, help = "Has no meaning here")]
    pub render_subchart_notes: bool,

    /// Values for the chart.
    #[command(flatten)]
    pub values: ValueFlags,

    /// What the release would be like.
    #[command(flatten)]
    pub release: ReleaseFlags,

    /// Where the chart comes from.
    #[command(flatten)]
    pub source: ChartSource,
}
