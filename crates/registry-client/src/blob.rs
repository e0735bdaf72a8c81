//! Blobs: whether they are there, and reading them, through connections that break.

use std::fmt;

use bytes::Bytes;
use chartroom_oci::{Digest, Digester};
use reqwest::header::{CONTENT_RANGE, HeaderValue, RANGE};
use reqwest::{Method, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::error::{Error, Missing, Result};
use crate::exchange::{Call, refusal};
use crate::observer::{Direction, Item, Progress};
use crate::repository::{Repository, content_digest};
use crate::retry::Attempts;
use crate::site;
use crate::transport::{Failure, Incoming};

/// How often one download is taken up again at most, even if it gets further each time.
const RESUMPTIONS: u32 = 50;

/// What a registry says of a blob without giving it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobHead {
    /// Its length, where the registry says it.
    pub size: Option<u64>,
}

/// The beginning of a blob that is here already.
#[derive(Clone, Debug)]
pub struct Partial {
    /// How many bytes there are.
    pub offset: u64,
    /// Their digest so far, with the algorithm of the whole.
    pub digester: Digester,
}

/// A blob that is being read. It takes up broken transfers where they broke, and ends with an
/// error unless all bytes together have the right digest: what was read before its end is not to
/// be trusted.
pub struct BlobReader {
    repository: Repository,
    digest: Digest,
    size: Option<u64>,
    offset: u64,
    digester: Option<Digester>,
    incoming: Option<Incoming>,
    /// What of the answer under way is here already, since the registry ignored where to begin.
    skip: u64,
    attempts: Attempts,
    resumptions: u32,
}

impl Repository {
    /// Whether a blob is there.
    pub async fn head_blob(&self, digest: &Digest) -> Result<BlobHead> {
        let call = self.blob_call(Method::HEAD, digest);
        let incoming = self.registry().send(&call).await?;
        if incoming.status.is_success() {
            return Ok(BlobHead { size: incoming.content_length() });
        }
        if !site::same_origin(&incoming.url, &call.url) {
            // The registry has it and said where; that place may answer to GET only.
            return Ok(BlobHead { size: None });
        }
        Err(refusal(incoming, &call.subject).await)
    }

    /// Starts reading a blob. If its size is known, what has another is refused at once.
    pub async fn open_blob(&self, digest: &Digest, size: Option<u64>) -> Result<BlobReader> {
        let partial = Partial { offset: 0, digester: Digester::new(digest.algorithm()) };
        self.resume_blob(digest, size, partial).await
    }

    /// Goes on reading a blob whose beginning is here already.
    pub async fn resume_blob(
        &self,
        digest: &Digest,
        size: Option<u64>,
        partial: Partial,
    ) -> Result<BlobReader> {
        if partial.digester.algorithm() != digest.algorithm() {
            return Err(Error::setup("the partial download's digest is of another algorithm"));
        }
        let mut reader = BlobReader {
            repository: self.clone(),
            digest: *digest,
            size,
            offset: partial.offset,
            digester: Some(partial.digester),
            incoming: None,
            skip: 0,
            attempts: self.registry().attempts(),
            resumptions: 0,
        };
        if reader.size != Some(reader.offset) || reader.offset == 0 {
            reader.open().await?;
        }
        Ok(reader)
    }

    /// A whole blob in memory, unless it is larger than this.
    pub async fn blob(&self, digest: &Digest, limit: u64) -> Result<Bytes> {
        let _turn = self.registry().transfer().await;
        let mut reader = self.open_blob(digest, None).await?;
        if reader.size.is_some_and(|size| size > limit) {
            return Err(Error::TooLarge { what: "the blob", limit });
        }
        let mut all = Vec::new();
        while let Some(chunk) = reader.next().await? {
            if (all.len() + chunk.len()) as u64 > limit {
                return Err(Error::TooLarge { what: "the blob", limit });
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    }

    /// Reads a blob into a writer; gives how many bytes it has. What was written is only to be
    /// used if this succeeds.
    pub async fn copy_blob<W: AsyncWrite + Unpin + Send>(
        &self,
        digest: &Digest,
        size: Option<u64>,
        writer: &mut W,
    ) -> Result<u64> {
        let _turn = self.registry().transfer().await;
        self.open_blob(digest, size).await?.copy_to(writer).await
    }

    /// Takes a blob out of the repository. Few registries let clients do that.
    pub async fn delete_blob(&self, digest: &Digest) -> Result<()> {
        let repository = self.for_push();
        self.registry().call(&repository.blob_call(Method::DELETE, digest)).await.map(drop)
    }

    fn blob_call(&self, method: Method, digest: &Digest) -> Call<'_> {
        self.request(method, &format!("blobs/{digest}"), Missing::Blob(*digest))
    }
}

impl BlobReader {
    /// How many bytes the whole blob has, where that is known.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// How many bytes have been read, those that were here before included.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What has been read, as something to go on from; nothing once all has been.
    pub fn partial(&self) -> Option<Partial> {
        self.digester.clone().map(|digester| Partial { offset: self.offset, digester })
    }

    /// The next bytes; nothing once all are read and have the right digest.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if self.digester.is_none() {
                return Ok(None);
            }
            if self.incoming.is_none() {
                if self.size == Some(self.offset) {
                    return self.finish();
                }
                self.open().await?;
            }
            let Some(incoming) = &mut self.incoming else {
                return self.finish();
            };
            match incoming.chunk().await {
                Ok(Some(chunk)) => {
                    if let Some(chunk) = self.take(chunk)? {
                        return Ok(Some(chunk));
                    }
                }
                Ok(None) if self.size.is_none_or(|size| size <= self.offset) => return self.finish(),
                Ok(None) => {
                    let what = "the connection ended before the blob did".to_owned();
                    let error = Error::Protocol { url: incoming.shown_url(), what };
                    self.retry(Failure { error, passes: true, absent: false }).await?;
                }
                Err(failure) => self.retry(failure).await?,
            }
        }
    }

    /// Reads what is left into a writer; gives the size of the whole blob.
    pub async fn copy_to<W: AsyncWrite + Unpin + Send>(mut self, writer: &mut W) -> Result<u64> {
        let cannot = |source| Error::Io { what: "write what was downloaded", source };
        while let Some(chunk) = self.next().await? {
            writer.write_all(&chunk).await.map_err(cannot)?;
        }
        writer.flush().await.map_err(cannot)?;
        Ok(self.offset)
    }

    /// Takes in some of the answer. Gives what of it is new.
    fn take(&mut self, mut chunk: Bytes) -> Result<Option<Bytes>> {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(chunk.len());
        let _ = chunk.split_to(skipped);
        self.skip -= skipped as u64;
        if chunk.is_empty() {
            return Ok(None);
        }
        self.offset += chunk.len() as u64;
        if let Some(expected) = self.size.filter(|size| *size < self.offset) {
            return Err(Error::SizeMismatch { what: "the blob", expected, found: self.offset });
        }
        if let Some(digester) = &mut self.digester {
            digester.update(&chunk);
        }
        self.repository.registry().options().observer.progress(&Progress {
            item: Item::Blob(self.digest),
            direction: Direction::Download,
            done: self.offset,
            total: self.size,
        });
        Ok(Some(chunk))
    }

    fn finish(&mut self) -> Result<Option<Bytes>> {
        self.incoming = None;
        let Some(digester) = self.digester.take() else {
            return Ok(None);
        };
        let found = digester.finish();
        if found == self.digest {
            return Ok(None);
        }
        Err(Error::DigestMismatch {
            what: "the blob",
            expected: Box::new(self.digest),
            found: Box::new(found),
        })
    }

    /// The connection broke: waits, and takes up the transfer.
    async fn retry(&mut self, failure: Failure) -> Result<()> {
        self.incoming = None;
        let registry = self.repository.registry().clone();
        self.resumptions += 1;
        if !failure.passes || self.resumptions > RESUMPTIONS {
            return Err(failure.error);
        }
        if !registry.pause(&mut self.attempts, &failure.error.to_string(), None).await {
            return Err(failure.error);
        }
        let before = self.offset;
        self.open().await?;
        if self.offset > before {
            self.attempts.progressed(&*registry.options().clock);
        }
        Ok(())
    }

    /// Asks for what is missing.
    async fn open(&mut self) -> Result<()> {
        let repository = self.repository.clone();
        let mut call = repository.blob_call(Method::GET, &self.digest);
        if self.offset > 0 {
            let range = HeaderValue::try_from(format!("bytes={}-", self.offset));
            call = call.header(RANGE, range.map_err(|_| Error::setup("no such range"))?);
        }
        let incoming = repository.registry().send(&call).await?;
        match incoming.status {
            StatusCode::PARTIAL_CONTENT if self.offset > 0 => self.continued(&incoming)?,
            StatusCode::OK => {
                self.skip = self.offset;
                self.learn_size(incoming.content_length())?;
            }
            // All of a blob of unknown size is here: there is nothing beyond.
            StatusCode::RANGE_NOT_SATISFIABLE if self.offset > 0 && self.size.is_none() => {
                self.size = Some(self.offset);
                return Ok(());
            }
            status if status.is_success() => {
                let what = format!("a blob is answered with the status {status}");
                return Err(Error::protocol(incoming.shown_url(), what));
            }
            _ => return Err(refusal(incoming, &call.subject).await),
        }
        if let Some(claimed) = content_digest(&incoming)
            && claimed.algorithm() == self.digest.algorithm()
            && claimed != self.digest
        {
            let (expected, found) = (Box::new(self.digest), Box::new(claimed));
            return Err(Error::DigestMismatch { what: "the blob", expected, found });
        }
        self.incoming = Some(incoming);
        Ok(())
    }

    /// Checks that a partial answer goes on where we are.
    fn continued(&mut self, incoming: &Incoming) -> Result<()> {
        let range = incoming.header(CONTENT_RANGE.as_str()).and_then(content_range);
        match range {
            Some((start, total)) if start == self.offset => {
                self.skip = 0;
                self.learn_size(total)
            }
            _ => {
                let what = format!("asked for what follows byte {}, it sent something else", self.offset);
                Err(Error::protocol(incoming.shown_url(), what))
            }
        }
    }

    fn learn_size(&mut self, found: Option<u64>) -> Result<()> {
        match (self.size, found) {
            (Some(expected), Some(found)) if expected != found => {
                Err(Error::SizeMismatch { what: "the blob", expected, found })
            }
            (None, found) => {
                self.size = found;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The first byte and the size of the whole, of `bytes 5-9/10` or `bytes 5-9/*`.
fn content_range(header: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = header.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end) = (start.trim().parse::<u64>().ok()?, end.trim().parse::<u64>().ok()?);
    let total = if total.trim() == "*" { None } else { Some(total.trim().parse::<u64>().ok()?) };
    (start <= end && total.is_none_or(|total| end < total)).then_some((start, total))
}

impl fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobReader({}, {} of {:?})", self.digest, self.offset, self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_answers() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        for bad in ["", "bytes */10", "bytes 9-5/10", "bytes 5-10/10", "5-9/10", "bytes -9/10", "bytes a-b/c"]
        {
            assert_eq!(content_range(bad), None, "{bad}");
        }
    }
}
