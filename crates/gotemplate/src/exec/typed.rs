//! Values with what is known of their types: what Go's `reflect.Value` is to its executor.

use crate::container::{List, Map};
use crate::go_type::Type;
use crate::int_type::IntType;
use crate::object::Kind;
use crate::text::Text;
use crate::value::Value;

/// A value as the executor has it.
///
/// Go tells a value that came out of a `map[string]interface {}`, whose type is `interface {}`
/// until it is looked into, from one whose type is known; and a nil of that type from nothing at
/// all. Whether a field of nothing is nothing or an error depends on it.
#[derive(Clone, Debug)]
pub(crate) enum Typed {
    /// Nothing.
    Invalid,
    /// A value of its own type. Never nil.
    Known(Value),
    /// An `interface {}` with something or nil in it.
    Interface(Value),
}

impl Typed {
    /// A value by itself.
    pub(crate) fn known(value: Value) -> Self {
        if value.is_nil() { Self::Invalid } else { Self::Known(value) }
    }

    /// A value that a function, map or slice of a type gave.
    pub(crate) fn of(declared: &Type, value: Value) -> Self {
        match (declared, value) {
            (Type::Any, value) => Self::Interface(value),
            (declared, Value::Nil) => Self::zero(declared),
            (_, value) => Self::Known(value),
        }
    }

    /// The zero of a type.
    pub(crate) fn zero(of: &Type) -> Self {
        match zero(of) {
            Value::Nil => Self::Interface(Value::Nil),
            value => Self::Known(value),
        }
    }

    /// The value in an interface, and anything else as it is.
    pub(crate) fn look_into(self) -> Self {
        match self {
            Self::Interface(value) => Self::known(value),
            other => other,
        }
    }

    /// The value; nil for nothing.
    pub(crate) fn value(&self) -> &Value {
        match self {
            Self::Invalid => &Value::Nil,
            Self::Known(value) | Self::Interface(value) => value,
        }
    }

    /// The type that is known.
    pub(crate) fn type_of(&self) -> Type {
        match self {
            Self::Known(value) => value.type_of().unwrap_or(Type::Any),
            Self::Invalid | Self::Interface(_) => Type::Any,
        }
    }
}

/// The zero of a type; nil for interfaces and for what is only known by name.
pub(crate) fn zero(of: &Type) -> Value {
    match of {
        Type::Any | Type::Named(_) | Type::NamedInt(_) => Value::Nil,
        Type::Bool => Value::Bool(false),
        Type::Int(kind) => Value::Int(*kind, 0),
        Type::Float => Value::Float(0.0),
        Type::String => Value::String(Text::default()),
        Type::Slice(element) if **element == Type::Int(IntType::Uint8) => Value::Bytes(Text::default()),
        Type::Slice(element) => Value::List(List::nil(Type::clone(element))),
        Type::Map(element) => Value::Map(Map::nil(Type::clone(element))),
    }
}

/// Whether nil is a value of a type.
pub(crate) fn can_be_nil(of: &Type) -> bool {
    match of {
        Type::Any | Type::Slice(_) | Type::Map(_) => true,
        Type::Named(name) => name.starts_with('*') || *name == "error",
        Type::Bool | Type::Int(_) | Type::NamedInt(_) | Type::Float | Type::String => false,
    }
}

/// The value as one of a type, if it can be assigned to that; otherwise the value again. It is not
/// nil.
pub(crate) fn assign(value: Value, to: &Type) -> Result<Value, Value> {
    // A map type with a name can be assigned to the one without.
    if let (Value::Map(map), Type::Map(element)) = (&value, to)
        && map.type_name().is_some()
        && map.element() == &**element
    {
        return Ok(Value::Map(map.clone().unnamed()));
    }
    let fits = match (&value, to) {
        (_, Type::Any)
        | (Value::Bool(_), Type::Bool)
        | (Value::Uint64(_), Type::Int(IntType::Uint64))
        | (Value::Float(_), Type::Float)
        | (Value::String(_), Type::String) => true,
        (Value::Int(kind, _), Type::Int(wanted)) => kind == wanted,
        (Value::Bytes(_), Type::Slice(element)) => **element == Type::Int(IntType::Uint8),
        (Value::List(list), Type::Slice(element)) => list.element() == &**element,
        (Value::Map(map), Type::Map(element)) => map.element() == &**element,
        (Value::Map(map), Type::Named(name)) => map.type_name() == Some(name),
        (Value::Object(object), Type::Named(name) | Type::NamedInt(name)) => {
            let own = object.type_name();
            own == *name || object.kind() == Kind::Pointer && own.strip_prefix('*') == Some(name)
        }
        // A slice or map type with a name can be assigned to the one without.
        (Value::Object(object), Type::Slice(_) | Type::Map(_)) => {
            return match object.underlying() {
                Some(underlying) if !matches!(underlying, Value::Object(_)) => {
                    assign(underlying, to).map_err(|_| value)
                }
                _ => Err(value),
            };
        }
        _ => false,
    };
    if fits { Ok(value) } else { Err(value) }
}
