//! Spans of time in nanoseconds: reading, writing, rounding.

use super::quoted::quoted;

pub(crate) const NANOSECOND: i64 = 1;
pub(crate) const MICROSECOND: i64 = 1000 * NANOSECOND;
pub(crate) const MILLISECOND: i64 = 1000 * MICROSECOND;
pub(crate) const SECOND: i64 = 1000 * MILLISECOND;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;

/// Reads what Go's `time.ParseDuration` reads: `1h30m`, `-1.5s`, `100us`.
///
/// # Errors
///
/// Go's text for what is wrong.
pub(crate) fn parse(text: &[u8]) -> Result<i64, String> {
    let invalid = || Err(format!("time: invalid duration {}", quoted(text)));
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return invalid();
    }
    /// What a negative one may be: one more than the largest.
    const LIMIT: u64 = 1 << 63;
    let mut total = 0_u64;
    while !rest.is_empty() {
        let whole_digits = count_digits(rest);
        let (whole, behind) = rest.split_at(whole_digits);
        let Some(whole) = number(whole) else { return invalid() };
        rest = behind;
        let mut fraction: &[u8] = &[];
        if let [b'.', behind @ ..] = rest {
            (fraction, rest) = behind.split_at(count_digits(behind));
        }
        if whole_digits == 0 && fraction.is_empty() {
            return invalid();
        }
        let unit_length = rest.iter().take_while(|byte| **byte != b'.' && !byte.is_ascii_digit()).count();
        let (name, behind) = rest.split_at(unit_length);
        rest = behind;
        if name.is_empty() {
            return Err(format!("time: missing unit in duration {}", quoted(text)));
        }
        let Some(unit) = unit(name) else {
            return Err(format!("time: unknown unit {} in duration {}", quoted(name), quoted(text)));
        };
        let Some(mut value) = whole.checked_mul(unit).filter(|value| *value <= LIMIT) else {
            return invalid();
        };
        value += fraction_of(unit, fraction);
        if value > LIMIT {
            return invalid();
        }
        total = match total.checked_add(value) {
            Some(total) if total <= LIMIT => total,
            _ => return invalid(),
        };
    }
    match i64::try_from(total) {
        Ok(total) => Ok(if negative { -total } else { total }),
        Err(_) if negative => Ok(i64::MIN),
        Err(_) => invalid(),
    }
}

fn count_digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        let number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        if number > 1 << 63 { None } else { Some(number) }
    })
}

/// The digits behind a point as a part of a unit. As in Go, it is a float, and ends with as many
/// digits as 63 bits hold.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Go reckons in floats here, and the result is below the unit"
)]
fn fraction_of(unit: u64, digits: &[u8]) -> u64 {
    let (mut fraction, mut scale) = (0_u64, 1_f64);
    for digit in digits {
        if fraction > (i64::MAX as u64) / 10 {
            break;
        }
        let next = fraction * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        fraction = next;
        scale *= 10.0;
    }
    (fraction as f64 * (unit as f64 / scale)) as u64
}

fn unit(name: &[u8]) -> Option<u64> {
    let unit = match name {
        b"ns" => NANOSECOND,
        // The micro sign, and the Greek letter that looks the same.
        b"us" | b"\xC2\xB5s" | b"\xCE\xBCs" => MICROSECOND,
        b"ms" => MILLISECOND,
        b"s" => SECOND,
        b"m" => MINUTE,
        b"h" => HOUR,
        _ => return None,
    };
    u64::try_from(unit).ok()
}

/// Writes it as Go does: `1h30m0s`, `1.5ms`, `0s`.
pub(crate) fn format(duration: i64) -> String {
    let sign = if duration < 0 { "-" } else { "" };
    let rest = duration.unsigned_abs();
    let of = |unit: i64| rest / unit.unsigned_abs();
    let fraction = |unit: i64, digits: usize| {
        let text = format!("{:0digits$}", rest % unit.unsigned_abs());
        match text.trim_end_matches('0') {
            "" => String::new(),
            figures => format!(".{figures}"),
        }
    };
    if rest == 0 {
        "0s".to_owned()
    } else if of(MICROSECOND) == 0 {
        format!("{sign}{rest}ns")
    } else if of(MILLISECOND) == 0 {
        format!("{sign}{}{}\u{B5}s", of(MICROSECOND), fraction(MICROSECOND, 3))
    } else if of(SECOND) == 0 {
        format!("{sign}{}{}ms", of(MILLISECOND), fraction(MILLISECOND, 6))
    } else {
        let hours = match of(HOUR) {
            0 => String::new(),
            hours => format!("{hours}h"),
        };
        let minutes = match of(MINUTE) {
            0 => String::new(),
            minutes => format!("{}m", minutes % 60),
        };
        format!("{sign}{hours}{minutes}{}{}s", of(SECOND) % 60, fraction(SECOND, 9))
    }
}

/// The nearest multiple, halves away from zero; unchanged if that is of nothing positive.
pub(crate) fn round(duration: i64, multiple: i64) -> i64 {
    if multiple <= 0 {
        return duration;
    }
    let rest = (duration % multiple).unsigned_abs();
    let towards_zero = truncate(duration, multiple);
    if rest.saturating_mul(2) < multiple.unsigned_abs() {
        towards_zero
    } else if duration < 0 {
        towards_zero.saturating_sub(multiple)
    } else {
        towards_zero.saturating_add(multiple)
    }
}

/// The multiple that is next towards zero; unchanged if that is of nothing positive.
pub(crate) fn truncate(duration: i64, multiple: i64) -> i64 {
    if multiple <= 0 { duration } else { duration - duration % multiple }
}

/// As a float number of a unit, as Go reckons it: whole units, and the rest behind the point.
#[expect(clippy::cast_precision_loss, reason = "Go loses it too")]
pub(crate) fn as_float(duration: i64, unit: i64) -> f64 {
    (duration / unit) as f64 + (duration % unit) as f64 / unit as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(duration in any::<i64>()) {
            prop_assert_eq!(parse(format(duration).as_bytes()), Ok(duration));
        }

        #[test]
        fn rounding_is_never_far_off(duration in any::<i64>(), multiple in 1..i64::MAX) {
            let rounded = round(duration, multiple);
            let saturated = rounded == i64::MAX || rounded == i64::MIN;
            prop_assert!(saturated || rounded % multiple == 0);
            prop_assert!(rounded.abs_diff(duration) <= multiple.unsigned_abs());
            let _ = (round(duration, -multiple), truncate(duration, multiple));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-+0-9.hmsun\u{B5}x]{0,40}") {
            let _ = parse(text.as_bytes());
        }
    }
}
