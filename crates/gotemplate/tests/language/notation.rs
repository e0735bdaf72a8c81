//! Golden files: one JSON value a line, with Go's values in a notation of their own.
//!
//! `["int", "5"]` is an `int`, `["float64", "NaN"]` a float, `["map", {…}]` a
//! `map[string]interface {}`; strings, booleans and null are themselves; `{"base64": "…"}` is a
//! string that is no UTF-8.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chartroom_gotemplate::{IntType, List, Map, Text, Type, Value};
use serde_json::Value as Json;

/// The lines of a golden file, after the first, which says what made it.
pub(crate) fn golden(name: &str) -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = fs::read_to_string(&path).expect("a golden file");
    let mut lines = text.lines();
    assert!(lines.next().expect("a first line").contains("made with"));
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The bytes of a string in the notation.
pub(crate) fn bytes(json: &Json) -> Vec<u8> {
    match json {
        Json::String(text) => text.clone().into_bytes(),
        json => STANDARD.decode(json["base64"].as_str().expect("base64")).expect("base64"),
    }
}

/// A value in the notation.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Array(tagged) => tagged_value(tagged[0].as_str().expect("a tag"), &tagged[1]),
        text => Value::String(bytes(text).into()),
    }
}

fn tagged_value(tag: &str, json: &Json) -> Value {
    let items = || json.as_array().expect("a list").iter();
    let entries =
        || json.as_object().expect("a map").iter().map(|(key, json)| (Text::from(key.as_str()), value(json)));
    match tag {
        "float64" => Value::Float(json.as_str().expect("a float").parse().expect("a float")),
        "bytes" => Value::Bytes(STANDARD.decode(json.as_str().expect("base64")).expect("base64").into()),
        "list" => Value::list(items().map(value).collect()),
        "nillist" => Value::List(List::nil(Type::Any)),
        "strings" => Value::List(List::strings(items().map(|item| item.as_str().expect("a string")))),
        "ints" => {
            let of = Type::Int(IntType::Int);
            Value::List(List::of(of, items().map(|item| int(IntType::Int, item)).collect()))
        }
        "map" => Value::map(entries()),
        "nilmap" => Value::Map(Map::nil(Type::Any)),
        "smap" => Value::Map(Map::of(Type::String, entries().collect())),
        tag => {
            let kind = ALL.into_iter().find(|kind| kind.name() == tag).expect("a known tag");
            int(kind, json)
        }
    }
}

const ALL: [IntType; 11] = [
    IntType::Int,
    IntType::Int8,
    IntType::Int16,
    IntType::Int32,
    IntType::Int64,
    IntType::Uint,
    IntType::Uint8,
    IntType::Uint16,
    IntType::Uint32,
    IntType::Uint64,
    IntType::Uintptr,
];

fn int(kind: IntType, json: &Json) -> Value {
    let text = json.as_str().expect("an integer");
    match text.parse() {
        Ok(number) => Value::Int(kind, number),
        Err(_) => Value::Uint64(text.parse().expect("an integer")),
    }
}
