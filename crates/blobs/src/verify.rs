//! Reading a stored file again to see whether it is still what it was.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chartroom_oci::{Algorithm, Digest, Digester};

use crate::error::{Error, Result};
use crate::layout::Layout;

/// What came of reading a blob again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has the size and the digest it should have.
    Intact,
    /// There is no file.
    Missing,
    /// The file is longer or shorter than it should be; it was not read.
    WrongSize {
        /// The size of the file.
        found: u64,
    },
    /// The file has other bytes than it should have.
    WrongDigest {
        /// The digest of the bytes that are there.
        found: Digest,
    },
}

/// Reads a blob and compares.
pub(crate) fn verify(layout: &Layout, digest: &Digest, size: u64, stop: &Stop) -> Result<Verdict> {
    let failed = |source| Error::io(format!("read blob {digest}"), source);
    let Some(file) = open(&layout.data(digest)).map_err(failed)? else {
        return Ok(Verdict::Missing);
    };
    let found = file.metadata().map_err(failed)?.len();
    if found != size {
        return Ok(Verdict::WrongSize { found });
    }
    let (read, digester) = digest_of(file, digest.algorithm(), size, stop).map_err(failed)?;
    if read != size {
        return Ok(Verdict::WrongSize { found: read });
    }
    let found = digester.finish();
    Ok(if found == *digest { Verdict::Intact } else { Verdict::WrongDigest { found } })
}

/// Computes the digest of the first `len` bytes of an upload.
pub(crate) fn rehash(
    layout: &Layout,
    id: &str,
    algorithm: Algorithm,
    len: u64,
    stop: &Stop,
) -> Result<Digester> {
    let failed = |source| Error::io(format!("read upload {id}"), source);
    let file = open(&layout.upload(id)?).map_err(failed)?.ok_or(Error::UploadLost)?;
    let (read, digester) = digest_of(file, algorithm, len, stop).map_err(failed)?;
    if read < len { Err(Error::UploadLost) } else { Ok(digester) }
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads up to `len` bytes; also says how many there were.
fn digest_of(file: File, algorithm: Algorithm, len: u64, stop: &Stop) -> io::Result<(u64, Digester)> {
    let mut file = file.take(len);
    let mut digester = Digester::new(algorithm);
    let mut buffer = vec![0; 128 << 10];
    let mut total = 0;
    loop {
        if stop.is_set() {
            return Err(io::Error::other("nobody waits for the result"));
        }
        match file.read(&mut buffer) {
            Ok(0) => return Ok((total, digester)),
            Ok(read) => {
                digester.update(&buffer[..read]);
                total += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Lets long work on a blocking thread end early when nobody waits for it any
/// more: reading a blob of many gigabytes would hold up a shutdown.
pub(crate) struct Stop(Arc<AtomicBool>);

/// Sets the [`Stop`] that came with it when dropped.
pub(crate) struct Waiting(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn new() -> (Waiting, Self) {
        let flag = Arc::new(AtomicBool::new(false));
        (Waiting(Arc::clone(&flag)), Self(flag))
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
