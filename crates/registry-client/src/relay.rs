//! A blob on its way from one registry to another: read while it is sent, so that a few chunks of it
//! are in memory, however large it is.
//!
//! Its digest is computed as it passes, and the last bytes are given out only once it is right: what
//! is wrong never becomes whole at the target, whether that checks digests or not.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use chartroom_oci::{Digest, Digester};
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::auth::lock;
use crate::blob::{BlobReader, Partial};
use crate::content::{Content, ContentReader, ContentSource};
use crate::error::{Error, Result};
use crate::repository::Repository;
use crate::upload::{PushOptions, Pushed, Unsent};

/// How many chunks are read ahead of what is sent.
const AHEAD: usize = 8;

/// How far apart the places are from which the blob can be read again with its digest known so far: the
/// most that is read twice when an upload goes on in the middle.
const STRIDE: u64 = 16 << 20;

impl Repository {
    /// Sees to it that a blob of this repository is in one of another registry, without ever holding
    /// more than a small part of it. Broken connections on either side are taken up again. `size` is
    /// the blob's, as its descriptor has it.
    ///
    /// The two repositories must come from different clients: transfers of one client wait for each
    /// other, and here an upload would wait for its own download.
    pub async fn relay_blob(
        &self,
        digest: &Digest,
        size: u64,
        target: &Repository,
        options: &PushOptions,
    ) -> Result<Pushed> {
        if self.registry().is_same(target.registry()) {
            return Err(Error::setup("a blob is relayed between two clients"));
        }
        let session = match target.without_sending(digest, options).await? {
            Unsent::Done(pushed) => return Ok(pushed),
            Unsent::Needed(session) => session,
        };
        // Whether it can be had comes first: nothing is begun at the target for what isn't there.
        let reader = self.open_blob(digest, Some(size)).await?;
        let passage = Passage {
            repository: self.clone(),
            digest: *digest,
            size,
            progress: Mutex::new(Progress {
                opened: Some(reader),
                marks: vec![Partial { offset: 0, digester: Digester::new(digest.algorithm()) }],
                failure: None,
            }),
        };
        let passage = Arc::new(passage);
        let content = Content::from_source(Relay(Arc::clone(&passage)));
        let sent = target.send_blob(digest, &content, options, session).await;
        // What went wrong at the source says more than that it couldn't be sent on.
        sent.map_err(|error| lock(&passage.progress).failure.take().unwrap_or(error))
    }
}

/// A blob that passes through.
struct Passage {
    repository: Repository,
    digest: Digest,
    size: u64,
    progress: Mutex<Progress>,
}

struct Progress {
    /// The first reader, until it is used.
    opened: Option<BlobReader>,
    /// Where it can be read again from, in order.
    marks: Vec<Partial>,
    /// What went wrong at the source.
    failure: Option<Error>,
}

struct Relay(Arc<Passage>);

impl ContentSource for Relay {
    fn size(&self) -> u64 {
        self.0.size
    }

    fn open(&self, offset: u64) -> BoxFuture<'_, io::Result<ContentReader>> {
        Box::pin(async move {
            let reader = self.0.reader(offset).await.map_err(|error| self.0.failed(error))?;
            let (sender, receiver) = mpsc::channel(AHEAD);
            let pump = tokio::spawn(pump(Arc::clone(&self.0), reader, offset, sender));
            Ok(Box::pin(Chunks { receiver, pump, rest: Bytes::new() }) as ContentReader)
        })
    }
}

impl Passage {
    /// A reader that stands at this byte, or at most [`STRIDE`] before it.
    async fn reader(&self, offset: u64) -> Result<BlobReader> {
        let mark = {
            let mut progress = lock(&self.progress);
            if let Some(reader) = progress.opened.take().filter(|_| offset == 0) {
                return Ok(reader);
            }
            let mark = progress.marks.iter().rev().find(|mark| mark.offset <= offset);
            mark.cloned().ok_or_else(|| Error::setup("the blob has no beginning"))?
        };
        self.repository.resume_blob(&self.digest, Some(self.size), mark).await
    }

    fn mark(&self, reader: &BlobReader) {
        let mut progress = lock(&self.progress);
        let last = progress.marks.last().map_or(0, |mark| mark.offset);
        if reader.offset() >= last + STRIDE
            && let Some(partial) = reader.partial()
        {
            progress.marks.push(partial);
        }
    }

    /// Keeps what went wrong for whoever began, and tells the one who reads that something did.
    fn failed(&self, error: Error) -> io::Error {
        let text = error.to_string();
        lock(&self.progress).failure = Some(error);
        io::Error::other(text)
    }
}

/// Reads the blob from this byte on, as long as somebody takes what it reads.
async fn pump(
    passage: Arc<Passage>,
    mut reader: BlobReader,
    offset: u64,
    sender: mpsc::Sender<io::Result<Bytes>>,
) {
    loop {
        let chunk = match next(&passage, &mut reader).await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return,
            Err(error) => {
                let _ = sender.send(Err(passage.failed(error))).await;
                return;
            }
        };
        let end = reader.offset();
        let fresh = end.saturating_sub(offset).min(chunk.len() as u64);
        let chunk = chunk.slice(chunk.len() - usize::try_from(fresh).unwrap_or(chunk.len())..);
        if !chunk.is_empty() && sender.send(Ok(chunk)).await.is_err() {
            return;
        }
    }
}

/// The next chunk; the last one once all of them have the right digest.
async fn next(passage: &Passage, reader: &mut BlobReader) -> Result<Option<Bytes>> {
    let Some(chunk) = reader.next().await? else { return Ok(None) };
    if reader.offset() == passage.size {
        // Nothing follows: this is where the digest is compared.
        let _ = reader.next().await?;
    } else {
        passage.mark(reader);
    }
    Ok(Some(chunk))
}

/// What a pump brings, as something to read from. Dropping it stops the pump.
struct Chunks {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    pump: JoinHandle<()>,
    rest: Bytes,
}

impl AsyncRead for Chunks {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            match ready!(this.receiver.poll_recv(context)) {
                Some(chunk) => this.rest = chunk?,
                None => return Poll::Ready(Ok(())),
            }
        }
        let some = this.rest.len().min(buffer.remaining());
        buffer.put_slice(&this.rest.split_to(some));
        Poll::Ready(Ok(()))
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        self.pump.abort();
    }
}
