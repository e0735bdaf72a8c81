//! Text as Go sees it: what is printable, how it is quoted in messages, how errors of the operating
//! system are worded, what Helm's clean-up of `Chart.yaml` leaves of it. Nothing here knows of charts.

use std::fmt::{self, Write as _};
use std::io;

/// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub fn is_printable(letter: char) -> bool {
    if letter.is_ascii() {
        return letter == ' ' || letter.is_ascii_graphic();
    }
    // The standard library escapes exactly the same categories, but has no question for it. A
    // letter before it keeps combining marks from being escaped for standing at the start.
    let mut pair = [b'a', 0, 0, 0, 0];
    let Some(tail) = pair.get_mut(1..) else { return false };
    let length = 1 + letter.encode_utf8(tail).len();
    let text = pair.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.is_some_and(|text| text.escape_debug().count() == 2)
}

/// What Helm makes of every text in `Chart.yaml`: any space becomes `' '`, and what can't be
/// printed goes.
pub(crate) fn sanitise(text: &str) -> String {
    text.chars()
        .filter_map(|letter| match letter {
            _ if letter.is_whitespace() => Some(' '),
            _ => is_printable(letter).then_some(letter),
        })
        .collect()
}

/// A character in Go's single quotes (`%q`).
pub fn quote_letter(letter: char) -> QuotedLetter {
    QuotedLetter(letter)
}

/// See [`quote_letter`].
#[derive(Clone, Copy, Debug)]
pub struct QuotedLetter(char);

impl fmt::Display for QuotedLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('\'')?;
        match self.0 {
            '\'' => f.write_str("\\'")?,
            letter => write_escaped(f, letter)?,
        }
        f.write_char('\'')
    }
}

/// A text in Go's double quotes (`%q`).
pub fn quote(text: &str) -> Quoted<'_> {
    Quoted(text)
}

/// See [`quote`].
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for letter in self.0.chars() {
            match letter {
                '"' => f.write_str("\\\"")?,
                _ => write_escaped(f, letter)?,
            }
        }
        f.write_char('"')
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, letter: char) -> fmt::Result {
    match letter {
        '\\' => f.write_str("\\\\"),
        '\x07' => f.write_str("\\a"),
        '\x08' => f.write_str("\\b"),
        '\x0c' => f.write_str("\\f"),
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        '\x0b' => f.write_str("\\v"),
        _ if is_printable(letter) => f.write_char(letter),
        _ if letter.is_ascii() => write!(f, "\\x{:02x}", u32::from(letter)),
        _ if u32::from(letter) < 0x1_0000 => write!(f, "\\u{:04x}", u32::from(letter)),
        _ => write!(f, "\\U{:08x}", u32::from(letter)),
    }
}

/// An error of the operating system in Go's words: in small letters, without the number.
#[derive(Debug)]
pub struct SystemError<'a>(pub &'a io::Error);

impl fmt::Display for SystemError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        if self.0.raw_os_error().is_none() {
            return f.write_str(&text);
        }
        let text = text.split(" (os error").next().unwrap_or(&text);
        f.write_str(&text.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        assert_eq!(
            quote("a\"b\\c\n\u{7}\u{1b}é\u{ad}\u{e000}").to_string(),
            r#""a\"b\\c\n\a\x1bé\u00ad\ue000""#
        );
        let letters =
            ['a', '\'', '"', '\\', '\n', 'é', '\u{ad}'].map(|letter| quote_letter(letter).to_string());
        assert_eq!(letters.join(" "), r#"'a' '\'' '"' '\\' '\n' 'é' '\u00ad'"#);
        assert_eq!(quote("日本\u{10ffff}🚀").to_string(), "\"日本\\U0010ffff🚀\"");
    }

    #[test]
    fn sanitises_as_helm_does() {
        assert_eq!(sanitise("a\tb\u{a0}c\u{3000}d\u{200b}e\u{7f}f\u{301}"), "a b c def\u{301}");
    }
}
