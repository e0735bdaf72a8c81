//! Strings and characters as Go's source writes them, as `strconv.Quote` and `strconv.Unquote` do.

use crate::{runes, unicode};

/// The characters of a quoted text that stand for themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plain {
    /// All that are printable.
    Printable,
    /// Those of them that are ASCII.
    Ascii,
}

/// A string in double quotes, all that isn't printable escaped.
pub fn quote(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    push_quoted(&mut out, text, Plain::Printable);
    out
}

/// The same, with all that isn't ASCII escaped.
pub fn quote_ascii(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    push_quoted(&mut out, text, Plain::Ascii);
    out
}

/// A character in single quotes.
pub(crate) fn quote_char(char: char) -> Vec<u8> {
    let mut out = vec![b'\''];
    push_escaped(&mut out, char, '\'', Plain::Printable);
    out.push(b'\'');
    out
}

/// The same, escaped if it isn't ASCII.
pub(crate) fn quote_char_ascii(char: char) -> Vec<u8> {
    let mut out = vec![b'\''];
    push_escaped(&mut out, char, '\'', Plain::Ascii);
    out.push(b'\'');
    out
}

fn push_quoted(out: &mut Vec<u8>, text: &[u8], plain: Plain) {
    out.push(b'"');
    for (char, bytes) in runes::all(text) {
        match bytes {
            [stray] if char == char::REPLACEMENT_CHARACTER => {
                out.extend_from_slice(format!("\\x{stray:02x}").as_bytes());
            }
            _ => push_escaped(out, char, '"', plain),
        }
    }
    out.push(b'"');
}

fn push_escaped(out: &mut Vec<u8>, char: char, quote: char, plain: Plain) {
    if char == quote || char == '\\' {
        out.push(b'\\');
        return runes::push(out, char);
    }
    if unicode::is_printable(char) && (plain == Plain::Printable || char.is_ascii()) {
        return runes::push(out, char);
    }
    let code = u32::from(char);
    let escape = match char {
        '\x07' => "\\a".to_owned(),
        '\x08' => "\\b".to_owned(),
        '\x0c' => "\\f".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\x0b' => "\\v".to_owned(),
        '\0'..=' ' | '\x7f' => format!("\\x{code:02x}"),
        _ if code < 0x1_0000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    };
    out.extend_from_slice(escape.as_bytes());
}

/// Whether a string can be written in backquotes, on one line.
pub(crate) fn can_backquote(text: &[u8]) -> bool {
    runes::all(text).all(|(char, bytes)| match char {
        '\u{feff}' | '`' | '\x7f' => false,
        '\t' => true,
        char::REPLACEMENT_CHARACTER => bytes.len() > 1,
        _ => char >= ' ',
    })
}

/// The string that a quoted one stands for, in double quotes or backquotes; `None` where it is not
/// well formed.
pub fn unquote(quoted: &[u8]) -> Option<Vec<u8>> {
    match quoted {
        [b'`', inner @ .., b'`'] => {
            if inner.contains(&b'`') {
                return None;
            }
            Some(inner.iter().copied().filter(|&byte| byte != b'\r').collect())
        }
        [b'"', inner @ .., b'"'] => {
            let mut out = Vec::with_capacity(inner.len());
            let mut rest = inner;
            while let Some(&next) = rest.first() {
                if next == b'\n' {
                    return None;
                }
                let (unit, tail) = unquote_unit(rest, b'"')?;
                match unit {
                    Unit::Byte(byte) => out.push(byte),
                    Unit::Char(char) => runes::push(&mut out, char),
                }
                rest = tail;
            }
            Some(out)
        }
        _ => None,
    }
}

/// What is between quotes, if it stands for itself.
pub(crate) fn plain(quoted: &[u8]) -> Option<&[u8]> {
    match quoted {
        [b'`', inner @ .., b'`'] => (!inner.iter().any(|byte| matches!(byte, b'`' | b'\r'))).then_some(inner),
        [b'"', inner @ .., b'"'] => {
            let is_plain = |byte: &u8| byte.is_ascii() && !matches!(byte, b'\\' | b'"' | b'\n');
            inner.iter().all(is_plain).then_some(inner)
        }
        _ => None,
    }
}

/// What one escape stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A byte: `\xff`, `\377`, or what is ASCII.
    Byte(u8),
    /// A character.
    Char(char),
}

/// The first byte or character of what is between quotes, and what is after it.
pub fn unquote_unit(text: &[u8], quote: u8) -> Option<(Unit, &[u8])> {
    let (&head, tail) = text.split_first()?;
    if head == quote {
        return None;
    }
    if head >= 0x80 {
        let (char, length) = runes::first(text)?;
        return Some((Unit::Char(char), text.get(length..)?));
    }
    if head != b'\\' {
        return Some((Unit::Byte(head), tail));
    }
    let (&kind, tail) = tail.split_first()?;
    let simple = match kind {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' => b'\\',
        b'\'' | b'"' if kind == quote => kind,
        b'x' => {
            let (code, rest) = digits(tail, 2, 16)?;
            return Some((Unit::Byte(u8::try_from(code).ok()?), rest));
        }
        b'u' | b'U' => {
            let (code, rest) = digits(tail, if kind == b'u' { 4 } else { 8 }, 16)?;
            return Some((Unit::Char(char::from_u32(code)?), rest));
        }
        b'0'..=b'7' => {
            let (code, rest) = digits(text.get(1..)?, 3, 8)?;
            return Some((Unit::Byte(u8::try_from(code).ok()?), rest));
        }
        _ => return None,
    };
    Some((Unit::Byte(simple), tail))
}

/// A number of a fixed count of digits.
fn digits(text: &[u8], count: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (head, tail) = text.split_at_checked(count)?;
    let mut number = 0_u32;
    for &byte in head {
        number = number.checked_mul(radix)?.checked_add(char::from(byte).to_digit(radix)?)?;
    }
    Some((number, tail))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Unit, can_backquote, quote, quote_ascii, quote_char, unquote, unquote_unit};

    #[test]
    fn quoting() {
        assert_eq!(
            quote(b"a\"\\\n\x07\x00\x7f\xff\xc3\xa9\xc2\xa0"),
            b"\"a\\\"\\\\\\n\\a\\x00\\x7f\\xff\xc3\xa9\\u00a0\""
        );
        assert_eq!(quote_ascii("é😀".as_bytes()), b"\"\\u00e9\\U0001f600\"");
        assert_eq!(quote_char('\''), b"'\\''");
        assert!(can_backquote(b"a\tb\"") && !can_backquote(b"a`") && !can_backquote(b"\xff"));
    }

    #[test]
    fn unquoting() {
        assert_eq!(unquote(br#""a\n\x41\101\u00e9\U0001F600\"""#), Some("a\nAAé😀\"".into()));
        assert_eq!(unquote(b"`a\r\nb\\`"), Some(b"a\nb\\".into()));
        for bad in [
            &br#""\q""#[..],
            br#""\x4""#,
            br#""\400""#,
            br#""\ud800""#,
            br#""\'""#,
            b"\"a\nb\"",
            b"\"",
            b"a",
            b"`a``",
        ] {
            assert_eq!(unquote(bad), None, "{bad:?}");
        }
        assert_eq!(unquote_unit(b"\\'x", b'\''), Some((Unit::Byte(b'\''), &b"x"[..])));
    }

    proptest! {
        #[test]
        fn what_is_quoted_can_be_read_again(text: Vec<u8>) {
            prop_assert_eq!(unquote(&quote(&text)), Some(text.clone()));
            prop_assert_eq!(unquote(&quote_ascii(&text)), Some(text));
        }
    }
}
