//! `chartroom rollback`

use std::time::Duration;

use clap::Args;

/// Flags of `chartroom rollback`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    chartroom rollback web
    chartroom rollback web 3 --wait")]
pub struct Rollback {
    /// Name of the release, and the revision to go back to [default: the one before the last]
    #[arg(value_names = ["RELEASE", "REVISION"], num_args = 1..=2, required = true)]
    pub arguments: Vec<String>,

    /// What the release says of itself
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,

    /// Only find out whether it can be done: client, server
    #[arg(
        long,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "unset",
        value_name = "HOW"
    )]
    pub dry_run: Option<String>,

    /// Take over fields of objects that others manage
    #[arg(long)]
    pub force_conflicts: bool,

    /// How many revisions to keep; 0 is all [default: 10] [env: HELM_MAX_HISTORY]
    #[arg(long, value_name = "NUMBER", value_parser = crate::go::integer, allow_hyphen_values = true)]
    pub history_max: Option<i64>,

    /// Leave hooks out
    #[arg(long)]
    pub no_hooks: bool,

    /// How long to wait for each operation [default: 5m0s]
    #[arg(long, value_name = "TIME", value_parser = crate::go::duration)]
    pub timeout: Option<Duration>,

    /// Wait until everything is ready: watcher, hookOnly
    #[arg(
        long,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "watcher",
        value_name = "HOW",
        value_parser = crate::release_flags::wait
    )]
    pub wait: Option<String>,

    /// Wait for jobs too
    #[arg(long)]
    pub wait_for_jobs: bool,
}
