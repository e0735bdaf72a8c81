//! Bytes to text, with libyaml's errors for what is none.

use std::borrow::Cow;

use crate::reader::is_readable;
use crate::{Error, Result};

/// Reads bytes as UTF-8, or as UTF-16 if they begin with its byte order mark.
pub(crate) fn text(bytes: &[u8]) -> Result<Cow<'_, str>> {
    match bytes {
        [0xFF, 0xFE, units @ ..] => utf16(units, u16::from_le_bytes).map(Cow::Owned),
        [0xFE, 0xFF, units @ ..] => utf16(units, u16::from_be_bytes).map(Cow::Owned),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => Err(Error::unreadable(utf8_problem(bytes, error.valid_up_to()))),
        },
    }
}

/// What is wrong with bytes that are UTF-8 up to a place.
fn utf8_problem(bytes: &[u8], valid: usize) -> &'static str {
    let (valid, rest) = bytes.split_at(valid);
    if std::str::from_utf8(valid).is_ok_and(|text| !text.chars().all(is_readable)) {
        return "control characters are not allowed";
    }
    let width = match rest.first() {
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF7) => 4,
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(sequence) = rest.get(..width) else { return "incomplete UTF-8 octet sequence" };
    if !sequence[1..].iter().all(|byte| matches!(byte, 0x80..=0xBF)) {
        return "invalid trailing UTF-8 octet";
    }
    let first = u32::from(sequence[0]) & (0x7F >> width);
    let code = sequence[1..].iter().fold(first, |code, byte| code << 6 | u32::from(byte & 0x3F));
    let shortest = match code {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x10000 => 3,
        _ => 4,
    };
    if shortest < width { "invalid length of a UTF-8 sequence" } else { "invalid Unicode character" }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(c) => text.push(c),
            Err(error) if error.unpaired_surrogate() >= 0xDC00 => {
                return Err(Error::unreadable("unexpected low surrogate area"));
            }
            Err(_) => return Err(Error::unreadable("expected low surrogate area")),
        }
    }
    if !rest.is_empty() {
        return Err(Error::unreadable("incomplete UTF-16 character"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text() {
        // What Helm 4.3.1 says after "error converting YAML to JSON: yaml: ".
        for (bytes, problem) in [
            (&b"a: \xFF"[..], "invalid leading UTF-8 octet"),
            (b"a: \x80", "invalid leading UTF-8 octet"),
            (b"a: \xC3x", "invalid trailing UTF-8 octet"),
            (b"a: \xE2\x82", "incomplete UTF-8 octet sequence"),
            (b"a: \xED\xA0\x80", "invalid Unicode character"),
            (b"a: \xF4\x90\x80\x80", "invalid Unicode character"),
            (b"a: \xC0\x80", "invalid length of a UTF-8 sequence"),
            (b"\x01: \xFF", "control characters are not allowed"),
        ] {
            let error = text(bytes).map_err(|error| error.to_string());
            assert_eq!(error, Err(format!("error converting YAML to JSON: yaml: {problem}")));
        }
    }

    #[test]
    fn utf_16_with_a_mark() {
        assert_eq!(text(b"\xFF\xFEa\0\x3D\xD8\0\xDE").as_deref(), Ok("a\u{1F600}"));
        assert_eq!(text(b"\xFE\xFF\0a").as_deref(), Ok("a"));
        for broken in [&b"\xFF\xFEa"[..], b"\xFF\xFE\0\xDE", b"\xFF\xFE\x3D\xD8"] {
            assert!(text(broken).is_err());
        }
    }
}
