//! What is to be uploaded: bytes that can be read again from anywhere, as often as the network
//! breaks.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncSeekExt as _, ReadBuf};

/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// What an open source reads from.
pub type ContentReader = Pin<Box<dyn AsyncRead + Send + Sync>>;

/// Something that can be read more than once.
pub trait ContentSource: Send + Sync {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// Starts reading at this byte, which is at most [`ContentSource::size`]. May be called again
    /// and again.
    fn open(&self, offset: u64) -> BoxFuture<'_, io::Result<ContentReader>>;
}

/// The content of a blob that is to be uploaded.
#[derive(Clone)]
pub struct Content(Inner);

#[derive(Clone)]
enum Inner {
    Bytes(Bytes),
    Source(Arc<dyn ContentSource>),
}

impl Content {
    /// Content from a source.
    pub fn from_source(source: impl ContentSource + 'static) -> Self {
        Self(Inner::Source(Arc::new(source)))
    }

    /// The content of a file, which must not change meanwhile.
    pub async fn from_file(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let size = tokio::fs::metadata(&path).await?.len();
        Ok(Self::from_source(FileSource { path, size }))
    }

    /// How many bytes there are.
    pub fn size(&self) -> u64 {
        match &self.0 {
            Inner::Bytes(bytes) => bytes.len() as u64,
            Inner::Source(source) => source.size(),
        }
    }

    pub(crate) fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Inner::Bytes(bytes) => Some(bytes),
            Inner::Source(_) => None,
        }
    }

    pub(crate) async fn open(&self, offset: u64) -> io::Result<ContentReader> {
        match &self.0 {
            Inner::Bytes(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Ok(Box::pin(io::Cursor::new(bytes.slice(from..))))
            }
            Inner::Source(source) => source.open(offset).await,
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self(Inner::Bytes(bytes))
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Inner::Bytes(bytes.into()))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.size())
    }
}

struct FileSource {
    path: PathBuf,
    size: u64,
}

impl ContentSource for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn open(&self, offset: u64) -> BoxFuture<'_, io::Result<ContentReader>> {
        Box::pin(async move {
            let mut file = tokio::fs::File::open(&self.path).await?;
            file.seek(io::SeekFrom::Start(offset)).await?;
            Ok(Box::pin(file) as ContentReader)
        })
    }
}

/// Reading what was to be sent failed: our fault, not the network's.
#[derive(Debug, thiserror::Error)]
#[error("can't read what is to be uploaded: {kind}")]
pub(crate) struct SourceError {
    pub(crate) kind: io::ErrorKind,
    pub(crate) text: String,
}

impl From<io::Error> for SourceError {
    fn from(error: io::Error) -> Self {
        Self { kind: error.kind(), text: error.to_string() }
    }
}

/// Is told how many bytes of a body have been taken to be sent.
pub(crate) type Meter = Arc<dyn Fn(u64) + Send + Sync>;

/// A body of known length that is read while it is sent.
pub(crate) struct ContentBody {
    reader: ContentReader,
    left: u64,
    sent: u64,
    /// For whoever watches that the transfer moves.
    pulse: Arc<AtomicU64>,
    meter: Option<Meter>,
    buffer: Box<[u8]>,
}

impl ContentBody {
    pub(crate) fn new(reader: ContentReader, len: u64, pulse: Arc<AtomicU64>, meter: Option<Meter>) -> Self {
        let chunk = usize::try_from(len).unwrap_or(CHUNK).clamp(1, CHUNK);
        Self { reader, left: len, sent: 0, pulse, meter, buffer: vec![0; chunk].into() }
    }
}

impl Body for ContentBody {
    type Data = Bytes;
    type Error = SourceError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SourceError>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        let wanted = usize::try_from(this.left).unwrap_or(usize::MAX).min(this.buffer.len());
        let mut buffer = ReadBuf::new(&mut this.buffer[..wanted]);
        if let Err(error) = ready!(this.reader.as_mut().poll_read(context, &mut buffer)) {
            return Poll::Ready(Some(Err(error.into())));
        }
        let read = buffer.filled().len() as u64;
        if read == 0 {
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, "the content is shorter than it was");
            return Poll::Ready(Some(Err(error.into())));
        }
        let data = Bytes::copy_from_slice(buffer.filled());
        this.left -= read;
        this.sent += read;
        this.pulse.fetch_add(read, Ordering::Relaxed);
        if let Some(meter) = &this.meter {
            meter(this.sent);
        }
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use http_body_util::BodyExt as _;

    async fn read(content: &Content, offset: u64, len: u64) -> io::Result<Vec<u8>> {
        let reader = content.open(offset).await?;
        let body = ContentBody::new(reader, len, Arc::default(), None);
        let body = body.collect().await.map_err(|error| io::Error::new(error.kind, error.text))?;
        Ok(body.to_bytes().to_vec())
    }

    #[tokio::test]
    async fn bytes_and_files_are_read_from_anywhere() {
        let bytes = (0..200_000_u32).map(|n| n as u8).collect::<Vec<_>>();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        for content in [Content::from(bytes.clone()), Content::from_file(file.path()).await.unwrap()] {
            assert_eq!(content.size(), 200_000);
            assert_eq!(read(&content, 0, 200_000).await.unwrap(), bytes);
            assert_eq!(read(&content, 150_001, 1000).await.unwrap(), bytes[150_001..151_001]);
            assert!(read(&content, 200_000, 0).await.unwrap().is_empty());
            // A file that was cut short meanwhile is an error, not a shorter blob.
            let error = read(&content, 199_999, 2).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}
