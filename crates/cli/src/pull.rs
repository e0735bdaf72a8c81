//! `chartroom pull`

use std::path::PathBuf;

use clap::Args;

use crate::{ChartRepository, Connection, Verification};

/// Flags of `chartroom pull`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Download charts

A chart is in a registry (oci://…), in a classic repository that has a name here (NAME/CHART) or is given
with --repo, or anywhere on a web server (https://…/webapp-0.1.0.tgz).

Without a version, the newest one that is no pre-release is taken. A version can be exact, a range
(`^1.2`, `>=1.0 <2`) and, in a registry, any tag (`:stable`) or a digest (`@sha256:…`).",
    after_help = "\
Examples:

    chartroom pull oci://ghcr.io/org/charts/webapp --version 0.1.0
    chartroom pull oci://ghcr.io/org/charts/webapp --version '^1.2' --untar
    chartroom pull oci://ghcr.io/org/charts/webapp:stable --destination charts
    chartroom pull example/webapp --version '^1.2'
    chartroom pull webapp --repo https://charts.example.com
    chartroom pull oci://ghcr.io/org/charts/webapp --verify --keyring trusted.asc"
)]
pub struct Pull {
    /// Charts: oci://…, NAME/CHART or https://…
    #[arg(value_name = "CHART", required = true)]
    pub charts: Vec<String>,

    /// Version or range of versions
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,

    /// Consider pre-releases too; the same as --version '>0.0.0-0'
    #[arg(long)]
    pub devel: bool,

    /// Folder to save the chart in
    #[arg(short, long, value_name = "FOLDER", default_value = ".")]
    pub destination: PathBuf,

    /// Unpack the chart instead of saving its archive
    #[arg(long)]
    pub untar: bool,

    /// Folder to unpack the chart in, below the destination
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub untardir: PathBuf,

    /// Save the provenance file too
    #[arg(long)]
    pub prov: bool,

    /// In which classic repository it is.
    #[command(flatten)]
    pub repository: ChartRepository,

    /// Whether to verify it.
    #[command(flatten)]
    pub verification: Verification,

    /// How to reach the registry.
    #[command(flatten)]
    pub connection: Connection,
}
