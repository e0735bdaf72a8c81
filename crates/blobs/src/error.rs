//! What can go wrong, told apart by what the caller can do about it.

use std::io;

use chartroom_oci::Digest;

/// The result of an operation of the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The disk, the quota or the largest file size is used up. Nothing half-done
    /// is left behind, and the same operation works once there is space again.
    #[error("there is no space left to store this")]
    StorageFull,

    /// The content is not what its digest says. Nothing was stored.
    #[error("the content has the digest {found}, not {expected}")]
    DigestMismatch {
        /// What the caller asked for.
        expected: Digest,
        /// What the content really has. Boxed, as a digest is large for an error.
        found: Box<Digest>,
    },

    /// The upload's bytes are gone, or fewer than were acknowledged: it has to start over.
    #[error("the upload's bytes are gone")]
    UploadLost,

    /// Another writer, or a commit, holds the upload. Worth another try a little later.
    #[error("the upload is being written to by another request")]
    UploadBusy,

    /// A mistake in the calling program: the text can't be the id of an upload.
    #[error("an upload id has 1 to 64 characters out of 0-9, a-f and -")]
    UploadId,

    /// The storage failed in any other way.
    #[error("can't {what}")]
    Io {
        /// What was tried, to be read after "can't".
        what: String,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Error {
    /// Sorts an error of the operating system by its meaning.
    pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
        let what = what.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                // Which of the three it was matters to the operator only.
                tracing::warn!(error = %source, "no space left: can't {what}");
                Self::StorageFull
            }
            _ => Self::Io { what, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_running_out_of_space_is_one_error() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge] {
            assert!(matches!(Error::io("write", kind.into()), Error::StorageFull), "{kind}");
        }
        let denied = Error::io("write uploads/ab", io::ErrorKind::PermissionDenied.into());
        assert_eq!(denied.to_string(), "can't write uploads/ab");
    }
}
