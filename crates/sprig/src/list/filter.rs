//! Elements by what they are.

use std::collections::HashMap;

use chartroom_gotemplate::{CallError, Function, Type, Value};

use super::elements;
use crate::arguments::{any, rest};
use crate::declare::{fixed, variadic};
use crate::equality::{deep_equal, fingerprint};
use crate::fallback::is_empty;
use crate::limit::Budget;

pub(super) fn functions() -> Vec<Function> {
    vec![
        fixed("compact", [Type::Any], Type::list(), compact),
        fixed("mustCompact", [Type::Any], Type::list(), compact),
        fixed("uniq", [Type::Any], Type::list(), uniq),
        fixed("mustUniq", [Type::Any], Type::list(), uniq),
        variadic("without", [Type::Any, Type::Any], Type::list(), without),
        variadic("mustWithout", [Type::Any, Type::Any], Type::list(), without),
        fixed("has", [Type::Any, Type::Any], Type::Bool, has),
        fixed("mustHas", [Type::Any, Type::Any], Type::Bool, has),
        fixed("reverse", [Type::Any], Type::list(), reverse),
        fixed("mustReverse", [Type::Any], Type::list(), reverse),
    ]
}

fn compact(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot compact on type")?;
    Ok(Value::grown(items.iter().filter(|item| !is_empty(item)).cloned().collect()))
}

/// Each value where it comes first.
fn uniq(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot find uniq on type")?;
    let mut kept = Vec::<Value>::new();
    let mut alike = HashMap::<u64, Vec<usize>>::new();
    let mut budget = Budget::elements();
    'items: for item in items.iter() {
        let alike = alike.entry(fingerprint(item)).or_default();
        for other in alike.iter().filter_map(|&index| kept.get(index)) {
            budget.step()?;
            if deep_equal(item, other)? {
                continue 'items;
            }
        }
        // What is not even itself need not be compared again.
        if !matches!(item, Value::Float(number) if number.is_nan()) {
            alike.push(kept.len());
        }
        kept.push(item.clone());
    }
    Ok(Value::grown(kept))
}

fn without(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot find without on type")?;
    let mut kept = Vec::with_capacity(items.len());
    for item in items.iter() {
        if !contains(rest(arguments, 1), item)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::grown(kept))
}

fn has(arguments: &[Value]) -> Result<Value, CallError> {
    let (needle, haystack) = (any(arguments, 0), any(arguments, 1));
    if haystack.is_nil() {
        return Ok(false.into());
    }
    contains(&elements(haystack, "Cannot find has on type")?, needle).map(Value::from)
}

fn contains(items: &[Value], wanted: &Value) -> Result<bool, CallError> {
    for item in items {
        if deep_equal(wanted, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn reverse(arguments: &[Value]) -> Result<Value, CallError> {
    let items = elements(any(arguments, 0), "Cannot find reverse on type")?;
    Ok(Value::list(items.iter().rev().cloned().collect()))
}
