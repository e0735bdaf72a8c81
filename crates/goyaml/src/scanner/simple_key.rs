//! Keys that only the colon after them reveals.
//!
//! A scalar, alias, anchor, tag or flow collection may turn out to be a key ("simple key") when a
//! `:` follows on the same line, at most 1,024 characters later. Until then its token waits in
//! the queue, so that the tokens that a key needs can be put before it.

use super::Scanner;
use crate::Result;
use crate::reader::Mark;

/// How far from its start a simple key may end, in characters.
const MAX_KEY_LENGTH: usize = 1024;

#[derive(Clone, Copy, Default)]
pub(super) struct SimpleKey {
    pub(super) possible: bool,
    /// Whether it must become a key, as nothing else may stand in its column.
    pub(super) required: bool,
    /// Whether its token has to wait. go-yaml forgets that after an empty flow collection: it
    /// takes the `{}` of `{}: a` for a value, as the end of the document even, at the top.
    pub(super) awaited: bool,
    pub(super) token: usize,
    pub(super) mark: Mark,
}

impl Scanner<'_> {
    pub(super) fn head_may_be_key(&mut self) -> Result<bool> {
        let taken = self.taken;
        let level = self.keys.partition_point(|key| key.token < taken);
        match self.keys.get(level) {
            Some(key) if key.token == taken && key.awaited => self.is_key_still_possible(level),
            _ => Ok(false),
        }
    }

    pub(super) fn is_key_still_possible(&mut self, level: usize) -> Result<bool> {
        let here = self.reader.mark;
        let key = self.keys[level];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < here.line || key.mark.index + MAX_KEY_LENGTH < here.index {
            if key.required {
                return self.error("could not find expected ':'");
            }
            self.keys[level].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    /// Notes that the token which comes now may be a key.
    pub(super) fn save_key(&mut self) -> Result<()> {
        if !self.key_allowed {
            return Ok(());
        }
        self.remove_key()?;
        let required = !self.in_flow() && self.indent == self.column();
        let (token, mark) = (self.next_number(), self.reader.mark);
        let key = SimpleKey { possible: true, required, awaited: true, token, mark };
        if let Some(last) = self.keys.last_mut() {
            *last = key;
        }
        Ok(())
    }

    /// Forgets the candidate of the innermost context.
    pub(super) fn remove_key(&mut self) -> Result<()> {
        let Some(key) = self.keys.last_mut() else { return Ok(()) };
        if key.possible && key.required {
            return self.error("could not find expected ':'");
        }
        key.possible = false;
        Ok(())
    }
}
