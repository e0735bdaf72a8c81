//! The types and kinds of values.

use chartroom_gotemplate::{CallError, Function, Kind, Type, Value};

use crate::arguments::{any, text};
use crate::declare::{fixed, string};

pub(crate) fn functions() -> Vec<Function> {
    const NAME_AND_VALUE: [Type; 2] = [Type::String, Type::Any];
    vec![
        fixed("typeOf", [Type::Any], Type::String, |arguments| string(type_name(any(arguments, 0)))),
        fixed("typeIs", NAME_AND_VALUE, Type::Bool, |arguments| {
            Ok((type_name(any(arguments, 1)).as_bytes() == text(arguments, 0)).into())
        }),
        fixed("typeIsLike", NAME_AND_VALUE, Type::Bool, |arguments| {
            let name = type_name(any(arguments, 1));
            let pointed_at = name.strip_prefix('*').unwrap_or(&name);
            Ok([name.as_str(), pointed_at].map(str::as_bytes).contains(&text(arguments, 0)).into())
        }),
        fixed("kindOf", [Type::Any], Type::String, |arguments| string(kind_name(any(arguments, 0)))),
        fixed("kindIs", NAME_AND_VALUE, Type::Bool, |arguments| {
            Ok((kind_name(any(arguments, 1)).as_bytes() == text(arguments, 0)).into())
        }),
    ]
}

/// A type as Go's `%T` writes it.
pub(crate) fn type_name(value: &Value) -> String {
    value.type_of().map_or_else(|| "<nil>".to_owned(), |found| found.to_string())
}

/// The kind of what a value is made of.
pub(crate) fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Nil => "invalid",
        Value::Bool(_) => "bool",
        Value::Int(kind, _) => kind.name(),
        Value::Uint64(_) => "uint64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::Bytes(_) | Value::List(_) => "slice",
        Value::Map(_) => "map",
        Value::Function(_) => "func",
        Value::Object(object) => match object.kind() {
            Kind::Invalid => "invalid",
            Kind::Struct => "struct",
            Kind::Pointer => "ptr",
            Kind::Func => "func",
            Kind::Interface => "interface",
            Kind::Slice => "slice",
            Kind::Map => "map",
            Kind::String => "string",
            Kind::Bool => "bool",
            Kind::Float => "float64",
            Kind::Int => object.underlying().as_ref().map_or("int", kind_name),
            Kind::Uint => object.underlying().as_ref().map_or("uint", kind_name),
        },
    }
}

/// What Go says where a function asks for the type of nil.
pub(crate) fn nil_dereference() -> CallError {
    CallError::new("runtime error: invalid memory address or nil pointer dereference")
}
