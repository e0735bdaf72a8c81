//! First and last elements, all but these, and what is between two positions.

use chartroom_gotemplate::{CallError, Function, List, Type, Value};

use super::elements;
use crate::arguments::{any, rest};
use crate::declare::{fixed, variadic};
use crate::number::to_int64;

pub(super) fn functions() -> Vec<Function> {
    vec![
        fixed("first", [Type::Any], Type::Any, first),
        fixed("mustFirst", [Type::Any], Type::Any, first),
        fixed("last", [Type::Any], Type::Any, last),
        fixed("mustLast", [Type::Any], Type::Any, last),
        fixed("rest", [Type::Any], Type::list(), but_first),
        fixed("mustRest", [Type::Any], Type::list(), but_first),
        fixed("initial", [Type::Any], Type::list(), but_last),
        fixed("mustInitial", [Type::Any], Type::list(), but_last),
        variadic("slice", [Type::Any, Type::Any], Type::Any, slice),
        variadic("mustSlice", [Type::Any, Type::Any], Type::Any, slice),
    ]
}

fn first(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot find first on type")?;
    Ok(items.first().cloned().unwrap_or_default())
}

fn last(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot find last on type")?;
    Ok(items.last().cloned().unwrap_or_default())
}

fn but_first(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot find rest on type")?;
    Ok(list_or_nil(items.split_first().map(|(_, rest)| rest)))
}

fn but_last(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot find initial on type")?;
    Ok(list_or_nil(items.split_last().map(|(_, rest)| rest)))
}

fn list_or_nil(items: Option<&[Value]>) -> Value {
    match items {
        Some(items) => Value::list(items.to_vec()),
        None => List::nil(Type::Any).into(),
    }
}

/// What is between two positions, of the same type as the list. Of an empty list that is nil.
fn slice(arguments: &[Value]) -> Result<Value, CallError> {
    let list = any(arguments, 0);
    let items = elements(list, "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    // Beyond the end of a list there may be room for more.
    let position = |index: Option<&Value>, default| match index {
        Some(index) => usize::try_from(to_int64(index)).ok(),
        None => Some(default),
    };
    let indices = rest(arguments, 1);
    let range = position(indices.first(), 0).zip(position(indices.get(1), items.len()));
    let out_of_bounds = || CallError::new("reflect.Value.Slice: slice index out of bounds");
    if let Value::List(list) = list {
        let (start, end) = range.ok_or_else(out_of_bounds)?;
        return list.part(start, end).map(Value::List).ok_or_else(out_of_bounds);
    }
    let Some(part) = range.and_then(|(start, end)| items.get(start..end)) else {
        return Err(out_of_bounds());
    };
    Ok(match list {
        Value::Bytes(bytes) => {
            let start = range.map(|(start, _)| start).unwrap_or_default();
            Value::Bytes(bytes.get(start..start + part.len()).unwrap_or_default().into())
        }
        _ => Value::list(part.to_vec()),
    })
}
