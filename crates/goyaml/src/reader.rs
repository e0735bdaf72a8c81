//! The text that is scanned, with the place that has been reached.

use crate::{Error, Position, Result};

/// A place in the text, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Characters from the start.
    pub(crate) index: usize,
    pub(crate) line: usize,
    /// Characters from the start of the line.
    pub(crate) column: usize,
}

impl Mark {
    pub(crate) fn position(self) -> Position {
        Position { line: self.line + 1, column: self.column + 1 }
    }
}

/// The text and how far it has been read.
pub(crate) struct Reader<'t> {
    text: &'t str,
    at: usize,
    pub(crate) mark: Mark,
}

impl<'t> Reader<'t> {
    /// Begins with a text, after its byte order mark.
    ///
    /// Characters that YAML doesn't allow anywhere are refused here already, so that byte 0 can
    /// stand for the end of the text.
    pub(crate) fn new(text: &'t str) -> Result<Self> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        if !text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'))
            && !text.chars().all(is_readable)
        {
            return Err(Error::unreadable("control characters are not allowed"));
        }
        Ok(Self { text, at: 0, mark: Mark::default() })
    }

    /// The byte that many bytes further, 0 beyond the end.
    pub(crate) fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The place as an offset in bytes, to take slices later.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// The text from an offset up to here.
    pub(crate) fn since(&self, offset: usize) -> &'t str {
        self.text.get(offset..self.at).unwrap_or_default()
    }

    pub(crate) fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Whether a line break is that many bytes further. YAML 1.1 has five.
    pub(crate) fn is_break(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            b'\n' | b'\r' => true,
            0xC2 => self.byte(ahead + 1) == 0x85,
            0xE2 => self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xA8 | 0xA9),
            _ => false,
        }
    }

    pub(crate) fn is_blank(&self) -> bool {
        matches!(self.byte(0), b' ' | b'\t')
    }

    pub(crate) fn is_break_or_end(&self) -> bool {
        self.byte(0) == 0 || self.is_break(0)
    }

    pub(crate) fn is_blank_break_or_end(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t' | 0) || self.is_break(ahead)
    }

    /// Whether one of the markers between documents stands here.
    pub(crate) fn is_document_marker(&self) -> bool {
        self.mark.column == 0
            && (self.starts_with("---") || self.starts_with("..."))
            && self.is_blank_break_or_end(3)
    }

    pub(crate) fn starts_with(&self, prefix: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(prefix.as_bytes())
    }

    /// Goes past a character that is not a line break.
    pub(crate) fn skip(&mut self) {
        let width = match self.byte(0) {
            _ if self.is_end() => return,
            0..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        self.at += width;
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Goes past several ASCII characters.
    pub(crate) fn skip_ascii(&mut self, count: usize) {
        self.at += count;
        self.mark.index += count;
        self.mark.column += count;
    }

    /// Goes past spaces and tabs.
    pub(crate) fn skip_blanks(&mut self) {
        while self.is_blank() {
            self.skip_ascii(1);
        }
    }

    /// Goes to the end of the line.
    pub(crate) fn skip_to_break(&mut self) {
        while !self.is_break_or_end() {
            self.skip();
        }
    }

    /// Goes past a line break, if there is one, and says what stands for it in a scalar: the
    /// separators of Unicode are kept, the others become a newline.
    pub(crate) fn skip_line(&mut self) -> &'static str {
        let (width, characters, line_break) = match self.byte(0) {
            b'\r' if self.byte(1) == b'\n' => (2, 2, "\n"),
            b'\r' | b'\n' => (1, 1, "\n"),
            0xC2 if self.is_break(0) => (2, 1, "\n"),
            0xE2 if self.is_break(0) => (3, 1, if self.byte(2) == 0xA8 { "\u{2028}" } else { "\u{2029}" }),
            _ => return "",
        };
        self.at += width;
        self.mark = Mark { index: self.mark.index + characters, line: self.mark.line + 1, column: 0 };
        line_break
    }
}

/// Whether a character may stand in a YAML text.
pub(crate) fn is_readable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
}
