//! Text to tokens: indentation, and what each character begins.

mod directive;
mod scalar;
mod simple_key;
mod tag;

use std::collections::VecDeque;

use self::simple_key::SimpleKey;
use crate::reader::{Mark, Reader};
use crate::token::{Token, TokenKind};
use crate::{Error, Result};

pub(crate) struct Scanner<'t> {
    reader: Reader<'t>,
    tokens: VecDeque<Token<'t>>,
    /// How many tokens have left the queue; a token's number is its place in the whole sequence.
    taken: usize,
    ended: bool,
    /// The column of the block collection that is open, -1 outside of any.
    indent: isize,
    indents: Vec<isize>,
    /// Whether a simple key may begin here.
    key_allowed: bool,
    /// One candidate for the block context, and one for each open flow collection, which begins
    /// with the number of the collection's own token. So their token numbers ascend.
    keys: Vec<SimpleKey>,
}

impl<'t> Scanner<'t> {
    pub(crate) fn new(text: &'t str) -> Result<Self> {
        Ok(Self {
            reader: Reader::new(text)?,
            tokens: VecDeque::new(),
            taken: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            key_allowed: true,
            keys: vec![SimpleKey::default()],
        })
    }

    /// The next token, which stays in the queue. After the end there is another end.
    pub(crate) fn peek(&mut self) -> Result<&mut Token<'t>> {
        while (self.tokens.is_empty() || self.head_may_be_key()?) && !self.ended {
            self.fetch()?;
        }
        if self.tokens.is_empty() {
            self.push(TokenKind::StreamEnd);
        }
        Ok(&mut self.tokens[0])
    }

    /// Takes the next token from the queue.
    pub(crate) fn take(&mut self) -> Result<Token<'t>> {
        let start = self.peek()?.start;
        self.taken += 1;
        Ok(self.tokens.pop_front().unwrap_or(Token { start, kind: TokenKind::StreamEnd }))
    }

    fn error<T>(&self, problem: &str) -> Result<T> {
        let mark = self.reader.mark;
        Err(Error::Syntax {
            problem: problem.to_owned(),
            position: Some(mark.position()),
            reported: (mark.line > 0).then_some(mark.line + 1),
        })
    }

    fn in_flow(&self) -> bool {
        self.keys.len() > 1
    }

    fn column(&self) -> isize {
        isize::try_from(self.reader.mark.column).unwrap_or(isize::MAX)
    }

    fn push(&mut self, kind: TokenKind<'t>) {
        self.tokens.push_back(Token { start: self.reader.mark, kind });
    }

    /// Puts a token before the one with that number, or to the end if that has left the queue.
    fn insert(&mut self, number: usize, start: Mark, kind: TokenKind<'t>) {
        let place = number.checked_sub(self.taken).unwrap_or(self.tokens.len());
        self.tokens.insert(place, Token { start, kind });
    }

    fn next_number(&self) -> usize {
        self.taken + self.tokens.len()
    }

    /// Opens a block collection if the column is further to the right than what is open. Its
    /// token goes before the one with that number, or to the end.
    fn roll_indent(&mut self, column: isize, before: Option<usize>, start: Mark, kind: TokenKind<'t>) {
        if self.in_flow() || self.indent >= column {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column;
        let number = before.unwrap_or_else(|| self.next_number());
        self.insert(number, start, kind);
    }

    /// Closes the block collections that are further to the right than the column.
    fn unroll_indent(&mut self, column: isize) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            self.push(TokenKind::BlockEnd);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Scans one token, and puts it and those that it implies into the queue.
    fn fetch(&mut self) -> Result<()> {
        self.skip_to_token();
        self.unroll_indent(self.column());
        let first = self.reader.byte(0);
        let alone = self.reader.is_blank_break_or_end(1);
        let flow = self.in_flow();
        match first {
            0 => self.fetch_stream_end(),
            b'%' if self.reader.mark.column == 0 => self.fetch_directive(),
            b'-' if self.reader.is_document_marker() => self.fetch_marker(TokenKind::DocumentStart),
            b'.' if self.reader.is_document_marker() => self.fetch_marker(TokenKind::DocumentEnd),
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if alone => self.fetch_block_entry(),
            b'?' if flow || alone => self.fetch_key(),
            b':' if flow || alone => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(first == b'*'),
            b'!' => self.fetch_tag(),
            b'|' | b'>' if !flow => self.fetch_block_scalar(first == b'|'),
            b'\'' | b'"' => self.fetch_quoted_scalar(first == b'\''),
            b'|' | b'>' | b'#' | b'%' | b'@' | b'`' | b'\t' => {
                self.error("found character that cannot start any token")
            }
            _ => self.fetch_plain_scalar(),
        }
    }

    /// Goes past spaces, comments and line breaks. A tab may stand where no key may begin.
    fn skip_to_token(&mut self) {
        // A second byte order mark is skipped as well.
        if self.reader.offset() == 0 && self.reader.starts_with("\u{FEFF}") {
            self.reader.skip();
        }
        loop {
            while self.reader.byte(0) == b' '
                || (self.reader.byte(0) == b'\t' && (self.in_flow() || !self.key_allowed))
            {
                self.reader.skip_ascii(1);
            }
            if self.reader.byte(0) == b'#' {
                self.reader.skip_to_break();
            }
            if !self.reader.is_break(0) {
                return;
            }
            self.reader.skip_line();
            if !self.in_flow() {
                self.key_allowed = true;
            }
        }
    }

    fn fetch_stream_end(&mut self) -> Result<()> {
        // The end counts as the start of a line, also where the last line has no break.
        if self.reader.mark.column != 0 {
            self.reader.mark.column = 0;
            self.reader.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_key()?;
        self.key_allowed = false;
        self.ended = true;
        self.push(TokenKind::StreamEnd);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let start = self.reader.mark;
        let kind = self.scan_directive()?;
        self.tokens.push_back(Token { start, kind });
        Ok(())
    }

    fn fetch_marker(&mut self, kind: TokenKind<'t>) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.key_allowed = false;
        self.push(kind);
        self.reader.skip_ascii(3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'t>) -> Result<()> {
        self.save_key()?;
        self.keys.push(SimpleKey { token: self.next_number(), ..SimpleKey::default() });
        self.key_allowed = true;
        self.push(kind);
        self.reader.skip_ascii(1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'t>) -> Result<()> {
        self.remove_key()?;
        if self.in_flow()
            && let Some(inner) = self.keys.pop()
            && let Some(key) = self.keys.last_mut()
        {
            key.awaited &= inner.token != key.token;
        }
        self.key_allowed = false;
        self.push(kind);
        self.reader.skip_ascii(1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<()> {
        self.remove_key()?;
        self.key_allowed = true;
        self.push(TokenKind::FlowEntry);
        self.reader.skip_ascii(1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<()> {
        // In a flow collection it is the parser that complains.
        if !self.in_flow() {
            if !self.key_allowed {
                return self.error("block sequence entries are not allowed in this context");
            }
            self.roll_indent(self.column(), None, self.reader.mark, TokenKind::BlockSequenceStart);
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.push(TokenKind::BlockEntry);
        self.reader.skip_ascii(1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<()> {
        if !self.in_flow() {
            if !self.key_allowed {
                return self.error("mapping keys are not allowed in this context");
            }
            self.roll_indent(self.column(), None, self.reader.mark, TokenKind::BlockMappingStart);
        }
        self.remove_key()?;
        self.key_allowed = !self.in_flow();
        self.push(TokenKind::Key);
        self.reader.skip_ascii(1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<()> {
        let level = self.keys.len() - 1;
        if self.is_key_still_possible(level)? {
            let SimpleKey { token, mark, .. } = self.keys[level];
            self.insert(token, mark, TokenKind::Key);
            let column = isize::try_from(mark.column).unwrap_or(isize::MAX);
            self.roll_indent(column, Some(token), mark, TokenKind::BlockMappingStart);
            self.keys[level].possible = false;
            self.key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.key_allowed {
                    return self.error("mapping values are not allowed in this context");
                }
                self.roll_indent(self.column(), None, self.reader.mark, TokenKind::BlockMappingStart);
            }
            self.key_allowed = !self.in_flow();
        }
        self.push(TokenKind::Value);
        self.reader.skip_ascii(1);
        Ok(())
    }

    fn fetch_anchor(&mut self, alias: bool) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.reader.mark;
        let kind = self.scan_anchor(alias)?;
        self.tokens.push_back(Token { start, kind });
        Ok(())
    }

    fn fetch_tag(&mut self) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.reader.mark;
        let kind = self.scan_tag()?;
        self.tokens.push_back(Token { start, kind });
        Ok(())
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Result<()> {
        self.remove_key()?;
        self.key_allowed = true;
        let start = self.reader.mark;
        let value = self.scan_block_scalar(literal)?.into();
        self.tokens.push_back(Token { start, kind: TokenKind::Scalar { value, plain: false } });
        Ok(())
    }

    fn fetch_quoted_scalar(&mut self, single: bool) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.reader.mark;
        let value = self.scan_quoted_scalar(single)?;
        self.tokens.push_back(Token { start, kind: TokenKind::Scalar { value, plain: false } });
        Ok(())
    }

    fn fetch_plain_scalar(&mut self) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.reader.mark;
        let value = self.scan_plain_scalar()?;
        self.tokens.push_back(Token { start, kind: TokenKind::Scalar { value, plain: true } });
        Ok(())
    }
}
