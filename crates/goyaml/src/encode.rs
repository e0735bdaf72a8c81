//! Values to YAML: what a value is written as. How it is laid out is the emitter's business.

use crate::emitter::Emitter;
use crate::number::Number;
use crate::reader::is_readable;
use crate::{Error, MAX_DEPTH, Result, Value, key_order, number};

/// Encodes a document.
pub(crate) fn document(value: &Value) -> Result<String> {
    let mut emitter = Emitter::new();
    write(&mut emitter, value, 1)?;
    Ok(emitter.finish())
}

fn write(emitter: &mut Emitter, value: &Value, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::too_deep_to_write());
    }
    match value {
        Value::Null => emitter.bare("null"),
        Value::Bool(true) => emitter.bare("true"),
        Value::Bool(false) => emitter.bare("false"),
        Value::Int(integer) => emitter.bare(&integer.to_string()),
        Value::Uint(integer) => emitter.bare(&integer.to_string()),
        Value::Float(float) => emitter.bare(&float_text(*float)?),
        Value::String(text) => {
            check(text)?;
            emitter.text(text);
        }
        Value::List(list) if list.is_empty() => emitter.bare("[]"),
        Value::List(list) => {
            emitter.start_sequence();
            for element in list {
                emitter.entry();
                write(emitter, element, depth + 1)?;
            }
            emitter.end();
        }
        Value::Map(map) if map.is_empty() => emitter.bare("{}"),
        Value::Map(map) => {
            emitter.start_mapping();
            for (key, element) in key_order::sort(map.iter()) {
                check(key)?;
                emitter.key(key);
                write(emitter, element, depth + 1)?;
            }
            emitter.end();
        }
    }
    Ok(())
}

/// A float after its detour over JSON, where whole numbers become integers if they fit.
fn float_text(float: f64) -> Result<String> {
    if !float.is_finite() {
        return Err(Error::unwritable_number(float));
    }
    match number::whole(float) {
        Some(Number::Int(integer)) => Ok(integer.to_string()),
        Some(Number::Uint(integer)) => Ok(integer.to_string()),
        _ => Ok(number::format_g(float)),
    }
}

/// JSON escapes the control characters of ASCII, and YAML refuses all others.
fn check(text: &str) -> Result<()> {
    let ascii = text.bytes().all(|byte| byte < 0x7F);
    if ascii || text.chars().all(|c| c < ' ' || is_readable(c)) {
        return Ok(());
    }
    Err(Error::unwritable_text())
}
