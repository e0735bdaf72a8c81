//! Waiting for something that no event announces.

use std::time::{Duration, Instant};

/// Asks again and again until there is an answer, and gives that back.
///
/// # Panics
///
/// When `limit` has passed without one.
#[track_caller]
pub fn eventually<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
