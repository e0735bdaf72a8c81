//! Whether a connection is alive.
//!
//! A timer that is set and cleared for every request, or a look at the clock for every read, would
//! cost more than answering a small request does. So those who move bytes only leave marks, and one
//! timer per connection comes round a few times per timeout to look at them. A timeout is therefore
//! kept to within a quarter of the shorter one.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{cmp, io};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::settings::Limits;

/// The marks. All of them are left and read by the task that drives the connection, so that their
/// order does not matter.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Bytes went out since the last look.
    wrote: AtomicBool,
    /// The client has begun to send a request's head, and it isn't complete.
    head_begun: AtomicBool,
    /// The connection carries several requests at a time, so that bytes which come in while none is
    /// being worked on need not be a head.
    multiplexed: AtomicBool,
    /// Requests so far; wraps.
    requests: AtomicU32,
    /// Requests whose handlers are at work.
    working: AtomicU32,
}

/// Why a connection is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stale {
    /// A request's head took too long.
    Head,
    /// Nothing happened for too long.
    Idle,
}

impl Pulse {
    /// Of a connection that was just opened, whose client is expected to say something.
    pub(super) fn new() -> Arc<Self> {
        let pulse = Self::default();
        pulse.head_begun.store(true, Relaxed);
        Arc::new(pulse)
    }

    /// Marks that a request's head has come. The handler is at work until the value is dropped.
    pub(super) fn request(self: &Arc<Self>, multiplexed: bool) -> Working {
        self.head_begun.store(false, Relaxed);
        self.multiplexed.store(multiplexed, Relaxed);
        self.requests.fetch_add(1, Relaxed);
        self.working.fetch_add(1, Relaxed);
        Working(Arc::clone(self))
    }

    fn read(&self) {
        if self.working.load(Relaxed) == 0 {
            self.head_begun.store(true, Relaxed);
        }
    }

    fn wrote(&self) {
        self.wrote.store(true, Relaxed);
    }
}

/// A handler at work.
pub(super) struct Working(Arc<Pulse>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Relaxed);
    }
}

/// Looks at the marks from time to time.
pub(super) struct Watch {
    pulse: Arc<Pulse>,
    requests: u32,
    quiet: Duration,
    head: Duration,
    period: Duration,
    header_timeout: Duration,
    idle_timeout: Duration,
}

impl Watch {
    pub(super) fn new(pulse: Arc<Pulse>, limits: &Limits) -> Self {
        let header_timeout = limits.header_timeout.duration();
        let idle_timeout = limits.idle_timeout.duration();
        let period = (cmp::min(header_timeout, idle_timeout) / 4)
            .clamp(Duration::from_millis(5), Duration::from_secs(15));
        Self {
            pulse,
            requests: 0,
            quiet: Duration::ZERO,
            head: Duration::ZERO,
            period,
            header_timeout,
            idle_timeout,
        }
    }

    /// How often to look.
    pub(super) fn period(&self) -> Duration {
        self.period
    }

    /// What the marks say, one [`Watch::period`] after the last look.
    pub(super) fn look(&mut self) -> Option<Stale> {
        let requests = self.pulse.requests.load(Relaxed);
        let wrote = self.pulse.wrote.swap(false, Relaxed);
        // A handler at work that waits for its client is watched by the request's body.
        let busy = wrote || requests != self.requests || self.pulse.working.load(Relaxed) > 0;
        self.requests = requests;
        if busy {
            self.quiet = Duration::ZERO;
            self.head = Duration::ZERO;
            return None;
        }
        self.quiet += self.period;
        // Whoever sends a head byte by byte is not idle, so that this has a clock of its own.
        if self.pulse.head_begun.load(Relaxed) && !self.pulse.multiplexed.load(Relaxed) {
            self.head += self.period;
        }
        if self.head >= self.header_timeout {
            Some(Stale::Head)
        } else if self.quiet >= self.idle_timeout {
            Some(Stale::Idle)
        } else {
            None
        }
    }
}

/// A stream that leaves marks.
pub(super) struct Marked<S> {
    pub(super) stream: S,
    pub(super) pulse: Arc<Pulse>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Marked<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.pulse.read();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> Marked<S> {
    fn mark(&self, polled: &Poll<io::Result<usize>>) {
        if matches!(polled, Poll::Ready(Ok(1..))) {
            self.pulse.wrote();
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Marked<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buffer);
        self.mark(&polled);
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, buffers);
        self.mark(&polled);
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Period;

    /// Looks once a second, gives up heads after 4 seconds and idle connections after 8.
    fn watch() -> (Arc<Pulse>, Watch) {
        let limits = Limits {
            header_timeout: Period::seconds(4),
            idle_timeout: Period::seconds(8),
            ..Limits::default()
        };
        let pulse = Pulse::new();
        (Arc::clone(&pulse), Watch::new(pulse, &limits))
    }

    /// At which look the connection is given up, and why.
    fn verdict(watch: &mut Watch, mut between: impl FnMut()) -> Option<(u32, Stale)> {
        (1..=100).find_map(|look| {
            between();
            watch.look().map(|stale| (look, stale))
        })
    }

    #[test]
    fn a_client_that_says_nothing() {
        let (_, mut watch) = watch();
        assert_eq!(verdict(&mut watch, || {}), Some((4, Stale::Head)));
    }

    #[test]
    fn a_head_that_trickles_in() {
        let (pulse, mut watch) = watch();
        drop(pulse.request(false));
        assert_eq!(watch.look(), None);
        assert_eq!(verdict(&mut watch, || pulse.read()), Some((4, Stale::Head)));
    }

    #[test]
    fn a_connection_between_two_requests() {
        let (pulse, mut watch) = watch();
        drop(pulse.request(false));
        pulse.wrote();
        assert_eq!(watch.look(), None);
        assert_eq!(verdict(&mut watch, || {}), Some((8, Stale::Idle)));
    }

    #[test]
    fn a_handler_may_take_its_time() {
        let (pulse, mut watch) = watch();
        let working = pulse.request(false);
        assert_eq!(verdict(&mut watch, || pulse.read()), None);
        drop(working);
        assert_eq!(verdict(&mut watch, || {}), Some((8, Stale::Idle)));
    }

    #[test]
    fn an_answer_that_is_read_slowly_but_read() {
        let (pulse, mut watch) = watch();
        drop(pulse.request(false));
        assert_eq!(verdict(&mut watch, || pulse.wrote()), None);
    }

    #[test]
    fn a_multiplexed_connection_that_only_talks_about_itself() {
        let (pulse, mut watch) = watch();
        drop(pulse.request(true));
        assert_eq!(watch.look(), None);
        assert_eq!(verdict(&mut watch, || pulse.read()), Some((8, Stale::Idle)));
    }
}
