//! Tables, which is what Helm calls the maps of values: making, copying and searching them.

use std::collections::BTreeMap;

use chartroom_gotemplate::{Map, Text, Value};
use chartroom_goyaml::Value as Plain;

use super::error::ValuesError;

/// How deep values may be nested while they are merged: what YAML may have, and a level for each
/// subchart.
pub(crate) const MAX_DEPTH: usize = chartroom_goyaml::MAX_DEPTH + 100;

/// A table of what was read from a file: every number is a `float64`.
pub(crate) fn of_file(value: &Plain) -> Map {
    match floats(value) {
        Value::Map(map) => map,
        _ => Map::new(BTreeMap::new()),
    }
}

/// As [`crate::plain::from_plain`], with floats for integers.
#[expect(clippy::cast_precision_loss, reason = "that is what Go's float64 does to it")]
fn floats(value: &Plain) -> Value {
    match value {
        Plain::Int(number) => Value::Float(*number as f64),
        Plain::Uint(number) => Value::Float(*number as f64),
        Plain::List(items) => Value::grown(items.iter().map(floats).collect()),
        Plain::Map(entries) => {
            Value::map(entries.iter().map(|(key, value)| (Text::from(key.as_str()), floats(value))))
        }
        scalar => crate::plain::from_plain(scalar),
    }
}

/// Copies values, so that nothing done to the copy is seen in the original. `left` says how many
/// more entries may be copied.
pub(crate) fn copy(table: &Map, left: &mut usize) -> Result<Map, ValuesError> {
    copy_table(table, left, 0)
}

fn copy_table(table: &Map, left: &mut usize, depth: usize) -> Result<Map, ValuesError> {
    let entries = table.entries();
    spend(left, entries.len())?;
    let entries = entries.iter().map(|(key, value)| Ok((key.clone(), copy_value(value, left, depth + 1)?)));
    Ok(Map::new(entries.collect::<Result<_, ValuesError>>()?))
}

fn copy_value(value: &Value, left: &mut usize, depth: usize) -> Result<Value, ValuesError> {
    if depth > MAX_DEPTH {
        return Err(ValuesError::TooDeep(MAX_DEPTH));
    }
    match value {
        Value::Map(table) => copy_table(table, left, depth).map(Value::Map),
        // A list never changes; the tables in it may.
        Value::List(list)
            if list.items().iter().any(|item| matches!(item, Value::Map(_) | Value::List(_))) =>
        {
            spend(left, list.len())?;
            let items = list.items().iter().map(|item| copy_value(item, left, depth + 1));
            Ok(Value::grown(items.collect::<Result<_, _>>()?))
        }
        other => Ok(other.clone()),
    }
}

/// Checks that values are no deeper than they may be, so that they don't contain themselves.
pub(crate) fn check_depth(table: &Map, left: &mut usize, depth: usize) -> Result<(), ValuesError> {
    if depth > MAX_DEPTH {
        return Err(ValuesError::TooDeep(MAX_DEPTH));
    }
    let entries = table.entries();
    spend(left, entries.len())?;
    for value in entries.values() {
        if let Value::Map(below) = value {
            check_depth(below, left, depth + 1)?;
        }
    }
    Ok(())
}

/// Takes from what is left to do.
pub(crate) fn spend(left: &mut usize, entries: usize) -> Result<(), ValuesError> {
    *left = left.checked_sub(entries).ok_or(ValuesError::TooLarge)?;
    Ok(())
}

/// Helm's `Values.Table`: the table at a path; or else the part of the path where there is none.
pub(crate) fn find<'p>(table: &Map, path: &'p str) -> Result<Map, &'p str> {
    let mut table = table.clone();
    for part in path.split('.') {
        table = match table.get(part.as_bytes()) {
            Some(Value::Map(below)) => below,
            _ => return Err(part),
        };
    }
    Ok(table)
}

/// Helm's `Values.PathValue`: what is at a path, unless that is a table.
pub(crate) fn scalar(table: &Map, path: &str) -> Option<Value> {
    let (table, key) = match path.rsplit_once('.') {
        Some((path, key)) => (find(table, path).ok()?, key),
        None => (table.clone(), path),
    };
    table.get(key.as_bytes()).filter(|value| value.as_map().is_none())
}
