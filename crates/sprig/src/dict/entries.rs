//! Entries of maps by their keys. Where Go has no order, the order of the keys is taken.

use std::collections::{BTreeMap, BTreeSet};

use chartroom_gotemplate::{CallError, Function, Growth, List, Map, Type, Value};

use crate::arguments::{any, map, map_of, rest, text};
use crate::declare::{fixed, string, variadic};
use crate::limit;
use crate::text::plain;

pub(super) fn functions() -> Vec<Function> {
    let map_and_key = || [Type::map(), Type::String];
    vec![
        variadic("dict", [Type::Any], Type::map(), dict),
        fixed("get", map_and_key(), Type::Any, |arguments| match map(arguments, 0).get(text(arguments, 1)) {
            Some(value) => Ok(value),
            None => string(""),
        }),
        fixed("set", [Type::map(), Type::String, Type::Any], Type::map(), set),
        fixed("unset", map_and_key(), Type::map(), |arguments| {
            map(arguments, 0).remove(text(arguments, 1));
            Ok(any(arguments, 0).clone())
        }),
        fixed("hasKey", map_and_key(), Type::Bool, |arguments| {
            Ok(map(arguments, 0).entries().contains_key(text(arguments, 1)).into())
        }),
        variadic("pluck", [Type::String, Type::map()], Type::list(), |arguments| {
            let key = text(arguments, 0);
            Ok(Value::grown(rest(arguments, 1).iter().filter_map(|map| map_of(map).get(key)).collect()))
        }),
        variadic("keys", [Type::map()], Type::strings(), keys),
        fixed("values", [Type::map()], Type::list(), |arguments| {
            Ok(Value::grown(map(arguments, 0).entries().values().cloned().collect()))
        }),
        variadic("pick", [Type::map(), Type::String], Type::map(), |arguments| {
            let map = map(arguments, 0);
            let keys = rest(arguments, 1).iter().filter_map(Value::as_text);
            let picked = keys.filter_map(|key| Some((key.clone(), map.get(key)?)));
            Ok(Map::new(picked.collect()).into())
        }),
        variadic("omit", [Type::map(), Type::String], Type::map(), |arguments| {
            let map = map(arguments, 0);
            let keys = rest(arguments, 1).iter().filter_map(Value::as_text).collect::<BTreeSet<_>>();
            let kept = map.entries();
            let kept = kept.iter().filter(|(key, _)| !keys.contains(key));
            Ok(Map::new(kept.map(|(key, value)| (key.clone(), value.clone())).collect()).into())
        }),
    ]
}

/// Keys and values in turn; a key without a value has an empty text.
fn dict(arguments: &[Value]) -> Result<Value, CallError> {
    let pairs = arguments.chunks(2).map(|pair| match pair {
        [key, value] => (plain(key), value.clone()),
        _ => (plain(any(pair, 0)), "".into()),
    });
    Ok(Map::new(pairs.collect::<BTreeMap<_, _>>()).into())
}

fn set(arguments: &[Value]) -> Result<Value, CallError> {
    let map = map(arguments, 0);
    let Value::String(key) = any(arguments, 1) else { return Ok(map.into()) };
    if map.is_nil() {
        return Err(CallError::new("assignment to entry in nil map"));
    }
    map.insert(key.clone(), any(arguments, 2).clone());
    Ok(map.into())
}

fn keys(maps: &[Value]) -> Result<Value, CallError> {
    let mut keys = Vec::new();
    for map in maps {
        let map = map_of(map);
        limit::elements(keys.len() + map.len())?;
        keys.extend(map.entries().keys().cloned());
    }
    let keys = keys.into_iter().map(Value::String).collect();
    Ok(List::grown(Type::String, keys, Growth::OneByOne(0)).into())
}
