//! Pipelines: variables, commands, operands.

use super::number::{self, Form};
use super::token::{Kind, Token};
use super::{MAX_PARENTHESES, Parsed, Parser};
use crate::quote;
use crate::text::Text;
use crate::tree::{Command, Operand, Pipe, Term, Variable};
use crate::value::Value;

impl Parser<'_> {
    /// `$x := command | command …`, up to what ends it.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        self.check_depth()?;
        let position = self.peek_non_space().start;
        let mut pipe = Pipe { position, assigns: false, variables: Vec::new(), commands: Vec::new() };
        let first = self.commands.len();
        while self.declaration(&mut pipe, context)? {}
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => {
                    pipe.commands = self.commands.split_off(first);
                    self.check_pipeline(&pipe, context)?;
                    return Ok(pipe);
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParenthesis => {
                    self.back();
                    let command = self.command()?;
                    self.commands.push(command);
                }
                _ => return Err(self.unexpected(token, context)),
            }
        }
    }

    /// A variable before `:=`, `=` or a comma; whether there may be another.
    fn declaration(&mut self, pipe: &mut Pipe, context: &str) -> Parsed<bool> {
        let variable = self.peek_non_space();
        if variable.kind != Kind::Variable {
            return Ok(false);
        }
        self.next();
        // A space tells an argument from a declaration only after what comes next: keep it, so
        // that it can be put back.
        let after = self.peek();
        let next = self.peek_non_space();
        match next.kind {
            Kind::Assign | Kind::Declare => {
                pipe.assigns = next.kind == Kind::Assign;
                self.next_non_space();
                self.declare(pipe, variable);
            }
            Kind::Char if self.lexer.text(&next) == b"," => {
                self.next_non_space();
                self.declare(pipe, variable);
                if context == "range" && pipe.variables.len() < 2 {
                    return match self.peek_non_space().kind {
                        Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis => Ok(true),
                        _ => Err(self.error("range can only initialize variables")),
                    };
                }
                return Err(self.error(format!("too many declarations in {context}")));
            }
            _ if after.kind == Kind::Space => {
                self.state.tokens[1] = after;
                self.state.tokens[2] = variable;
                self.state.ahead = 3;
            }
            _ => self.back_with(variable),
        }
        Ok(false)
    }

    fn declare(&mut self, pipe: &mut Pipe, token: Token) {
        let name = Text::from(self.lexer.text(&token));
        let known = self.state.variables.iter().find(|variable| variable.name == name);
        let id = match known {
            Some(variable) => variable.id,
            None => {
                self.state.next_variable += 1;
                self.state.next_variable - 1
            }
        };
        let variable = Variable { id, name };
        self.state.variables.push(variable.clone());
        pipe.variables.push(variable);
    }

    fn check_pipeline(&self, pipe: &Pipe, context: &str) -> Parsed<()> {
        if pipe.commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        for (index, command) in pipe.commands.iter().enumerate().skip(1) {
            let first = command.operands.first().map(|operand| &operand.term);
            if let Some(Term::Bool(_) | Term::Dot | Term::Nil | Term::Number(_) | Term::String { .. }) = first
            {
                return Err(self.error(format!("non executable command in pipeline stage {}", index + 1)));
            }
        }
        Ok(())
    }

    /// Operands up to a pipe symbol, which is read, or to the pipeline's end, which is not.
    fn command(&mut self) -> Parsed<Command> {
        let position = self.peek_non_space().start;
        let first = self.operands.len();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                self.operands.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelimiter | Kind::RightParenthesis => self.back(),
                Kind::Pipe => {}
                _ => return Err(self.unexpected(token, "operand")),
            }
            break;
        }
        let operands = self.operands.split_off(first);
        if operands.is_empty() {
            return Err(self.error("empty command"));
        }
        Ok(Command { position, operands })
    }

    /// A term and fields of it; `None` if what is next is neither.
    fn operand(&mut self) -> Parsed<Option<Operand>> {
        let Some(operand) = self.term()? else {
            return Ok(None);
        };
        let field = self.peek();
        if field.kind != Kind::Field {
            return Ok(Some(operand));
        }
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            let token = self.next();
            names.push(Text::from(self.lexer.text(&token).get(1..).unwrap_or_default()));
        }
        // Fields of a field or variable become part of it, and it then is where the first of them
        // is, as in Go.
        let term = match operand.term {
            Term::Field(first) => Term::Field(first.into_iter().chain(names).collect()),
            Term::Variable(variable, first) => {
                Term::Variable(variable, first.into_iter().chain(names).collect())
            }
            Term::Bool(_) | Term::String { .. } | Term::Number(_) | Term::Nil | Term::Dot => {
                let mut text = Vec::new();
                operand.write(&self.source, &mut text);
                return Err(self.error([&b"unexpected . after term "[..], &quote::quote(&text)].concat()));
            }
            _ => Term::Chain(Box::new(operand), names.into()),
        };
        Ok(Some(Operand { position: field.start, term }))
    }

    fn term(&mut self) -> Parsed<Option<Operand>> {
        let token = self.next_non_space();
        let text = self.lexer.text(&token);
        let term = match token.kind {
            Kind::Identifier => {
                let Some(callee) = (self.callee)(text) else {
                    let name = quote::quote(text);
                    return Err(self.error([&b"function "[..], &name, b" not defined"].concat()));
                };
                Term::Function(Text::from(text), callee)
            }
            Kind::Dot => Term::Dot,
            Kind::Nil => Term::Nil,
            Kind::Variable => Term::Variable(self.variable(text)?, Box::default()),
            Kind::Field => Term::Field(Box::new([Text::from(text.get(1..).unwrap_or_default())])),
            Kind::Bool => Term::Bool(text == b"true"),
            Kind::CharConstant => self.number(text, Form::Char)?,
            Kind::Complex => self.number(text, Form::Complex)?,
            Kind::Number => self.number(text, Form::Plain)?,
            Kind::LeftParenthesis => {
                if self.state.parentheses >= MAX_PARENTHESES {
                    return Err(self.error("max expression depth exceeded"));
                }
                self.state.parentheses += 1;
                let pipe = self.pipeline("parenthesized pipeline", Kind::RightParenthesis)?;
                self.state.parentheses -= 1;
                return Ok(Some(Operand { position: pipe.position, term: Term::Pipe(Box::new(pipe)) }));
            }
            Kind::String | Kind::RawString => {
                let value = Value::String(self.unquote(token)?);
                Term::String { quoted: token.start..token.end, value }
            }
            _ => {
                self.back();
                return Ok(None);
            }
        };
        Ok(Some(Operand { position: token.start, term }))
    }

    fn number(&self, text: &[u8], form: Form) -> Parsed<Term> {
        match number::read(text, form) {
            Ok(number) => Ok(Term::Number(Box::new(number))),
            Err(message) => Err(self.error(message)),
        }
    }

    fn variable(&self, name: &[u8]) -> Parsed<Variable> {
        match self.state.variables.iter().find(|variable| &*variable.name == name) {
            Some(variable) => Ok(variable.clone()),
            None => Err(self.error([&b"undefined variable "[..], &quote::quote(name)].concat())),
        }
    }
}
