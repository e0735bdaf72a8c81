//! Scalars: plain, quoted and block, with the folding of their lines.

use std::borrow::Cow;

use super::Scanner;
use crate::Result;

/// The blanks and line breaks between two pieces of a scalar that folds.
#[derive(Default)]
struct Gap {
    /// Blanks, which count only when no line break follows.
    blanks: String,
    /// Whether a line has ended.
    broken: bool,
    first_break: &'static str,
    further_breaks: String,
}

impl Gap {
    fn line_break(&mut self, line_break: &'static str) {
        if self.broken {
            self.further_breaks.push_str(line_break);
        } else {
            self.blanks.clear();
            self.first_break = line_break;
            self.broken = true;
        }
    }

    /// Writes what the gap stands for: a space for one newline, all newlines but the first for
    /// several.
    fn close(&mut self, value: &mut String) {
        if !self.broken {
            value.push_str(&self.blanks);
        } else if self.first_break == "\n" {
            value.push_str(if self.further_breaks.is_empty() { " " } else { &self.further_breaks });
        } else {
            value.push_str(self.first_break);
            value.push_str(&self.further_breaks);
        }
        *self = Self::default();
    }
}

impl<'t> Scanner<'t> {
    pub(super) fn scan_plain_scalar(&mut self) -> Result<Cow<'t, str>> {
        let flow = self.in_flow();
        let indent = self.indent + 1;
        let mut value = Cow::Borrowed("");
        let mut gap = Gap::default();
        loop {
            if self.reader.is_document_marker() || self.reader.byte(0) == b'#' {
                break;
            }
            let piece = self.reader.offset();
            while !self.reader.is_blank_break_or_end(0) {
                match self.reader.byte(0) {
                    b':' if self.reader.is_blank_break_or_end(1) => break,
                    b',' | b'?' | b'[' | b']' | b'{' | b'}' if flow => break,
                    _ => self.reader.skip(),
                }
            }
            let piece = self.reader.since(piece);
            if !piece.is_empty() {
                if value.is_empty() {
                    value = Cow::Borrowed(piece);
                } else {
                    gap.close(value.to_mut());
                    value.to_mut().push_str(piece);
                }
                gap = Gap::default();
            }
            if !self.reader.is_blank() && !self.reader.is_break(0) {
                break;
            }
            self.scan_plain_gap(&mut gap, indent)?;
            if !flow && self.column() < indent {
                break;
            }
        }
        if gap.broken {
            self.key_allowed = true;
        }
        Ok(value)
    }

    fn scan_plain_gap(&mut self, gap: &mut Gap, indent: isize) -> Result<()> {
        loop {
            if self.reader.is_blank() {
                if !gap.broken {
                    gap.blanks.push(char::from(self.reader.byte(0)));
                } else if self.reader.byte(0) == b'\t' && self.column() < indent {
                    return self.error("found a tab character that violates indentation");
                }
                self.reader.skip_ascii(1);
            } else if self.reader.is_break(0) {
                gap.line_break(self.reader.skip_line());
            } else {
                return Ok(());
            }
        }
    }

    pub(super) fn scan_quoted_scalar(&mut self, single: bool) -> Result<Cow<'t, str>> {
        let quote = if single { b'\'' } else { b'"' };
        self.reader.skip_ascii(1);
        let mut value = Cow::Borrowed("");
        loop {
            if self.reader.is_document_marker() {
                return self.error("found unexpected document indicator");
            }
            if self.reader.is_end() {
                return self.error("found unexpected end of stream");
            }
            let mut gap = Gap::default();
            self.scan_quoted_piece(quote, &mut value, &mut gap)?;
            if self.reader.byte(0) == quote {
                break;
            }
            while self.reader.is_blank() || self.reader.is_break(0) {
                if self.reader.is_blank() {
                    if !gap.broken {
                        gap.blanks.push(char::from(self.reader.byte(0)));
                    }
                    self.reader.skip_ascii(1);
                } else {
                    gap.line_break(self.reader.skip_line());
                }
            }
            gap.close(value.to_mut());
        }
        self.reader.skip_ascii(1);
        Ok(value)
    }

    /// Scans up to a blank, a line break or the closing quote.
    fn scan_quoted_piece(&mut self, quote: u8, value: &mut Cow<'t, str>, gap: &mut Gap) -> Result<()> {
        let mut piece = self.reader.offset();
        while !self.reader.is_blank_break_or_end(0) {
            let byte = self.reader.byte(0);
            let doubled = quote == b'\'' && byte == quote && self.reader.byte(1) == quote;
            if byte == quote && !doubled {
                break;
            }
            if !doubled && (byte != b'\\' || quote == b'\'') {
                self.reader.skip();
                continue;
            }
            append(value, self.reader.since(piece));
            if doubled {
                self.reader.skip_ascii(2);
                value.to_mut().push('\'');
            } else if self.reader.is_break(1) {
                // An escaped line break is nothing, together with the blanks that follow.
                self.reader.skip_ascii(1);
                self.reader.skip_line();
                gap.broken = true;
                return Ok(());
            } else {
                value.to_mut().push(self.scan_escape()?);
            }
            piece = self.reader.offset();
        }
        append(value, self.reader.since(piece));
        Ok(())
    }

    /// Scans an escape sequence of a double-quoted scalar, from its backslash.
    fn scan_escape(&mut self) -> Result<char> {
        let (character, digits) = match self.reader.byte(1) {
            b'0' => ('\0', 0),
            b'a' => ('\x07', 0),
            b'b' => ('\x08', 0),
            b't' | b'\t' => ('\t', 0),
            b'n' => ('\n', 0),
            b'v' => ('\x0B', 0),
            b'f' => ('\x0C', 0),
            b'r' => ('\r', 0),
            b'e' => ('\x1B', 0),
            b' ' => (' ', 0),
            b'"' => ('"', 0),
            b'\'' => ('\'', 0),
            b'\\' => ('\\', 0),
            b'N' => ('\u{85}', 0),
            b'_' => ('\u{A0}', 0),
            b'L' => ('\u{2028}', 0),
            b'P' => ('\u{2029}', 0),
            b'x' => ('\0', 2),
            b'u' => ('\0', 4),
            b'U' => ('\0', 8),
            _ => return self.error("found unknown escape character"),
        };
        self.reader.skip_ascii(2);
        if digits == 0 {
            return Ok(character);
        }
        let mut code = 0_u32;
        for place in 0..digits {
            match char::from(self.reader.byte(place)).to_digit(16) {
                Some(digit) => code = code << 4 | digit,
                None => return self.error("did not find expected hexdecimal number"),
            }
        }
        match char::from_u32(code) {
            Some(character) => {
                self.reader.skip_ascii(digits);
                Ok(character)
            }
            None => self.error("found invalid Unicode character escape code"),
        }
    }

    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<String> {
        self.reader.skip_ascii(1);
        let (chomping, increment) = self.scan_block_header()?;
        let parent = self.indent;
        let mut indent = increment.map(|increment| parent.max(0) + increment);
        let mut value = String::new();
        let mut line_break = "";
        let mut further_breaks = String::new();
        let mut after_blank = false;
        self.scan_block_breaks(&mut indent, &mut further_breaks)?;
        while indent == Some(self.column()) && !self.reader.is_end() {
            let at_blank = self.reader.is_blank();
            if !literal && line_break == "\n" && !after_blank && !at_blank {
                if further_breaks.is_empty() {
                    value.push(' ');
                }
            } else {
                value.push_str(line_break);
            }
            value.push_str(&further_breaks);
            further_breaks.clear();
            after_blank = at_blank;
            let piece = self.reader.offset();
            self.reader.skip_to_break();
            value.push_str(self.reader.since(piece));
            line_break = self.reader.skip_line();
            self.scan_block_breaks(&mut indent, &mut further_breaks)?;
        }
        if chomping != Chomping::Strip {
            value.push_str(line_break);
        }
        if chomping == Chomping::Keep {
            value.push_str(&further_breaks);
        }
        Ok(value)
    }

    /// Scans `+`, `-` and the indentation in either order, and the rest of the line.
    fn scan_block_header(&mut self) -> Result<(Chomping, Option<isize>)> {
        let mut chomping = None;
        let mut increment = None;
        loop {
            match self.reader.byte(0) {
                b'+' if chomping.is_none() => chomping = Some(Chomping::Keep),
                b'-' if chomping.is_none() => chomping = Some(Chomping::Strip),
                b'0' if increment.is_none() => {
                    return self.error("found an indentation indicator equal to 0");
                }
                digit @ b'1'..=b'9' if increment.is_none() => {
                    increment = Some(isize::from(i16::from(digit - b'0')))
                }
                _ => break,
            }
            self.reader.skip_ascii(1);
        }
        self.reader.skip_blanks();
        if self.reader.byte(0) == b'#' {
            self.reader.skip_to_break();
        }
        if !self.reader.is_break_or_end() {
            return self.error("did not find expected comment or line break");
        }
        self.reader.skip_line();
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    /// Goes past the indentation and empty lines. Finds out the indentation, if it isn't known:
    /// that of the longest of these lines.
    fn scan_block_breaks(&mut self, indent: &mut Option<isize>, breaks: &mut String) -> Result<()> {
        let mut longest = 0;
        loop {
            while indent.is_none_or(|indent| self.column() < indent) && self.reader.byte(0) == b' ' {
                self.reader.skip_ascii(1);
            }
            longest = longest.max(self.column());
            if indent.is_none_or(|indent| self.column() < indent) && self.reader.byte(0) == b'\t' {
                let problem = "found a tab character where an indentation space is expected";
                return self.error(problem);
            }
            if !self.reader.is_break(0) {
                break;
            }
            breaks.push_str(self.reader.skip_line());
        }
        indent.get_or_insert(longest.max(self.indent + 1).max(1));
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    /// One line break at the end: what is written without an indicator.
    Clip,
    Strip,
    Keep,
}

pub(super) fn append<'t>(value: &mut Cow<'t, str>, piece: &'t str) {
    if value.is_empty() {
        *value = Cow::Borrowed(piece);
    } else if !piece.is_empty() {
        value.to_mut().push_str(piece);
    }
}
