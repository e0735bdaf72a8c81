//! The tokens of a template.

use crate::{format, quote, runes};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something is wrong; the number says which of the lexer's messages tells what.
    Error(usize),
    Bool,
    /// A printable ASCII character that is none of the others.
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    End,
    Field,
    Identifier,
    LeftDelimiter,
    LeftParenthesis,
    Number,
    Pipe,
    RawString,
    RightDelimiter,
    RightParenthesis,
    Space,
    String,
    Text,
    Variable,
    Dot,
    Nil,
    Keyword(Keyword),
}

/// A word that begins or ends a part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

/// A token: what it is and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it begins and ends in the source.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The line on which it begins.
    pub(super) line: usize,
}

impl Token {
    /// How errors call a token of a source.
    pub(super) fn describe(&self, source: &[u8]) -> Vec<u8> {
        let text = source.get(self.start..self.end).unwrap_or_default();
        match self.kind {
            Kind::End => b"EOF".to_vec(),
            Kind::Keyword(_) | Kind::Dot | Kind::Nil => [b"<", text, b">"].concat(),
            _ if text.len() > 10 => {
                let length = runes::all(text).take(10).map(|(_, bytes)| bytes.len()).sum();
                let mut short = quote::quote(text.get(..length).unwrap_or(text));
                short.extend_from_slice(b"...");
                short
            }
            _ => quote::quote(text),
        }
    }
}

/// A character as errors write it: `U+0023 '#'`.
pub(super) fn code_point(char: char) -> Vec<u8> {
    format::sprintf(b"%#U", &[crate::Value::int(u32::from(char).into())])
}
