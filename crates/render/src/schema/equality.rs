//! When two values of JSON are the same: numbers by their value, objects whatever their order.

use std::fmt::Write as _;

use super::decimal::Decimal;
use crate::values::go_json::Json;

/// Whether two values are the same.
pub(super) fn equal(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => match (Decimal::parse(one), Decimal::parse(other)) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        },
        (Json::List(one), Json::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len()
                && pairs.all(|((name, one), (same, other))| name == same && equal(one, other))
        }
        _ => one == other,
    }
}

/// How much it takes to compare or copy a value: a step for each part, and for each 64 bytes.
pub(super) fn weight(value: &Json) -> usize {
    let more: usize = match value {
        Json::Number(text) | Json::String(text) => text.len() / 64,
        Json::List(items) => items.iter().map(weight).sum(),
        Json::Object(members) => members.iter().map(|(name, value)| name.len() / 64 + weight(value)).sum(),
        Json::Null | Json::Bool(_) => 0,
    };
    1 + more
}

/// Whether it is a number without fraction.
pub(super) fn is_integer(value: &Json) -> bool {
    match value {
        Json::Number(text) => Decimal::parse(text).is_some_and(|number| number.is_integer()),
        _ => false,
    }
}

/// A text that equal values have in common, and others don't.
pub(super) fn canonical(value: &Json) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

fn write(text: &mut String, value: &Json) {
    match value {
        Json::Number(number) => match Decimal::parse(number) {
            Some(number) => drop(write!(text, "{number:?}")),
            None => text.push_str(number),
        },
        Json::List(items) => {
            text.push('[');
            for item in items {
                write(text, item);
                text.push(',');
            }
            text.push(']');
        }
        Json::Object(members) => {
            text.push('{');
            for (name, value) in members {
                let _ = write!(text, "{name:?}:");
                write(text, value);
                text.push(',');
            }
            text.push('}');
        }
        Json::String(string) => drop(write!(text, "{string:?}")),
        Json::Null => text.push_str("null"),
        Json::Bool(truth) => drop(write!(text, "{truth}")),
    }
}
