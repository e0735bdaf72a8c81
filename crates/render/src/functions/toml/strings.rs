//! Strings in quotes of every kind, up to their end.

use super::cursor::{Cursor, Parsed, is_break, quoted};
use super::scalar;

impl Cursor<'_> {
    /// A string in double quotes, after the first.
    pub(super) fn basic_string(&mut self) -> Parsed<Vec<u8>> {
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.next()? {
                None => return self.fail_at(None, "unexpected EOF; expected '\"'"),
                Some('\n' | '\r') => return self.fail_before("strings cannot contain newlines"),
                Some('\\') => {
                    escaped = true;
                    self.escape(start)?;
                }
                Some('"') => break,
                Some(_) => {}
            }
        }
        let text = &self.text[start..self.at - 1];
        if escaped { self.scalar(scalar::unescape(text)) } else { Ok(text.to_vec()) }
    }

    /// A string in single quotes, after the first.
    pub(super) fn literal_string(&mut self) -> Parsed<Vec<u8>> {
        let start = self.at;
        loop {
            match self.next()? {
                None => return self.fail_at(None, "unexpected EOF; expected \"'\""),
                Some('\n' | '\r') => return self.fail_before("strings cannot contain newlines"),
                Some('\'') => return Ok(self.text[start..self.at - 1].to_vec()),
                Some(_) => {}
            }
        }
    }

    /// What stands between three quotes, with its escapes.
    pub(super) fn multiline(&mut self, mark: u8) -> Parsed<Vec<u8>> {
        let start = self.at;
        let three = if mark == b'"' { "\"\"\"" } else { "'''" };
        loop {
            match self.next()? {
                None if mark == b'"' => {
                    return self.fail_at(None, format!("unexpected EOF; expected '{three}'"));
                }
                None => return self.fail_at(None, format!("unexpected EOF; expected \"{three}\"")),
                Some('\\') if mark == b'"' => {
                    if is_break(self.peek()?) {
                        self.next()?;
                    } else {
                        self.escape(start)?;
                    }
                }
                Some(letter) if u32::from(letter) == u32::from(mark) => {
                    let behind = self.rest().iter().take_while(|byte| **byte == mark).count();
                    if behind < 2 {
                        continue;
                    }
                    if behind == 2 {
                        let text = self.text[start..self.at - 1].to_vec();
                        self.at += 2;
                        // Go looks whether there is one more quote, before it goes on.
                        self.peek()?;
                        return Ok(text);
                    }
                    // Two quotes may stand before the end, but no more.
                    let so_far = &self.text[start..self.at + 2];
                    let five = [mark; 5];
                    let escaped = mark == b'"' && so_far.ends_with(b"\\\"\"\"\"\"");
                    if so_far.ends_with(&five) && !escaped {
                        let found = if mark == b'"' { "'\"\"\"\"\"\"'" } else { "\"''''''\"" };
                        return self.fail(format!("unexpected {found}"));
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// An escape after its backslash, in a string that began at a place.
    fn escape(&mut self, start: usize) -> Parsed<()> {
        let letter = self.next()?;
        let (count, name) = match letter {
            Some('e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | '\\' | ' ' | '\t') => return Ok(()),
            Some('x') => (2, "two hexadecimal digits after '\\x'"),
            Some('u') => (4, "four hexadecimal digits after '\\u'"),
            Some('U') => (8, "eight hexadecimal digits after '\\U'"),
            Some(other) => return self.fail(format!("invalid escape in string '\\{other}'")),
            None => return self.fail_before("invalid escape in string '\\\0'"),
        };
        for _ in 0..count {
            let letter = self.next()?;
            if !letter.is_some_and(|letter| letter.is_ascii_hexdigit()) {
                let so_far = quoted(&self.text[start..self.at]);
                return self.fail_at(letter, format!("expected {name}, but got {so_far} instead"));
            }
        }
        Ok(())
    }
}
