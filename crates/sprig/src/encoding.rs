//! Base64 and base32. What can't be decoded becomes the text of the error, as upstream has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chartroom_gotemplate::{CallError, Function, Type, Value};

use crate::arguments::text;
use crate::declare::{fixed, string};
use crate::limit;

pub(crate) fn functions() -> Vec<Function> {
    vec![
        fixed("b64enc", [Type::String], Type::String, |arguments| {
            limit::bytes(text(arguments, 0).len() / 3 * 4)?;
            string(STANDARD.encode(text(arguments, 0)))
        }),
        fixed("b64dec", [Type::String], Type::String, |arguments| {
            decoded(decode_base64(text(arguments, 0)), "base64")
        }),
        fixed("b32enc", [Type::String], Type::String, |arguments| {
            limit::bytes(text(arguments, 0).len() / 5 * 8)?;
            string(encode_base32(text(arguments, 0)))
        }),
        fixed("b32dec", [Type::String], Type::String, |arguments| {
            decoded(decode_base32(text(arguments, 0)), "base32")
        }),
    ]
}

/// Where a text stops making sense.
type Position = usize;

fn decoded(result: Result<Vec<u8>, Position>, encoding: &str) -> Result<Value, CallError> {
    match result {
        Ok(bytes) => string(bytes),
        Err(position) => string(format!("illegal {encoding} data at input byte {position}")),
    }
}

/// The value of a digit of base64.
fn digit64(byte: u8) -> Option<u32> {
    Some(
        match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        }
        .into(),
    )
}

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Newlines may be anywhere, padding must be there, and bits that are left over may be anything.
pub(crate) fn decode_base64(text: &[u8]) -> Result<Vec<u8>, Position> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits = 0_u32;
    // How many digits of a group of four there are.
    let mut filled = 0;
    let mut bytes = text.iter().copied().enumerate().filter(|&(_, byte)| !is_newline(byte));
    while let Some((position, byte)) = bytes.next() {
        if let Some(digit) = digit64(byte) {
            bits = bits << 6 | digit;
            filled += 1;
            if filled == 4 {
                out.extend_from_slice(bits.to_be_bytes().get(1..).unwrap_or_default());
                (bits, filled) = (0, 0);
            }
            continue;
        }
        match (byte, filled) {
            (b'=', 2) => {
                match bytes.next() {
                    Some((_, b'=')) => {}
                    Some((position, _)) => return Err(position - 1),
                    None => return Err(text.len()),
                }
                out.extend(u8::try_from(bits >> 4));
            }
            (b'=', 3) => {
                let [_, _, first, second] = (bits >> 2).to_be_bytes();
                out.extend([first, second]);
            }
            _ => return Err(position),
        }
        return match bytes.next() {
            Some((position, _)) => Err(position),
            None => Ok(out),
        };
    }
    // A group that ends early is wrong where it began, newlines counted as digits.
    if filled == 0 { Ok(out) } else { Err(text.len() - filled) }
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn encode_base32(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().div_ceil(5) * 8);
    for group in text.chunks(5) {
        let bits = group.iter().fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
        let bits = bits << (8 * (5 - group.len()));
        let digits = (group.len() * 8).div_ceil(5);
        for index in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * index) & 31).unwrap_or_default();
            out.push(if index < digits { ALPHABET.get(digit).copied().unwrap_or(b'=') } else { b'=' });
        }
    }
    out
}

/// Newlines count for nothing, not for positions either.
fn decode_base32(text: &[u8]) -> Result<Vec<u8>, Position> {
    let text = text.iter().copied().filter(|&byte| !is_newline(byte)).collect::<Vec<_>>();
    let mut out = Vec::with_capacity(text.len() / 8 * 5);
    let mut padded = false;
    for (group, bytes) in text.chunks(8).enumerate() {
        let start = group * 8;
        let mut bits = 0_u64;
        let mut filled = 0;
        for (index, &byte) in bytes.iter().enumerate() {
            if byte == b'=' && index >= 2 && text.len() - (start + index + 1) < 8 {
                if bytes.len() < 8 {
                    return Err(text.len());
                }
                if let Some(stray) = bytes.iter().skip(index).position(|&byte| byte != b'=') {
                    return Err(start + index + stray - 1);
                }
                if matches!(index, 3 | 6) {
                    return Err(start + index);
                }
                padded = true;
                break;
            }
            let digit = ALPHABET.iter().position(|&digit| digit == byte).ok_or(start + index)?;
            bits = bits << 5 | digit as u64;
            filled = index + 1;
        }
        if !padded && filled < 8 {
            return Err(start);
        }
        let bits = bits << (5 * (8 - filled));
        let count = filled * 5 / 8;
        out.extend(bits.to_be_bytes().iter().skip(3).take(count));
        if padded {
            // A little may follow, which nobody looks at.
            break;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn errors_tell_where() {
        for (text, position) in [
            ("!!", 0),
            ("YQ", 0),
            ("YWJjYQ", 4),
            ("YQ=", 3),
            ("YQ=\n", 4),
            ("YQ=a", 2),
            ("YQ==x", 4),
            ("YWI=\nx", 5),
            ("Y=", 1),
            ("=", 0),
            ("Y\nQ", 1),
        ] {
            assert_eq!(decode_base64(text.as_bytes()), Err(position), "{text}");
        }
        for (text, position) in [
            ("ME", 0),
            ("1", 0),
            ("ME=", 3),
            ("ME=====A", 6),
            ("MEE=====", 3),
            ("MEAAAA==", 6),
            ("ME======ME======", 2),
        ] {
            assert_eq!(decode_base32(text.as_bytes()), Err(position), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_can_be_decoded(bytes: Vec<u8>) {
            prop_assert_eq!(decode_base64(STANDARD.encode(&bytes).as_bytes()), Ok(bytes.clone()));
            prop_assert_eq!(decode_base32(&encode_base32(&bytes)), Ok(bytes));
        }

        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = (decode_base64(&bytes), decode_base32(&bytes));
        }
    }
}
