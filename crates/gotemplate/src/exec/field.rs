//! Fields: keys of maps, fields of structs, methods.

use super::call::{Shape, check_count};
use super::typed::Typed;
use super::{Exec, Executed, Frame, call_failure, fail};
use crate::container::Map;
use crate::function::Signature;
use crate::object::{Kind, Object};
use crate::quote;
use crate::set::MissingKey;
use crate::text::Text;
use crate::tree::{Operand, Place};
use crate::value::Value;

use std::rc::Rc;

/// What a field may be called with, if it is a method.
struct Arguments<'a, 't> {
    /// What its arguments are evaluated with.
    dot: &'a Typed,
    operand: &'t Operand,
    rest: &'t [Operand],
    last: Option<Typed>,
}

impl Arguments<'_, '_> {
    fn is_any(&self) -> bool {
        !self.rest.is_empty() || self.last.is_some()
    }
}

impl Exec<'_> {
    /// A field of a field of … a value. The last one gets the arguments.
    #[expect(clippy::too_many_arguments, reason = "a call has so many parts")]
    pub(super) fn fields<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        receiver: &Typed,
        operand: &'t Operand,
        names: &'t [Text],
        rest: &'t [Operand],
        last: Option<Typed>,
    ) -> Executed<Typed> {
        let Some((name, names)) = names.split_last() else {
            return Ok(receiver.clone());
        };
        let mut inner;
        let mut receiver = receiver;
        for name in names {
            let none = Arguments { dot, operand, rest: &[], last: None };
            inner = self.field(frame, receiver, name, none)?;
            receiver = &inner;
        }
        self.field(frame, receiver, name, Arguments { dot, operand, rest, last })
    }

    fn field<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        receiver: &Typed,
        name: &'t Text,
        arguments: Arguments<'_, 't>,
    ) -> Executed<Typed> {
        match receiver {
            Typed::Invalid if self.set.missing_key() == MissingKey::Error => {
                let name = quote::quote(name);
                Err(fail(frame, [b"nil data; no entry for key ", &name[..]].concat()))
            }
            Typed::Invalid => Ok(Typed::Invalid),
            Typed::Interface(Value::Nil) => Err(nil_pointer(frame, receiver, name)),
            Typed::Known(Value::Map(map)) | Typed::Interface(Value::Map(map)) => {
                self.key(frame, map, name, arguments)
            }
            Typed::Known(Value::Object(object)) | Typed::Interface(Value::Object(object)) => {
                self.member(frame, receiver, object, name, arguments)
            }
            _ => Err(no_field(frame, receiver, name)),
        }
    }

    fn key<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        map: &Map,
        name: &'t Text,
        arguments: Arguments<'_, 't>,
    ) -> Executed<Typed> {
        if let Some(method) = map.type_name().and_then(|of| self.set.method(of, name)).cloned() {
            let at = Place::Operand(arguments.operand);
            let receiver = Value::Map(map.clone());
            let Arguments { dot, rest, last, .. } = arguments;
            return self.map_method(frame, dot, at, name, &method, receiver, rest, last);
        }
        if arguments.is_any() {
            return Err(fail(frame, [&name[..], b" is not a method but has arguments"].concat()));
        }
        match map.get(name) {
            Some(value) => Ok(Typed::of(map.element(), value)),
            None => self.missing(frame, name, || Typed::zero(map.element())),
        }
    }

    fn missing(&self, frame: &Frame<'_>, name: &Text, zero: impl FnOnce() -> Typed) -> Executed<Typed> {
        match self.set.missing_key() {
            MissingKey::Default => Ok(Typed::Invalid),
            MissingKey::Zero => Ok(zero()),
            MissingKey::Error => {
                let name = quote::quote(name);
                Err(fail(frame, [b"map has no entry for key ", &name[..]].concat()))
            }
        }
    }

    /// A method, field or key of something of the host.
    fn member<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        receiver: &Typed,
        object: &Rc<dyn Object>,
        name: &'t Text,
        arguments: Arguments<'_, 't>,
    ) -> Executed<Typed> {
        let text = name.to_str();
        if let Some(signature) = object.method(&text) {
            let at = Place::Operand(arguments.operand);
            let Arguments { dot, rest, last, .. } = arguments;
            if !signature.several.is_empty() {
                return Err(several_results(frame, &signature, name, rest, &last));
            }
            let values = self.arguments(frame, dot, name, Shape::of(&signature), rest, last)?;
            return match object.call(&text, &values) {
                Ok(value) => self.result(frame, &signature.result, value),
                Err(error) => Err(call_failure(frame, at, name, error)),
            };
        }
        match object.kind() {
            Kind::Pointer if object.is_nil() => Err(nil_pointer(frame, receiver, name)),
            Kind::Struct | Kind::Pointer => match object.field(&text) {
                Some(_) if arguments.is_any() => Err(fail(
                    frame,
                    [&name[..], b" has arguments but cannot be invoked as function"].concat(),
                )),
                Some(Value::Nil) => Ok(Typed::Interface(Value::Nil)),
                Some(value) => Ok(Typed::Known(value)),
                None if object.hides(&text) => {
                    let of = receiver.type_of().to_string();
                    let why: &[u8] = b" is an unexported field of struct type ";
                    Err(fail(frame, [&name[..], why, of.as_bytes()].concat()))
                }
                None => Err(no_field(frame, receiver, name)),
            },
            Kind::Map if arguments.is_any() => {
                Err(fail(frame, [&name[..], b" is not a method but has arguments"].concat()))
            }
            Kind::Map => match (object.field(&text), object.underlying()) {
                (Some(Value::Nil), _) => Ok(Typed::Interface(Value::Nil)),
                (Some(value), _) => Ok(Typed::Known(value)),
                (None, Some(Value::Map(map))) => match map.get(name) {
                    Some(value) => Ok(Typed::of(map.element(), value)),
                    None => self.missing(frame, name, || Typed::zero(map.element())),
                },
                (None, _) => self.missing(frame, name, || Typed::Interface(Value::Nil)),
            },
            _ => Err(no_field(frame, receiver, name)),
        }
    }
}

#[cold]
fn nil_pointer(frame: &Frame<'_>, receiver: &Typed, name: &Text) -> Box<crate::error::Failure> {
    let of = receiver.type_of().to_string();
    fail(frame, [b"nil pointer evaluating ", of.as_bytes(), b".", &name[..]].concat())
}

/// Why a method with several results can't be called.
#[cold]
fn several_results(
    frame: &Frame<'_>,
    signature: &Signature,
    name: &Text,
    rest: &[Operand],
    last: &Option<Typed>,
) -> Box<crate::error::Failure> {
    let count = rest.len() + usize::from(last.is_some());
    if let Err(failure) = check_count(frame, name, signature.parameters.len(), false, count, rest.len()) {
        return failure;
    }
    let text = match signature.several {
        [_, second] => [
            b"invalid function signature for ",
            &name[..],
            b": second return value should be error; is ",
            second.as_bytes(),
        ]
        .concat(),
        all => {
            let count = all.len().to_string();
            [b"function ", &name[..], b" has ", count.as_bytes(), b" return values; should be 1 or 2"]
                .concat()
        }
    };
    fail(frame, text)
}

#[cold]
fn no_field(frame: &Frame<'_>, receiver: &Typed, name: &Text) -> Box<crate::error::Failure> {
    let of = receiver.type_of().to_string();
    fail(frame, [b"can't evaluate field ", &name[..], b" in type ", of.as_bytes()].concat())
}
