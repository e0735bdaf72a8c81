//! Choosing among values by whether they are empty.

use chartroom_gotemplate::{CallError, Function, Type, Value, truth};

use crate::arguments::{any, boolean, text};
use crate::declare::{fixed, variadic};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        variadic("default", [Type::Any, Type::Any], Type::Any, |arguments| {
            let given = arguments.get(1).filter(|given| !is_empty(given));
            Ok(given.unwrap_or(any(arguments, 0)).clone())
        }),
        fixed("empty", [Type::Any], Type::Bool, |arguments| Ok(is_empty(any(arguments, 0)).into())),
        variadic("coalesce", [Type::Any], Type::Any, |values| {
            Ok(values.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
        }),
        variadic("all", [Type::Any], Type::Bool, |values| Ok(values.iter().all(truth).into())),
        variadic("any", [Type::Any], Type::Bool, |values| Ok(values.iter().any(truth).into())),
        fixed("ternary", [Type::Any, Type::Any, Type::Bool], Type::Any, |arguments| {
            Ok(any(arguments, if boolean(arguments, 2) { 0 } else { 1 }).clone())
        }),
        fixed("fail", [Type::String], Type::String, |arguments| {
            Err(CallError::new(String::from_utf8_lossy(text(arguments, 0))))
        }),
    ]
}

/// Whether a value is nil, false, zero, or has nothing in it.
pub(crate) fn is_empty(value: &Value) -> bool {
    !truth(value)
}
