//! Scalars of TOML: from what stands in a document to what it means.

use chartroom_gotemplate::Value;
use chartroom_gotemplate::quote::quote;

use super::datetime;

fn quoted(text: &[u8]) -> String {
    String::from_utf8_lossy(&quote(text)).into_owned()
}

/// Whether every underscore stands between digits.
fn underscores_fit(text: &[u8]) -> bool {
    if matches!(text, b"nan" | b"+nan" | b"-nan" | b"inf" | b"+inf" | b"-inf") {
        return true;
    }
    let mut after_digit = false;
    for byte in text {
        if *byte == b'_' && !after_digit {
            return false;
        }
        after_digit = byte.is_ascii_hexdigit();
    }
    after_digit
}

fn has_leading_zero(text: &[u8]) -> bool {
    match text {
        [b'0', next, ..] => !matches!(next, b'b' | b'o' | b'x'),
        [b'+' | b'-', b'0', _, ..] => true,
        _ => false,
    }
}

/// Reads an integer: decimal, or after `0x`, `0o` and `0b`.
pub(super) fn integer(text: &[u8]) -> Result<Value, String> {
    if !underscores_fit(text) {
        return Err(format!("Invalid integer {}: underscores must be surrounded by digits", quoted(text)));
    }
    if has_leading_zero(text) {
        return Err(format!("Invalid integer {}: cannot have leading zeroes", quoted(text)));
    }
    let shown = String::from_utf8_lossy(text);
    let plain = shown.replace('_', "");
    let number = match plain.get(..2) {
        Some("0x") => i64::from_str_radix(&plain[2..], 16),
        Some("0o") => i64::from_str_radix(&plain[2..], 8),
        Some("0b") => i64::from_str_radix(&plain[2..], 2),
        _ => plain.parse(),
    };
    number.map(Value::int64).map_err(|_| format!("{shown} is out of range for int64"))
}

/// Reads a float.
pub(super) fn float(text: &[u8]) -> Result<Value, String> {
    let mut parts = text.split(|byte| matches!(byte, b'.' | b'e' | b'E')).filter(|part| !part.is_empty());
    if !parts.clone().all(underscores_fit) {
        return Err(format!("Invalid float {}: underscores must be surrounded by digits", quoted(text)));
    }
    if parts.next().is_some_and(has_leading_zero) {
        return Err(format!("Invalid float {}: cannot have leading zeroes", quoted(text)));
    }
    let mut behind_point = text.iter().zip(text.iter().skip(1).map(Some).chain([None]));
    if !behind_point.all(|(byte, next)| *byte != b'.' || next.is_some_and(u8::is_ascii_digit)) {
        let text = quoted(text);
        return Err(format!("Invalid float {text}: '.' must be followed by one or more digits"));
    }
    let shown = String::from_utf8_lossy(text);
    match shown.replace('_', "").parse::<f64>() {
        Ok(number) if number.is_infinite() && !text.ends_with(b"inf") => {
            Err(format!("{shown} is out of range for float64"))
        }
        Ok(number) => Ok(number.into()),
        Err(_) => Err(format!("Invalid float value: {}", quoted(text))),
    }
}

/// Reads a date, a time, or both.
pub(super) fn date_and_time(text: &[u8]) -> Result<Value, String> {
    let text: Vec<u8> = text
        .iter()
        .map(|byte| match byte {
            b'z' => b'Z',
            b't' | b' ' => b'T',
            other => *other,
        })
        .collect();
    match datetime::parse(&text) {
        Some(time) => Ok(time.into()),
        None => Err(format!("invalid datetime: {}", quoted(&text))),
    }
}

/// A text of several lines without the line break that it begins with.
pub(super) fn without_first_break(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\n").or_else(|| text.strip_prefix(b"\r\n")).unwrap_or(text)
}

/// Takes out backslashes at the end of lines, and all blanks behind them.
pub(super) fn join_lines(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        if let [b'\\', behind @ ..] = rest {
            out.extend_from_slice(b"\\\\");
            rest = behind;
            continue;
        }
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        if rest[..blanks].contains(&b'\n') {
            rest = &rest[blanks..];
        } else {
            out.push(b'\\');
        }
    }
    out
}

/// Replaces escapes. That these are well-formed has been looked at.
pub(super) fn unescape(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let Some((escape, behind)) = rest.split_first() else { break };
        rest = behind;
        let digits = match escape {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let (hex, behind) = rest.split_at(digits.min(rest.len()));
            rest = behind;
            let hex = String::from_utf8_lossy(hex);
            let letter = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
            let Some(letter) = letter else {
                return Err(format!("Escaped character '\\u{hex}' is not valid UTF-8."));
            };
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        out.push(match escape {
            b'b' => 0x08,
            b't' => b'\t',
            b'n' => b'\n',
            b'f' => 0x0C,
            b'r' => b'\r',
            b'e' => 0x1B,
            b'"' | b'\\' => *escape,
            _ => return Err(format!("invalid escape: '\\{}'", char::from(*escape))),
        });
    }
    Ok(out)
}
