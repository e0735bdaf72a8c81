//! `dig`: a value several maps down.

use chartroom_gotemplate::{CallError, Function, Map, Text, Type, Value};

use crate::declare::variadic;
use crate::reflection::type_name;

pub(super) fn functions() -> Vec<Function> {
    vec![variadic("dig", [Type::Any], Type::Any, dig)]
}

/// Keys, what to give if one isn't there, and the map.
fn dig(arguments: &[Value]) -> Result<Value, CallError> {
    let [keys @ .., default, map] = arguments else { return Err(too_few()) };
    if keys.is_empty() {
        return Err(too_few());
    }
    let mut map = plain_map(map)?;
    let keys = keys.iter().map(key).collect::<Result<Vec<_>, _>>()?;
    let mut found = Value::Nil;
    for (index, key) in keys.iter().enumerate() {
        if index > 0 {
            map = plain_map(&found)?;
        }
        match map.get(key) {
            Some(value) => found = value,
            None => return Ok(default.clone()),
        }
    }
    Ok(found)
}

fn too_few() -> CallError {
    CallError::new("dig needs at least three arguments")
}

/// The map, if it is of the type that upstream asks for; those with a name of their own, such as
/// `.Values`, are not.
fn plain_map(value: &Value) -> Result<Map, CallError> {
    match value {
        Value::Map(map) if map.type_name().is_none() && *map.element() == Type::Any => Ok(map.clone()),
        value => Err(no_conversion(value, "map[string]interface {}")),
    }
}

fn key(value: &Value) -> Result<&Text, CallError> {
    value.as_text().ok_or_else(|| no_conversion(value, "string"))
}

fn no_conversion(value: &Value, wanted: &str) -> CallError {
    let found = if value.is_nil() { "nil".to_owned() } else { type_name(value) };
    CallError::new(format!("interface conversion: interface {{}} is {found}, not {wanted}"))
}
