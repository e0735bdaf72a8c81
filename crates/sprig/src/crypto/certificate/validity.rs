//! From when until when a certificate is valid.

use std::time::{SystemTime, UNIX_EPOCH};

use super::super::der::read::Problem;
use super::super::der::{tag, write};
use crate::dates::civil::Civil;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;
const NANOSECONDS: i64 = 1_000_000_000;

/// The `Validity` of a certificate from now on for so many days, in DER. As in Go, the span is a
/// number of nanoseconds in 64 bits, and wraps around beyond 292 years.
pub(super) fn from_now(days: i64) -> Result<Vec<u8>, Problem> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    between(seconds, i64::from(now.subsec_nanos()), days)
}

fn between(seconds: i64, nanoseconds: i64, days: i64) -> Result<Vec<u8>, Problem> {
    let span = (SECONDS_A_DAY * NANOSECONDS).wrapping_mul(days);
    let end = seconds.saturating_add(span.div_euclid(NANOSECONDS));
    let end = end.saturating_add((nanoseconds + span.rem_euclid(NANOSECONDS)) / NANOSECONDS);
    Ok(write::sequence(&[&time(seconds)?, &time(end)?]))
}

/// A time in DER: with two digits for the year where these are enough.
fn time(seconds: i64) -> Result<Vec<u8>, Problem> {
    let civil = Civil::from_unix(seconds);
    let rest =
        format!("{:02}{:02}{:02}{:02}{:02}Z", civil.month, civil.day, civil.hour, civil.minute, civil.second);
    match civil.year {
        1950..2050 => {
            let text = format!("{:02}{rest}", civil.year.rem_euclid(100));
            Ok(write::element(tag::UTC_TIME, &[text.as_bytes()]))
        }
        0..=9999 => {
            let text = format!("{:04}{rest}", civil.year);
            Ok(write::element(tag::GENERALIZED_TIME, &[text.as_bytes()]))
        }
        _ => Err("asn1: structure error: cannot represent time as GeneralizedTime".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn end(days: i64) -> String {
        let validity = between(1_796_000_000, 999_999_999, days).unwrap();
        let text = String::from_utf8_lossy(&validity).into_owned();
        text.rsplit(['\u{17}', '\u{18}'])
            .next()
            .unwrap_or_default()
            .trim_start_matches(['\r', '\u{f}'])
            .to_owned()
    }

    #[test]
    fn days_are_counted_from_now() {
        assert_eq!(end(0), "261130005320Z");
        assert!(end(1) > end(0));
        assert_eq!(end(365)[..2], *"27");
        assert_eq!(end(-365)[..2], *"25");
        // Beyond 2049 the year has four digits.
        assert_eq!(end(36_500)[..4], *"2126");
        // 106,751 days are the most that a duration of Go holds; one more goes back in time.
        assert_eq!(end(106_751)[..4], *"2319");
        assert_eq!(end(106_752)[..4], *"1734");
    }
}
