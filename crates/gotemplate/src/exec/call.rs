//! Calls: arguments that fit a signature, the language's own functions, the host's.

use super::evaluate::typed_constant;
use super::typed::{self, Typed, can_be_nil};
use super::{Exec, Executed, Frame, call_failure, fail, limit, node_text};
use crate::builtin::{Builtin, Parameters, compare, escape, index};
use crate::error::{CallError, Limit};
use crate::function::{Body, Function, Signature};
use crate::go_type::Type;
use crate::tree::{Callee, Operand, Place, Term};
use crate::truth::truth;
use crate::value::Value;

/// What a function takes: values of types, and any number more of another type.
#[derive(Clone, Copy)]
pub(super) struct Shape<'s> {
    fixed: &'s [Type],
    more: Option<&'s Type>,
}

impl<'s> Shape<'s> {
    pub(super) fn of(signature: &'s Signature) -> Self {
        match signature.parameters.split_last() {
            Some((more, fixed)) if signature.variadic => Self { fixed, more: Some(more) },
            _ => Self { fixed: &signature.parameters, more: None },
        }
    }

    /// The type of an argument.
    fn parameter(self, index: usize) -> &'s Type {
        self.fixed.get(index).or(self.more).unwrap_or(&Type::Any)
    }
}

impl Exec<'_> {
    /// Calls a function. Errors that it returns are at the given place.
    #[expect(clippy::too_many_arguments, reason = "a call has so many parts")]
    pub(super) fn function<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        operand: &'t Operand,
        at: Place<'t>,
        name: &[u8],
        callee: &Callee,
        rest: &'t [Operand],
        last: Option<Typed>,
    ) -> Executed<Typed> {
        frame.at = Some(Place::Operand(operand));
        match callee {
            Callee::Builtin(builtin) => self.builtin(frame, dot, at, *builtin, rest, last),
            Callee::Host(function) => {
                let values = self.arguments(frame, dot, name, Shape::of(&function.signature), rest, last)?;
                let result = self.host(frame, at, name, function, &values);
                self.give_back(values);
                result
            }
        }
    }

    fn host<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        at: Place<'t>,
        name: &[u8],
        function: &Function,
        values: &[Value],
    ) -> Executed<Typed> {
        match self.run_body(&function.body, values) {
            Ok(value) => self.result(frame, &function.signature.result, value),
            Err(error) => Err(call_failure(frame, at, name, error)),
        }
    }

    fn run_body(&mut self, body: &Body, values: &[Value]) -> Result<Value, CallError> {
        match body {
            Body::Pure(function) => function(values),
            Body::Closure(function) => function(values),
            Body::Executor(function) => function(self, values),
        }
    }

    /// Calls a method of a map whose type has a name.
    #[expect(clippy::too_many_arguments, reason = "a call has so many parts")]
    pub(super) fn map_method<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        at: Place<'t>,
        name: &[u8],
        method: &Function,
        receiver: Value,
        rest: &'t [Operand],
        last: Option<Typed>,
    ) -> Executed<Typed> {
        let mut shape = Shape::of(&method.signature);
        shape.fixed = shape.fixed.get(1..).unwrap_or_default();
        let mut values = self.arguments(frame, dot, name, shape, rest, last)?;
        values.insert(0, receiver);
        self.host(frame, at, name, method, &values)
    }

    /// What a function gave, as its signature declares it.
    pub(super) fn result(&self, frame: &Frame<'_>, declared: &Type, value: Value) -> Executed<Typed> {
        match &value {
            Value::String(text) | Value::Bytes(text) if text.len() > self.limits.output => {
                Err(limit(frame, Limit::Output))
            }
            _ => Ok(Typed::of(declared, value)),
        }
    }

    /// The arguments for a signature: the words that follow, and what comes down the pipeline.
    pub(super) fn arguments<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        name: &[u8],
        shape: Shape<'_>,
        rest: &'t [Operand],
        last: Option<Typed>,
    ) -> Executed<Vec<Value>> {
        let count = rest.len() + usize::from(last.is_some());
        check_count(frame, name, shape.fixed.len(), shape.more.is_some(), count, rest.len())?;
        let mut values = self.spare.pop().unwrap_or_default();
        for (index, operand) in rest.iter().enumerate() {
            values.push(self.argument(frame, dot, shape.parameter(index), operand)?);
        }
        if let Some(last) = last {
            values.push(assign(frame, last, shape.parameter(count - 1))?);
        }
        Ok(values)
    }

    /// Keeps the room that arguments took for others.
    fn give_back(&mut self, mut values: Vec<Value>) {
        values.clear();
        self.spare.push(values);
    }

    /// What a word stands for, as an argument of a type.
    fn argument<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        of: &Type,
        operand: &'t Operand,
    ) -> Executed<Value> {
        frame.at = Some(Place::Operand(operand));
        match &operand.term {
            Term::Nil if can_be_nil(of) => Ok(typed::zero(of)),
            Term::Nil => Err(fail(frame, format!("cannot assign nil to {of}"))),
            Term::Bool(_) | Term::Number(_) | Term::String { .. } if *of != Type::Any => {
                typed_constant(frame, operand, of)
            }
            _ => {
                let value = self.operand(frame, dot, operand)?;
                assign(frame, value, of)
            }
        }
    }

    /// What a word stands for.
    fn operand<'t>(&mut self, frame: &mut Frame<'t>, dot: &Typed, operand: &'t Operand) -> Executed<Typed> {
        frame.at = Some(Place::Operand(operand));
        match &operand.term {
            Term::Dot => Ok(dot.clone()),
            Term::Nil => Ok(Typed::Invalid),
            Term::Field(names) => self.fields(frame, dot, dot, operand, names, &[], None),
            Term::Variable(variable, names) => self.variable(frame, dot, operand, variable, names, &[], None),
            Term::Pipe(pipe) => self.nested_pipeline(frame, dot, pipe),
            Term::Function(name, callee) => {
                self.function(frame, dot, operand, Place::Operand(operand), name, callee, &[], None)
            }
            Term::Chain(first, names) => self.chain(frame, dot, operand, first, names, &[], None),
            Term::Bool(_) | Term::Number(_) | Term::String { .. } => self.constant(frame, operand),
        }
    }

    fn builtin<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        at: Place<'t>,
        builtin: Builtin,
        rest: &'t [Operand],
        last: Option<Typed>,
    ) -> Executed<Typed> {
        let name = builtin.name().as_bytes();
        let result = match builtin.parameters() {
            Parameters::Values(fixed) => {
                let shape = Shape { fixed, more: Some(&Type::Any) };
                let values = self.arguments(frame, dot, name, shape, rest, last)?;
                let result = self.print_builtin(frame, builtin, &values);
                self.give_back(values);
                return result;
            }
            Parameters::Typed(fixed, variadic) => {
                let count = rest.len() + usize::from(last.is_some());
                check_count(frame, name, fixed, variadic, count, rest.len())?;
                if matches!(builtin, Builtin::And | Builtin::Or) {
                    return self.short_circuit(frame, dot, builtin == Builtin::Or, rest, last);
                }
                let callee = rest.first();
                let mut values = self.spare_typed.pop().unwrap_or_default();
                for operand in rest {
                    values.push(self.operand(frame, dot, operand)?);
                }
                values.extend(last);
                let result = self.typed_builtin(frame, builtin, &values, callee);
                values.clear();
                self.spare_typed.push(values);
                result
            }
        };
        result.map_err(|error| call_failure(frame, at, name, error))
    }

    /// `and` and `or`, which evaluate no more than they need.
    fn short_circuit<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        until: bool,
        rest: &'t [Operand],
        last: Option<Typed>,
    ) -> Executed<Typed> {
        let mut value = Typed::Invalid;
        for operand in rest {
            value = self.operand(frame, dot, operand)?;
            if truth(value.value()) == until {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    fn print_builtin(&self, frame: &Frame<'_>, builtin: Builtin, values: &[Value]) -> Executed<Typed> {
        let value = match (builtin, values) {
            (Builtin::Html, values) => Value::String(escape::html(values).into()),
            (Builtin::Js, values) => Value::String(escape::js(values).into()),
            (Builtin::UrlQuery, values) => Value::String(escape::url_query(values).into()),
            (Builtin::Println, values) => self.text(frame, |printer| printer.println(values))?,
            (Builtin::Printf, [Value::String(format), values @ ..]) => {
                self.text(frame, |printer| printer.printf(format, values))?
            }
            (_, values) => self.text(frame, |printer| printer.print(values))?,
        };
        self.result(frame, &Type::String, value)
    }

    fn typed_builtin(
        &mut self,
        frame: &Frame<'_>,
        builtin: Builtin,
        values: &[Typed],
        callee: Option<&Operand>,
    ) -> Result<Typed, CallError> {
        let truth_of = |result: bool| Ok(Typed::Known(Value::Bool(result)));
        match (builtin, values) {
            (Builtin::Not, [value]) => truth_of(!truth(value.value())),
            (Builtin::Len, [value]) => index::len(value),
            (Builtin::Index, values) => index::index(values),
            (Builtin::Slice, values) => index::slice(values),
            (Builtin::Eq, values) => truth_of(compare::eq(values)?),
            (Builtin::Ne, values) => truth_of(!compare::eq(values)?),
            (Builtin::Lt, [left, right]) => truth_of(compare::lt(left, right)?),
            (Builtin::Le, [left, right]) => truth_of(compare::le(left, right)?),
            (Builtin::Gt, [left, right]) => truth_of(!compare::le(left, right)?),
            (Builtin::Ge, [left, right]) => truth_of(!compare::lt(left, right)?),
            (Builtin::Call, [function, arguments @ ..]) => {
                self.call_value(frame, function, arguments, callee)
            }
            _ => Err(CallError::new("wrong number of args")),
        }
    }

    /// `call`: a function that is a value.
    fn call_value(
        &mut self,
        frame: &Frame<'_>,
        function: &Typed,
        arguments: &[Typed],
        callee: Option<&Operand>,
    ) -> Result<Typed, CallError> {
        let name = match callee {
            Some(operand) => String::from_utf8_lossy(&node_text(frame, Place::Operand(operand))).into_owned(),
            None => match function.value() {
                Value::String(text) => text.to_string(),
                _ => format!("<{} Value>", function.type_of()),
            },
        };
        let function = match function.value() {
            Value::Nil => return Err(CallError::new("call of nil")),
            Value::Function(function) => function.clone(),
            other => {
                let of = other.type_of().map(|of| of.to_string()).unwrap_or_default();
                return Err(CallError::new(format!("non-function {name} of type {of}")));
            }
        };
        let shape = Shape::of(&function.signature);
        let (count, fixed) = (arguments.len(), shape.fixed.len());
        if shape.more.is_some() && count < fixed {
            let message = format!("wrong number of args for {name}: got {count} want at least {fixed}");
            return Err(CallError::new(message));
        }
        if shape.more.is_none() && count != fixed {
            return Err(CallError::new(format!("wrong number of args for {name}: got {count} want {fixed}")));
        }
        let mut values = Vec::with_capacity(count);
        for (index, argument) in arguments.iter().enumerate() {
            let value = prepare(argument.value().clone(), shape.parameter(index));
            values.push(value.map_err(|message| CallError::new(format!("arg {index}: {message}")))?);
        }
        let value = self.run_body(&function.body, &values)?;
        Ok(Typed::of(&function.signature.result, value))
    }
}

/// An argument of a function that is a value: integers of all types fit each other.
fn prepare(value: Value, of: &Type) -> Result<Value, String> {
    if value.is_nil() {
        return match can_be_nil(of) {
            true => Ok(typed::zero(of)),
            false => Err(format!("value is nil; should be of type {of}")),
        };
    }
    match (value, of) {
        (Value::Int(_, number), Type::Int(kind)) if kind.is_signed() => {
            Ok(Value::Int(*kind, kind.wrap(number)))
        }
        (Value::Int(_, number), Type::Int(kind)) => Ok(kind.wrap_unsigned(number.cast_unsigned())),
        (Value::Uint64(number), Type::Int(kind)) => Ok(kind.wrap_unsigned(number)),
        (value, of) => typed::assign(value, of).map_err(|value| {
            let found = value.type_of().map(|of| of.to_string()).unwrap_or_default();
            format!("value has type {found}; should be {of}")
        }),
    }
}

/// The value as one of a type, or the error that it is none.
fn assign(frame: &Frame<'_>, value: Typed, to: &Type) -> Executed<Value> {
    match value {
        Typed::Invalid if can_be_nil(to) => Ok(typed::zero(to)),
        Typed::Invalid => Err(fail(frame, format!("invalid value; expected {to}"))),
        Typed::Interface(Value::Nil) if *to == Type::Any => Ok(Value::Nil),
        Typed::Interface(Value::Nil) => {
            Err(fail(frame, format!("wrong type for value; expected {to}; got interface {{}}")))
        }
        Typed::Known(value) | Typed::Interface(value) => typed::assign(value, to).map_err(|value| {
            let found = value.type_of().map(|of| of.to_string()).unwrap_or_default();
            fail(frame, format!("wrong type for value; expected {to}; got {found}"))
        }),
    }
}

pub(super) fn check_count(
    frame: &Frame<'_>,
    name: &[u8],
    fixed: usize,
    variadic: bool,
    count: usize,
    words: usize,
) -> Executed<()> {
    let message = if variadic && count < fixed {
        format!("want at least {fixed} got {words}")
    } else if !variadic && count != fixed {
        format!("want {fixed} got {count}")
    } else {
        return Ok(());
    };
    Err(fail(frame, [b"wrong number of args for ", name, b": ", message.as_bytes()].concat()))
}
