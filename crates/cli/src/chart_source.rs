//! Flags that say where a chart comes from, named as Helm names them.

use std::path::PathBuf;

use clap::Args;

use crate::Connection;

/// Where a chart comes from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Chart")]
pub struct ChartSource {
    /// Version or range of versions, of a chart in a registry or repository
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,

    /// Consider pre-releases too; the same as --version '>0.0.0-0'
    #[arg(long)]
    pub devel: bool,

    /// Check the chart's signature before it is used
    #[arg(long)]
    pub verify: bool,

    /// File with the keys that signatures are checked with [default: that of GnuPG]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub keyring: Option<PathBuf>,

    /// URL of the chart repository that has the chart
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub repo: Option<String>,

    /// Show user and password to all hosts, not only to that of the repository
    #[arg(long, hide_short_help = true)]
    pub pass_credentials: bool,

    /// How to reach the registry.
    #[command(flatten)]
    pub connection: Connection,
}
