//! What is done with the data apart from requests: reclaiming space, and checking.

mod collect;
mod inspect;
mod preview;
mod schedule;

pub use collect::{Collected, Collector};
pub use inspect::{Inspected, Inspector, Kind, Orphan, Problem, Progress};
pub use preview::{Preview, Removal, Why};
pub use schedule::spawn;

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use chartroom_catalog::UploadId;
use jiff::Timestamp;

/// How many rows or files are dealt with at a time: few enough that requests hardly notice, enough
/// that the overhead does not matter.
const BATCH: usize = 1000;

/// Why a job could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] chartroom_catalog::Error),
    /// The blobs' folder failed.
    #[error(transparent)]
    Blobs(#[from] chartroom_blobs::Error),
}

/// The moment that long ago, or the earliest that can be told.
fn before(now: Timestamp, age: Duration) -> Timestamp {
    now.checked_sub(age).unwrap_or(Timestamp::MIN)
}

/// Whether a file has not been written to for that long. A time in the future says that clocks have
/// been set, and is no proof of age.
fn is_older(modified: SystemTime, age: Duration) -> bool {
    modified.elapsed().is_ok_and(|elapsed| elapsed >= age)
}

/// Whether an upload's file belongs to a session; small blobs on their way in never do.
async fn has_session(
    catalog: &dyn chartroom_catalog::Catalog,
    name: &str,
) -> chartroom_catalog::Result<bool> {
    match name.parse::<UploadId>() {
        Ok(id) => catalog.has_upload(id).await,
        Err(_) => Ok(false),
    }
}
