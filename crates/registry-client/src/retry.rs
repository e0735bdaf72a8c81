//! When to try again, and how long to wait before.

use std::time::{Duration, Instant, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::clock::Clock;

/// How often and how long requests that failed for a passing reason are tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times after the first; zero turns retrying off.
    pub retries: u32,
    /// The longest wait before the first retry. Each wait is chosen by chance between nothing and
    /// a bound that starts here and doubles.
    pub first_wait: Duration,
    /// Where the bound stops doubling.
    pub longest_wait: Duration,
    /// No retry starts later than this after the first attempt. What a server asks for with
    /// `Retry-After` is waited for in full, or, if it would take longer than this, not at all.
    pub total: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 5,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(20),
            total: Duration::from_secs(90),
        }
    }
}

impl RetryPolicy {
    /// One attempt, and no more.
    pub const NEVER: Self =
        Self { retries: 0, first_wait: Duration::ZERO, longest_wait: Duration::ZERO, total: Duration::ZERO };
}

/// The attempts at one thing.
#[derive(Debug)]
pub(crate) struct Attempts {
    policy: RetryPolicy,
    started: Instant,
    failed: u32,
}

impl Attempts {
    pub(crate) fn start(policy: RetryPolicy, clock: &dyn Clock) -> Self {
        Self { policy, started: clock.now(), failed: 0 }
    }

    /// How many have failed.
    pub(crate) fn failed(&self) -> u32 {
        self.failed
    }

    /// Progress was made: what failed before doesn't count any more.
    pub(crate) fn progressed(&mut self, clock: &dyn Clock) {
        self.failed = 0;
        self.started = clock.now();
    }

    /// Counts a failure. Gives how long to wait before the next attempt, if there is to be one.
    pub(crate) fn next(&mut self, clock: &dyn Clock, asked: Option<Duration>) -> Option<Duration> {
        if self.failed >= self.policy.retries {
            return None;
        }
        let bound = self.policy.first_wait.saturating_mul(1 << self.failed.min(20));
        let wait = bound.min(self.policy.longest_wait).mul_f64(clock.chance());
        // A server that says when to come back knows better, but not all at the same moment.
        let wait = asked.map_or(wait, |asked| asked + wait.min(asked / 10));
        self.failed += 1;
        let elapsed = clock.now().saturating_duration_since(self.started);
        (elapsed + wait <= self.policy.total).then_some(wait)
    }
}

/// Whether a status is one that passes.
pub(crate) fn passes(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 499 | 500 | 502 | 503 | 504 | 522)
}

/// Reads `Retry-After`: seconds, or a date (RFC 9110 §10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    let date = SystemTime::from(date);
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
#[path = "retry/tests.rs"]
mod tests;
