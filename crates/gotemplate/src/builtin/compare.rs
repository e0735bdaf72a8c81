//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`: values of the same basic kind, and integers of any sign.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::complex::Complex;
use crate::error::CallError;
use crate::exec::typed::Typed;
use crate::format;
use crate::object::Kind;
use crate::text::Text;
use crate::value::Value;

/// A value as one of the kinds that can be compared.
enum Basic {
    Bool(bool),
    Complex(Complex),
    Int(i64),
    Uint(u64),
    Float(f64),
    String(Text),
    /// None of them.
    Other,
}

impl Basic {
    fn of(value: &Value) -> Self {
        match value {
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Int(kind, number) if kind.is_signed() => Self::Int(*number),
            Value::Int(_, number) => Self::Uint(number.cast_unsigned()),
            Value::Uint64(number) => Self::Uint(*number),
            Value::Float(number) => Self::Float(*number),
            Value::String(text) => Self::String(text.clone()),
            Value::Object(object) => match object.as_any().downcast_ref::<Complex>() {
                Some(complex) => Self::Complex(*complex),
                None => match object.underlying() {
                    Some(Value::Object(_)) | None => Self::Other,
                    Some(plain) => Self::of(&plain),
                },
            },
            Value::Nil | Value::Bytes(_) | Value::List(_) | Value::Map(_) | Value::Function(_) => Self::Other,
        }
    }
}

/// The order of an `int` and an unsigned integer.
fn compare_signs(signed: i64, unsigned: u64) -> Ordering {
    u64::try_from(signed).map_or(Ordering::Less, |signed| signed.cmp(&unsigned))
}

fn incompatible(left: &Value, right: &Value) -> CallError {
    CallError::new(format!("incompatible types for comparison: {} and {}", name(left), name(right)))
}

fn name(value: &Value) -> String {
    value.type_of().map(|of| of.to_string()).unwrap_or_default()
}

/// Whether the first value equals any of the others.
pub(crate) fn eq(values: &[Typed]) -> Result<bool, CallError> {
    let Some((first, others)) = values.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(CallError::new("missing argument for comparison"));
    };
    let first = first.value();
    for other in others {
        if equal(first, other.value())? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(left: &Value, right: &Value) -> Result<bool, CallError> {
    Ok(match (Basic::of(left), Basic::of(right)) {
        (Basic::Bool(left), Basic::Bool(right)) => left == right,
        (Basic::Complex(left), Basic::Complex(right)) => left == right,
        (Basic::Float(left), Basic::Float(right)) => left == right,
        (Basic::Int(left), Basic::Int(right)) => left == right,
        (Basic::Uint(left), Basic::Uint(right)) => left == right,
        (Basic::String(left), Basic::String(right)) => left == right,
        (Basic::Int(left), Basic::Uint(right)) => compare_signs(left, right).is_eq(),
        (Basic::Uint(left), Basic::Int(right)) => compare_signs(right, left).is_eq(),
        (Basic::Other, Basic::Other) => return equal_others(left, right),
        _ if left.is_nil() || right.is_nil() => false,
        _ => return Err(incompatible(left, right)),
    })
}

/// Whether two values of no basic kind are equal: nils, structs, pointers.
fn equal_others(left: &Value, right: &Value) -> Result<bool, CallError> {
    if kind(left) != kind(right) && !left.is_nil() && !right.is_nil() {
        let text = format::sprintf(
            b"non-comparable types %s: %v, %s: %v",
            &[left.clone(), name(left).into(), name(right).into(), right.clone()],
        );
        return Err(CallError::new(String::from_utf8_lossy(&text)));
    }
    if is_nil(left) || is_nil(right) {
        return Ok(is_nil(left) == is_nil(right));
    }
    match (left, right) {
        (Value::Object(left), Value::Object(right))
            if matches!(right.kind(), Kind::Struct | Kind::Pointer | Kind::Interface)
                && right.is_comparable() =>
        {
            Ok(Rc::ptr_eq(left, right) || left.equals(right.as_ref()))
        }
        _ => {
            let text = format::sprintf(b"non-comparable type %s: %v", &[right.clone(), name(right).into()]);
            Err(CallError::new(String::from_utf8_lossy(&text)))
        }
    }
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Nil => Kind::Invalid,
        Value::Bool(_) => Kind::Bool,
        Value::Int(of, _) if of.is_signed() => Kind::Int,
        Value::Int(..) | Value::Uint64(_) => Kind::Uint,
        Value::Float(_) => Kind::Float,
        Value::String(_) => Kind::String,
        Value::Bytes(_) | Value::List(_) => Kind::Slice,
        Value::Map(_) => Kind::Map,
        Value::Object(object) => object.kind(),
        Value::Function(_) => Kind::Func,
    }
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        Value::Map(map) => map.is_nil(),
        Value::Object(object) => object.is_nil(),
        _ => false,
    }
}

/// Whether the first value is less than the second.
pub(crate) fn lt(left: &Typed, right: &Typed) -> Result<bool, CallError> {
    let bad = || CallError::new("invalid type for comparison");
    let (left, right) = (left.value(), right.value());
    Ok(match (Basic::of(left), Basic::of(right)) {
        (Basic::Other, _) | (_, Basic::Other) => return Err(bad()),
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Complex(_), Basic::Complex(_)) => return Err(bad()),
        (Basic::Float(left), Basic::Float(right)) => left < right,
        (Basic::Int(left), Basic::Int(right)) => left < right,
        (Basic::Uint(left), Basic::Uint(right)) => left < right,
        (Basic::String(left), Basic::String(right)) => left < right,
        (Basic::Int(left), Basic::Uint(right)) => compare_signs(left, right).is_lt(),
        (Basic::Uint(left), Basic::Int(right)) => compare_signs(right, left).is_gt(),
        _ => return Err(incompatible(left, right)),
    })
}

/// Whether the first value is less than the second or equals it.
pub(crate) fn le(left: &Typed, right: &Typed) -> Result<bool, CallError> {
    Ok(lt(left, right)? || equal(left.value(), right.value())?)
}
