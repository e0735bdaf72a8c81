//! `chartroom version`

use clap::Args;

/// Flags of `chartroom version`: none.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:

    chartroom version")]
pub struct Version {}
