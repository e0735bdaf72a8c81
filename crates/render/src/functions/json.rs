//! `toJson`, `fromJson` and their kin, over Sprig's reader and writer of JSON.

use chartroom_gotemplate::{List, Map, Type, Value};
use chartroom_sprig::json::{self, Style};

use super::{Answer, LIST, MAP, argument, error_list, error_map, text, unfit};

/// Whatever can't be written gives nothing.
pub(super) fn to_json(arguments: &[Value]) -> Answer {
    Ok(Value::String(json::encode(argument(arguments), Style::Compact).unwrap_or_default().into()))
}

pub(super) fn must_to_json(arguments: &[Value]) -> Answer {
    Ok(Value::String(json::encode(argument(arguments), Style::Compact)?.into()))
}

pub(super) fn from_json(arguments: &[Value]) -> Answer {
    Ok(match json::decode(text(arguments)) {
        Ok(map @ Value::Map(_)) => map,
        Ok(Value::Nil) => Map::nil(Type::Any).into(),
        Ok(other) => error_map(unfit(&other, MAP)),
        Err(error) => error_map(error.to_string()),
    })
}

pub(super) fn from_json_array(arguments: &[Value]) -> Answer {
    Ok(match json::decode(text(arguments)) {
        Ok(list @ Value::List(_)) => list,
        Ok(Value::Nil) => List::nil(Type::Any).into(),
        Ok(other) => error_list(unfit(&other, LIST)),
        Err(error) => error_list(error.to_string()),
    })
}
