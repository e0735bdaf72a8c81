//! Elements of sequences and mappings, in blocks and in flow.

use super::{Context, Event, EventKind, Parser, Properties, State};
use crate::Result;
use crate::token::TokenKind;

impl<'t> Parser<'t> {
    pub(super) fn block_sequence_entry(&mut self) -> Result<Event<'t>> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::BlockEntry => self.entry(State::BlockSequenceEntry, |kind| {
                matches!(kind, TokenKind::BlockEntry | TokenKind::BlockEnd)
            }),
            TokenKind::BlockEnd => self.end_collection(EventKind::SequenceEnd),
            _ => Self::error(token.start, "did not find expected '-' indicator"),
        }
    }

    pub(super) fn indentless_sequence_entry(&mut self) -> Result<Event<'t>> {
        let token = self.scanner.peek()?;
        if token.kind == TokenKind::BlockEntry {
            return self.entry(State::IndentlessSequenceEntry, |kind| {
                matches!(
                    kind,
                    TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd
                )
            });
        }
        let start = token.start;
        self.pop_state();
        Ok(Event { start, kind: EventKind::SequenceEnd })
    }

    /// What follows a `-`: nothing if one of these tokens comes next.
    fn entry(&mut self, next: State, nothing: fn(&TokenKind<'t>) -> bool) -> Result<Event<'t>> {
        let start = self.scanner.take()?.start;
        if self.next_is(nothing)? {
            self.state = next;
            return Ok(Self::empty(start));
        }
        self.states.push(next);
        self.node(Context::Block)
    }

    pub(super) fn block_mapping_key(&mut self) -> Result<Event<'t>> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::Key => {
                let start = self.scanner.take()?.start;
                if self.next_is(is_key_value_or_end)? {
                    self.state = State::BlockMappingValue;
                    return Ok(Self::empty(start));
                }
                self.states.push(State::BlockMappingValue);
                self.node(Context::BlockMappingValue)
            }
            TokenKind::BlockEnd => self.end_collection(EventKind::MappingEnd),
            _ => Self::error(token.start, "did not find expected key"),
        }
    }

    pub(super) fn block_mapping_value(&mut self) -> Result<Event<'t>> {
        let token = self.scanner.peek()?;
        let mut start = token.start;
        if token.kind == TokenKind::Value {
            start = self.scanner.take()?.start;
            if !self.next_is(is_key_value_or_end)? {
                self.states.push(State::BlockMappingKey);
                return self.node(Context::BlockMappingValue);
            }
        }
        self.state = State::BlockMappingKey;
        Ok(Self::empty(start))
    }

    pub(super) fn flow_sequence_entry(&mut self, first: bool) -> Result<Event<'t>> {
        if !first && !self.next_is(|kind| *kind == TokenKind::FlowSequenceEnd)? {
            let token = self.scanner.peek()?;
            if token.kind != TokenKind::FlowEntry {
                return Self::error(token.start, "did not find expected ',' or ']'");
            }
            self.scanner.take()?;
        }
        let start = self.start()?;
        match self.scanner.peek()?.kind {
            TokenKind::FlowSequenceEnd => self.end_collection(EventKind::SequenceEnd),
            // `[a: b]` has a mapping with a single pair.
            TokenKind::Key => {
                self.scanner.take()?;
                self.state = State::FlowPairKey;
                Ok(Event { start, kind: EventKind::MappingStart(Properties::default()) })
            }
            _ => {
                self.states.push(State::FlowSequenceEntry { first: false });
                self.node(Context::Flow)
            }
        }
    }

    pub(super) fn flow_pair_key(&mut self) -> Result<Event<'t>> {
        let nothing = self.next_is(|kind| {
            matches!(kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd)
        })?;
        if nothing {
            // libyaml goes past that token here. It makes `[? : a]` an error.
            let start = self.scanner.take()?.start;
            self.state = State::FlowPairValue;
            return Ok(Self::empty(start));
        }
        self.states.push(State::FlowPairValue);
        self.node(Context::Flow)
    }

    pub(super) fn flow_pair_value(&mut self) -> Result<Event<'t>> {
        if self.next_is(|kind| *kind == TokenKind::Value)? {
            self.scanner.take()?;
            let nothing =
                |kind: &TokenKind<'_>| matches!(kind, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd);
            if !self.next_is(nothing)? {
                self.states.push(State::FlowPairEnd);
                return self.node(Context::Flow);
            }
        }
        self.state = State::FlowPairEnd;
        Ok(Self::empty(self.start()?))
    }

    pub(super) fn flow_pair_end(&mut self) -> Result<Event<'t>> {
        self.state = State::FlowSequenceEntry { first: false };
        Ok(Event { start: self.start()?, kind: EventKind::MappingEnd })
    }

    pub(super) fn flow_mapping_key(&mut self, first: bool) -> Result<Event<'t>> {
        if !first && !self.next_is(|kind| *kind == TokenKind::FlowMappingEnd)? {
            let token = self.scanner.peek()?;
            if token.kind != TokenKind::FlowEntry {
                return Self::error(token.start, "did not find expected ',' or '}'");
            }
            self.scanner.take()?;
        }
        match self.scanner.peek()?.kind {
            TokenKind::FlowMappingEnd => self.end_collection(EventKind::MappingEnd),
            TokenKind::Key => {
                self.scanner.take()?;
                let nothing = self.next_is(|kind| {
                    matches!(kind, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd)
                })?;
                if nothing {
                    self.state = State::FlowMappingValue;
                    return Ok(Self::empty(self.start()?));
                }
                self.states.push(State::FlowMappingValue);
                self.node(Context::Flow)
            }
            _ => {
                self.states.push(State::FlowMappingEmptyValue);
                self.node(Context::Flow)
            }
        }
    }

    pub(super) fn flow_mapping_value(&mut self) -> Result<Event<'t>> {
        if self.next_is(|kind| *kind == TokenKind::Value)? {
            self.scanner.take()?;
            let nothing =
                |kind: &TokenKind<'_>| matches!(kind, TokenKind::FlowEntry | TokenKind::FlowMappingEnd);
            if !self.next_is(nothing)? {
                self.states.push(State::FlowMappingKey { first: false });
                return self.node(Context::Flow);
            }
        }
        self.flow_mapping_empty_value()
    }

    pub(super) fn flow_mapping_empty_value(&mut self) -> Result<Event<'t>> {
        self.state = State::FlowMappingKey { first: false };
        Ok(Self::empty(self.start()?))
    }
}

fn is_key_value_or_end(kind: &TokenKind<'_>) -> bool {
    matches!(kind, TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd)
}
