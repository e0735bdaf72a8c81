//! Reading arguments that are known to fit a signature.
//!
//! The executor has checked number and types, so that nothing here can fail; what a wrong table of
//! functions would bring about is the zero of the type.

use chartroom_gotemplate::{Map, Type, Value};

/// An argument of any type.
pub(crate) fn any(arguments: &[Value], index: usize) -> &Value {
    const NIL: &Value = &Value::Nil;
    arguments.get(index).unwrap_or(NIL)
}

/// The arguments from one on.
pub(crate) fn rest(arguments: &[Value], start: usize) -> &[Value] {
    arguments.get(start..).unwrap_or_default()
}

/// A `string`.
pub(crate) fn text(arguments: &[Value], index: usize) -> &[u8] {
    any(arguments, index).as_text().map_or(&[], |text| text.as_bytes())
}

/// An `int`.
pub(crate) fn int(arguments: &[Value], index: usize) -> i64 {
    match any(arguments, index) {
        Value::Int(_, number) => *number,
        _ => 0,
    }
}

/// A `float64`.
pub(crate) fn float(arguments: &[Value], index: usize) -> f64 {
    match any(arguments, index) {
        Value::Float(number) => *number,
        _ => 0.0,
    }
}

/// A `bool`.
pub(crate) fn boolean(arguments: &[Value], index: usize) -> bool {
    matches!(any(arguments, index), Value::Bool(true))
}

/// A `map[string]interface {}`, which may be nil.
pub(crate) fn map(arguments: &[Value], index: usize) -> Map {
    map_of(any(arguments, index))
}

/// The map that a value is.
pub(crate) fn map_of(value: &Value) -> Map {
    value.as_map().cloned().unwrap_or_else(|| Map::nil(Type::Any))
}
