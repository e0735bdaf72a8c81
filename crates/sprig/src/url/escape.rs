//! Percent signs in the parts of a URL.

use chartroom_gotemplate::quote::quote;

/// A part of a URL, with rules of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Path,
    Host,
    /// The zone of an IPv6 address.
    Zone,
    /// A user's name or password.
    User,
    Fragment,
}

/// Whether a byte stands for itself.
fn is_plain(byte: u8, part: Part) -> bool {
    match byte {
        b'-' | b'_' | b'.' | b'~' => true,
        _ if byte.is_ascii_alphanumeric() => true,
        _ if matches!(part, Part::Host | Part::Zone) => b"!$&'()*+,;=:[]<>\"".contains(&byte),
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match part {
            Part::Path => byte != b'?',
            Part::User => !matches!(byte, b'@' | b'/' | b'?' | b':'),
            _ => true,
        },
        b'!' | b'(' | b')' | b'*' => part == Part::Fragment,
        _ => false,
    }
}

/// Escapes what does not stand for itself.
pub(super) fn escape(text: &[u8], part: Part) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if is_plain(byte, part) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

fn quoted(text: &[u8]) -> String {
    String::from_utf8_lossy(&quote(text)).into_owned()
}

/// Reads escapes. A host has them for what is beyond ASCII only, and for `%` itself.
pub(super) fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        if byte != b'%' {
            if matches!(part, Part::Host | Part::Zone) && byte < 0x80 && !is_plain(byte, part) {
                return Err(format!("invalid character {} in host name", quoted(&[byte])));
            }
            out.push(byte);
            rest = tail;
            continue;
        }
        let wrong = || format!("invalid URL escape {}", quoted(rest.get(..3).unwrap_or(rest)));
        let &[high, low, ..] = tail else { return Err(wrong()) };
        let (Some(high), Some(low)) = (digit(high), digit(low)) else { return Err(wrong()) };
        let decoded = high << 4 | low;
        let allowed = match part {
            _ if decoded == b'%' => true,
            Part::Host => decoded >= 0x80,
            Part::Zone => decoded == b' ' || is_plain(decoded, Part::Host),
            _ => true,
        };
        if !allowed {
            return Err(wrong());
        }
        out.push(decoded);
        rest = tail.get(2..).unwrap_or_default();
    }
    Ok(out)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
