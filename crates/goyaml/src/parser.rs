//! Tokens to events: the grammar of YAML, with a stack of states instead of recursion.

mod collection;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::reader::Mark;
use crate::scanner::Scanner;
use crate::token::TokenKind;
use crate::{Error, Result};

#[derive(Debug)]
pub(crate) struct Event<'t> {
    pub(crate) start: Mark,
    pub(crate) kind: EventKind<'t>,
}

#[derive(Debug)]
pub(crate) enum EventKind<'t> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias(&'t str),
    Scalar { properties: Properties<'t>, value: Cow<'t, str>, plain: bool },
    SequenceStart(Properties<'t>),
    SequenceEnd,
    MappingStart(Properties<'t>),
    MappingEnd,
}

/// What may stand before a value.
#[derive(Debug, Default)]
pub(crate) struct Properties<'t> {
    pub(crate) anchor: Option<&'t str>,
    /// The whole tag, or `!` alone.
    pub(crate) tag: Option<Cow<'t, str>>,
}

pub(crate) struct Parser<'t> {
    scanner: Scanner<'t>,
    state: State,
    /// Where to go on after the value that is being parsed.
    states: Vec<State>,
    /// The prefixes that `%TAG` has given to handles.
    prefixes: HashMap<&'t str, Cow<'t, str>>,
}

#[derive(Clone, Copy)]
enum State {
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    BlockNode,
    DocumentEnd,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceEntry { first: bool },
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingKey { first: bool },
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq)]
enum Context {
    Block,
    /// The value of a block mapping: a sequence may begin in the column of the key.
    BlockMappingValue,
    Flow,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(text: &'t str) -> Result<Self> {
        Ok(Self {
            scanner: Scanner::new(text)?,
            state: State::ImplicitDocumentStart,
            states: Vec::new(),
            prefixes: HashMap::new(),
        })
    }

    /// The next event. After the end there is another end.
    pub(crate) fn next(&mut self) -> Result<Event<'t>> {
        match self.state {
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::BlockNode => self.node(Context::Block),
            State::DocumentEnd => self.document_end(),
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceEntry { first } => self.flow_sequence_entry(first),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => self.flow_pair_end(),
            State::FlowMappingKey { first } => self.flow_mapping_key(first),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => self.flow_mapping_empty_value(),
            State::End => Ok(Event { start: Mark::default(), kind: EventKind::StreamEnd }),
        }
    }

    fn next_is(&mut self, wanted: impl FnOnce(&TokenKind<'t>) -> bool) -> Result<bool> {
        Ok(wanted(&self.scanner.peek()?.kind))
    }

    fn start(&mut self) -> Result<Mark> {
        Ok(self.scanner.peek()?.start)
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn error<T>(at: Mark, problem: &str) -> Result<T> {
        Err(Error::Syntax {
            problem: problem.to_owned(),
            position: Some(at.position()),
            // The count is from 0 here, unlike in the errors of the scanner.
            reported: (at.line > 0).then_some(at.line),
        })
    }

    /// Takes the token that ends a collection, and makes its event.
    fn end_collection(&mut self, kind: EventKind<'t>) -> Result<Event<'t>> {
        let start = self.scanner.take()?.start;
        self.pop_state();
        Ok(Event { start, kind })
    }

    fn empty(start: Mark) -> Event<'t> {
        let value = Cow::Borrowed("");
        Event { start, kind: EventKind::Scalar { properties: Properties::default(), value, plain: true } }
    }

    fn document_start(&mut self, first: bool) -> Result<Event<'t>> {
        if !first {
            while self.next_is(|kind| *kind == TokenKind::DocumentEnd)? {
                self.scanner.take()?;
            }
        }
        let start = self.start()?;
        if self.next_is(|kind| *kind == TokenKind::StreamEnd)? {
            self.state = State::End;
            return Ok(Event { start, kind: EventKind::StreamEnd });
        }
        let explicit = self.next_is(|kind| {
            matches!(
                kind,
                TokenKind::VersionDirective { .. }
                    | TokenKind::TagDirective { .. }
                    | TokenKind::DocumentStart
            )
        })?;
        self.states.push(State::DocumentEnd);
        if first && !explicit {
            self.prefixes.clear();
            self.state = State::BlockNode;
            return Ok(Event { start, kind: EventKind::DocumentStart });
        }
        self.process_directives()?;
        let token = self.scanner.take()?;
        if token.kind != TokenKind::DocumentStart {
            return Self::error(token.start, "did not find expected <document start>");
        }
        self.state = State::DocumentContent;
        Ok(Event { start, kind: EventKind::DocumentStart })
    }

    fn process_directives(&mut self) -> Result<()> {
        self.prefixes.clear();
        let mut versioned = false;
        while self.next_is(|kind| {
            matches!(kind, TokenKind::VersionDirective { .. } | TokenKind::TagDirective { .. })
        })? {
            let token = self.scanner.take()?;
            match token.kind {
                TokenKind::VersionDirective { .. } if versioned => {
                    return Self::error(token.start, "found duplicate %YAML directive");
                }
                TokenKind::VersionDirective { major: 1, minor: 1 } => versioned = true,
                TokenKind::TagDirective { handle, prefix } => {
                    if self.prefixes.insert(handle, prefix).is_some() {
                        return Self::error(token.start, "found duplicate %TAG directive");
                    }
                }
                _ => return Self::error(token.start, "found incompatible YAML document"),
            }
        }
        Ok(())
    }

    fn document_content(&mut self) -> Result<Event<'t>> {
        let nothing = self.next_is(|kind| {
            matches!(
                kind,
                TokenKind::VersionDirective { .. }
                    | TokenKind::TagDirective { .. }
                    | TokenKind::DocumentStart
                    | TokenKind::DocumentEnd
                    | TokenKind::StreamEnd
            )
        })?;
        if nothing {
            self.pop_state();
            return Ok(Self::empty(self.start()?));
        }
        self.node(Context::Block)
    }

    fn document_end(&mut self) -> Result<Event<'t>> {
        let start = self.start()?;
        if self.next_is(|kind| *kind == TokenKind::DocumentEnd)? {
            self.scanner.take()?;
        }
        self.state = State::DocumentStart;
        Ok(Event { start, kind: EventKind::DocumentEnd })
    }

    /// Parses a value up to its end, or up to the start of its first element.
    fn node(&mut self, context: Context) -> Result<Event<'t>> {
        let start = self.start()?;
        if let TokenKind::Alias(name) = self.scanner.peek()?.kind {
            self.scanner.take()?;
            self.pop_state();
            return Ok(Event { start, kind: EventKind::Alias(name) });
        }
        let properties = self.properties(start)?;
        let block = context != Context::Flow;
        let has_properties = properties.anchor.is_some() || properties.tag.is_some();
        let token = self.scanner.peek()?;
        let at = token.start;
        let kind = match token.kind {
            TokenKind::BlockEntry if context == Context::BlockMappingValue => {
                self.state = State::IndentlessSequenceEntry;
                EventKind::SequenceStart(properties)
            }
            TokenKind::Scalar { ref mut value, plain } => {
                let value = std::mem::take(value);
                self.scanner.take()?;
                self.pop_state();
                EventKind::Scalar { properties, value, plain }
            }
            TokenKind::FlowSequenceStart => {
                self.scanner.take()?;
                self.state = State::FlowSequenceEntry { first: true };
                EventKind::SequenceStart(properties)
            }
            TokenKind::FlowMappingStart => {
                self.scanner.take()?;
                self.state = State::FlowMappingKey { first: true };
                EventKind::MappingStart(properties)
            }
            TokenKind::BlockSequenceStart if block => {
                self.scanner.take()?;
                self.state = State::BlockSequenceEntry;
                EventKind::SequenceStart(properties)
            }
            TokenKind::BlockMappingStart if block => {
                self.scanner.take()?;
                self.state = State::BlockMappingKey;
                EventKind::MappingStart(properties)
            }
            _ if has_properties => {
                self.pop_state();
                EventKind::Scalar { properties, value: Cow::Borrowed(""), plain: true }
            }
            _ => return Self::error(at, "did not find expected node content"),
        };
        Ok(Event { start, kind })
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self, start: Mark) -> Result<Properties<'t>> {
        let mut anchor = None;
        let mut tag = None;
        loop {
            match &self.scanner.peek()?.kind {
                TokenKind::Anchor(_) if anchor.is_none() => {}
                TokenKind::Tag { .. } if tag.is_none() => {}
                _ => break,
            }
            match self.scanner.take()?.kind {
                TokenKind::Anchor(name) => anchor = Some(name),
                TokenKind::Tag { handle, suffix } => tag = Some((handle, suffix)),
                _ => {}
            }
        }
        let tag = tag.map(|(handle, suffix)| self.whole_tag(handle, suffix, start)).transpose()?;
        Ok(Properties { anchor, tag })
    }

    fn whole_tag(&self, handle: &str, suffix: Cow<'t, str>, start: Mark) -> Result<Cow<'t, str>> {
        if handle.is_empty() {
            return Ok(suffix);
        }
        let prefix = match (self.prefixes.get(handle), handle) {
            (Some(prefix), _) => prefix,
            (None, "!") => "!",
            (None, "!!") => "tag:yaml.org,2002:",
            (None, _) => return Self::error(start, "found undefined tag handle"),
        };
        Ok(Cow::Owned(format!("{prefix}{suffix}")))
    }
}
