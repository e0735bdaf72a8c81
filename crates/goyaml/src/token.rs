//! The tokens of YAML, and where they stand.

use std::borrow::Cow;

use crate::reader::Mark;

#[derive(Debug)]
pub(crate) struct Token<'t> {
    pub(crate) start: Mark,
    pub(crate) kind: TokenKind<'t>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum TokenKind<'t> {
    StreamEnd,
    /// `%YAML 1.1`
    VersionDirective {
        major: u32,
        minor: u32,
    },
    /// `%TAG !e! tag:example.com,2000:`
    TagDirective {
        handle: &'t str,
        prefix: Cow<'t, str>,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    Tag {
        handle: &'t str,
        suffix: Cow<'t, str>,
    },
    Scalar {
        value: Cow<'t, str>,
        plain: bool,
    },
}
