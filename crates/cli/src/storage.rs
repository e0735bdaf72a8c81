//! Flags of all commands that work on a registry's data.

use std::path::PathBuf;

use clap::Args;

/// Where settings and data are.
#[derive(Debug, Args)]
pub struct Storage {
    /// File with settings (TOML); without it, defaults and CHARTROOM_* variables hold
    ///
    /// Any setting can be overridden by an environment variable: CHARTROOM_KEY for a key at the top of
    /// the file, CHARTROOM_SECTION__KEY for one in a section. Flags win over both.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Folder that holds everything the registry stores [default: ./chartroom-data]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
}
