//! `chartroom uninstall`

use std::time::Duration;

use clap::Args;

/// Flags of `chartroom uninstall`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom uninstall web
    chartroom uninstall web api --wait --keep-history")]
pub struct Uninstall {
    /// Names of releases
    #[arg(value_name = "RELEASE_NAME", num_args = 1.., required = true)]
    pub releases: Vec<String>,

    /// What becomes of what objects have made: background, foreground, orphan
    #[arg(long, value_name = "HOW", default_value = "background")]
    pub cascade: String,

    /// What the release says of itself, with --keep-history
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,

    /// Only find out whether the releases are there
    #[arg(long)]
    pub dry_run: bool,

    /// Don't mind releases that are not there
    #[arg(long)]
    pub ignore_not_found: bool,

    /// Keep the records, and mark the last as uninstalled
    #[arg(long)]
    pub keep_history: bool,

    /// Leave hooks out
    #[arg(long)]
    pub no_hooks: bool,

    /// How long to wait for each operation [default: 5m0s]
    #[arg(long, value_name = "TIME", value_parser = crate::go::duration)]
    pub timeout: Option<Duration>,

    /// Wait until everything is gone: watcher, hookOnly
    #[arg(
        long,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "watcher",
        value_name = "HOW",
        value_parser = crate::release_flags::wait
    )]
    pub wait: Option<String>,
}
