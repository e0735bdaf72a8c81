//! Request bodies, bounded in length; and what to do with the rest of a body that nobody wants. In
//! time, bodies are bounded by the connection (`listen::BodyError`).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

use crate::Error;
use crate::listen::BodyError;

/// A request's body, read piece by piece.
pub(crate) struct Incoming {
    body: Body,
}

impl Incoming {
    pub(crate) fn new(body: Body) -> Self {
        Self { body }
    }

    /// The next piece; `None` at the end. Never an empty one.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    // Trailers say nothing that is wanted here.
                    if let Ok(bytes) = frame.into_data()
                        && !bytes.is_empty()
                    {
                        return Ok(Some(bytes));
                    }
                }
                Some(Err(error)) if is_stalled(&error) => return Err(Error::BodyTimeout),
                Some(Err(error)) => {
                    return Err(Error::LengthMismatch(format!("the request's body broke off: {error}")));
                }
            }
        }
    }

    /// The whole body in one piece, if it is at most `limit` bytes; `what` names it in the error.
    pub(crate) async fn whole(mut self, limit: u64, what: &'static str) -> Result<Bytes, Error> {
        let Some(first) = self.next().await? else {
            return Ok(Bytes::new());
        };
        let mut length = first.len() as u64;
        let mut gathered: Option<Vec<u8>> = None;
        loop {
            if length > limit {
                return Err(Error::TooLarge { what, limit });
            }
            let Some(piece) = self.next().await? else {
                break;
            };
            length += piece.len() as u64;
            gathered.get_or_insert_with(|| first.to_vec()).extend_from_slice(&piece);
        }
        Ok(gathered.map_or(first, Bytes::from))
    }
}

/// Whether the client has sent nothing for too long.
fn is_stalled(error: &axum::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if matches!(error.downcast_ref(), Some(BodyError::Stalled(_))) {
            return true;
        }
        source = error.source();
    }
    false
}

/// How many bytes of a refused request are read for nothing, so that its sender reads the answer and the
/// connection can go on.
const DRAIN_BYTES: u64 = 16 << 20;

/// For how long.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// A hand on a body that an endpoint works with and may leave half read.
pub(crate) struct Lent {
    shared: Arc<Mutex<Body>>,
    /// The client waits to be asked for the body, so what was not asked for never comes.
    expects: bool,
}

impl Lent {
    /// Splits a body into the one to work with and the hand on it.
    pub(crate) fn new(body: Body, expects: bool) -> (Body, Self) {
        let shared = Arc::new(Mutex::new(body));
        (Body::new(Borrowed(Arc::clone(&shared))), Self { shared, expects })
    }

    /// Reads the rest, within bounds; whether that was all of it. The endpoint must be done.
    pub(crate) async fn drain(self) -> bool {
        let mut body = Borrowed(self.shared);
        if http_body::Body::is_end_stream(&body) {
            return true;
        }
        if self.expects {
            return false;
        }
        let rest = async {
            let mut read = 0;
            while let Some(frame) = body.frame().await {
                match frame {
                    Ok(frame) => read += frame.data_ref().map_or(0, Bytes::len) as u64,
                    Err(_) => return false,
                }
                if read > DRAIN_BYTES {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(DRAIN_TIME, rest).await.unwrap_or(false)
    }
}

/// The body to work with. Only one side polls at a time, so the lock is never waited for.
struct Borrowed(Arc<Mutex<Body>>);

impl http_body::Body for Borrowed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}

/// The body's length as far as the request tells it; `None` if it doesn't: HTTP/1 bodies in chunks, and
/// HTTP/2 bodies, which need no `Content-Length`.
pub(crate) fn declared_length(headers: &HeaderMap, body: &Body) -> Option<u64> {
    if http_body::Body::is_end_stream(body) {
        return Some(0);
    }
    // The HTTP layer has refused what is no number, and dropped it where chunks say otherwise.
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use http::HeaderValue;

    fn streamed() -> Body {
        Body::from_stream(stream::iter([Ok::<_, std::io::Error>("some bytes")]))
    }

    #[test]
    fn a_body_without_a_length_has_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(declared_length(&headers, &streamed()), None);
        assert_eq!(declared_length(&headers, &Body::empty()), Some(0));
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("10"));
        assert_eq!(declared_length(&headers, &streamed()), Some(10));
    }

    #[tokio::test]
    async fn what_an_endpoint_leaves_can_be_read_to_its_end() {
        let (mut body, lent) = Lent::new(streamed(), false);
        assert!(lent.drain().await);
        assert!(body.frame().await.is_none());
        let (_body, lent) = Lent::new(streamed(), true);
        assert!(!lent.drain().await, "who waits to be asked is not asked");
    }
}
