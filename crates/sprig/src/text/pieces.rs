//! Taking texts apart, and joining them.

use chartroom_gotemplate::{CallError, Function, Kind, List, Map, Text, Type, Value, runes};
use memchr::memmem;

use super::plain;
use crate::arguments::{any, int, text};
use crate::declare::{INT, fixed, string};
use crate::limit;

pub(super) fn functions() -> Vec<Function> {
    vec![
        fixed("split", [Type::String, Type::String], Type::string_map(), |arguments| {
            numbered(split(text(arguments, 1), text(arguments, 0), None)?)
        }),
        fixed("splitn", [Type::String, INT, Type::String], Type::string_map(), |arguments| {
            // A negative number is no limit.
            let count = usize::try_from(int(arguments, 1)).ok();
            numbered(split(text(arguments, 2), text(arguments, 0), count)?)
        }),
        fixed("splitList", [Type::String, Type::String], Type::strings(), |arguments| {
            Ok(List::strings(split(text(arguments, 1), text(arguments, 0), None)?).into())
        }),
        fixed("join", [Type::String, Type::Any], Type::String, |arguments| {
            join(&texts(any(arguments, 1)), text(arguments, 0))
        }),
        fixed("sortAlpha", [Type::Any], Type::strings(), |arguments| Ok(sort(any(arguments, 0)))),
        fixed("toStrings", [Type::Any], Type::strings(), |arguments| match any(arguments, 0) {
            Value::List(list) if *list.element() == Type::String => Ok(list.clone().into()),
            value => Ok(List::strings(texts(value)).into()),
        }),
    ]
}

/// The pieces between separators, or the characters if the separator is empty; at most so many,
/// the last of which is the rest.
fn split<'a>(whole: &'a [u8], separator: &[u8], count: Option<usize>) -> Result<Vec<&'a [u8]>, CallError> {
    let count = count.unwrap_or(usize::MAX);
    let mut pieces = Vec::new();
    if count == 0 || separator.is_empty() && whole.is_empty() {
        return Ok(pieces);
    }
    let mut rest = whole;
    if separator.is_empty() {
        for (_, letter) in runes::all(whole) {
            if pieces.len() + 1 == count {
                break;
            }
            rest = rest.get(letter.len()..).unwrap_or_default();
            pieces.push(letter);
            limit::elements(pieces.len())?;
        }
        if !rest.is_empty() {
            pieces.push(rest);
        }
        return Ok(pieces);
    }
    let finder = memmem::Finder::new(separator);
    while pieces.len() + 1 < count
        && let Some(end) = finder.find(rest)
    {
        pieces.push(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + separator.len()..).unwrap_or_default();
        limit::elements(pieces.len())?;
    }
    pieces.push(rest);
    Ok(pieces)
}

/// A map from `_0`, `_1` and so on.
fn numbered(pieces: Vec<&[u8]>) -> Result<Value, CallError> {
    let entries = pieces.into_iter().enumerate();
    let entries =
        entries.map(|(index, piece)| (Text::from(format!("_{index}")), Value::String(piece.into())));
    Ok(Map::of(Type::String, entries.collect()).into())
}

/// All that is in a list but nil, as text; what is no list is one text, and nil is none.
pub(super) fn texts(value: &Value) -> Vec<Text> {
    match value {
        Value::Nil => Vec::new(),
        Value::List(list) => list.items().iter().filter(|item| !item.is_nil()).map(plain).collect(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| byte.to_string().into()).collect(),
        Value::Object(object) if object.kind() == Kind::Slice => match object.underlying() {
            Some(value) => texts(&value),
            None => Vec::new(),
        },
        value => vec![plain(value)],
    }
}

fn join(texts: &[Text], separator: &[u8]) -> Result<Value, CallError> {
    let gaps = texts.len().saturating_sub(1).saturating_mul(separator.len());
    limit::bytes(texts.iter().fold(gaps, |sum, text| sum.saturating_add(text.len())))?;
    string(texts.iter().map(|text| text.as_bytes()).collect::<Vec<_>>().join(separator))
}

/// A list of strings is sorted where it is, and given back.
fn sort(value: &Value) -> Value {
    if let Value::List(list) = value
        && *list.element() == Type::String
    {
        list.sort();
        if list.items().is_sorted_by_key(Value::as_text) {
            return list.clone().into();
        }
    }
    let mut texts = match value {
        Value::Nil => vec![plain(value)],
        value => texts(value),
    };
    texts.sort_unstable();
    List::strings(texts).into()
}
