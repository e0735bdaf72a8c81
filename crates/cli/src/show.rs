//! `chartroom show`

use clap::{Args, Subcommand};

use crate::{ChartRepository, Connection, Verification};

/// `chartroom show …`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom show chart oci://ghcr.io/org/charts/webapp --version 0.1.0
    chartroom show values ./charts/webapp
    chartroom show readme webapp-0.1.0.tgz")]
pub struct Show {
    /// What to show.
    #[command(subcommand)]
    pub what: ShowCommand,
}

/// The commands of `chartroom show`.
#[derive(Debug, Subcommand)]
pub enum ShowCommand {
    /// Show a chart's definition, default values, README and CRDs
    All(ShowChart),
    /// Show a chart's definition (Chart.yaml)
    Chart(ShowChart),
    /// Show the custom resource definitions of a chart
    Crds(ShowChart),
    /// Show a chart's README
    Readme(ShowChart),
    /// Show a chart's default values (values.yaml)
    Values(ShowValues),
}

/// Flags of `chartroom show chart` and its siblings.
#[derive(Debug, Args)]
pub struct ShowChart {
    /// Chart: a folder, an archive, oci://…, NAME/CHART or https://…
    #[arg(value_name = "CHART")]
    pub chart: String,

    /// Version or range of versions, of a chart that is not on this machine
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,

    /// Consider pre-releases too; the same as --version '>0.0.0-0'
    #[arg(long)]
    pub devel: bool,

    /// In which classic repository it is.
    #[command(flatten)]
    pub repository: ChartRepository,

    /// Whether to verify it first.
    #[command(flatten)]
    pub verification: Verification,

    /// How to reach the registry.
    #[command(flatten)]
    pub connection: Connection,
}

/// Flags of `chartroom show values`.
#[derive(Debug, Args)]
pub struct ShowValues {
    /// Only what this JSONPath template of Kubernetes finds, such as {.image.tag}
    #[arg(long, value_name = "TEMPLATE")]
    pub jsonpath: Option<String>,

    /// Which chart.
    #[command(flatten)]
    pub of: ShowChart,
}
