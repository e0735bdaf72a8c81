//! Lists out of elements and other lists.

use chartroom_gotemplate::{CallError, Function, Growth, List, Type, Value};

use super::elements;
use crate::arguments::{any, int};
use crate::declare::{INT, fixed, variadic};
use crate::limit;

pub(super) fn functions() -> Vec<Function> {
    const LIST_AND_VALUE: [Type; 2] = [Type::Any, Type::Any];
    let lists = || Type::Slice(Type::list().into());
    vec![
        variadic("list", [Type::Any], Type::list(), |items| Ok(Value::list(items.to_vec()))),
        variadic("tuple", [Type::Any], Type::list(), |items| Ok(Value::list(items.to_vec()))),
        fixed("append", LIST_AND_VALUE, Type::list(), append),
        fixed("push", LIST_AND_VALUE, Type::list(), append),
        fixed("mustAppend", LIST_AND_VALUE, Type::list(), append),
        fixed("mustPush", LIST_AND_VALUE, Type::list(), append),
        fixed("prepend", LIST_AND_VALUE, Type::list(), prepend),
        fixed("mustPrepend", LIST_AND_VALUE, Type::list(), prepend),
        variadic("concat", [Type::Any], Type::Any, concat),
        fixed("chunk", [INT, Type::Any], lists(), chunk),
        fixed("mustChunk", [INT, Type::Any], lists(), chunk),
    ]
}

fn append(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot push on type")?;
    limit::elements(items.len() + 1)?;
    let mut longer = Vec::with_capacity(items.len() + 1);
    longer.extend_from_slice(&items);
    longer.push(any(arguments, 1).clone());
    Ok(List::grown(Type::Any, longer, Growth::AtOnce(items.len())).into())
}

fn prepend(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot prepend on type")?;
    limit::elements(items.len() + 1)?;
    let mut longer = Vec::with_capacity(items.len() + 1);
    longer.push(any(arguments, 1).clone());
    longer.extend_from_slice(&items);
    Ok(List::grown(Type::Any, longer, Growth::AtOnce(1)).into())
}

/// All elements of all lists. Of nothing it is a nil list.
fn concat(lists: &[Value]) -> Result<Value, CallError> {
    let mut all = Vec::new();
    for list in lists {
        let items = elements(list, "Cannot concat type").map_err(|error| match list {
            Value::Nil => error,
            _ => CallError::new(format!("{error} as list")),
        })?;
        limit::elements(all.len() + items.len())?;
        all.extend_from_slice(&items);
    }
    Ok(if all.is_empty() { List::nil(Type::Any).into() } else { Value::grown(all) })
}

/// Lists of so many elements, the last of the rest. Upstream counts with floats, so that sizes below
/// one have results of their own where they have no error.
fn chunk(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 1), "Cannot chunk type")?;
    let size = int(arguments, 0);
    let chunks = match (usize::try_from(size), items.len()) {
        (Ok(size @ 1..), _) => items.chunks(size),
        (Err(_), 1) if size < -1 => items.chunks(1),
        (Err(_), length @ 2..) if length as u64 <= size.unsigned_abs() + 1 => [].chunks(1),
        _ => return Err(CallError::new("runtime error: makeslice: len out of range")),
    };
    Ok(List::of(Type::list(), chunks.map(|chunk| Value::list(chunk.to_vec())).collect()).into())
}
