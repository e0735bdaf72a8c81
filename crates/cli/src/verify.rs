//! `chartroom verify`, and the flags of commands that verify a chart before they use it.

use std::path::PathBuf;

use clap::Args;

/// Flags of `chartroom verify`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Verify that a chart's archive is what somebody signed

The provenance file beside the archive (PATH.prov) must hold the archive's digest and be signed by a key
of the keyring. To sign a chart, package it with `package --sign`.",
    after_help = "\
Examples:

    chartroom verify webapp-0.1.0.tgz
    chartroom verify webapp-0.1.0.tgz --keyring trusted.asc"
)]
pub struct Verify {
    /// Archive of the chart
    #[arg(value_name = "PATH")]
    pub path: PathBuf,

    /// Keys to trust: a keyring or keybox of GnuPG, or armored text [default: GnuPG's pubring]
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,
}

/// Whether a chart is verified before it is used, and whom to trust.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Provenance options")]
pub struct Verification {
    /// Verify the chart by its provenance file before using it
    #[arg(long, help_heading = "Provenance options")]
    pub verify: bool,

    /// Keys to trust: a keyring or keybox of GnuPG, or armored text [default: GnuPG's pubring]
    #[arg(long, value_name = "FILE", help_heading = "Provenance options")]
    pub keyring: Option<PathBuf>,
}
