//! The values that templates work on.

use std::fmt;
use std::rc::Rc;

use crate::container::{List, Map};
use crate::function::Function;
use crate::go_type::Type;
use crate::growth::Growth;
use crate::int_type::IntType;
use crate::object::Object;
use crate::text::Text;

/// A Go value. Cheap to clone: all that is large is shared. Maps are shared as Go shares them, so
/// that what `set` does to one is seen through all its copies, and lists of strings can be sorted in
/// place; everything else never changes.
///
/// One rendering is the work of one thread.
#[derive(Clone, Default)]
pub enum Value {
    /// A nil interface: null, or what isn't there.
    #[default]
    Nil,
    /// A boolean.
    Bool(bool),
    /// An integer of a type; the value of an unsigned one above `i64::MAX` is in [`Value::Uint64`].
    Int(IntType, i64),
    /// A `uint64` that does not fit an `i64`.
    Uint64(u64),
    /// A `float64`.
    Float(f64),
    /// A string.
    String(Text),
    /// `[]byte`.
    Bytes(Text),
    /// A slice.
    List(List),
    /// A map.
    Map(Map),
    /// Something of the host.
    Object(Rc<dyn Object>),
    /// A function as a value.
    Function(Rc<Function>),
}

impl Value {
    /// A Go `int`.
    pub fn int(number: i64) -> Self {
        Self::Int(IntType::Int, number)
    }

    /// A Go `int64`.
    pub fn int64(number: i64) -> Self {
        Self::Int(IntType::Int64, number)
    }

    /// A `[]interface {}`.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(List::new(items))
    }

    /// A `[]interface {}` that was made by appending to nothing, one element at a time.
    pub fn grown(items: Vec<Self>) -> Self {
        Self::List(List::grown(Type::Any, items, Growth::OneByOne(0)))
    }

    /// A `map[string]interface {}`.
    pub fn map<K: Into<Text>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(Map::new(entries.into_iter().map(|(key, value)| (key.into(), value)).collect()))
    }

    /// Its dynamic type; `None` for nil.
    pub fn type_of(&self) -> Option<Type> {
        Some(match self {
            Self::Nil => return None,
            Self::Bool(_) => Type::Bool,
            Self::Int(kind, _) => Type::Int(*kind),
            Self::Uint64(_) => Type::Int(IntType::Uint64),
            Self::Float(_) => Type::Float,
            Self::String(_) => Type::String,
            Self::Bytes(_) => Type::bytes(),
            Self::List(list) => Type::Slice(Rc::new(list.element().clone())),
            Self::Map(map) => match map.type_name() {
                Some(name) => Type::Named(name),
                None => Type::Map(Rc::new(map.element().clone())),
            },
            Self::Object(object) => Type::Named(object.type_name()),
            Self::Function(_) => Type::Named("func"),
        })
    }

    /// The text, if this is a string.
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The map, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, if this is one.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// Whether this is a nil interface.
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::String(text)
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::List(list)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

/// For people who look into tests; what Go prints is the executor's business.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(kind, number) => write!(f, "{number}{}", kind.name()),
            Self::Uint64(number) => write!(f, "{number}uint64"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::String(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) => write!(f, "b{bytes:?}"),
            Self::List(list) => list.fmt(f),
            Self::Map(map) => map.fmt(f),
            Self::Object(object) => write!(f, "<{}>", object.type_name()),
            Self::Function(function) => write!(f, "<func {}>", function.name),
        }
    }
}
