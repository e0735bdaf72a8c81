//! Pipelines, commands, and what their words stand for.

use super::typed::Typed;
use super::{Exec, Executed, Frame, fail, node_text};
use crate::go_type::Type;
use crate::tree::{Command, Number, Operand, Pipe, Place, Term, Variable};
use crate::value::Value;

use std::rc::Rc;

impl Exec<'_> {
    /// What a pipeline gives. Variables that it declares are there from then on.
    pub(super) fn pipeline<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        pipe: &'t Pipe,
    ) -> Executed<Typed> {
        frame.at = Some(Place::Pipe(pipe));
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(frame, dot, command, value)?.look_into());
        }
        let value = value.unwrap_or(Typed::Invalid);
        for variable in &pipe.variables {
            if pipe.assigns {
                self.assign(frame, variable, value.clone())?;
            } else {
                self.variables.push((variable.id, value.clone()));
            }
        }
        Ok(value)
    }

    /// A pipeline in parentheses.
    pub(super) fn nested_pipeline<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        pipe: &'t Pipe,
    ) -> Executed<Typed> {
        self.check_depth(frame)?;
        self.pipeline(frame, dot, pipe)
    }

    /// What a command gives, with the value of the command before it.
    fn command<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        command: &'t Command,
        last: Option<Typed>,
    ) -> Executed<Typed> {
        self.step(frame)?;
        let Some((first, arguments)) = command.operands.split_first() else {
            return Ok(Typed::Invalid);
        };
        match &first.term {
            Term::Field(names) => {
                frame.at = Some(Place::Operand(first));
                return self.fields(frame, dot, dot, first, names, arguments, last);
            }
            Term::Chain(operand, names) => {
                return self.chain(frame, dot, first, operand, names, arguments, last);
            }
            Term::Function(name, callee) => {
                let at = Place::Command(command);
                return self.function(frame, dot, first, at, name, callee, arguments, last);
            }
            Term::Pipe(pipe) => {
                not_a_function(frame, first, arguments, last.as_ref())?;
                return self.nested_pipeline(frame, dot, pipe);
            }
            Term::Variable(variable, names) => {
                return self.variable(frame, dot, first, variable, names, arguments, last);
            }
            _ => {}
        }
        frame.at = Some(Place::Operand(first));
        not_a_function(frame, first, arguments, last.as_ref())?;
        match &first.term {
            Term::Dot => Ok(dot.clone()),
            Term::Nil => Err(fail(frame, "nil is not a command")),
            _ => self.constant(frame, first),
        }
    }

    /// A constant that is to be of no certain type.
    pub(super) fn constant(&self, frame: &Frame<'_>, operand: &Operand) -> Executed<Typed> {
        match &operand.term {
            Term::Bool(truth) => Ok(Typed::Known(Value::Bool(*truth))),
            Term::String { value, .. } => Ok(Typed::Known(value.clone())),
            Term::Number(number) => match ideal(number) {
                Some(value) => Ok(Typed::Known(value)),
                None => Err(fail(frame, [&number.text[..], b" overflows int"].concat())),
            },
            _ => Ok(Typed::Invalid),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a call has so many parts")]
    pub(super) fn variable<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        operand: &'t Operand,
        variable: &Variable,
        names: &'t [crate::Text],
        arguments: &'t [Operand],
        last: Option<Typed>,
    ) -> Executed<Typed> {
        frame.at = Some(Place::Operand(operand));
        let value = self.lookup(frame, variable)?.clone();
        if names.is_empty() {
            not_a_function(frame, operand, arguments, last.as_ref())?;
            return Ok(value);
        }
        self.fields(frame, dot, &value, operand, names, arguments, last)
    }

    #[expect(clippy::too_many_arguments, reason = "a call has so many parts")]
    pub(super) fn chain<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        chain: &'t Operand,
        first: &'t Operand,
        names: &'t [crate::Text],
        arguments: &'t [Operand],
        last: Option<Typed>,
    ) -> Executed<Typed> {
        frame.at = Some(Place::Operand(first));
        let value = match &first.term {
            Term::Pipe(pipe) => self.nested_pipeline(frame, dot, pipe)?,
            Term::Function(name, callee) => {
                self.function(frame, dot, first, Place::Operand(first), name, callee, &[], None)?
            }
            _ => Typed::Invalid,
        };
        self.fields(frame, dot, &value, chain, names, arguments, last)
    }

    fn lookup(&self, frame: &Frame<'_>, variable: &Variable) -> Executed<&Typed> {
        let visible = self.variables.get(frame.variables..).unwrap_or_default();
        match visible.iter().rev().find(|(id, _)| *id == variable.id) {
            Some((_, value)) => Ok(value),
            None => Err(undefined(frame, variable)),
        }
    }

    /// Gives a variable that is there another value.
    pub(super) fn assign(&mut self, frame: &Frame<'_>, variable: &Variable, value: Typed) -> Executed<()> {
        let visible = self.variables.get_mut(frame.variables..).unwrap_or_default();
        match visible.iter_mut().rev().find(|(id, _)| *id == variable.id) {
            Some(place) => {
                place.1 = value;
                Ok(())
            }
            None => Err(undefined(frame, variable)),
        }
    }
}

#[cold]
fn undefined(frame: &Frame<'_>, variable: &Variable) -> Box<crate::error::Failure> {
    fail(frame, [b"undefined variable: ", &variable.name[..]].concat())
}

/// Makes sure that what is no function has no arguments.
pub(super) fn not_a_function(
    frame: &Frame<'_>,
    operand: &Operand,
    arguments: &[Operand],
    last: Option<&Typed>,
) -> Executed<()> {
    if arguments.is_empty() && last.is_none() {
        return Ok(());
    }
    let text = node_text(frame, Place::Operand(operand));
    Err(fail(frame, [b"can't give argument to non-function ", &text[..]].concat()))
}

/// A number whose type only its form tells; `None` if it is an integer beyond `int`.
fn ideal(number: &Number) -> Option<Value> {
    if let Some(complex) = number.complex {
        return Some(Value::Object(Rc::new(complex)));
    }
    if let Some(float) = number.float.filter(|_| looks_like_float(&number.text)) {
        return Some(Value::Float(float));
    }
    number.int.map(Value::int)
}

fn looks_like_float(text: &[u8]) -> bool {
    let hexadecimal =
        matches!(text, [b'0', b'x' | b'X', _, ..]) && !text.iter().any(|byte| b"pP".contains(byte));
    let character = text.first() == Some(&b'\'');
    !hexadecimal && !character && text.iter().any(|byte| b".eEpP".contains(byte))
}

/// Words that stand for a constant of a certain type.
pub(super) fn typed_constant(frame: &Frame<'_>, operand: &Operand, of: &Type) -> Executed<Value> {
    let found = |expected: &str| {
        let text = node_text(frame, Place::Operand(operand));
        fail(frame, [b"expected ", expected.as_bytes(), b"; found ", &text[..]].concat())
    };
    let number = match &operand.term {
        Term::Number(number) => Some(number),
        _ => None,
    };
    match of {
        Type::Bool => match &operand.term {
            Term::Bool(truth) => Ok(Value::Bool(*truth)),
            _ => Err(found("bool")),
        },
        Type::Float => match number.and_then(|number| number.float) {
            Some(float) => Ok(Value::Float(float)),
            None => Err(found("float")),
        },
        Type::NamedInt(_) => match number.and_then(|number| number.int) {
            Some(int) => Ok(Value::int64(int)),
            None => Err(found("integer")),
        },
        Type::Int(kind) if kind.is_signed() => match number.and_then(|number| number.int) {
            Some(int) => Ok(Value::Int(*kind, kind.wrap(int))),
            None => Err(found("integer")),
        },
        Type::Int(kind) => match number.and_then(|number| number.uint) {
            Some(uint) => Ok(kind.wrap_unsigned(uint)),
            None => Err(found("unsigned integer")),
        },
        Type::String => match &operand.term {
            Term::String { value, .. } => Ok(value.clone()),
            _ => Err(found("string")),
        },
        Type::Any | Type::Slice(_) | Type::Map(_) | Type::Named(_) => {
            let text = node_text(frame, Place::Operand(operand));
            let of = of.to_string();
            Err(fail(frame, [b"can't handle ", &text[..], b" for arg of type ", of.as_bytes()].concat()))
        }
    }
}
