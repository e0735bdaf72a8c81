//! `toToml`, `fromToml` and their kin, as BurntSushi's `toml` has them.

mod cursor;
mod datetime;
mod decode;
mod document;
mod encode;
mod key;
mod numbers;
mod scalar;
mod strings;

use chartroom_gotemplate::{CallError, Value};

use super::{Answer, argument, error_map, text};

/// How deep values may be nested that are written, and how many parts a key may have.
const MAX_DEPTH: usize = 500;
/// How deep arrays and tables in braces may be nested that are read.
const MAX_NESTING: usize = 100;

/// What can't be written is told in its place.
pub(super) fn to_toml(arguments: &[Value]) -> Answer {
    let value = written(arguments)?;
    Ok(Value::String(encode::document(value).unwrap_or_else(String::into_bytes).into()))
}

pub(super) fn must_to_toml(arguments: &[Value]) -> Answer {
    let value = written(arguments)?;
    encode::document(value).map(|text| Value::String(text.into())).map_err(CallError::new)
}

/// Nil has no type, over which the library stumbles.
fn written(arguments: &[Value]) -> Result<&Value, CallError> {
    match argument(arguments) {
        Value::Nil => Err(CallError::new("reflect: call of reflect.Value.Type on zero Value")),
        value => Ok(value),
    }
}

pub(super) fn from_toml(arguments: &[Value]) -> Answer {
    Ok(decode::document(text(arguments)).unwrap_or_else(error_map))
}
