//! Writing uploads: bytes arrive in small frames from slow clients and leave
//! in large batches for the disk.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;

use bytes::Bytes;
use chartroom_oci::{Digest, Digester};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::error::{Error, Result};
use crate::layout::Layout;

/// How much is gathered before it is handed over to be written. Large enough
/// that the hop to a blocking thread does not count, small enough to be in the
/// processor's cache when it is hashed.
const BATCH: usize = 512 << 10;

/// Written and hashed in turn in pieces of this size.
const PIECE: usize = 64 << 10;

/// Opens an upload's file for writing and locks it, so that at any time one
/// writer or commit has it: the work of a writer that was dropped may still be
/// under way. The lock ends with the last use of the file.
pub(crate) fn open(layout: &Layout, id: &str, create: bool) -> Result<File> {
    let failed = |source| Error::io(format!("open upload {id}"), source);
    let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound && !create;
    let path = layout.upload(id)?;
    // Not yet to be truncated: that needs the lock.
    let file = match File::options().write(true).create(create).truncate(false).open(&path) {
        Ok(file) => file,
        Err(error) if gone(&error) => return Err(Error::UploadLost),
        Err(error) => return Err(failed(error)),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(Error::UploadBusy),
        // A file system without locks is no reason to refuse uploads.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    // Whoever had the lock before may have made this file a blob, or removed it.
    let opened = file.metadata().map_err(failed)?;
    match fs::metadata(&path) {
        Ok(named) if (named.dev(), named.ino()) == (opened.dev(), opened.ino()) => Ok(file),
        Err(error) if gone(&error) => Err(Error::UploadLost),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => Err(Error::UploadBusy),
    }
}

/// Opens an upload's file to write on from the offset.
pub(crate) fn open_at(layout: &Layout, id: &str, offset: u64) -> Result<File> {
    let failed = |source| Error::io(format!("open upload {id}"), source);
    let mut file = open(layout, id, offset == 0)?;
    let len = file.metadata().map_err(failed)?.len();
    if len < offset {
        return Err(Error::UploadLost);
    }
    if len > offset {
        file.set_len(offset).map_err(failed)?;
    }
    file.seek(SeekFrom::Start(offset)).map_err(failed)?;
    Ok(file)
}

/// Writes the bytes of one upload and computes their digest on the way.
///
/// Bytes are gathered to 512 KiB and then written and hashed on a blocking
/// thread while the next are gathered: 1 MiB is in memory at most, and no
/// thread waits for the client. An error of writing is therefore reported by a
/// later call than the one that brought the bytes, by [`UploadWriter::finish`]
/// at the latest.
///
/// After an error every further `write` and `finish` fails; what was written
/// before it can still be kept with [`UploadWriter::checkpoint`]. A dropped
/// writer leaves the file for [`crate::BlobStore::upload`] to go on with.
#[derive(Debug)]
pub struct UploadWriter {
    gathered: Vec<u8>,
    /// The buffer of the batch before, to be filled next.
    spare: Vec<u8>,
    /// Bytes taken in: written, being written, or gathered.
    offset: u64,
    hand: Hand,
    failed: Option<Failure>,
}

/// Who has the file at the moment.
#[derive(Debug)]
enum Hand {
    Idle(Box<Tail>),
    Busy(JoinHandle<Done>),
    /// Nobody, after a failure that leaves it unknown what is on the disk.
    Lost,
}

/// What came of a batch.
#[derive(Debug)]
struct Done {
    tail: Option<Box<Tail>>,
    buffer: Vec<u8>,
    outcome: Result<()>,
}

#[derive(Clone, Copy, Debug)]
enum Failure {
    Full,
    Other,
}

impl UploadWriter {
    pub(crate) fn new(id: &str, file: File, offset: u64, digester: Digester) -> Self {
        let tail = Box::new(Tail { id: id.to_owned(), file, digester, written: offset });
        Self { gathered: Vec::new(), spare: Vec::new(), offset, hand: Hand::Idle(tail), failed: None }
    }

    /// Takes in the next bytes. Waits only when two batches are under way.
    ///
    /// If the future is dropped midway, some of the bytes have been taken in;
    /// [`UploadWriter::offset`] says how many.
    ///
    /// # Errors
    ///
    /// [`Error::StorageFull`] or [`Error::Io`], if these or earlier bytes can't
    /// be written; the same again in every later call.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.usable()?;
        let mut rest = &bytes[..];
        loop {
            if self.gathered.len() == BATCH {
                self.settle().await?;
                self.start(false)?;
            }
            if rest.is_empty() {
                return Ok(());
            }
            let (now, later) = rest.split_at(rest.len().min(BATCH - self.gathered.len()));
            self.make_room(now.len());
            self.gathered.extend_from_slice(now);
            self.offset += now.len() as u64;
            rest = later;
        }
    }

    /// How many bytes the upload has, counting those not yet on the disk. After
    /// an error: those that were written before it.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Brings all bytes to the disk, durably, and says how many they are and
    /// what the digest's state is after them: what is needed to go on after a
    /// restart. (A power cut may still take the file as a whole, until it is
    /// committed; then it is [`Error::UploadLost`].)
    ///
    /// After a failed write, which has been reported by then, this says what was
    /// really written before it and cuts off the rest.
    ///
    /// # Errors
    ///
    /// [`Error::StorageFull`] or [`Error::Io`] if bytes can't be written; another
    /// call then tells what was. [`Error::Io`] in all further calls if the disk
    /// could not be made to keep what it had taken: only an earlier checkpoint
    /// can be gone back to then.
    pub async fn checkpoint(&mut self) -> Result<(u64, Digester)> {
        self.settle().await?;
        self.start(true)?;
        self.settle().await?;
        match &self.hand {
            Hand::Idle(tail) => Ok((tail.written, tail.digester.clone())),
            Hand::Busy(_) | Hand::Lost => Err(Failure::Other.into()),
        }
    }

    /// Brings all bytes to the disk, durably, and computes their digest.
    ///
    /// # Errors
    ///
    /// [`Error::StorageFull`] or [`Error::Io`], if any bytes can't be written.
    pub async fn finish(mut self) -> Result<(u64, Digest)> {
        self.usable()?;
        self.settle().await?;
        self.start(true)?;
        self.settle().await?;
        match self.hand {
            Hand::Idle(tail) => Ok((tail.written, tail.digester.finish())),
            Hand::Busy(_) | Hand::Lost => Err(Failure::Other.into()),
        }
    }

    fn usable(&self) -> Result<()> {
        self.failed.map_or(Ok(()), |failure| Err(failure.into()))
    }

    /// Grows the buffer with the upload: most are of a few kilobytes.
    fn make_room(&mut self, more: usize) {
        let (len, capacity) = (self.gathered.len(), self.gathered.capacity());
        if len + more > capacity {
            self.gathered.reserve_exact((capacity * 2).clamp(len + more, BATCH) - len);
        }
    }

    /// Hands over what is gathered. Nobody must be busy.
    fn start(&mut self, sync: bool) -> Result<()> {
        match std::mem::replace(&mut self.hand, Hand::Lost) {
            Hand::Idle(tail) => {
                let batch = std::mem::replace(&mut self.gathered, std::mem::take(&mut self.spare));
                self.hand = Hand::Busy(spawn_blocking(move || tail.work(batch, sync)));
                Ok(())
            }
            Hand::Busy(job) => {
                self.hand = Hand::Busy(job);
                Ok(())
            }
            Hand::Lost => Err(Failure::Other.into()),
        }
    }

    /// Waits for the batch that is under way, if one is.
    async fn settle(&mut self) -> Result<()> {
        // By reference, so that a dropped future leaves the file where it is.
        let Hand::Busy(job) = &mut self.hand else {
            return Ok(());
        };
        let Done { tail, mut buffer, outcome } = job.await.unwrap_or_else(|error| Done {
            tail: None,
            buffer: Vec::new(),
            outcome: Err(Error::io("finish writing an upload", io::Error::other(error))),
        });
        buffer.clear();
        self.spare = buffer;
        if let Err(error) = &outcome {
            self.failed =
                Some(if matches!(error, Error::StorageFull) { Failure::Full } else { Failure::Other });
            // These would follow bytes that are missing.
            self.gathered.clear();
            if let Some(tail) = &tail {
                self.offset = tail.written;
            }
        }
        self.hand = tail.map_or(Hand::Lost, Hand::Idle);
        outcome
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Full => Self::StorageFull,
            Failure::Other => {
                Self::io("go on with an upload", io::Error::other("an earlier write of it has failed"))
            }
        }
    }
}

/// An upload's file at its end, with the digest of all before it.
#[derive(Debug)]
struct Tail {
    id: String,
    file: File,
    digester: Digester,
    written: u64,
}

impl Tail {
    fn work(mut self: Box<Self>, batch: Vec<u8>, sync: bool) -> Done {
        let outcome = self.append(&batch);
        if outcome.is_err() || !sync {
            return Done { tail: Some(self), buffer: batch, outcome };
        }
        let outcome = self.sync();
        // After a failed sync nobody can tell which bytes the disk has: the
        // system may forget those it could not write, and succeed the next time.
        let tail = outcome.is_ok().then_some(self);
        Done { tail, buffer: batch, outcome }
    }

    /// Whatever happens, the digest is that of the bytes counted as written.
    fn append(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let written = match self.file.write(&bytes[..bytes.len().min(PIECE)]) {
                Ok(0) => return Err(self.failed(io::ErrorKind::WriteZero.into())),
                Ok(written) => written,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failed(error)),
            };
            let (done, rest) = bytes.split_at(written);
            self.digester.update(done);
            self.written += written as u64;
            bytes = rest;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        let outcome = self.file.metadata().and_then(|metadata| {
            if metadata.len() > self.written {
                self.file.set_len(self.written)?;
            }
            self.file.sync_data()
        });
        outcome.map_err(|error| self.failed(error))
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::io(format!("write upload {}", self.id), source)
    }
}
