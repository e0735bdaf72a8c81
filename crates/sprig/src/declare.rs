//! How the tables of functions are written.

use chartroom_gotemplate::{Body, CallError, Function, IntType, Signature, Text, Type, Value};

/// `int`.
pub(crate) const INT: Type = Type::Int(IntType::Int);
/// `int64`.
pub(crate) const INT64: Type = Type::Int(IntType::Int64);

/// What a function does.
pub(crate) type Call = fn(&[Value]) -> Result<Value, CallError>;

/// A function with a fixed number of parameters.
pub(crate) fn fixed<const N: usize>(
    name: &'static str,
    parameters: [Type; N],
    result: Type,
    body: Call,
) -> Function {
    Function { name, signature: Signature::new(parameters, result), body: Body::Pure(body) }
}

/// A function whose last parameter takes any number of arguments.
pub(crate) fn variadic<const N: usize>(
    name: &'static str,
    parameters: [Type; N],
    result: Type,
    body: Call,
) -> Function {
    Function { name, signature: Signature::variadic(parameters, result), body: Body::Pure(body) }
}

/// A string as a result.
pub(crate) fn string(bytes: impl Into<Text>) -> Result<Value, CallError> {
    Ok(Value::String(bytes.into()))
}

/// A part of a string argument as a result: what is as long as the whole is the whole, and not
/// copied.
pub(crate) fn part(whole: &Value, part: &[u8]) -> Result<Value, CallError> {
    match whole {
        Value::String(text) if text.len() == part.len() => Ok(whole.clone()),
        _ => string(part),
    }
}
