//! Classes in brackets: `[a-z]`.

use regex_syntax::hir::ClassUnicode;

use super::error::{BAD_RANGE, SyntaxError};
use super::{Node, Parser, class, range};

impl Parser<'_> {
    /// `[a-z]`.
    pub(super) fn class(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        self.at += 1;
        let negated = self.peek() == Some(b'^');
        if negated {
            self.at += 1;
        }
        let mut class = ClassUnicode::empty();
        let mut first = true;
        while first || self.peek() != Some(b']') {
            first = false;
            if let Some(named) = self.posix_class()? {
                class.union(&named);
            } else if let Some(named) = self.class_escape()? {
                class.union(&named);
            } else {
                class.union(&self.class_range(start)?);
            }
        }
        self.at += 1;
        if negated {
            class.negate();
        }
        self.push(Node::class(class));
        Ok(())
    }

    /// `[:alpha:]`, if there is one.
    fn posix_class(&mut self) -> Result<Option<ClassUnicode>, SyntaxError> {
        let Some(inner) = self.rest().strip_prefix(b"[:") else { return Ok(None) };
        let Some(end) = memchr::memmem::find(inner, b":]") else { return Ok(None) };
        let start = self.at;
        self.at += end + 4;
        let name = inner.get(..end).unwrap_or_default();
        let (name, negated) = name.strip_prefix(b"^").map_or((name, false), |name| (name, true));
        match class::posix(name) {
            Some(class) => Ok(Some(self.finished(class, negated))),
            None => Err(SyntaxError::new(BAD_RANGE, self.since(start))),
        }
    }

    /// A character, or all from one to another.
    fn class_range(&mut self, class_start: usize) -> Result<ClassUnicode, SyntaxError> {
        let start = self.at;
        let low = self.class_character(class_start)?;
        let mut high = low;
        if let [b'-', next, ..] = self.rest()
            && *next != b']'
        {
            self.at += 1;
            high = self.class_character(class_start)?;
            if high < low {
                return Err(SyntaxError::new(BAD_RANGE, self.since(start)));
            }
        }
        Ok(self.finished(range(low, high), false))
    }

    fn class_character(&mut self, class_start: usize) -> Result<u32, SyntaxError> {
        if self.peek() == Some(b'\\') {
            return self.escape();
        }
        match self.next()? {
            Some(letter) => Ok(letter.into()),
            None => Err(SyntaxError::new("missing closing ]", self.from(class_start))),
        }
    }
}
