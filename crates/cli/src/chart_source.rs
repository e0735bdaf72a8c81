//! Flags that say where a chart comes from, named as Helm names them.

use clap::Args;

use crate::{ChartRepository, Connection, Verification};

/// Where a chart comes from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Chart")]
pub struct ChartSource {
    /// Version or range of versions, of a chart that is not on this machine
    #[arg(long, value_name = "VERSION", help_heading = "Chart")]
    pub version: Option<String>,

    /// Consider pre-releases too; the same as --version '>0.0.0-0'
    #[arg(long, help_heading = "Chart")]
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
