//! Numbers out of values of any type, as the library `cast` makes them. What can't be one is zero.

use chartroom_gotemplate::{Function, Type, Value};

use super::scan::{self, scan_float, scan_int};
use crate::arguments::{any, text};
use crate::declare::{INT, INT64, fixed};
use crate::text::plain;

pub(super) fn functions() -> Vec<Function> {
    vec![
        fixed("int", [Type::Any], INT, |arguments| Ok(Value::int(to_int64(any(arguments, 0))))),
        fixed("int64", [Type::Any], INT64, |arguments| Ok(Value::int64(to_int64(any(arguments, 0))))),
        fixed("float64", [Type::Any], Type::Float, |arguments| Ok(to_float64(any(arguments, 0)).into())),
        fixed("atoi", [Type::String], INT, |arguments| {
            Ok(Value::int(match scan_int(text(arguments, 0), 10) {
                Ok(number) => number,
                Err(scan::Error::Range(nearest)) => nearest,
                Err(scan::Error::Syntax) => 0,
            }))
        }),
        fixed("toDecimal", [Type::Any], INT64, |arguments| {
            Ok(Value::int64(scan_int(&plain_number(any(arguments, 0)), 8).unwrap_or_default()))
        }),
    ]
}

/// An integer: a float without what is after its point, a text in the notations of Go's source,
/// with `.0` after it at most.
pub(crate) fn to_int64(value: &Value) -> i64 {
    match value {
        Value::Bool(truth) => i64::from(*truth),
        Value::Int(_, number) => *number,
        Value::Uint64(number) => number.cast_signed(),
        Value::Float(number) => truncate(*number),
        Value::String(text) => scan_int(without_zero_decimals(text), 0).unwrap_or_default(),
        Value::Object(object) if is_calendar_unit(object.type_name()) => {
            object.underlying().as_ref().map(to_int64).unwrap_or_default()
        }
        _ => 0,
    }
}

/// A float. Texts have no hexadecimal integers, but `inf` and `nan`.
pub(super) fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Float(number) => *number,
        Value::Uint64(number) => *number as f64,
        Value::String(text) => scan_float(text).unwrap_or_default(),
        value => to_int64(value) as f64,
    }
}

/// The named types that `cast` knows: months and days of the week.
fn is_calendar_unit(name: &str) -> bool {
    matches!(name, "time.Month" | "time.Weekday")
}

/// As the processors do it for which Helm is mostly built: what doesn't fit is the least integer.
fn truncate(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) { number as i64 } else { i64::MIN }
}

/// A text without a `.` that only zeros follow, one at least.
fn without_zero_decimals(text: &[u8]) -> &[u8] {
    match text.iter().rposition(|&byte| byte != b'0') {
        Some(point) if text.get(point) == Some(&b'.') && point + 1 < text.len() => {
            text.get(..point).unwrap_or_default()
        }
        _ => text,
    }
}

/// What Go prints for a value, of which only numbers and texts are of interest.
fn plain_number(value: &Value) -> Vec<u8> {
    match value {
        Value::List(_) | Value::Map(_) | Value::Bytes(_) => Vec::new(),
        value => plain(value).to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_that_do_not_fit_are_the_least_integer() {
        for (number, integer) in [
            (1.9, 1),
            (-1.9, -1),
            (9_223_372_036_854_774_784.0, 9_223_372_036_854_774_784),
            (9_223_372_036_854_775_808.0, i64::MIN),
            (-9_223_372_036_854_775_808.0, i64::MIN),
            (f64::INFINITY, i64::MIN),
            (f64::NAN, i64::MIN),
        ] {
            assert_eq!(truncate(number), integer, "{number}");
        }
    }

    #[test]
    fn only_zeros_after_the_point_are_taken_off() {
        for (text, rest) in [
            ("1.00", "1"),
            ("1.", "1."),
            (".0", ""),
            ("1.50", "1.50"),
            ("100", "100"),
            ("1.0.0", "1.0"),
            ("", ""),
            ("000", "000"),
        ] {
            assert_eq!(without_zero_decimals(text.as_bytes()), rest.as_bytes(), "{text}");
        }
    }
}
