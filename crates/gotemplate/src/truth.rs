//! What `if`, `with`, `and`, `or` and `not` take for true.

use crate::complex::Complex;
use crate::object::{Kind, Object};
use crate::value::Value;

/// Whether a value is true: not the zero of its type, not nil, not empty. Structs always are.
pub fn truth(value: &Value) -> bool {
    match value {
        Value::Nil => false,
        Value::Bool(truth) => *truth,
        Value::Int(_, number) => *number != 0,
        Value::Uint64(number) => *number != 0,
        Value::Float(number) => *number != 0.0,
        Value::String(text) | Value::Bytes(text) => !text.is_empty(),
        Value::List(list) => !list.is_empty(),
        Value::Map(map) => !map.is_empty(),
        Value::Object(object) => truth_of_object(object.as_ref()),
        Value::Function(_) => true,
    }
}

fn truth_of_object(object: &dyn Object) -> bool {
    if let Some(complex) = object.as_any().downcast_ref::<Complex>() {
        return complex.real != 0.0 || complex.imaginary != 0.0;
    }
    match object.kind() {
        Kind::Struct => true,
        Kind::Pointer | Kind::Func | Kind::Interface => !object.is_nil(),
        _ => object.underlying().is_some_and(|value| truth(&value)),
    }
}
