//! Flags that give values to a chart, named as Helm names them.

use clap::Args;

use crate::go::CommaSeparated;

/// Values for a chart. Whatever their order on the command line, files count least, then come `--set-json`,
/// `--set`, `--set-string`, `--set-file` and `--set-literal`; of one kind, the later ones win.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Values")]
pub struct ValueFlags {
    /// File or URL with values (YAML), - for the standard input; can be given several times, and
    /// have several, parted by commas
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    pub files: Vec<CommaSeparated>,

    /// Values on the command line: key1=val1,key2.inner=val2; can be given several times
    #[arg(long, value_name = "VALUES")]
    pub set: Vec<String>,

    /// The same, with each value a text
    #[arg(long, value_name = "VALUES")]
    pub set_string: Vec<String>,

    /// Values that are in files: key1=path1,key2=path2
    #[arg(long, value_name = "VALUES")]
    pub set_file: Vec<String>,

    /// Values as JSON: key1=json1,key2=json2, or a whole object
    #[arg(long, value_name = "VALUES")]
    pub set_json: Vec<String>,

    /// One value that is taken as it is, with all its commas and quotes
    #[arg(long, value_name = "VALUE")]
    pub set_literal: Vec<String>,
}
