//! Text in messages as Go writes it: quoted names, and what the system says.

use std::fmt::{self, Write as _};
use std::io;

/// A text in Go's double quotes (`%q`).
pub(crate) fn quote(text: &str) -> Quoted<'_> {
    Quoted(text)
}

/// See [`quote`].
pub(crate) struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for letter in self.0.chars() {
            match letter {
                '"' | '\\' => write!(f, "\\{letter}")?,
                '\x07' => f.write_str("\\a")?,
                '\x08' => f.write_str("\\b")?,
                '\x0c' => f.write_str("\\f")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '\x0b' => f.write_str("\\v")?,
                _ if letter.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(letter))?,
                _ if is_printable(letter) => f.write_char(letter)?,
                _ if u32::from(letter) < 0x1_0000 => write!(f, "\\u{:04x}", u32::from(letter))?,
                _ => write!(f, "\\U{:08x}", u32::from(letter))?,
            }
        }
        f.write_char('"')
    }
}

/// What Go prints as it is, Rust does too, if a letter stands before it: marks combine with it.
fn is_printable(letter: char) -> bool {
    format!("a{letter}").escape_debug().count() == 2
}

/// What the system says, in Go's words: no capital, no number.
pub(crate) fn system(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        assert_eq!(
            quote("a\"b\\c\n\u{1b}é\u{ad}日🚀\u{10ffff}").to_string(),
            r#""a\"b\\c\n\x1bé\u00ad日🚀\U0010ffff""#
        );
        assert_eq!(quote("e\u{301}").to_string(), "\"e\u{301}\"");
    }

    #[test]
    fn the_systems_words_are_gos() {
        let error = io::Error::from_raw_os_error(2);
        assert_eq!(system(&error), "no such file or directory");
    }
}
