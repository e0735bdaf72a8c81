//! What a backslash makes of the characters after it.

use chartroom_gotemplate::runes;
use regex_syntax::hir::{ClassUnicode, Look};

use super::error::{BAD_ESCAPE, BAD_RANGE, SyntaxError};
use super::{Node, Parser, check_utf8, class, fold_case};

impl Parser<'_> {
    pub(super) fn backslash(&mut self) -> Result<(), SyntaxError> {
        match self.pattern.get(self.at + 1) {
            Some(b'A') => self.anchor(Look::Start, 2),
            Some(b'z') => self.anchor(Look::End, 2),
            Some(b'b') => self.anchor(Look::WordAscii, 2),
            Some(b'B') => self.anchor(Look::WordAsciiNegate, 2),
            Some(b'Q') => self.quoted_text()?,
            _ => {
                if let Some(class) = self.class_escape()? {
                    self.push(Node::class(class));
                } else {
                    let code = self.escape()?;
                    self.push_code(code);
                }
            }
        }
        Ok(())
    }

    /// `\Q…\E`: nothing between them means anything.
    fn quoted_text(&mut self) -> Result<(), SyntaxError> {
        self.at += 2;
        let rest = self.rest();
        let end = memchr::memmem::find(rest, b"\\E");
        let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        check_utf8(text)?;
        for (letter, _) in runes::all(text) {
            self.push_literal(letter);
        }
        self.at += text.len() + if end.is_some() { 2 } else { 0 };
        Ok(())
    }

    /// `\d`, `\pL` and the like, if there is one.
    pub(super) fn class_escape(&mut self) -> Result<Option<ClassUnicode>, SyntaxError> {
        let &[b'\\', letter, ..] = self.rest() else { return Ok(None) };
        if matches!(letter, b'p' | b'P') {
            return self.unicode_class(letter == b'P').map(Some);
        }
        let Some(class) = class::perl(letter) else { return Ok(None) };
        self.at += 2;
        Ok(Some(self.finished(class, letter.is_ascii_uppercase())))
    }

    /// A named class with what the flags make of it.
    pub(super) fn finished(&self, mut class: ClassUnicode, negated: bool) -> ClassUnicode {
        if self.flags.fold {
            fold_case(&mut class);
        }
        if negated {
            class.negate();
        }
        class
    }

    /// `\pL`, `\p{Greek}`, `\P{^Greek}`.
    fn unicode_class(&mut self, mut negated: bool) -> Result<ClassUnicode, SyntaxError> {
        let start = self.at;
        self.at += 2;
        let mut name = if self.peek() == Some(b'{') {
            let rest = self.from(start);
            let Some(end) = memchr::memchr(b'}', rest) else {
                check_utf8(rest)?;
                return Err(SyntaxError::new(BAD_RANGE, rest));
            };
            let name = rest.get(3..end).unwrap_or_default();
            check_utf8(name)?;
            self.at = start + end + 1;
            name
        } else {
            self.next()?;
            self.since(start + 2)
        };
        if let Some(rest) = name.strip_prefix(b"^") {
            negated = !negated;
            name = rest;
        }
        let class = class::unicode(&String::from_utf8_lossy(name))
            .ok_or_else(|| SyntaxError::new(BAD_RANGE, self.since(start)))?;
        Ok(self.finished(class, negated))
    }

    /// A backslash and what stands for one character: its number.
    pub(super) fn escape(&mut self) -> Result<u32, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let Some(letter) = self.next()? else {
            return Err(SyntaxError::new("trailing backslash at end of expression", b""));
        };
        let code = match letter {
            '1'..='7' if !self.peek().is_some_and(|byte| matches!(byte, b'0'..=b'7')) => None,
            '0'..='7' => Some(self.octal(letter)),
            'x' => self.hexadecimal()?,
            'a' => Some(0x07),
            'f' => Some(0x0c),
            'n' => Some(0x0a),
            'r' => Some(0x0d),
            't' => Some(0x09),
            'v' => Some(0x0b),
            _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => Some(letter.into()),
            _ => None,
        };
        code.ok_or_else(|| SyntaxError::new(BAD_ESCAPE, self.since(start)))
    }

    /// Up to three digits, the first of which is read.
    fn octal(&mut self, first: char) -> u32 {
        let mut code = first.to_digit(8).unwrap_or_default();
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(8)) else { break };
            code = code * 8 + digit;
            self.at += 1;
        }
        code
    }

    /// `\x7f` or `\x{10ffff}`, from after the `x` on. `None` if it is wrong.
    fn hexadecimal(&mut self) -> Result<Option<u32>, SyntaxError> {
        let Some(first) = self.next()? else { return Ok(None) };
        if first != '{' {
            let second = self.next()?;
            let digits = first.to_digit(16).zip(second.and_then(|letter| letter.to_digit(16)));
            return Ok(digits.map(|(high, low)| high * 16 + low));
        }
        let mut code = None;
        while let Some(letter) = self.next()? {
            if letter == '}' {
                return Ok(code);
            }
            let Some(digit) = letter.to_digit(16) else { return Ok(None) };
            let number = code.unwrap_or_default() * 16 + digit;
            if number > u32::from(char::MAX) {
                return Ok(None);
            }
            code = Some(number);
        }
        Ok(None)
    }
}
