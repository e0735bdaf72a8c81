//! Flags of commands that make a release of a chart, or show what they would make, named as Helm names
//! them.

use std::time::Duration;

use clap::Args;

use crate::go::Pairs;

/// Flags of `template`, `install` and `upgrade`.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Release")]
pub struct ReleaseFlags {
    /// Make the namespace of the release, if it is not there
    #[arg(long, hide_short_help = true)]
    pub create_namespace: bool,

    /// Fetch the chart's dependencies first, if some are missing
    #[arg(long)]
    pub dependency_update: bool,

    /// What the release says of itself
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub description: Option<String>,

    /// Don't check what is rendered against the cluster's schema
    #[arg(long, hide_short_help = true)]
    pub disable_openapi_validation: bool,

    /// Let templates look up addresses of hosts
    #[arg(long, hide_short_help = true)]
    pub enable_dns: bool,

    /// Take over fields of objects that others manage
    #[arg(long, hide_short_help = true)]
    pub force_conflicts: bool,

    /// Replace objects instead of changing them
    #[arg(long, hide_short_help = true)]
    pub force_replace: bool,

    /// The old name of --force-replace.
    #[arg(long, hide = true, help = "The old name of --force-replace")]
    pub force: bool,

    /// Labels of the release: key1=value1,key2=value2
    #[arg(short, long, value_name = "LABELS", hide_short_help = true)]
    pub labels: Vec<Pairs>,

    /// Leave hooks out
    #[arg(long)]
    pub no_hooks: bool,

    /// Program that changes what was rendered: an executable, or the name of a plugin for it
    #[arg(long, value_name = "PROGRAM")]
    pub post_renderer: Option<String>,

    /// Argument of that program; can be given several times
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    pub post_renderer_args: Vec<String>,

    /// Undo everything if something fails
    #[arg(long, hide_short_help = true)]
    pub rollback_on_failure: bool,

    /// The old name of --rollback-on-failure.
    #[arg(long, hide = true, help = "The old name of --rollback-on-failure")]
    pub atomic: bool,

    /// Leave custom resource definitions out
    #[arg(long)]
    pub skip_crds: bool,

    /// Don't check values against the chart's schema
    #[arg(long)]
    pub skip_schema_validation: bool,

    /// Take over objects that belong to no release, or to another one
    #[arg(long, hide_short_help = true)]
    pub take_ownership: bool,

    /// How long to wait for each operation [default: 5m0s]
    #[arg(long, value_name = "TIME", value_parser = crate::go::duration, hide_short_help = true)]
    pub timeout: Option<Duration>,

    /// Wait until everything is ready: watcher, hookOnly, legacy
    #[arg(
        long,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "watcher",
        value_name = "HOW",
        value_parser = wait,
        hide_short_help = true
    )]
    pub wait: Option<String>,

    /// Wait for jobs too
    #[arg(long, hide_short_help = true)]
    pub wait_for_jobs: bool,
}

/// A strategy of waiting. `true` and `false` are from before there were several.
pub(crate) fn wait(text: &str) -> Result<String, String> {
    match text {
        "watcher" | "hookOnly" | "legacy" | "true" | "false" => Ok(text.to_owned()),
        _ => Err(format!("invalid wait input {text:?}. Valid inputs are watcher, hookOnly, and legacy")),
    }
}
