//! The text of a document and how far it has been read, with the library's way of saying where
//! something is wrong.

use chartroom_gotemplate::format::sprintf;
use chartroom_gotemplate::quote::quote;
use chartroom_gotemplate::{IntType, Value, runes};

pub(super) struct Failure {
    pub(super) line: usize,
    pub(super) message: String,
}

pub(super) type Parsed<T> = Result<T, Failure>;

pub(super) struct Cursor<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    pub(super) line: usize,
}

/// What is written in a document as `'x'`; the end is a zero there.
pub(super) fn quoted_char(letter: Option<char>) -> String {
    let code = i64::from(letter.map_or(0, u32::from));
    String::from_utf8_lossy(&sprintf(b"%q", &[Value::Int(IntType::Int32, code)])).into_owned()
}

pub(super) fn quoted(text: &[u8]) -> String {
    String::from_utf8_lossy(&quote(text)).into_owned()
}

pub(super) fn is_blank(letter: Option<char>) -> bool {
    matches!(letter, Some(' ' | '\t'))
}

pub(super) fn is_break(letter: Option<char>) -> bool {
    matches!(letter, Some('\n' | '\r'))
}

pub(super) fn is_bare(letter: Option<char>) -> bool {
    letter.is_some_and(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, line: 1 }
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The next character, which no text may have if it is a control character.
    pub(super) fn peek(&self) -> Parsed<Option<char>> {
        let Some((letter, width)) = runes::first(self.rest()) else { return Ok(None) };
        if letter == char::REPLACEMENT_CHARACTER && width == 1 {
            return Err(self.at_line(self.line, format!("invalid UTF-8 byte: 0x{:02x}", self.rest()[0])));
        }
        let stray_return = letter == '\r' && self.rest().get(1) != Some(&b'\n');
        let control = matches!(letter, '\0'..='\x1F' | '\x7F') && !matches!(letter, '\t' | '\r' | '\n');
        if control || stray_return {
            let code = u32::from(letter);
            let problem = format!("TOML files cannot contain control characters: '0x{code:02x}'");
            return Err(self.at_line(self.line, problem));
        }
        Ok(Some(letter))
    }

    pub(super) fn next(&mut self) -> Parsed<Option<char>> {
        let letter = self.peek()?;
        if let Some(letter) = letter {
            self.at += letter.len_utf8();
            self.line += usize::from(letter == '\n');
        }
        Ok(letter)
    }

    pub(super) fn accept(&mut self, wanted: char) -> Parsed<bool> {
        let found = self.peek()? == Some(wanted);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// Takes two quotes, if they are there.
    pub(super) fn two_more(&mut self, mark: char) -> Parsed<bool> {
        if !self.accept(mark)? {
            return Ok(false);
        }
        let both = self.accept(mark)?;
        if !both {
            self.at -= 1;
        }
        Ok(both)
    }

    pub(super) fn skip_blanks(&mut self) -> Parsed<()> {
        while is_blank(self.peek()?) {
            self.next()?;
        }
        Ok(())
    }

    pub(super) fn at_line(&self, line: usize, message: impl Into<String>) -> Failure {
        Failure { line, message: message.into() }
    }

    /// A failure here.
    pub(super) fn fail<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(self.at_line(self.line, message))
    }

    /// A failure at a character that was taken. If that was the end, it is on the last line that has
    /// something.
    pub(super) fn fail_at<T>(&self, letter: Option<char>, message: impl Into<String>) -> Parsed<T> {
        let behind_break = letter.is_none() && self.text.last() == Some(&b'\n');
        Err(self.at_line(self.line - usize::from(behind_break), message))
    }

    /// A failure at a line break that was just taken, or at the end.
    pub(super) fn fail_before<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(self.at_line(self.line - 1, message))
    }

    pub(super) fn scalar<T>(&self, result: Result<T, String>) -> Parsed<T> {
        result.map_err(|message| self.at_line(self.line, message))
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while let Some(byte) = self.text.get(self.at)
            && wanted(*byte)
        {
            self.at += 1;
        }
    }

    pub(super) fn comment(&mut self) -> Parsed<()> {
        while !self.is_end() && !is_break(self.peek()?) {
            self.next()?;
        }
        Ok(())
    }

    /// Takes blanks, line breaks and comments.
    pub(super) fn skip_lines(&mut self) -> Parsed<()> {
        loop {
            match self.peek()? {
                Some(' ' | '\t' | '\n' | '\r') => {
                    self.next()?;
                }
                Some('#') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }
}
