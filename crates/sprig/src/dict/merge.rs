//! Merging maps, as the library `mergo` does it.
//!
//! Maps are merged into maps, all the way down, in place. A map that the destination lacks is not
//! copied: both have it from then on.

use chartroom_gotemplate::{CallError, Function, Kind, Map, Text, Type, Value, truth};

use crate::arguments::{map, map_of, rest};
use crate::declare::{string, variadic};
use crate::limit::{self, Budget};
use crate::reflection::{kind_name, type_name};

pub(super) fn functions() -> Vec<Function> {
    let maps = || [Type::map(), Type::map()];
    vec![
        variadic("merge", maps(), Type::Any, |arguments| merge(arguments, Existing::Stays).or_else(swallow)),
        variadic("mustMerge", maps(), Type::Any, |arguments| {
            merge(arguments, Existing::Stays).map_err(|problem| problem.error)
        }),
        variadic("mergeOverwrite", maps(), Type::Any, |arguments| {
            merge(arguments, Existing::Yields).or_else(swallow)
        }),
        variadic("mustMergeOverwrite", maps(), Type::Any, |arguments| {
            merge(arguments, Existing::Yields).map_err(|problem| problem.error)
        }),
    ]
}

/// What becomes of a value that the destination has already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Existing {
    /// It stays unless it is empty.
    Stays,
    /// It is overwritten, by what is empty too.
    Yields,
}

/// Why maps can't be merged.
struct Problem {
    error: CallError,
    /// Whether upstream returns it as an error, which templates may not get to see.
    returned: bool,
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        Self { error, returned: false }
    }
}

fn swallow(problem: Problem) -> Result<Value, CallError> {
    if problem.returned { string("") } else { Err(problem.error) }
}

fn merge(arguments: &[Value], existing: Existing) -> Result<Value, Problem> {
    let mut destination = map(arguments, 0);
    let mut merging = Merging { existing, budget: Budget::nodes() };
    for source in rest(arguments, 1) {
        let source = map_of(source);
        if destination.is_nil() && !source.is_nil() {
            destination = Map::new([].into());
        }
        merging.maps(&destination, &source, 0)?;
    }
    Ok(destination.into())
}

struct Merging {
    existing: Existing,
    budget: Budget,
}

impl Merging {
    fn maps(&mut self, destination: &Map, source: &Map, level: usize) -> Result<(), Problem> {
        limit::depth(level)?;
        if destination.is_nil() || destination.is_same(source) {
            return Ok(());
        }
        let overwrites = self.existing == Existing::Yields;
        let entries =
            source.entries().iter().map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>();
        for (key, new) in entries {
            self.budget.step()?;
            if new.is_nil() {
                if overwrites {
                    insert(destination, key, new, source.element())?;
                }
                continue;
            }
            let old = destination.get(&key);
            match (&old, &new) {
                (Some(Value::Map(old)), Value::Map(new)) => self.maps(old, new, level + 1)?,
                // Upstream looks behind pointers, and finds something else there.
                (Some(old), new)
                    if !overwrites
                        && kind_name(old) == "ptr"
                        && matches!(kind_name(new), "map" | "struct") =>
                {
                    return Err(Problem {
                        error: CallError::new("src and dst must be of same type"),
                        returned: true,
                    });
                }
                // A map with a type of its own takes no other values than those of that type.
                (Some(Value::Object(old)), Value::Map(new))
                    if old.kind() == Kind::Map && new.entries().values().any(|value| !value.is_nil()) =>
                {
                    let element = match old.underlying() {
                        Some(Value::Map(old)) => old.element().to_string(),
                        _ => "[]uint8".to_owned(),
                    };
                    let message = format!(
                        "reflect.Value.SetMapIndex: value of type {} is not assignable to type {element}",
                        new.element()
                    );
                    return Err(CallError::new(message).into());
                }
                // Upstream asks whether the old value is nil, which only some types can be.
                (Some(old), Value::List(_) | Value::Bytes(_)) if *destination.element() == Type::String => {
                    let kind = kind_name(old);
                    let message = format!("reflect: call of reflect.Value.IsNil on {kind} Value");
                    return Err(CallError::new(message).into());
                }
                _ => {}
            }
            let stays = match (&old, &new) {
                (None, _) => false,
                (Some(old), _) if !truth(old) => false,
                (Some(Value::Map(_)), Value::Map(_)) => true,
                (Some(_), _) => !overwrites,
            };
            if !stays {
                insert(destination, key, new, source.element())?;
            }
        }
        Ok(())
    }
}

/// Sets a value, if the types of both maps' values allow it, whatever type this very value has.
fn insert(map: &Map, key: Text, value: Value, static_type: &Type) -> Result<(), CallError> {
    let wanted = map.element();
    if *wanted != Type::Any && static_type != wanted {
        let given = match value {
            Value::List(_) | Value::Bytes(_) => type_name(&value),
            _ => static_type.to_string(),
        };
        return Err(CallError::new(format!(
            "reflect.Value.SetMapIndex: value of type {given} is not assignable to type {wanted}"
        )));
    }
    map.insert(key, value);
    Ok(())
}
