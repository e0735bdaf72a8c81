//! The body of a request whose client must keep sending.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

/// Why the rest of a request's body never came. Handlers find it as the source of the error that
/// reading the body gave them.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The client sent nothing for too long.
    #[error("the client sent nothing for {} s", .0.as_secs_f32())]
    Stalled(Duration),
    /// The connection broke, or what came is not HTTP.
    #[error(transparent)]
    Broken(#[from] hyper::Error),
}

/// A body that fails once its client has sent nothing for a while *and* somebody has waited for it:
/// time in which the server doesn't read does not count.
pub(super) struct Patient {
    incoming: Incoming,
    patience: Duration,
    /// Since when the client is being waited for.
    waiting: Option<Instant>,
    /// Made at the first wait, which most requests never come to.
    timer: Option<Pin<Box<Sleep>>>,
    failed: bool,
}

impl Patient {
    pub(super) fn new(incoming: Incoming, patience: Duration) -> Self {
        Self { incoming, patience, waiting: None, timer: None, failed: false }
    }

    /// Ready when the client has been waited for long enough.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = *self.waiting.get_or_insert_with(Instant::now) + self.patience;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        // The timer is not moved each time something comes, but only when it goes off too early.
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

impl Body for Patient {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.failed {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) {
            self.waiting = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Broken)));
        }
        if self.poll_timer(cx).is_ready() {
            self.failed = true;
            return Poll::Ready(Some(Err(BodyError::Stalled(self.patience))));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.failed || self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
