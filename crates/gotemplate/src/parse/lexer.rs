//! From a template's text to its tokens.

use memchr::memmem;

use super::token::{Keyword, Kind, Token, code_point};
use crate::{quote, runes, unicode};

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";
const LEFT_COMMENT: &[u8] = b"/*";
const RIGHT_COMMENT: &[u8] = b"*/";
/// How long a trim marker is, with its space.
const MARKER: usize = 2;

/// Reads tokens one after another.
pub(super) struct Lexer<'s> {
    source: &'s [u8],
    position: usize,
    /// Where the current token begins.
    start: usize,
    /// The line on which it begins.
    line: usize,
    inside_action: bool,
    parentheses: usize,
    /// Whether an error ended the source.
    failed: bool,
    errors: Vec<String>,
    /// Whether `break` and `continue` are functions rather than keywords.
    pub(super) break_is_function: bool,
    pub(super) continue_is_function: bool,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s [u8]) -> Self {
        Self {
            source,
            position: 0,
            start: 0,
            line: 1,
            inside_action: false,
            parentheses: 0,
            failed: false,
            errors: Vec::new(),
            break_is_function: false,
            continue_is_function: false,
        }
    }

    /// The whole text.
    pub(super) fn source(&self) -> &'s [u8] {
        self.source
    }

    /// The text of a token.
    pub(super) fn text(&self, token: &Token) -> &'s [u8] {
        self.source.get(token.start..token.end).unwrap_or_default()
    }

    /// The message of a [`Kind::Error`].
    pub(super) fn error(&self, index: usize) -> &str {
        self.errors.get(index).map_or("", String::as_str)
    }

    /// The next token; at the end, [`Kind::End`] again and again.
    pub(super) fn next(&mut self) -> Token {
        if self.inside_action { self.action() } else { self.outside() }
    }

    fn rest(&self) -> &'s [u8] {
        if self.failed { &[] } else { self.source.get(self.position..).unwrap_or_default() }
    }

    fn peek(&self) -> Option<(char, usize)> {
        runes::first(self.rest())
    }

    fn take(&mut self) -> Option<char> {
        let (char, length) = self.peek()?;
        self.position += length;
        Some(char)
    }

    /// Takes bytes as long as they are such.
    fn take_bytes(&mut self, is_such: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.position += rest.iter().position(|&byte| !is_such(byte)).unwrap_or(rest.len());
    }

    fn take_alphanumerics(&mut self) {
        loop {
            self.take_bytes(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            match self.peek() {
                Some((char, length)) if !char.is_ascii() && is_alphanumeric(char) => self.position += length,
                _ => return,
            }
        }
    }

    fn pending(&self) -> &'s [u8] {
        self.source.get(self.start..self.position).unwrap_or_default()
    }

    fn token(&mut self, kind: Kind) -> Token {
        let token = Token { kind, start: self.start, end: self.position, line: self.line };
        match kind {
            Kind::Text | Kind::Space | Kind::RawString => self.skip(),
            // No other token reaches over the end of a line.
            _ => self.start = self.position,
        }
        token
    }

    /// Leaves out what was read since the last token.
    fn skip(&mut self) {
        self.line += memchr::memchr_iter(b'\n', self.pending()).count();
        self.start = self.position;
    }

    /// Ends the source with an error.
    fn fail(&mut self, message: impl Into<Vec<u8>>) -> Token {
        let message = String::from_utf8_lossy(&message.into()).into_owned();
        let token = Token {
            kind: Kind::Error(self.errors.len()),
            start: self.start,
            end: self.start,
            line: self.line,
        };
        self.errors.push(message);
        self.failed = true;
        self.start = self.position;
        token
    }

    /// Text up to the next action, or that action's beginning.
    fn outside(&mut self) -> Token {
        loop {
            let rest = self.rest();
            let Some(offset) = memmem::find(rest, LEFT) else {
                self.position += rest.len();
                let kind = if self.position > self.start { Kind::Text } else { Kind::End };
                return self.token(kind);
            };
            if offset > 0 {
                let text = rest.get(..offset).unwrap_or_default();
                let after = rest.get(offset + LEFT.len()..).unwrap_or_default();
                let kept = if trims_before(after) { trim_end(text) } else { text };
                self.position += kept.len();
                let token = self.token(Kind::Text);
                self.position += offset - kept.len();
                self.skip();
                if !kept.is_empty() {
                    return token;
                }
            }
            self.position += LEFT.len();
            let marker = if trims_before(self.rest()) { MARKER } else { 0 };
            if self.rest().get(marker..).is_some_and(|rest| rest.starts_with(LEFT_COMMENT)) {
                self.position += marker;
                self.skip();
                if let Err(error) = self.comment() {
                    return error;
                }
                continue;
            }
            let token = self.token(Kind::LeftDelimiter);
            self.inside_action = true;
            self.position += marker;
            self.skip();
            self.parentheses = 0;
            return token;
        }
    }

    /// Leaves out a comment, whose beginning is next.
    fn comment(&mut self) -> Result<(), Token> {
        self.position += LEFT_COMMENT.len();
        let Some(length) = memmem::find(self.rest(), RIGHT_COMMENT) else {
            return Err(self.fail("unclosed comment"));
        };
        self.position += length + RIGHT_COMMENT.len();
        let Some(trims) = self.at_right_delimiter() else {
            return Err(self.fail("comment ends before closing delimiter"));
        };
        self.after_right_delimiter(trims);
        self.skip();
        Ok(())
    }

    /// Whether an action's end is next, and if so, whether it trims the text after it.
    fn at_right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        if trims_after(rest) && rest.get(MARKER..).is_some_and(|rest| rest.starts_with(RIGHT)) {
            Some(true)
        } else if rest.starts_with(RIGHT) {
            Some(false)
        } else {
            None
        }
    }

    /// Goes over an action's end and the text that it trims.
    fn after_right_delimiter(&mut self, trims: bool) {
        self.position += if trims { MARKER + RIGHT.len() } else { RIGHT.len() };
        if trims {
            let rest = self.rest();
            self.position += rest.len() - trim_start(rest).len();
        }
    }

    fn right_delimiter(&mut self) -> Token {
        let trims = self.at_right_delimiter().unwrap_or_default();
        if trims {
            self.position += MARKER;
            self.skip();
        }
        self.position += RIGHT.len();
        let token = self.token(Kind::RightDelimiter);
        if trims {
            let rest = self.rest();
            self.position += rest.len() - trim_start(rest).len();
            self.skip();
        }
        self.inside_action = false;
        token
    }

    /// A token inside of an action.
    fn action(&mut self) -> Token {
        if self.at_right_delimiter().is_some() {
            if self.parentheses == 0 {
                return self.right_delimiter();
            }
            return self.fail("unclosed left paren");
        }
        let before = self.position;
        let Some(char) = self.take() else {
            return self.fail("unclosed action");
        };
        match char {
            ' ' | '\t' | '\r' | '\n' => self.space(),
            '=' => self.token(Kind::Assign),
            ':' => match self.take() {
                Some('=') => self.token(Kind::Declare),
                _ => self.fail("expected :="),
            },
            '|' => self.token(Kind::Pipe),
            '"' => self.quoted('"', Kind::String, "unterminated quoted string"),
            '\'' => self.quoted('\'', Kind::CharConstant, "unterminated character constant"),
            '`' => self.raw_string(),
            '$' => self.field_or_variable(Kind::Variable),
            '.' if self.rest().first().is_some_and(|next| !next.is_ascii_digit()) => {
                self.field_or_variable(Kind::Field)
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.position = before;
                self.number()
            }
            '(' => {
                self.parentheses += 1;
                self.token(Kind::LeftParenthesis)
            }
            ')' => match self.parentheses.checked_sub(1) {
                Some(parentheses) => {
                    self.parentheses = parentheses;
                    self.token(Kind::RightParenthesis)
                }
                None => self.fail("unexpected right paren"),
            },
            char if is_alphanumeric(char) => self.identifier(),
            ' '..='~' => self.token(Kind::Char),
            char => self.fail([&b"unrecognized character in action: "[..], &code_point(char)].concat()),
        }
    }

    /// Spaces, of which the first was read. The last one may belong to the action's end.
    fn space(&mut self) -> Token {
        self.take_bytes(|byte| is_space(byte.into()));
        let last = self.position - 1;
        let tail = self.source.get(last..).unwrap_or_default();
        if trims_after(tail) && tail.get(MARKER..).is_some_and(|rest| rest.starts_with(RIGHT)) {
            self.position = last;
            if last == self.start {
                return self.right_delimiter();
            }
        }
        self.token(Kind::Space)
    }

    fn identifier(&mut self) -> Token {
        self.take_alphanumerics();
        if let Some(error) = self.unless_terminated() {
            return error;
        }
        let kind = match self.pending() {
            b"block" => Kind::Keyword(Keyword::Block),
            b"break" if !self.break_is_function => Kind::Keyword(Keyword::Break),
            b"continue" if !self.continue_is_function => Kind::Keyword(Keyword::Continue),
            b"define" => Kind::Keyword(Keyword::Define),
            b"else" => Kind::Keyword(Keyword::Else),
            b"end" => Kind::Keyword(Keyword::End),
            b"if" => Kind::Keyword(Keyword::If),
            b"range" => Kind::Keyword(Keyword::Range),
            b"template" => Kind::Keyword(Keyword::Template),
            b"with" => Kind::Keyword(Keyword::With),
            b"nil" => Kind::Nil,
            b"true" | b"false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.token(kind)
    }

    /// What begins with `.` or `$`, which was read.
    fn field_or_variable(&mut self, kind: Kind) -> Token {
        if self.at_terminator() {
            return self.token(if kind == Kind::Variable { kind } else { Kind::Dot });
        }
        self.take_alphanumerics();
        match self.unless_terminated() {
            Some(error) => error,
            None => self.token(kind),
        }
    }

    fn unless_terminated(&mut self) -> Option<Token> {
        if self.at_terminator() {
            return None;
        }
        let char = self.peek().map_or(char::REPLACEMENT_CHARACTER, |(char, _)| char);
        Some(self.fail([&b"bad character "[..], &code_point(char)].concat()))
    }

    /// Whether what is next may come after a name.
    fn at_terminator(&self) -> bool {
        match self.peek() {
            None => true,
            Some((' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | '(' | ')', _)) => true,
            _ => self.rest().starts_with(RIGHT),
        }
    }

    /// What is in quotes, of which the first was read.
    fn quoted(&mut self, quote: char, kind: Kind, unterminated: &str) -> Token {
        let quote_byte = u8::try_from(quote).unwrap_or_default();
        loop {
            // No byte of what is not ASCII is one of these.
            self.take_bytes(|byte| byte != quote_byte && !matches!(byte, b'\\' | b'\n'));
            match self.take() {
                Some('\\') if !matches!(self.peek(), None | Some(('\n', _))) => {
                    self.take();
                }
                None | Some('\\' | '\n') => return self.fail(unterminated),
                Some(char) if char == quote => return self.token(kind),
                Some(_) => {}
            }
        }
    }

    fn raw_string(&mut self) -> Token {
        match memchr::memchr(b'`', self.rest()) {
            Some(length) => {
                self.position += length + 1;
                self.token(Kind::RawString)
            }
            None => self.fail("unterminated raw quoted string"),
        }
    }

    /// A number, or what looks like the beginning of one; the parser looks closer.
    fn number(&mut self) -> Token {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.peek(), Some(('+' | '-', _))) {
            if !self.scan_number() || !self.pending().ends_with(b"i") {
                return self.bad_number();
            }
            return self.token(Kind::Complex);
        }
        self.token(Kind::Number)
    }

    fn bad_number(&mut self) -> Token {
        self.fail([&b"bad number syntax: "[..], &quote::quote(self.pending())].concat())
    }

    fn scan_number(&mut self) -> bool {
        self.accept(b"+-");
        let mut digits = &b"0123456789_"[..];
        let mut exponent = &b"eE"[..];
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = b"0123456789abcdefABCDEF_";
                exponent = b"pP";
            } else if self.accept(b"oO") {
                digits = b"01234567_";
                exponent = b"";
            } else if self.accept(b"bB") {
                digits = b"01_";
                exponent = b"";
            }
        }
        self.accept_all(digits);
        if self.accept(b".") {
            self.accept_all(digits);
        }
        if self.accept(exponent) {
            self.accept(b"+-");
            self.accept_all(b"0123456789_");
        }
        self.accept(b"i");
        if self.peek().is_some_and(|(char, _)| is_alphanumeric(char)) {
            self.take();
            return false;
        }
        true
    }

    fn accept(&mut self, set: &[u8]) -> bool {
        let found = self.rest().first().is_some_and(|byte| set.contains(byte));
        self.position += usize::from(found);
        found
    }

    fn accept_all(&mut self, set: &[u8]) {
        while self.accept(set) {}
    }
}

fn trim_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| !is_space(byte.into())).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

fn trim_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&byte| !is_space(byte.into())).map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

/// White space as templates have it; the standard library's also has the form feed.
fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(char: char) -> bool {
    char == '_' || unicode::is_letter(char) || unicode::is_digit(char)
}

/// Whether an action that begins like this trims the text before it.
fn trims_before(action: &[u8]) -> bool {
    matches!(action, [b'-', b' ' | b'\t' | b'\r' | b'\n', ..])
}

/// Whether what is next begins an action's end that trims the text after it.
fn trims_after(rest: &[u8]) -> bool {
    matches!(rest, [b' ' | b'\t' | b'\r' | b'\n', b'-', ..])
}
