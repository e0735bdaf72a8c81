//! From a template's text to trees: one for the text itself, and one for each `define` and `block`
//! in it.

mod action;
mod lexer;
mod number;
mod pipeline;
mod token;

use std::collections::HashMap;
use std::rc::Rc;

use crate::stack::Stack;
use crate::text::Text;
use crate::tree::{Callee, Command, List, Operand, ROOT_VARIABLE, Tree, Variable};
use lexer::Lexer;
use token::{Kind, Token};

/// How deep parentheses may be nested, in Go as here.
const MAX_PARENTHESES: usize = 10_000;

/// Why a text is no template. Its display is Go's: `template: NAME:LINE: …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template: {file}:{line}: {message}")]
pub struct ParseError {
    /// The name of the template that was parsed.
    pub file: String,
    /// The line on which it went wrong.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// The trees of one source, by their names.
pub(crate) type Trees = HashMap<Text, Rc<Tree>>;

/// Reads a template.
///
/// `callee` says what a name of a function stands for; `stack` how deep the text may be nested.
pub(crate) fn parse(
    name: Text,
    source: Text,
    callee: &dyn Fn(&[u8]) -> Option<Callee>,
    stack: Stack,
) -> Result<Trees, ParseError> {
    let mut lexer = Lexer::new(&source);
    lexer.break_is_function = callee(b"break").is_some();
    lexer.continue_is_function = callee(b"continue").is_some();
    let state = State::new(name.clone());
    let file = name;
    let mut parser = Parser {
        lexer,
        state,
        file,
        source: source.clone(),
        trees: Trees::new(),
        nodes: List::new(),
        commands: Vec::new(),
        operands: Vec::new(),
        callee,
        stack,
    };
    match parser.top_level() {
        Ok(()) => Ok(parser.trees),
        Err(error) => Err(*error),
    }
}

type Parsed<T> = Result<T, Box<ParseError>>;

/// What is known of one template while it is parsed: the text's own, or one that it defines.
struct State {
    name: Text,
    /// The token that was read last, and those that were put back.
    tokens: [Token; 3],
    /// How many of them are to be read again.
    ahead: usize,
    /// The variables that are defined here.
    variables: Vec<Variable>,
    /// How many names of variables there were.
    next_variable: u32,
    /// The line of the action that is being read.
    action_line: Option<usize>,
    ranges: usize,
    parentheses: usize,
}

impl State {
    fn new(name: Text) -> Self {
        let token = Token { kind: Kind::End, start: 0, end: 0, line: 0 };
        let root = Variable { id: ROOT_VARIABLE, name: Text::from("$") };
        Self {
            name,
            tokens: [token; 3],
            ahead: 0,
            variables: vec![root],
            next_variable: ROOT_VARIABLE + 1,
            action_line: None,
            ranges: 0,
            parentheses: 0,
        }
    }
}

struct Parser<'p> {
    lexer: Lexer<'p>,
    state: State,
    file: Text,
    source: Text,
    trees: Trees,
    /// The nodes, commands and operands of what is not read to its end yet, each after those of what is
    /// around it. Once it is, they get a place of the right size.
    nodes: List,
    commands: Vec<Command>,
    operands: Vec<Operand>,
    callee: &'p dyn Fn(&[u8]) -> Option<Callee>,
    stack: Stack,
}

/// Reading tokens, some of them again.
impl Parser<'_> {
    fn next(&mut self) -> Token {
        match self.state.ahead.checked_sub(1) {
            Some(ahead) => self.state.ahead = ahead,
            None => self.state.tokens[0] = self.lexer.next(),
        }
        self.token(self.state.ahead)
    }

    fn token(&self, index: usize) -> Token {
        self.state.tokens.get(index).copied().unwrap_or(self.state.tokens[0])
    }

    /// Puts the last token back.
    fn back(&mut self) {
        self.state.ahead += 1;
    }

    /// Puts the last token back, and one before it.
    fn back_with(&mut self, before: Token) {
        self.state.tokens[1] = before;
        self.state.ahead = 2;
    }

    fn peek(&mut self) -> Token {
        let token = self.next();
        self.back();
        token
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token {
        let token = self.next_non_space();
        self.back();
        token
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { Err(self.unexpected(token, context)) }
    }
}

/// Errors.
impl Parser<'_> {
    fn error(&self, message: impl AsRef<[u8]>) -> Box<ParseError> {
        Box::new(ParseError {
            file: self.file.to_string(),
            line: self.state.tokens[0].line,
            message: String::from_utf8_lossy(message.as_ref()).into_owned(),
        })
    }

    fn unexpected(&self, token: Token, context: &str) -> Box<ParseError> {
        if let Kind::Error(index) = token.kind {
            let mut message = self.lexer.error(index).to_owned();
            if let Some(line) = self.state.action_line.filter(|&line| line != token.line) {
                let started =
                    if message.ends_with(" action") { " started at" } else { " in action started at" };
                message.push_str(&format!("{started} {}:{line}", self.file));
            }
            return self.error(message);
        }
        let token = token.describe(self.lexer.source());
        self.error([b"unexpected ", &token[..], b" in ", context.as_bytes()].concat())
    }

    fn check_depth(&self) -> Parsed<()> {
        if self.stack.is_used_up() { Err(self.error("max expression depth exceeded")) } else { Ok(()) }
    }
}
