//! What can go wrong, by what it means to whoever asked.

use crate::record::RecordError;

/// What the functions here answer with.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something about a release didn't succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// What says how to reach the cluster makes no sense.
    #[error("kubernetes cluster unreachable: {0}")]
    Configuration(String),
    /// The API server doesn't know who is asking.
    #[error("kubernetes cluster unreachable: the server has asked for the client to provide credentials")]
    Unauthorized,
    /// The cluster can't be reached.
    #[error("kubernetes cluster unreachable: {method} {url:?}: {problem}")]
    Unreachable {
        /// The method of the request, in Go's spelling.
        method: String,
        /// What was asked for.
        url: String,
        /// What the system, or the library, says.
        problem: String,
    },
    /// The API server says no.
    #[error("{0}")]
    Api(ApiError),
    /// The API server says no to something that is done with records.
    #[error("{doing}: {source}")]
    Storage {
        /// What is done, in Helm's words.
        doing: String,
        /// What the API server says.
        source: ApiError,
    },
    /// An answer makes no sense.
    #[error("the API server's answer to {what} can't be read: {problem}")]
    Answer {
        /// What was asked for.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no such release, or no such revision of it.
    #[error("release: not found")]
    NotFound,
    /// A record can't be read or written.
    #[error("the record {key}: {source}")]
    Record {
        /// The name of the object that keeps it.
        key: String,
        /// What is wrong with it.
        source: RecordError,
    },
    /// An object can't be brought into the cluster.
    #[error("{0}")]
    Apply(String),
    /// A hook has failed.
    #[error("{0}")]
    Hook(String),
    /// Something failed, and was undone, or couldn't be.
    #[error("{0}")]
    Undone(String),
    /// Somebody stopped it.
    #[error("context canceled")]
    Interrupted,
    /// There is a release of that name.
    #[error("cannot reuse a name that is still in use")]
    NameInUse,
    /// There is no such revision.
    #[error("release has no {0} version")]
    NoRevision(i64),
    /// Something is under way.
    #[error("another operation (install/upgrade/rollback) is in progress")]
    Pending,
    /// Objects were brought into the cluster by the client, as Helm 3 does it.
    #[error("going back to a release whose changes were merged by the client is not there yet")]
    ClientSide,
    /// There is nothing left of a release but its history.
    #[error("the release named {0:?} is already deleted")]
    AlreadyUninstalled(String),
    /// Not all of a release is gone.
    #[error("{0}")]
    Uninstall(String),
    /// Objects are not ready, or not gone, each on a line of its own.
    #[error("{0}")]
    NotReady(String),
    /// A manifest can't be read, or has what the cluster doesn't know.
    #[error("{0}")]
    Manifest(String),
    /// A selector of labels that makes no sense.
    #[error("{0}")]
    Selector(String),
}

/// A refusal of the API server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// The HTTP status.
    pub code: u16,
    /// Why, in a word: `NotFound`, `Conflict`.
    pub reason: String,
    /// Why, in its own words.
    pub message: String,
}

impl Error {
    /// The same, with what is done before what the API server says.
    pub(crate) fn while_doing(self, doing: impl FnOnce() -> String) -> Self {
        match self {
            Self::Api(source) => Self::Storage { doing: doing(), source },
            other => other,
        }
    }

    /// Whether the API server says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Api(ApiError { code: 404, .. }))
    }
}
