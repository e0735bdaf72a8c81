//! Reading blobs without ever holding a thread for a slow reader.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::error::{Error, Result};

/// Blobs up to this size are read while they are opened: a hop to a blocking
/// thread costs more than the reading. Larger ones may only be asked for their size.
const SMALL: u64 = 256 << 10;

/// The size of one frame. Larger ones fall out of the processor's caches
/// between being filled and being sent.
const BUFFER: usize = 64 << 10;

/// The first batch is small, so that the first byte leaves soon and a short
/// range costs little; each is twice the one before, up to the last.
const FIRST_BATCH: usize = 2 * BUFFER;
const LAST_BATCH: usize = 8 * BUFFER;

/// A stored blob, open for reading. It stays readable when the blob is removed
/// or replaced meanwhile.
#[derive(Debug)]
pub struct Blob {
    size: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Small(Bytes),
    File(File),
}

impl Blob {
    /// Opens the file at the path, if there is one.
    pub(crate) fn open(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let size = file.metadata()?.len();
        let content =
            if size <= SMALL { Content::Small(read_whole(&file, size)?) } else { Content::File(file) };
        Ok(Some(Self { size, content }))
    }

    /// How many bytes the stored file has. Whoever knows what size the blob
    /// ought to have should compare: the file may have been damaged.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The whole content, in memory: for blobs that are known to be small.
    /// Costs nothing up to 256 KiB, as those are read with the opening.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it can't be read, or was cut short since it was opened.
    pub async fn bytes(self) -> Result<Bytes> {
        match self.content {
            Content::Small(bytes) => Ok(bytes),
            Content::File(file) => {
                let size = self.size;
                crate::blocking(move || {
                    read_whole(&file, size).map_err(|source| Error::io("read a blob", source))
                })
                .await
            }
        }
    }

    /// The bytes of the range as a response body. Nothing is read before the
    /// first poll, which must happen inside a Tokio runtime.
    ///
    /// The range should lie within [`Blob::size`]. Where it does not, the body
    /// still promises the length of the range, and ends in an error.
    pub fn stream(self, range: Range<u64>) -> BlobBody {
        let remaining = range.end.saturating_sub(range.start);
        let mut queue = VecDeque::new();
        let source = match self.content {
            Content::Small(bytes) => {
                let end = range.end.min(self.size);
                let start = range.start.min(end);
                let bytes = bytes.slice(start as usize..end as usize);
                if !bytes.is_empty() {
                    queue.push_back(bytes);
                }
                Source::End
            }
            Content::File(_) if remaining == 0 => Source::End,
            Content::File(file) => {
                Source::Idle(Reader { file, at: range.start, end: range.end, batch: FIRST_BATCH })
            }
        };
        BlobBody { remaining, queue, source }
    }
}

fn read_whole(mut file: &File, size: u64) -> io::Result<Bytes> {
    let size = usize::try_from(size).map_err(|_| io::ErrorKind::OutOfMemory)?;
    let mut content = vec![0; size];
    file.read_exact(&mut content)?;
    Ok(content.into())
}

/// A blob's bytes as the body of a response, with an exact size.
///
/// Batches of up to 512 KiB are read on a blocking thread; while one is being
/// sent the next is read, and then no thread is held until the reader has
/// caught up. At most 1 MiB is in memory. A file that turns out to be shorter
/// than promised gives an error, never a short body.
#[derive(Debug)]
pub struct BlobBody {
    /// What is still to be handed out.
    remaining: u64,
    queue: VecDeque<Bytes>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Idle(Reader),
    Reading(JoinHandle<io::Result<(Reader, VecDeque<Bytes>)>>),
    End,
}

#[derive(Debug)]
struct Reader {
    file: File,
    at: u64,
    end: u64,
    batch: usize,
}

impl Reader {
    fn read_batch(mut self) -> io::Result<(Self, VecDeque<Bytes>)> {
        self.file.seek(SeekFrom::Start(self.at))?;
        let mut left = (self.end - self.at).min(self.batch as u64) as usize;
        let mut queue = VecDeque::with_capacity(left.div_ceil(BUFFER));
        while left > 0 {
            let mut buffer = vec![0; left.min(BUFFER)];
            self.file.read_exact(&mut buffer)?;
            left -= buffer.len();
            self.at += buffer.len() as u64;
            queue.push_back(buffer.into());
        }
        self.batch = (self.batch * 2).min(LAST_BATCH);
        Ok((self, queue))
    }
}

impl BlobBody {
    fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            // The next batch is asked for before the last one is handed out.
            self.source = match std::mem::replace(&mut self.source, Source::End) {
                Source::Idle(reader) if reader.at < reader.end => {
                    Source::Reading(spawn_blocking(|| reader.read_batch()))
                }
                Source::Idle(_) => Source::End,
                other => other,
            };
            if let Some(bytes) = self.queue.pop_front() {
                self.remaining -= bytes.len() as u64;
                return Poll::Ready(Some(Ok(bytes)));
            }
            let Source::Reading(batch) = &mut self.source else {
                return Poll::Ready((self.remaining > 0).then(|| Err(io::ErrorKind::UnexpectedEof.into())));
            };
            let (reader, queue) =
                ready!(Pin::new(batch).poll(context)).map_err(io::Error::other).flatten()?;
            self.source = Source::Idle(reader);
            self.queue = queue;
        }
    }
}

impl Body for BlobBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let outcome = ready!(self.poll_bytes(context));
        if let Some(Err(_)) = &outcome {
            // An error is the end: there is nothing to be had after it.
            self.remaining = 0;
            self.source = Source::End;
        }
        Poll::Ready(outcome.map(|outcome| outcome.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
