//! Go's `reflect.DeepEqual`: the same type and the same content, all the way down.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use chartroom_gotemplate::{CallError, Function, List, Map, Object, Type, Value};

use crate::arguments::any;
use crate::declare::fixed;
use crate::limit;
use crate::version::VersionObject;

pub(crate) fn functions() -> Vec<Function> {
    vec![fixed("deepEqual", [Type::Any, Type::Any], Type::Bool, |arguments| {
        deep_equal(any(arguments, 0), any(arguments, 1)).map(Value::from)
    })]
}

/// Whether two values are deeply equal. An `int` is no `int64`, a nil list no empty one, and NaN
/// nothing at all, itself not either; but a list or map is always itself.
pub(crate) fn deep_equal(left: &Value, right: &Value) -> Result<bool, CallError> {
    Comparison::default().values(left, right, 0)
}

/// A number that is the same for values that are equal. It looks only a few levels deep.
pub(crate) fn fingerprint(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    hash(value, &mut hasher, 0);
    hasher.finish()
}

#[derive(Default)]
struct Comparison {
    /// Where the pairs of lists or maps are that were looked at already. They count as equal: if
    /// they aren't, that is found where they were met first. So values may contain themselves, and
    /// what is contained often is compared once.
    met: HashSet<(usize, usize)>,
}

impl Comparison {
    fn values(&mut self, left: &Value, right: &Value, level: usize) -> Result<bool, CallError> {
        limit::depth(level)?;
        Ok(match (left, right) {
            (Value::Nil, Value::Nil) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Int(kind, left), Value::Int(other, right)) => kind == other && left == right,
            (Value::Uint64(left), Value::Uint64(right)) => left == right,
            (Value::Float(left), Value::Float(right)) => left == right,
            (Value::String(left), Value::String(right)) | (Value::Bytes(left), Value::Bytes(right)) => {
                left == right
            }
            (Value::List(left), Value::List(right)) => self.lists(left, right, level)?,
            (Value::Map(left), Value::Map(right)) => self.maps(left, right, level)?,
            (Value::Object(left), Value::Object(right)) => {
                Rc::ptr_eq(left, right) || self.objects(left.as_ref(), right.as_ref(), level)?
            }
            _ => false,
        })
    }

    fn lists(&mut self, left: &List, right: &List, level: usize) -> Result<bool, CallError> {
        if left.element() != right.element() || left.is_nil() != right.is_nil() || left.len() != right.len() {
            return Ok(false);
        }
        let (left, right) = (left.items(), right.items());
        if left.is_empty() || !self.met.insert((left.as_ptr().addr(), right.as_ptr().addr())) {
            return Ok(true);
        }
        if left.as_ptr() == right.as_ptr() {
            return Ok(true);
        }
        for (left, right) in left.iter().zip(right) {
            if !self.values(left, right, level + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn maps(&mut self, left: &Map, right: &Map, level: usize) -> Result<bool, CallError> {
        if left.type_name() != right.type_name()
            || left.element() != right.element()
            || left.is_nil() != right.is_nil()
            || left.len() != right.len()
        {
            return Ok(false);
        }
        let (left_entries, right_entries) = (left.entries(), right.entries());
        let pair = (std::ptr::from_ref(&*left_entries).addr(), std::ptr::from_ref(&*right_entries).addr());
        if left.is_same(right) || !self.met.insert(pair) {
            return Ok(true);
        }
        for ((left_key, left), (right_key, right)) in left_entries.iter().zip(right_entries.iter()) {
            if left_key != right_key || !self.values(left, right, level + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn objects(&mut self, left: &dyn Object, right: &dyn Object, level: usize) -> Result<bool, CallError> {
        if left.type_name() != right.type_name() {
            return Ok(false);
        }
        if let (Some(left), Some(right)) = (left.as_any().downcast_ref(), right.as_any().downcast_ref()) {
            return Ok(VersionObject::deep_equal(left, right));
        }
        if left.equals(right) {
            return Ok(true);
        }
        if let (Some(left), Some(right)) = (left.underlying(), right.underlying()) {
            return self.values(&left, &right, level + 1);
        }
        let (left, right) = (left.fields(), right.fields());
        if left.is_empty() || left.len() != right.len() {
            return Ok(false);
        }
        for ((_, _, left), (_, _, right)) in left.iter().zip(&right) {
            if !self.values(left, right, level + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn hash(value: &Value, hasher: &mut DefaultHasher, level: usize) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Nil | Value::Object(_) | Value::Function(_) => {}
        Value::Bool(truth) => truth.hash(hasher),
        Value::Int(kind, number) => (kind.name(), number).hash(hasher),
        Value::Uint64(number) => number.hash(hasher),
        // Both zeros are equal.
        Value::Float(number) => (number + 0.0).to_bits().hash(hasher),
        Value::String(text) | Value::Bytes(text) => text.hash(hasher),
        Value::List(list) => {
            list.len().hash(hasher);
            if level < 3 {
                list.items().iter().take(16).for_each(|item| hash(item, hasher, level + 1));
            }
        }
        Value::Map(map) => {
            map.len().hash(hasher);
            if level < 3 {
                for (key, value) in map.entries().iter().take(16) {
                    key.hash(hasher);
                    hash(value, hasher, level + 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

    use super::{List, Map, Type, Value, deep_equal, fingerprint};

    fn equal(left: &Value, right: &Value) -> bool {
        let equal = deep_equal(left, right).unwrap();
        assert_eq!(equal, deep_equal(right, left).unwrap());
        if equal {
            assert_eq!(fingerprint(left), fingerprint(right));
        }
        equal
    }

    #[test]
    fn types_count() {
        let list = || Value::list(vec![Value::int(1), "a".into()]);
        assert!(equal(&list(), &list()));
        assert!(!equal(&Value::int(1), &Value::int64(1)));
        assert!(!equal(&Value::int(1), &1.0.into()));
        assert!(!equal(&List::strings(["a"]).into(), &Value::list(vec!["a".into()])));
        assert!(!equal(&Value::list(vec![]), &List::nil(Type::Any).into()));
        assert!(equal(&0.0.into(), &(-0.0).into()));
        assert!(!equal(&f64::NAN.into(), &f64::NAN.into()));
        let list = Value::list(vec![f64::NAN.into()]);
        assert!(equal(&list, &list));
    }

    #[test]
    fn values_may_contain_themselves() {
        let endless = || {
            let map = Map::new([("a".into(), Value::int(1))].into());
            map.insert("self", map.clone().into());
            map
        };
        let (left, right) = (endless(), endless());
        assert!(equal(&left.clone().into(), &right.clone().into()));
        right.insert("a", Value::int(2));
        assert!(!equal(&left.clone().into(), &right.clone().into()));
        // Nobody else will free what keeps itself alive.
        left.remove(b"self");
        right.remove(b"self");
    }

    #[test]
    fn what_is_contained_often_is_compared_once() {
        let large = || (0..200).fold(Value::int(1), |value, _| Value::list(vec![value.clone(), value]));
        assert!(equal(&large(), &large()));
    }

    fn values() -> impl Strategy<Value = Value> {
        let scalars = prop_oneof![
            Just(Value::Nil),
            any::<bool>().prop_map(Value::from),
            (-2..3i64).prop_map(Value::int),
            (-2..3i64).prop_map(|number| Value::from(number as f64)),
            "[ab]{0,2}".prop_map(Value::from),
        ];
        scalars.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::list),
                prop::collection::btree_map("[ab]", inner, 0..3).prop_map(Value::map),
            ]
        })
    }

    proptest! {
        #[test]
        fn equal_values_look_the_same(left in values(), right in values()) {
            prop_assert!(equal(&left, &left));
            if equal(&left, &right) {
                prop_assert_eq!(format!("{left:?}").replace("-0.0", "0.0"), format!("{right:?}").replace("-0.0", "0.0"));
            }
        }
    }
}
