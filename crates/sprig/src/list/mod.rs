//! Lists: making them, taking parts of them, changing copies of them.

mod build;
mod ends;
mod filter;
mod sequence;

use std::borrow::Cow;

use chartroom_gotemplate::{CallError, Function, IntType, Kind, Value};

use crate::reflection::{kind_name, nil_dereference};

pub(crate) fn functions() -> Vec<Function> {
    [build::functions(), ends::functions(), filter::functions(), sequence::functions()]
        .into_iter()
        .flatten()
        .collect()
}

/// The elements of a list. For all else there is a complaint with the kind behind it.
fn elements<'a>(value: &'a Value, complaint: &str) -> Result<Cow<'a, [Value]>, CallError> {
    match value {
        Value::List(list) => return Ok(Cow::Borrowed(list.items())),
        Value::Bytes(bytes) => {
            return Ok(bytes.iter().map(|&byte| Value::Int(IntType::Uint8, byte.into())).collect());
        }
        Value::Nil => return Err(nil_dereference()),
        Value::Object(object) if object.kind() == Kind::Slice => {
            if let Some(underlying @ (Value::List(_) | Value::Bytes(_))) = object.underlying() {
                return Ok(Cow::Owned(elements(&underlying, complaint)?.into_owned()));
            }
        }
        _ => {}
    }
    Err(CallError::new(format!("{complaint} {}", kind_name(value))))
}
