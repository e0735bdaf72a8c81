//! Time and chance, so that tests have neither.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::BoxFuture;

/// What the client knows of time. Timeouts of connections are not among it.
pub trait Clock: Send + Sync + fmt::Debug {
    /// A moment, for measuring.
    fn now(&self) -> Instant;

    /// The date, for comparing with what a server writes.
    fn date(&self) -> SystemTime;

    /// Waits.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;

    /// Any number from 0 up to, and without, 1.
    fn chance(&self) -> f64;
}

/// The real one.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn date(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn chance(&self) -> f64 {
        // Each state has keys of its own: good enough to keep clients from marching in step.
        let bits = RandomState::new().hash_one(0_u8) >> 11;
        bits as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_below_one() {
        for _ in 0..1000 {
            assert!((0.0..1.0).contains(&SystemClock.chance()));
        }
    }
}
