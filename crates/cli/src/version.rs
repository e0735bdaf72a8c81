//! `chartroom version`

use clap::Args;

/// Flags of `chartroom version`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Print the version

A TEMPLATE is text with fields in it: {{.Version}}, {{.GitCommit}}, {{.GitTreeState}},
{{.GoVersion}}, {{.KubeClientVersion}}.",
    after_help = "\
Examples:

    chartroom version
    chartroom version --short
    chartroom version --template 'this is {{.Version}}'"
)]
pub struct Version {
    /// The version alone
    #[arg(long)]
    pub short: bool,

    /// Text to print, with fields to be filled in
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
}
