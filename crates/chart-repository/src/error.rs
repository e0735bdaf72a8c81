//! What can go wrong with a repository, in Helm's words where Helm has some.

use std::io;
use std::path::{Path, PathBuf};

use chartroom_chart::ConstraintError;
use chartroom_chart::go_text::SystemError;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The web server answered, and not with the file.
    #[error("failed to fetch {url} : {status}")]
    Status {
        /// What was asked for, without anything secret.
        url: String,
        /// The status with its usual words.
        status: String,
    },
    /// No answer came.
    #[error("Get {url:?}: {reason}")]
    Unreachable {
        /// What was asked for, without anything secret.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The answer didn't come in time.
    #[error("Get {url:?}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)")]
    TimedOut {
        /// What was asked for, without anything secret.
        url: String,
    },
    /// Something else about the request.
    #[error(transparent)]
    Request(chartroom_registry_client::Error),
    /// Requests of this kind can't be made.
    #[error("could not find protocol handler for: {0}")]
    NoHandler(String),
    /// Not an address.
    #[error("invalid chart URL format: {0}")]
    NoUrl(String),

    /// An index of nothing.
    #[error("empty index.yaml file")]
    EmptyIndex,
    /// What every index has, this one has not.
    #[error("no API version specified")]
    NoApiVersion,
    /// Not an index.
    #[error("{0}")]
    NoIndex(String),
    /// More than is read of an index.
    #[error("the index is larger than {0}")]
    IndexTooLarge(&'static str),
    /// A file that was stored is not what it should be.
    #[error("error loading {}: {source}", path.display())]
    Loading {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// Not a `repositories.yaml`.
    #[error("{0}")]
    NoRepositories(String),
    /// The file system said no.
    #[error("{operation} {}: {}", path.display(), SystemError(source))]
    Io {
        /// What was tried, as Go names the system call.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Another program has had the file for too long.
    #[error("context deadline exceeded")]
    Locked(PathBuf),

    /// A name that stands for no repository.
    #[error("non-absolute URLs should be in form of repo_name/path_to_chart, got: {0}")]
    NoRepositoryName(String),
    /// There is no such repository.
    #[error("repo {0} not found")]
    UnknownRepository(String),
    /// A repository is known by its name only.
    #[error("no URL found for repository {0}")]
    RepositoryWithoutUrl(String),
    /// The index of a repository is not on this machine, or is damaged.
    #[error("no cached repo found. (try 'helm repo update'): {0}")]
    NotCached(Box<Error>),
    /// A repository that is known has no such chart.
    #[error(
        "chart {chart:?} matching {version} not found in {repository} index. (try 'helm repo update'): {source}"
    )]
    NotInIndex {
        /// The chart.
        chart: String,
        /// As it was asked for.
        version: String,
        /// The repository's name.
        repository: String,
        /// Why not.
        source: GetError,
    },
    /// What is no repository, or can't be reached.
    #[error("looks like {url:?} is not a valid chart repository or cannot be reached: {source}")]
    NotARepository {
        /// Its address.
        url: String,
        /// Why.
        source: Box<Error>,
    },
    /// A repository has no such chart.
    #[error("{chart} not found in {url} repository")]
    ChartNotFound {
        /// The chart, perhaps with its version: `chart "a" version "1"`.
        chart: String,
        /// The repository's address.
        url: String,
    },
    /// An index names a chart without telling where it is.
    #[error("{0} has no downloadable URLs")]
    NoDownload(String),

    /// What is to be searched for is no regular expression.
    #[error("error parsing regexp: {0}")]
    Pattern(String),
    /// The hub's address has no host.
    #[error("unable to create connection to {endpoint:?}: {problem}")]
    HubAddress {
        /// The address.
        endpoint: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The hub doesn't answer as a hub.
    #[error("unable to perform search against {endpoint:?}")]
    Hub {
        /// Its address.
        endpoint: String,
        /// Why. Helm keeps it to itself.
        reason: String,
    },
    /// Something about a chart.
    #[error(transparent)]
    Chart(#[from] chartroom_chart::Error),
}

/// Why an index doesn't give a chart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GetError {
    /// There is no chart of that name.
    #[error("no chart name found")]
    NoName,
    /// There is no version of it.
    #[error("no chart version found")]
    NoVersion,
    /// Not a constraint.
    #[error(transparent)]
    Constraint(#[from] ConstraintError),
    /// No version fits.
    #[error("no chart version found for {name}-{version}")]
    NoMatch {
        /// The chart.
        name: String,
        /// As it was asked for.
        version: String,
    },
}

impl Error {
    pub(crate) fn io(operation: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { operation, path: path.to_owned(), source }
    }

    /// Whether it is that a file is not there.
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Loading { source, .. } => source.is_not_found(),
            _ => false,
        }
    }

    /// What the user can do, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotARepository { source, .. } => source.hint(),
            Self::Status { status, .. } if status.starts_with("401") => {
                Some("the server wants a login: give --username and --password".to_owned())
            }
            Self::Unreachable { reason, url } if reason.ends_with("a TLS handshake") => {
                let plain = url.replacen("https://", "http://", 1);
                Some(format!("the server seems to speak plain HTTP: try {plain}"))
            }
            Self::Hub { reason, .. } => Some(reason.clone()),
            Self::Request(error) => error.hint(),
            _ => None,
        }
    }
}
