//! `deepCopy`: the same value, with maps of its own.

use std::collections::BTreeMap;
use std::rc::Rc;

use chartroom_gotemplate::{CallError, Function, List, Map, Type, Value};

use crate::arguments::any;
use crate::declare::fixed;
use crate::limit::{self, Budget};
use crate::version::VersionObject;

pub(super) fn functions() -> Vec<Function> {
    vec![fixed("deepCopy", [Type::Any], Type::Any, copy), fixed("mustDeepCopy", [Type::Any], Type::Any, copy)]
}

fn copy(arguments: &[Value]) -> Result<Value, CallError> {
    let value = any(arguments, 0);
    if value.is_nil() {
        return Err(CallError::new("reflect: call of reflect.Value.Type on zero Value"));
    }
    Copying(Budget::nodes()).value(value, 0)
}

struct Copying(Budget);

// With few variables in each function, so that much nesting needs little stack.
impl Copying {
    fn value(&mut self, value: &Value, level: usize) -> Result<Value, CallError> {
        limit::depth(level)?;
        self.0.step()?;
        match value {
            // Nothing in it can change, so that the list itself will do. Only strings can be sorted.
            Value::List(list) if *list.element() != Type::String && list.items().iter().all(is_scalar) => {
                Ok(value.clone())
            }
            Value::List(list) => self.list(list, level),
            Value::Map(map) if !map.is_nil() => self.map(map, level),
            // Upstream copies exported fields, of which a version has none.
            Value::Object(object) if object.as_any().is::<VersionObject>() => {
                Ok(Value::Object(Rc::new(VersionObject::zero(object.type_name()))))
            }
            value => Ok(value.clone()),
        }
    }

    fn list(&mut self, list: &List, level: usize) -> Result<Value, CallError> {
        let mut items = Vec::with_capacity(list.len());
        for item in list.items() {
            items.push(self.value(item, level + 1)?);
        }
        Ok(List::of(list.element().clone(), items).into())
    }

    fn map(&mut self, map: &Map, level: usize) -> Result<Value, CallError> {
        let mut entries = BTreeMap::new();
        for (key, value) in map.entries().iter() {
            entries.insert(key.clone(), self.value(value, level + 1)?);
        }
        Ok(map.with_entries(entries).into())
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_))
}
