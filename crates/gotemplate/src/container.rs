//! Slices and maps. Both are shared by their clones; maps can be changed.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::go_type::Type;
use crate::text::Text;
use crate::value::Value;

/// A slice: its element type and its elements.
#[derive(Clone)]
pub struct List(Rc<ListData>);

struct ListData {
    element: Type,
    nil: bool,
    items: Vec<Value>,
}

impl Drop for ListData {
    fn drop(&mut self) {
        drop_flat(std::mem::take(&mut self.items));
    }
}

impl Drop for MapData {
    fn drop(&mut self) {
        drop_flat(std::mem::take(self.entries.get_mut()).into_values().collect());
    }
}

/// Drops values and all that only they hold, however deep that is nested, in a loop: recursion
/// could run out of stack.
fn drop_flat(mut values: Vec<Value>) {
    while let Some(value) = values.pop() {
        match value {
            Value::List(List(data)) => {
                if let Some(mut data) = Rc::into_inner(data) {
                    values.append(&mut data.items);
                }
            }
            Value::Map(Map { data, .. }) => {
                if let Some(mut data) = Rc::into_inner(data) {
                    values.extend(std::mem::take(data.entries.get_mut()).into_values());
                }
            }
            _ => {}
        }
    }
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
pub struct Map {
    /// The name of its type, if it has one. A reference to it keeps values small.
    name: Option<&'static &'static str>,
    data: Rc<MapData>,
}

struct MapData {
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
        Self { name: None, data: Rc::new(MapData { element, nil: false, entries: RefCell::new(entries) }) }
    }

    /// A map whose type has a name, such as `common.Values`.
    pub fn named(name: &'static &'static str, element: Type, entries: BTreeMap<Text, Value>) -> Self {
        Self::of(element, entries).as_named(name)
    }

    /// The very same map, as one whose type has a name.
    pub fn as_named(self, name: &'static &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// The very same map, as one whose type has no name.
    pub fn unnamed(self) -> Self {
        Self { name: None, ..self }
    }

    /// Another map of the same type.
    pub fn with_entries(&self, entries: BTreeMap<Text, Value>) -> Self {
        Self { name: self.name, ..Self::of(self.element().clone(), entries) }
    }

    /// A nil map: empty, and `null` as JSON.
    pub fn nil(element: Type) -> Self {
        Self { name: None, data: Rc::new(MapData { element, nil: true, entries: RefCell::default() }) }
    }

    /// The name of its type, if that has one.
    pub fn type_name(&self) -> Option<&'static str> {
        self.name.copied()
    }

    /// The type of its values.
    pub fn element(&self) -> &Type {
        &self.data.element
    }

    /// Whether it is nil.
    pub fn is_nil(&self) -> bool {
        self.data.nil
    }

    /// Whether this is the very same map as another.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.data, &other.data)
    }

    /// Where it is, as `%p` writes it.
    pub(crate) fn address(&self) -> usize {
        Rc::as_ptr(&self.data).addr()
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Option<Value> {
        self.data.entries.borrow().get(key).cloned()
    }

    /// Sets the value of a key, seen by all who have this map.
    pub fn insert(&self, key: impl Into<Text>, value: Value) {
        self.data.entries.borrow_mut().insert(key.into(), value);
    }

    /// Removes a key.
    pub fn remove(&self, key: &[u8]) -> Option<Value> {
        self.data.entries.borrow_mut().remove(key)
    }

    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.data.entries.borrow().len()
    }

    /// Whether it has no key.
    pub fn is_empty(&self) -> bool {
        self.data.entries.borrow().is_empty()
    }

    /// Its entries, by key. Nobody may change the map while this is held: copy what is needed
    /// before running anything that might.
    pub fn entries(&self) -> Ref<'_, BTreeMap<Text, Value>> {
        self.data.entries.borrow()
    }

    /// Its entries, to change.
    pub fn entries_mut(&self) -> RefMut<'_, BTreeMap<Text, Value>> {
        self.data.entries.borrow_mut()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.items()).finish()
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries().iter()).finish()
    }
}
