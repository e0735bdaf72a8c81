//! Waits, without waiting.

#![expect(clippy::unwrap_used, reason = "tests")]

use futures_util::future::BoxFuture;

use super::*;

/// A clock that stands still, and a chance that is known.
#[derive(Debug)]
struct Still(Instant, f64);

impl Clock for Still {
    fn now(&self) -> Instant {
        self.0
    }

    fn date(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn chance(&self) -> f64 {
        self.1
    }
}

fn policy() -> RetryPolicy {
    RetryPolicy {
        retries: 4,
        first_wait: Duration::from_secs(1),
        longest_wait: Duration::from_secs(3),
        total: Duration::from_secs(60),
    }
}

#[test]
fn waits_double_up_to_a_bound_and_end() {
    let clock = Still(Instant::now(), 0.5);
    let mut attempts = Attempts::start(policy(), &clock);
    let waits = std::iter::from_fn(|| attempts.next(&clock, None)).take(10).collect::<Vec<_>>();
    assert_eq!(waits, [500, 1000, 1500, 1500].map(Duration::from_millis));
    attempts.progressed(&clock);
    assert!(attempts.next(&clock, None).is_some());
    assert_eq!(Attempts::start(RetryPolicy::NEVER, &clock).next(&clock, None), None);
}

#[test]
fn the_total_time_is_a_bound_too() {
    let start = Still(Instant::now(), 0.0);
    let mut attempts = Attempts::start(policy(), &start);
    let late = Still(start.0 + Duration::from_secs(61), 0.0);
    assert_eq!(attempts.next(&late, None), None);
}

#[test]
fn what_the_server_asks_for_is_waited_for_in_full_or_not_at_all() {
    let clock = Still(Instant::now(), 0.9);
    let ask = |seconds| Attempts::start(policy(), &clock).next(&clock, Some(Duration::from_secs(seconds)));
    assert!(ask(7).is_some_and(|wait| wait >= Duration::from_secs(7) && wait < Duration::from_secs(8)));
    assert_eq!(ask(600), None);
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let read = |text: &str, now| {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        retry_after(&headers, now)
    };
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 10);
    assert_eq!(read("120", now), Some(Duration::from_secs(120)));
    assert_eq!(read(" 0 ", now), Some(Duration::ZERO));
    assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(10)));
    let past = now + Duration::from_secs(99);
    assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT", past), Some(Duration::ZERO));
    for text in ["-1", "soon", "1.5", "99999999999999999999", ""] {
        assert_eq!(read(text, now), None, "{text}");
    }
}

#[test]
fn only_statuses_that_pass_are_tried_again() {
    let of = |code| passes(StatusCode::from_u16(code).unwrap());
    assert!([408, 429, 499, 500, 502, 503, 504, 522].into_iter().all(of));
    assert!(![200, 307, 400, 401, 403, 404, 405, 413, 416, 501].into_iter().any(of));
}
