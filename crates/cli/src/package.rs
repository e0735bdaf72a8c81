//! `chartroom package`

use std::path::PathBuf;

use clap::Args;

/// Flags of `chartroom package`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Make archives of charts

The same files always make the same archive, byte for byte. The times in it are those of the files,
or SOURCE_DATE_EPOCH if that is set.",
    after_help = "\
Examples:

    chartroom package charts/webapp
    chartroom package charts/* --destination dist
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) chartroom package charts/webapp --version 1.2.3"
)]
pub struct Package {
    /// Folders with charts
    #[arg(value_name = "FOLDER")]
    pub folders: Vec<PathBuf>,

    /// Folder to write the archives to; made if it is not there
    #[arg(short, long, value_name = "FOLDER", default_value = ".")]
    pub destination: PathBuf,

    /// Version to give the charts, instead of their own
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,

    /// appVersion to give the charts, instead of their own
    #[arg(long, value_name = "VERSION")]
    pub app_version: Option<String>,
}
