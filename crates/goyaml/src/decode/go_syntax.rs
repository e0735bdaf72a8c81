//! Values as Go's `%#v` shows them, for error texts that do.

use std::fmt::Write as _;

use crate::Value;
use crate::number;

/// How much of a value an error may show, in bytes. Go shows all of it.
const LIMIT: usize = 1024;

pub(super) fn of(value: &Value) -> String {
    if value.is_null() {
        return "<nil>".to_owned();
    }
    let mut text = String::new();
    write(&mut text, value);
    if text.len() > LIMIT {
        let end = (0..=LIMIT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

fn write(text: &mut String, value: &Value) {
    if text.len() > LIMIT {
        return;
    }
    match value {
        Value::Null => text.push_str("interface {}(nil)"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => text.push_str(&number.to_string()),
        Value::Uint(number) => text.push_str(&format!("{number:#x}")),
        Value::Float(number) => text.push_str(&number::format_g(*number)),
        Value::String(string) => text.push_str(&quoted(string)),
        Value::List(list) => {
            text.push_str("[]interface {}{");
            for (index, element) in list.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write(text, element);
            }
            text.push('}');
        }
        Value::Map(map) => {
            text.push_str("map[interface {}]interface {}{");
            for (index, (key, element)) in map.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                text.push_str(&quoted(key));
                text.push(':');
                write(text, element);
            }
            text.push('}');
        }
    }
}

/// Quotes as `strconv.Quote`.
pub(super) fn quoted(string: &str) -> String {
    let mut text = String::with_capacity(string.len() + 2);
    text.push('"');
    for c in string.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\x07' => text.push_str("\\a"),
            '\x08' => text.push_str("\\b"),
            '\x0C' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\x0B' => text.push_str("\\v"),
            '\0'..' ' | '\x7F' => {
                let _ = write!(text, "\\x{:02x}", u32::from(c));
            }
            '\u{80}'..='\u{A0}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
    text
}
