//! `toYaml`, `fromYaml` and their kin.
//!
//! Values are written as they are walked through, with no copy in between: `toYaml` is what charts
//! spend their time in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chartroom_gotemplate::{CallError, Kind, Map, Object, Text, Value};
use chartroom_goyaml::{self as goyaml, Layout, Writer};
use chartroom_sprig::json::{self, Style};
use chartroom_sprig::{Duration, Time};

use super::{Answer, LIST, MAP, argument, error_list, error_map, text, unfit};
use crate::plain;

/// Whatever can't be written gives nothing.
pub(super) fn to_yaml(arguments: &[Value]) -> Answer {
    Ok(document(argument(arguments), Layout::Compact).unwrap_or_default().into())
}

pub(super) fn must_to_yaml(arguments: &[Value]) -> Answer {
    let value = argument(arguments);
    document(value, Layout::Compact).map(Value::from).map_err(|problem| {
        // The detour over JSON comes first, and so do its errors.
        match json::encode(value, Style::Compact) {
            Err(error) => CallError::new(format!("error marshaling into JSON: {error}")),
            Ok(_) => CallError::new(problem),
        }
    })
}

/// With sequences indented. What contains itself is an error here; Helm dies of it.
pub(super) fn to_yaml_pretty(arguments: &[Value]) -> Answer {
    document(argument(arguments), Layout::Indented).map(Value::from).map_err(CallError::new)
}

pub(super) fn from_yaml(arguments: &[Value]) -> Answer {
    Ok(match read(text(arguments)) {
        Ok(map @ Value::Map(_)) => map,
        Ok(Value::Nil) => Map::new([].into()).into(),
        Ok(other) => error_map(unfit_yaml(&other, MAP)),
        Err(problem) => error_map(problem),
    })
}

pub(super) fn from_yaml_array(arguments: &[Value]) -> Answer {
    Ok(match read(text(arguments)) {
        Ok(list @ Value::List(_)) => list,
        Ok(Value::Nil) => Value::list(Vec::new()),
        Ok(other) => error_list(unfit_yaml(&other, LIST)),
        Err(problem) => error_list(problem),
    })
}

fn read(bytes: &[u8]) -> Result<Value, String> {
    let mut value = goyaml::decode_bytes(bytes).map_err(|error| error.to_string())?;
    plain::float_numbers(&mut value);
    Ok(plain::from_plain(&value))
}

fn unfit_yaml(value: &Value, wanted: &str) -> String {
    format!("error unmarshaling JSON: while decoding JSON: {}", unfit(value, wanted))
}

/// A document without the newline at its end.
fn document(value: &Value, layout: Layout) -> Result<String, String> {
    let mut writer = Writer::new(layout);
    let written = match layout {
        Layout::Compact => write_json(&mut writer, value),
        Layout::Indented => write_go(&mut writer, value),
    };
    written?;
    let mut text = writer.finish();
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

/// Writes what `encoding/json` makes of a value.
fn write_json(writer: &mut Writer, value: &Value) -> Result<(), String> {
    match value {
        Value::Nil => writer.null().map_err(problem),
        Value::Bool(truth) => writer.bool(*truth).map_err(problem),
        Value::Int(_, number) => writer.int(*number).map_err(problem),
        Value::Uint64(number) => writer.uint(*number).map_err(problem),
        Value::Float(number) => writer.float(*number).map_err(problem),
        Value::String(text) => writer.string(&text.to_str()).map_err(problem),
        Value::Bytes(bytes) => writer.string(&STANDARD.encode(bytes)).map_err(problem),
        Value::List(list) if list.is_nil() => writer.null().map_err(problem),
        Value::List(list) => write_list(writer, list.items(), write_json),
        Value::Map(map) if map.is_nil() => writer.null().map_err(problem),
        Value::Map(map) => write_json_map(writer, map),
        Value::Object(object) => write_json_object(writer, object.as_ref()),
        Value::Function(_) => Err("json: unsupported type: func".to_owned()),
    }
}

fn problem(error: goyaml::Error) -> String {
    error.to_string()
}

fn write_list(
    writer: &mut Writer,
    items: &[Value],
    write: impl Fn(&mut Writer, &Value) -> Result<(), String>,
) -> Result<(), String> {
    if items.is_empty() {
        return writer.empty_list().map_err(problem);
    }
    writer.start_list().map_err(problem)?;
    for item in items {
        writer.entry();
        write(writer, item)?;
    }
    writer.end();
    Ok(())
}

fn write_json_map(writer: &mut Writer, map: &Map) -> Result<(), String> {
    if map.is_empty() {
        return writer.empty_map().map_err(problem);
    }
    writer.start_map().map_err(problem)?;
    let entries = map.entries();
    let entries = entries.iter().map(|(key, value)| (key.to_str(), value));
    for (key, value) in goyaml::sort_by_key(entries, Layout::Compact) {
        writer.key(&key).map_err(problem)?;
        write_json(writer, value)?;
    }
    writer.end();
    Ok(())
}

fn write_json_object(writer: &mut Writer, object: &dyn Object) -> Result<(), String> {
    if object.is_nil() {
        return writer.null().map_err(problem);
    }
    if let Some(value) = object.marshal().or_else(|| object.underlying()) {
        return write_json(writer, &value);
    }
    if object.kind() == Kind::Func {
        return Err(format!("json: unsupported type: {}", object.type_name()));
    }
    let fields = object.fields();
    if fields.is_empty() {
        return writer.empty_map().map_err(problem);
    }
    writer.start_map().map_err(problem)?;
    let fields = fields.into_iter().map(|(_, name, value)| (name, value));
    for (name, value) in goyaml::sort_by_key(fields, Layout::Compact) {
        writer.key(name).map_err(problem)?;
        write_json(writer, &value)?;
    }
    writer.end();
    Ok(())
}

/// Writes what go-yaml 3 makes of a value: it knows nothing of JSON's names and forms.
fn write_go(writer: &mut Writer, value: &Value) -> Result<(), String> {
    match value {
        Value::Nil => writer.null().map_err(problem),
        Value::Bool(truth) => writer.bool(*truth).map_err(problem),
        Value::Int(_, number) => writer.int(*number).map_err(problem),
        Value::Uint64(number) => writer.uint(*number).map_err(problem),
        Value::Float(number) => writer.float(*number).map_err(problem),
        Value::String(text) => write_go_text(writer, text),
        Value::Bytes(bytes) => {
            let numbers: Vec<Value> = bytes.iter().map(|byte| Value::int(i64::from(*byte))).collect();
            write_list(writer, &numbers, write_go)
        }
        Value::List(list) => write_list(writer, list.items(), write_go),
        Value::Map(map) => write_go_map(writer, map),
        Value::Object(object) => write_go_object(writer, object.as_ref()),
        Value::Function(_) => Err("cannot marshal type: func".to_owned()),
    }
}

fn write_go_text(writer: &mut Writer, text: &Text) -> Result<(), String> {
    match std::str::from_utf8(text) {
        Ok(text) => writer.string(text),
        Err(_) => writer.binary(&base64_lines(text)),
    }
    .map_err(problem)
}

fn write_go_map(writer: &mut Writer, map: &Map) -> Result<(), String> {
    if map.is_empty() {
        return writer.empty_map().map_err(problem);
    }
    writer.start_map().map_err(problem)?;
    let entries = map.entries();
    let entries = entries.iter().map(|(key, value)| (key.to_str(), (key, value)));
    for (name, (key, value)) in goyaml::sort_by_key(entries, Layout::Indented) {
        match std::str::from_utf8(key) {
            Ok(_) => writer.key(&name).map_err(problem)?,
            Err(_) => writer.binary_key(&base64_lines(key)),
        }
        write_go(writer, value)?;
    }
    writer.end();
    Ok(())
}

fn write_go_object(writer: &mut Writer, object: &dyn Object) -> Result<(), String> {
    if object.is_nil() {
        return writer.null().map_err(problem);
    }
    match (object.type_name(), object.marshal()) {
        (Time::TYPE_NAME, Some(Value::String(text))) => return writer.bare(&text.to_str()).map_err(problem),
        (_, Some(Value::String(text))) => return write_go_text(writer, &text),
        (Duration::TYPE_NAME, _) => return write_go_text(writer, &object.string().unwrap_or_default()),
        _ => {}
    }
    if let Some(value) = object.underlying() {
        return write_go(writer, &value);
    }
    if object.kind() == Kind::Func {
        return Err(format!("cannot marshal type: {}", object.type_name()));
    }
    let fields = object.fields();
    if fields.is_empty() {
        return writer.empty_map().map_err(problem);
    }
    writer.start_map().map_err(problem)?;
    for (name, _, value) in fields {
        writer.key(&name.to_lowercase()).map_err(problem)?;
        write_go(writer, &value)?;
    }
    writer.end();
    Ok(())
}

/// Base64 in lines of 70 characters, if it is longer than one.
fn base64_lines(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let coded = STANDARD.encode(bytes);
    if coded.len() < LINE {
        return coded;
    }
    let mut lines = String::with_capacity(coded.len() + coded.len() / LINE + 1);
    for (index, character) in coded.chars().enumerate() {
        if index > 0 && index % LINE == 0 {
            lines.push('\n');
        }
        lines.push(character);
    }
    lines.push('\n');
    lines
}
