//! Flags of commands that take a chart which may be in a classic repository.

use clap::Args;

/// In which classic repository a chart is.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Repository options")]
pub struct ChartRepository {
    /// Address of the classic repository that the chart is in; CHART is then its name only
    #[arg(long, value_name = "URL", help_heading = "Repository options")]
    pub repo: Option<String>,

    /// Show user name and password to every server that the repository names
    #[arg(long, help_heading = "Repository options")]
    pub pass_credentials: bool,
}
