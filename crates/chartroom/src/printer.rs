//! The one way to the standard output and to the standard error, apart from the log.
//!
//! A reader who has gone away (`chartroom fsck | head -1`) is no failure of ours, and a server must
//! not die because nobody reads what it says.

use std::io::{self, ErrorKind, Write};

use crate::progress;

/// Prints a line of the result.
pub(crate) fn result(line: &str) -> io::Result<()> {
    whole(format!("{line}\n").as_bytes())
}

/// Prints a result that has its own line ends, as it is.
pub(crate) fn whole(text: &[u8]) -> io::Result<()> {
    progress::beside(|| {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    })
}

/// Says something beside the result, as it is, to whoever may be reading.
pub(crate) fn aside(text: &str) {
    progress::beside(|| {
        let mut stderr = io::stderr().lock();
        // There is nobody left to tell.
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    });
}
