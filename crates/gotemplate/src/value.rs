//! The values that templates work on.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::function::Function;
use crate::go_type::Type;
use crate::object::Object;
use crate::text::Text;

/// A Go value. Cheap to clone: all that is large is shared. Maps are shared as Go shares them, so
/// that what `set` does to one is seen through all its copies; everything else never changes.
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

/// The integer types of Go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what their names say")]
pub enum IntType {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
}

impl IntType {
    /// As Go writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint => "uint",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Uintptr => "uintptr",
        }
    }

    /// Whether its values can be negative.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Int | Self::Int8 | Self::Int16 | Self::Int32 | Self::Int64)
    }
}

/// A slice: its element type and its elements.
#[derive(Clone)]
pub struct List(Rc<ListData>);

struct ListData {
    element: Type,
    nil: bool,
    items: Vec<Value>,
}

impl List {
    /// A `[]interface {}`.
    pub fn new(items: Vec<Value>) -> Self {
        Self::of(Type::Any, items)
    }

    /// A slice of a type.
    pub fn of(element: Type, items: Vec<Value>) -> Self {
        Self(Rc::new(ListData { element, nil: false, items }))
    }

    /// A nil slice: empty, and `null` as JSON.
    pub fn nil(element: Type) -> Self {
        Self(Rc::new(ListData { element, nil: true, items: Vec::new() }))
    }

    /// A `[]string`.
    pub fn strings<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::of(Type::String, items.into_iter().map(|item| Value::String(item.into())).collect())
    }

    /// The type of its elements.
    pub fn element(&self) -> &Type {
        &self.0.element
    }

    /// Whether it is nil.
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// Its elements.
    pub fn items(&self) -> &[Value] {
        &self.0.items
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.0.items.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.items.is_empty()
    }
}

/// A map from strings. Clones are the same map, and [`Map::is_same`] tells.
#[derive(Clone)]
pub struct Map(Rc<MapData>);

struct MapData {
    /// The name of its type, if it has one.
    name: Option<&'static str>,
    element: Type,
    nil: bool,
    entries: RefCell<BTreeMap<Text, Value>>,
}

impl Map {
    /// A `map[string]interface {}`.
    pub fn new(entries: BTreeMap<Text, Value>) -> Self {
        Self::of(Type::Any, entries)
    }

    /// A map to values of a type.
    pub fn of(element: Type, entries: BTreeMap<Text, Value>) -> Self {
        Self(Rc::new(MapData { name: None, element, nil: false, entries: RefCell::new(entries) }))
    }

    /// A map whose type has a name, such as `common.Values`.
    pub fn named(name: &'static str, element: Type, entries: BTreeMap<Text, Value>) -> Self {
        Self(Rc::new(MapData { name: Some(name), element, nil: false, entries: RefCell::new(entries) }))
    }

    /// A nil map: empty, and `null` as JSON.
    pub fn nil(element: Type) -> Self {
        Self(Rc::new(MapData { name: None, element, nil: true, entries: RefCell::default() }))
    }

    /// The name of its type, if that has one.
    pub fn type_name(&self) -> Option<&'static str> {
        self.0.name
    }

    /// The type of its values.
    pub fn element(&self) -> &Type {
        &self.0.element
    }

    /// Whether it is nil.
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// Whether this is the very same map as another.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Option<Value> {
        self.0.entries.borrow().get(key).cloned()
    }

    /// Sets the value of a key, seen by all who have this map.
    pub fn insert(&self, key: impl Into<Text>, value: Value) {
        self.0.entries.borrow_mut().insert(key.into(), value);
    }

    /// Removes a key.
    pub fn remove(&self, key: &[u8]) -> Option<Value> {
        self.0.entries.borrow_mut().remove(key)
    }

    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.0.entries.borrow().len()
    }

    /// Whether it has no key.
    pub fn is_empty(&self) -> bool {
        self.0.entries.borrow().is_empty()
    }

    /// Its entries, by key. Nobody may change the map while this is held: copy what is needed
    /// before running anything that might.
    pub fn entries(&self) -> Ref<'_, BTreeMap<Text, Value>> {
        self.0.entries.borrow()
    }

    /// Its entries, to change.
    pub fn entries_mut(&self) -> RefMut<'_, BTreeMap<Text, Value>> {
        self.0.entries.borrow_mut()
    }
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
            Self::List(list) => f.debug_list().entries(list.items()).finish(),
            Self::Map(map) => f.debug_map().entries(map.entries().iter()).finish(),
            Self::Object(object) => write!(f, "<{}>", object.type_name()),
            Self::Function(function) => write!(f, "<func {}>", function.name),
        }
    }
}
