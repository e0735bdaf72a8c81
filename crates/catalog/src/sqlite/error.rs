//! What SQLite's errors mean.

use std::io::{self, Write as _};
use std::path::Path;

use rusqlite::ErrorCode;

use crate::Error;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::StorageFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Engine(Box::new(error)),
        }
    }
}

/// Whether the connection that met this error should be replaced: SQLite failed to read or
/// write, and what it holds in memory of the files may be wrong.
pub(super) fn is_input_output(error: &Error) -> bool {
    let Error::Engine(source) = error else { return false };
    let code = source.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen))
}

/// Turns a failure to write into [`Error::StorageFull`] where that is what it was.
///
/// SQLite tells a full disk by itself, but not an exhausted quota, a file size limit or a
/// directory that can't take another file; those are I/O errors to it, whose cause it keeps
/// to itself. So write something beside the catalog and see what the system says.
pub(super) fn explain(error: Error, path: &Path) -> Error {
    if !is_input_output(&error) {
        return error;
    }
    let mut name = path.as_os_str().to_owned();
    name.push("-space");
    let name = Path::new(&name);
    let tried = std::fs::File::create(name).and_then(|mut file| {
        file.write_all(&[0; 1 << 16])?;
        file.sync_all()
    });
    // If it is not there, nothing was written.
    let _ = std::fs::remove_file(name);
    match tried.map_err(|error| error.kind()) {
        Err(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge) => {
            Error::StorageFull
        }
        _ => error,
    }
}
