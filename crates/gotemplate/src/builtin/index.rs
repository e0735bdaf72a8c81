//! `index`, `slice` and `len`.

use crate::container::{List, Map};
use crate::error::CallError;
use crate::exec::typed::Typed;
use crate::int_type::IntType;
use crate::object::Kind;
use crate::text::Text;
use crate::value::Value;

/// What can be indexed, sliced and measured, and what can't.
enum Container {
    Text(Text),
    Bytes(Text),
    List(List),
    Map(Map),
    Other,
}

impl Container {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            Value::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Value::List(list) => Self::List(list.clone()),
            Value::Map(map) => Self::Map(map.clone()),
            Value::Object(object) => match object.underlying() {
                Some(Value::Object(_)) | None => Self::Other,
                Some(plain) => Self::of(&plain),
            },
            _ => Self::Other,
        }
    }

    fn len(&self) -> Option<usize> {
        match self {
            Self::Text(text) | Self::Bytes(text) => Some(text.len()),
            Self::List(list) => Some(list.len()),
            Self::Map(map) => Some(map.len()),
            Self::Other => None,
        }
    }
}

fn error(message: impl Into<String>) -> CallError {
    CallError::new(message)
}

fn type_name(value: &Value) -> String {
    let name = value.type_of().map(|of| of.to_string()).unwrap_or_default();
    match value {
        // What a pointer points to is what is measured.
        Value::Object(object) if object.kind() == Kind::Pointer && !object.is_nil() => {
            name.strip_prefix('*').map(str::to_owned).unwrap_or(name)
        }
        _ => name,
    }
}

fn is_nil_pointer(value: &Value) -> bool {
    matches!(value, Value::Object(object) if object.kind() == Kind::Pointer && object.is_nil())
}

/// The element at an index, the element at the next index of that, and so on.
pub(crate) fn index(values: &[Typed]) -> Result<Typed, CallError> {
    let (first, indexes) = values.split_first().ok_or_else(|| error("index of untyped nil"))?;
    let mut item = first.clone().look_into();
    if matches!(item, Typed::Invalid) {
        return Err(error("index of untyped nil"));
    }
    for index in indexes {
        if item.value().is_nil() || is_nil_pointer(item.value()) {
            return Err(error("index of nil pointer"));
        }
        item = element(item.value(), index.value())?;
    }
    Ok(item)
}

fn element(item: &Value, index: &Value) -> Result<Typed, CallError> {
    match Container::of(item) {
        Container::Text(text) => {
            let position = offset(index, text.len())?;
            let byte = text.get(position).ok_or_else(|| error("reflect: string index out of range"))?;
            Ok(Typed::Known(Value::Int(IntType::Uint8, (*byte).into())))
        }
        Container::Bytes(bytes) => {
            let position = offset(index, bytes.len())?;
            let byte = bytes.get(position).ok_or_else(|| error("reflect: slice index out of range"))?;
            Ok(Typed::Known(Value::Int(IntType::Uint8, (*byte).into())))
        }
        Container::List(list) => {
            let position = offset(index, list.len())?;
            let item =
                list.items().get(position).ok_or_else(|| error("reflect: slice index out of range"))?;
            Ok(Typed::of(list.element(), item.clone()))
        }
        Container::Map(map) => {
            let key = match index {
                Value::Nil => return Err(error("value is nil; should be of type string")),
                Value::String(key) => key,
                other => {
                    return Err(error(format!(
                        "value has type {}; should be string",
                        plain_type_name(other)
                    )));
                }
            };
            Ok(map
                .get(key)
                .map_or_else(|| Typed::zero(map.element()), |value| Typed::of(map.element(), value)))
        }
        Container::Other => Err(error(format!("can't index item of type {}", type_name(item)))),
    }
}

fn plain_type_name(value: &Value) -> String {
    value.type_of().map(|of| of.to_string()).unwrap_or_default()
}

/// An index, which may also be the length.
fn offset(index: &Value, length: usize) -> Result<usize, CallError> {
    let number = match index {
        Value::Int(_, number) => *number,
        Value::Uint64(number) => number.cast_signed(),
        Value::Nil => return Err(error("cannot index slice/array with nil")),
        Value::Object(object) => match object.underlying() {
            Some(Value::Int(_, number)) => number,
            _ => return Err(not_an_index(index)),
        },
        _ => return Err(not_an_index(index)),
    };
    match usize::try_from(number) {
        Ok(offset) if offset <= length => Ok(offset),
        _ => Err(error(format!("index out of range: {number}"))),
    }
}

fn not_an_index(index: &Value) -> CallError {
    error(format!("cannot index slice/array with type {}", plain_type_name(index)))
}

/// A part of a string or slice.
pub(crate) fn slice(values: &[Typed]) -> Result<Typed, CallError> {
    let (first, indexes) = values.split_first().ok_or_else(|| error("slice of untyped nil"))?;
    let item = first.clone().look_into();
    if matches!(item, Typed::Invalid) {
        return Err(error("slice of untyped nil"));
    }
    let item = item.value();
    if is_nil_pointer(item) {
        return Err(error("slice of nil pointer"));
    }
    if indexes.len() > 3 {
        return Err(error(format!("too many slice indexes: {}", indexes.len())));
    }
    let container = Container::of(item);
    let length = match &container {
        Container::Text(_) if indexes.len() == 3 => return Err(error("cannot 3-index slice a string")),
        Container::Text(text) | Container::Bytes(text) => text.len(),
        Container::List(list) => list.len(),
        Container::Map(_) | Container::Other => {
            return Err(error(format!("can't slice item of type {}", type_name(item))));
        }
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        // Unlike `index`, this does not look into interfaces.
        if matches!(index, Typed::Interface(_)) {
            return Err(error("cannot index slice/array with type interface {}"));
        }
        *bound = offset(index.value(), length)?;
    }
    let [from, to, capacity] = bounds;
    if from > to {
        return Err(error(format!("invalid slice index: {from} > {to}")));
    }
    if to > capacity {
        return Err(error(format!("invalid slice index: {to} > {capacity}")));
    }
    Ok(Typed::Known(match container {
        Container::Text(text) => Value::String(text.get(from..to).unwrap_or_default().into()),
        Container::Bytes(bytes) => Value::Bytes(bytes.get(from..to).unwrap_or_default().into()),
        Container::List(list) => list.part(from, to).map_or(Value::Nil, Value::List),
        Container::Map(_) | Container::Other => Value::Nil,
    }))
}

/// How many bytes, elements or keys there are.
pub(crate) fn len(value: &Typed) -> Result<Typed, CallError> {
    if matches!(value, Typed::Invalid) {
        return Err(error("reflect: call of reflect.Value.Type on zero Value"));
    }
    let value = value.value();
    if value.is_nil() || is_nil_pointer(value) {
        return Err(error("len of nil pointer"));
    }
    match Container::of(value).len() {
        Some(length) => Ok(Typed::Known(Value::int(i64::try_from(length).unwrap_or(i64::MAX)))),
        None => Err(error(format!("len of type {}", type_name(value)))),
    }
}
