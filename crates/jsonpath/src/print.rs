//! Values as text: scalars as Go prints them, lists and maps as Go's JSON.

use std::fmt::Write as _;

use chartroom_goyaml::Value;

/// Any number as the `float64` that it is to Helm.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Uint(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

/// Prints a value that was found.
pub(crate) fn value(value: &Value, text: &mut String) {
    match value {
        Value::String(own) => text.push_str(own),
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
            // With an exponent from a million on, and below 0.0001.
            exponential(number(value).unwrap_or_default(), -4..6, 2, text);
        }
        other => json(other, text),
    }
}

/// A number in digits, or with an exponent of at least so many digits if that is beyond the range.
fn exponential(number: f64, plain: std::ops::Range<i32>, digits: usize, text: &mut String) {
    let shortest = format!("{number:e}");
    let exponent = shortest.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok());
    let written = match (exponent, shortest.split_once('e')) {
        (Some(exponent), Some((mantissa, _))) if number != 0.0 && !plain.contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            write!(text, "{mantissa}e{sign}{:0digits$}", exponent.unsigned_abs())
        }
        _ => write!(text, "{number}"),
    };
    // A `String` takes all that is written to it.
    debug_assert!(written.is_ok());
}

fn json(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
            exponential(number(value).unwrap_or_default(), -6..21, 1, text);
        }
        Value::String(own) => quoted(own, text),
        Value::List(list) => {
            text.push('[');
            for (at, element) in list.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                json(element, text);
            }
            text.push(']');
        }
        Value::Map(map) => {
            text.push('{');
            for (at, (key, element)) in map.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                quoted(key, text);
                text.push(':');
                json(element, text);
            }
            text.push('}');
        }
    }
}

/// A string in quotes, safe to stand in HTML, as Go has it.
fn quoted(string: &str, text: &mut String) {
    text.push('"');
    for letter in string.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                let written = write!(text, "\\u{:04x}", u32::from(letter));
                debug_assert!(written.is_ok());
            }
            other => text.push(other),
        }
    }
    text.push('"');
}
