//! `chartroom env`

use clap::Args;

/// Flags of `chartroom env`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Print the settings that hold

They come from flags, from the environment, or are the defaults. With a NAME, its value alone.",
    after_help = "\
Examples:

    chartroom env
    ls \"$(chartroom env HELM_REPOSITORY_CACHE)\""
)]
pub struct Env {
    /// Variable whose value to print
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}
