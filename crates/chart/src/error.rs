//! What can be wrong with a chart, in Helm's words where Helm has some.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::constraint::ConstraintError;
use crate::go_text::{SystemError, quote};
use crate::version::CoerceError;

/// Why a chart can't be read, made or resolved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system said no.
    #[error("{operation} {}: {}", path.display(), SystemError(source))]
    Io {
        /// What was tried, as Go names the system call: `open`, `stat`, `mkdir`.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A folder was expected and is not there.
    #[error("no such directory {}", .0.display())]
    NoSuchFolder(PathBuf),
    /// A file stands where a folder has to be.
    #[error("file {} already exists and is not a directory", .0.display())]
    NotAFolder(PathBuf),
    /// A file of a folder is a device, a socket or a pipe.
    #[error("cannot load irregular file {} as it has file mode type bits set", .0.display())]
    Irregular(PathBuf),
    /// A symbolic link leads to a folder that it is in itself.
    #[error("error evaluating symlink {}: too many links", .0.display())]
    LinkLoop(PathBuf),
    /// A symbolic link leads nowhere.
    #[error("error evaluating symlink {}: {}", path.display(), SystemError(source))]
    BrokenLink {
        /// The link.
        path: PathBuf,
        /// What following it gave.
        source: io::Error,
    },
    /// The name of a file is not UTF-8.
    #[error("cannot load file {}: its name is not UTF-8", .0.display())]
    NameNotUtf8(PathBuf),

    /// `.helmignore` has a `**`.
    #[error("double-star (**) syntax is not supported")]
    DoubleStar,
    /// `.helmignore` has a line that is no pattern.
    #[error("syntax error in pattern")]
    BadPattern,

    /// Someone gave a values file for a chart.
    #[error("file '{0}' seems to be a YAML file, but expected a gzipped archive")]
    YamlForArchive(String),
    /// Not gzip.
    #[error("file '{name}' does not appear to be a gzipped archive; got '{content_type}'")]
    NotAnArchive {
        /// The file as it was named.
        name: String,
        /// What it looks like.
        content_type: &'static str,
    },
    /// The archive ends too early, or is damaged.
    #[error("{}", ArchiveError(.0))]
    Damaged(io::Error),
    /// An entry that no chart has a use for, and an attack may have.
    #[error("{problem}: {}", quote(entry))]
    Entry {
        /// The entry's name, as it stands in the archive.
        entry: String,
        /// What is wrong with it.
        problem: EntryProblem,
    },
    /// More bytes than are read of a chart.
    #[error("decompressed chart is larger than the maximum size {0}")]
    TooLarge(u64),
    /// More bytes than are read of a file.
    #[error("decompressed chart file {} is larger than the maximum file size {limit}", quote(name))]
    FileTooLarge {
        /// The file.
        name: String,
        /// The most that would be read.
        limit: u64,
    },
    /// More files and folders than are read.
    #[error("chart has more than the maximum number of files {0}")]
    TooManyFiles(usize),
    /// Subcharts inside of subcharts, or folders inside of folders.
    #[error("chart is nested deeper than the maximum depth {0}")]
    TooDeep(usize),
    /// An archive of nothing.
    #[error("no files in chart archive")]
    NoFiles,

    /// There is no `Chart.yaml`.
    #[error("Chart.yaml file is missing")]
    NoChartYaml,
    /// A file of the chart can't be read.
    #[error("cannot load {file}: {problem}")]
    Unreadable {
        /// `Chart.yaml`, `Chart.lock`, `values.yaml`, …
        file: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// `Chart.yaml` says something that it must not.
    #[error("validation: {0}")]
    Invalid(String),
    /// Charts with `apiVersion: v3` can't be packaged or installed yet.
    #[error("invalid chart apiVersion")]
    ApiVersion,
    /// There is no such `apiVersion`.
    #[error("unsupported chart version")]
    UnknownApiVersion,
    /// Something is wrong with a subchart.
    #[error("error unpacking subchart {subchart} in {chart}: {source}")]
    Subchart {
        /// Its file or folder in `charts/`.
        subchart: String,
        /// The chart that it belongs to.
        chart: String,
        /// What is wrong.
        source: Box<Error>,
    },
    /// A folder in `charts/` is named like an archive.
    #[error("error unpacking subchart tar in {chart}: expected {subchart}, got {found}")]
    SubchartIsFolder {
        /// Its name in `charts/`.
        subchart: String,
        /// The chart that it belongs to.
        chart: String,
        /// What is there.
        found: String,
    },
    /// `Chart.yaml` asks for charts that `charts/` doesn't have.
    #[error("found in Chart.yaml, but missing in charts/ directory: {}", .0.join(", "))]
    MissingDependencies(Vec<String>),
    /// `values.schema.json` is no JSON.
    #[error("failed to save: invalid JSON in values.schema.json")]
    SchemaNotJson,

    /// Not a version, not even leniently.
    #[error(transparent)]
    Version(#[from] CoerceError),
    /// Not a constraint.
    #[error(transparent)]
    Constraint(#[from] ConstraintError),
    /// A reference and `--version` contradict each other.
    #[error("chart reference and version mismatch: {version} is not {tag}")]
    Mismatch {
        /// What `--version` says.
        version: String,
        /// What the reference says.
        tag: String,
    },
    /// No tag is a version.
    #[error("unable to locate any tags in provided repository: {0}")]
    NoTags(String),
    /// No version is one that was asked for.
    #[error("could not locate a version matching provided version string {0}")]
    NoMatch(String),

    /// A dependency's folder is not there.
    #[error("directory {} not found", .0.display())]
    DependencyFolder(PathBuf),
    /// Something stands where the folder `charts` has to be.
    #[error("{} is not a directory", quote(&.0.to_string_lossy()))]
    ChartsNotAFolder(PathBuf),
    /// What was downloaded is no chart.
    #[error("{name} is not a chart: {source}")]
    NotAChart {
        /// The file.
        name: String,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// A symbolic link stands where the lock file is to be written.
    #[error("the {file} file is a symlink to {}", quote(&target.to_string_lossy()))]
    LockIsLink {
        /// The lock file.
        file: &'static str,
        /// Where the link leads.
        target: PathBuf,
    },

    /// A name for a chart that makes trouble.
    #[error("chart name must be between 1 and 250 characters")]
    NameLength,
    /// A name for a chart that makes trouble.
    #[error("chart name must match the regular expression \"^[a-zA-Z0-9._-]+$\"")]
    NameLetters,
    /// A starter can't be read.
    #[error("could not load {}: {source}", path.display())]
    Starter {
        /// The starter.
        path: PathBuf,
        /// Why not.
        source: Box<Error>,
    },
    /// Where a chart is to be unpacked to, something is.
    #[error("failed to untar: a file or directory with the name {} already exists", .0.display())]
    Exists(PathBuf),
    /// What was read can't be written as YAML or JSON.
    #[error("can't write {what}: {problem}")]
    Encode {
        /// What was to be written.
        what: &'static str,
        /// Why it can't be.
        problem: String,
    },
}

/// What is wrong with an entry of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryProblem {
    /// A file beside the chart's folder.
    OutsideBase,
    /// A `..` in its path.
    ParentDirectory,
    /// An absolute path.
    Absolute,
    /// A drive letter, a backslash, or something that is no text.
    IllegalName,
    /// `Chart.yaml` beside the chart's folder.
    ChartYamlOutside,
    /// A symbolic or hard link. Helm makes an empty file of it.
    Link,
    /// A device or a pipe. Helm makes an empty file of it.
    Special,
    /// A path that an entry before it had. Helm takes the last.
    Duplicate,
    /// A file that other entries take for a folder.
    FileAndFolder,
    /// A header that programs read differently.
    Header,
}

impl fmt::Display for EntryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutsideBase => "chart illegally contains content outside the base directory",
            Self::ParentDirectory => "chart illegally references parent directory",
            Self::Absolute => "chart illegally contains absolute paths",
            Self::IllegalName => "chart contains illegally named files",
            Self::ChartYamlOutside => "chart yaml not in base directory",
            Self::Link => "chart illegally contains a link",
            Self::Special => "chart illegally contains a device or pipe",
            Self::Duplicate => "chart illegally contains a file twice",
            Self::FileAndFolder => "chart illegally contains a file that is also a folder",
            Self::Header => "chart contains a file with an unsupported header",
        })
    }
}

/// An error of reading an archive in Go's words, as far as it has some.
struct ArchiveError<'a>(&'a io::Error);

impl fmt::Display for ArchiveError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        if self.0.kind() == io::ErrorKind::UnexpectedEof {
            return f.write_str("unexpected EOF");
        }
        match text.as_str() {
            "invalid gzip header" => f.write_str("gzip: invalid header"),
            "corrupt gzip stream does not have a matching checksum" => f.write_str("gzip: invalid checksum"),
            _ => write!(f, "the chart archive is damaged: {text}"),
        }
    }
}

impl Error {
    pub(crate) fn io(operation: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { operation, path: path.into(), source }
    }

    pub(crate) fn entry(entry: &[u8], problem: EntryProblem) -> Self {
        Self::Entry { entry: String::from_utf8_lossy(entry).into_owned(), problem }
    }
}
