//! `chartroom package`

use std::path::PathBuf;

use clap::Args;

use crate::Connection;

/// Flags of `chartroom package`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Make archives of charts

The same files always make the same archive, byte for byte. The times in it are those of the files,
or SOURCE_DATE_EPOCH if that is set.

With --sign, a provenance file (.tgz.prov) is made beside each archive, which `verify` and Helm understand.
The secret keys of GnuPG are to be exported for it: gpg --export-secret-keys > secring.gpg",
    after_help = "\
Examples:

    chartroom package charts/webapp
    chartroom package charts/* --destination dist --dependency-update
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) chartroom package charts/webapp --version 1.2.3
    chartroom package charts/webapp --sign --key 'Jane Doe' --keyring secring.gpg"
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

    /// Bring charts/ up to what Chart.yaml asks for first, as `dependency update` does
    #[arg(short = 'u', long)]
    pub dependency_update: bool,

    /// Make a provenance file too, signed with --key
    #[arg(long)]
    pub sign: bool,

    /// Name of the key to sign with, or a part of it
    #[arg(long, value_name = "NAME")]
    pub key: Option<String>,

    /// Keyring with that key, binary or armored [default: GnuPG's pubring]
    #[arg(long, value_name = "FILE")]
    pub keyring: Option<PathBuf>,

    /// File with the key's passphrase in its first line; - is the standard input
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,

    /// How to reach the registries of dependencies.
    #[command(flatten)]
    pub connection: Connection,
}
