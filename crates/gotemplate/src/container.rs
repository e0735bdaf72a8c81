//! Slices and maps. Both are shared by their clones; maps can be changed, and slices of strings sorted.

use std::cell::{OnceCell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::go_type::Type;
use crate::growth::Growth;
use crate::text::Text;
use crate::value::Value;

/// How often parts of a list are sorted in place; further times are not seen by others.
const MOST_SORTED: usize = 8;

/// A slice: its element type and its elements. Clones, and parts of it, have the same elements, which
/// only [`List::sort`] changes.
#[derive(Clone)]
pub struct List {
    data: Rc<ListData>,
    from: u32,
    to: u32,
}

struct ListData {
    element: Type,
    nil: bool,
    growth: Growth,
    items: Vec<Value>,
    /// The elements after they were sorted in place. What has a reference to the former ones keeps it.
    sorted: OnceCell<Box<Sorted>>,
}

struct Sorted {
    items: Vec<Value>,
    /// After they were sorted again, another part of them.
    sorted: OnceCell<Box<Sorted>>,
}

impl Drop for ListData {
    fn drop(&mut self) {
        // What is sorted are strings.
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
            Value::List(List { data, .. }) => {
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

    /// A slice of a type, with no room for more.
    pub fn of(element: Type, items: Vec<Value>) -> Self {
        Self::grown(element, items, Growth::None)
    }

    /// A slice of a type, with the room for more that came of how it was made.
    pub fn grown(element: Type, items: Vec<Value>, growth: Growth) -> Self {
        Self::with(ListData { element, nil: false, growth, items, sorted: OnceCell::new() })
    }

    /// A nil slice: empty, and `null` as JSON.
    pub fn nil(element: Type) -> Self {
        let (items, sorted) = (Vec::new(), OnceCell::new());
        Self::with(ListData { element, nil: true, growth: Growth::None, items, sorted })
    }

    fn with(mut data: ListData) -> Self {
        // No limit lets there be so many; they would take 100 gigabytes.
        data.items.truncate(u32::MAX as usize);
        let to = u32::try_from(data.items.len()).unwrap_or(u32::MAX);
        Self { data: Rc::new(data), from: 0, to }
    }

    /// A `[]string`.
    pub fn strings<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::of(Type::String, items.into_iter().map(|item| Value::String(item.into())).collect())
    }

    /// The type of its elements.
    pub fn element(&self) -> &Type {
        &self.data.element
    }

    /// Whether it is nil.
    pub fn is_nil(&self) -> bool {
        self.data.nil
    }

    /// Its elements.
    pub fn items(&self) -> &[Value] {
        self.all().get(self.from as usize..self.to as usize).unwrap_or_default()
    }

    /// The elements of all of which this is a part.
    fn all(&self) -> &[Value] {
        let Some(mut sorted) = self.data.sorted.get() else { return &self.data.items };
        while let Some(again) = sorted.sorted.get() {
            sorted = again;
        }
        &sorted.items
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        (self.to - self.from) as usize
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.from == self.to
    }

    /// What is between two positions, the second of which may be in the room for more, where zeros
    /// are; `None` where there is no such room.
    pub fn part(&self, start: usize, end: usize) -> Option<Self> {
        let from = (self.from as usize).checked_add(start)?;
        let to = (self.from as usize).checked_add(end)?;
        if start > end {
            return None;
        }
        let all = self.all();
        if to <= all.len() {
            let (from, to) = (u32::try_from(from).ok()?, u32::try_from(to).ok()?);
            return Some(Self { data: Rc::clone(&self.data), from, to });
        }
        let capacity = self.data.growth.capacity(all.len(), self.element());
        if to > capacity {
            return None;
        }
        // Nothing is ever written into that room, so that nobody sees that these are not the same.
        let zero = match self.element() {
            Type::Bool => Value::Bool(false),
            Type::Int(kind) => Value::Int(*kind, 0),
            Type::Float => Value::Float(0.0),
            Type::String => Value::String(Text::default()),
            Type::Slice(element) => Value::List(Self::nil(Type::clone(element))),
            Type::Map(element) => Value::Map(Map::nil(Type::clone(element))),
            Type::Any | Type::Named(_) | Type::NamedInt(_) => Value::Nil,
        };
        let mut items = all.get(from.min(all.len())..).unwrap_or_default().to_vec();
        items.resize(to - from, zero);
        Some(Self::grown(self.element().clone(), items, Growth::To(capacity - from)))
    }

    /// Sorts a `[]string` in place, seen by all who have this list or a part of it.
    pub fn sort(&self) {
        let sorts = |one: &Value, other: &Value| match (one, other) {
            (Value::String(one), Value::String(other)) => one.cmp(other),
            _ => std::cmp::Ordering::Equal,
        };
        if self.items().is_sorted_by(|one, other| sorts(one, other).is_le()) {
            return;
        }
        let mut items = self.all().to_vec();
        if let Some(part) = items.get_mut(self.from as usize..self.to as usize) {
            part.sort_by(sorts);
        }
        let sorted = Box::new(Sorted { items, sorted: OnceCell::new() });
        let mut place = &self.data.sorted;
        let mut times = 0;
        while let Some(before) = place.get() {
            place = &before.sorted;
            times += 1;
        }
        // Each keeps all elements: that must not go on without end.
        if times < MOST_SORTED {
            let _ = place.set(sorted);
        }
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
