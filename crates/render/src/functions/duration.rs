//! Durations from whatever a template has, and as numbers.

use chartroom_gotemplate::format::display;
use chartroom_gotemplate::quote::quote;
use chartroom_gotemplate::{CallError, Value};
use chartroom_sprig::Duration;

use super::{Answer, argument};

const SECOND: i64 = 1_000_000_000;

pub(super) fn must_to_duration(arguments: &[Value]) -> Answer {
    read(argument(arguments)).map(Value::from).map_err(CallError::new)
}

/// What can't be read is nothing.
fn or_zero(arguments: &[Value]) -> Duration {
    read(argument(arguments)).unwrap_or(Duration(0))
}

pub(super) fn seconds(arguments: &[Value]) -> Answer {
    Ok(or_zero(arguments).seconds().into())
}

pub(super) fn milliseconds(arguments: &[Value]) -> Answer {
    Ok(Value::int64(or_zero(arguments).0 / 1_000_000))
}

pub(super) fn microseconds(arguments: &[Value]) -> Answer {
    Ok(Value::int64(or_zero(arguments).0 / 1000))
}

pub(super) fn nanoseconds(arguments: &[Value]) -> Answer {
    Ok(Value::int64(or_zero(arguments).0))
}

pub(super) fn minutes(arguments: &[Value]) -> Answer {
    Ok(or_zero(arguments).minutes().into())
}

pub(super) fn hours(arguments: &[Value]) -> Answer {
    Ok(or_zero(arguments).hours().into())
}

pub(super) fn days(arguments: &[Value]) -> Answer {
    Ok((or_zero(arguments).hours() / 24.0).into())
}

pub(super) fn weeks(arguments: &[Value]) -> Answer {
    Ok((or_zero(arguments).hours() / 24.0 / 7.0).into())
}

pub(super) fn round_to(arguments: &[Value]) -> Answer {
    Ok(to_multiple(arguments, Duration::round))
}

pub(super) fn truncate_to(arguments: &[Value]) -> Answer {
    Ok(to_multiple(arguments, Duration::truncate))
}

/// A multiple that can't be read leaves the duration as it is.
fn to_multiple(arguments: &[Value], change: fn(Duration, Duration) -> Duration) -> Value {
    let duration = or_zero(arguments);
    match read(arguments.get(1).unwrap_or(&Value::Nil)) {
        Ok(multiple) => change(duration, multiple).into(),
        Err(_) => duration.into(),
    }
}

/// Reads a duration: one that is one, a text such as `1h30m`, or a number of seconds.
fn read(value: &Value) -> Result<Duration, String> {
    match value {
        Value::Nil => Err("invalid duration".to_owned()),
        Value::String(text) => {
            let text = text.to_str();
            let trimmed = text.trim();
            if trimmed.is_empty() {
                return Err("empty duration".to_owned());
            }
            if let Ok(duration) = Duration::parse(trimmed.as_bytes()) {
                return Ok(duration);
            }
            match go_float(trimmed) {
                Some(seconds) => from_float(seconds),
                None => {
                    let quoted = quote(text.as_bytes());
                    Err(format!("could not parse duration {}", String::from_utf8_lossy(&quoted)))
                }
            }
        }
        Value::Int(_, seconds) => match seconds.checked_mul(SECOND) {
            Some(nanoseconds) => Ok(Duration(nanoseconds)),
            None => Err(format!("duration seconds overflow: {seconds}")),
        },
        Value::Uint64(seconds) => Err(format!("duration seconds overflow: {seconds}")),
        Value::Float(seconds) => from_float(*seconds),
        Value::Object(object) => {
            if let Some(duration) = object.as_any().downcast_ref::<Duration>() {
                return Ok(*duration);
            }
            match object.underlying() {
                Some(number @ (Value::Int(..) | Value::Uint64(_) | Value::Float(_))) => read(&number),
                _ => Err(format!("unsupported duration type {}", object.type_name())),
            }
        }
        other => {
            let name = other.type_of().map(|kind| kind.to_string()).unwrap_or_default();
            Err(format!("unsupported duration type {name}"))
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "Go's limits are floats, and a duration has whole nanoseconds"
)]
fn from_float(seconds: f64) -> Result<Duration, String> {
    const LIMIT: f64 = i64::MAX as f64;
    if !seconds.is_finite() {
        return Err(format!("invalid duration seconds: {}", display(&seconds.into())));
    }
    if seconds.abs() > LIMIT / SECOND as f64 {
        return Err(format!("duration seconds overflow: {}", display(&seconds.into())));
    }
    let nanoseconds = seconds * SECOND as f64;
    if nanoseconds.abs() > LIMIT {
        return Err(format!("duration nanoseconds overflow: {}", display(&nanoseconds.into())));
    }
    // The limit itself is one more than the largest, which becomes the smallest.
    Ok(Duration(if nanoseconds == LIMIT { i64::MIN } else { nanoseconds as i64 }))
}

/// What Go's `strconv.ParseFloat` reads, but for hexadecimal numbers; too large is none.
fn go_float(text: &str) -> Option<f64> {
    let digits = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    for (index, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_') {
        let before = index.checked_sub(1).and_then(|before| bytes.get(before));
        if !digits(before) || !digits(bytes.get(index + 1)) {
            return None;
        }
    }
    let number: f64 = text.replace('_', "").parse().ok()?;
    let is_word = text.contains(['i', 'I']);
    let is_signed = text.starts_with(['+', '-']);
    let refused = (number.is_infinite() && !is_word) || (number.is_nan() && is_signed);
    if refused { None } else { Some(number) }
}
