//! Values as text.

use chartroom_gotemplate::format::display;
use chartroom_gotemplate::quote::quote;
use chartroom_gotemplate::{CallError, Function, Text, Type, Value, runes};

use crate::arguments::{any, int};
use crate::declare::{INT, fixed, string, variadic};
use crate::limit;

pub(super) fn functions() -> Vec<Function> {
    vec![
        fixed("toString", [Type::Any], Type::String, |arguments| string(plain(any(arguments, 0)))),
        variadic("quote", [Type::Any], Type::String, |arguments| {
            words(arguments, |value, out| out.extend_from_slice(&quote(&plain(value))))
        }),
        variadic("squote", [Type::Any], Type::String, |arguments| {
            words(arguments, |value, out| {
                out.push(b'\'');
                out.extend_from_slice(&display(value));
                out.push(b'\'');
            })
        }),
        variadic("cat", [Type::Any], Type::String, |arguments| {
            words(arguments, |value, out| out.extend_from_slice(&display(value)))
        }),
        fixed("plural", [Type::String, Type::String, INT], Type::String, |arguments| {
            Ok(any(arguments, if int(arguments, 2) == 1 { 0 } else { 1 }).clone())
        }),
        fixed("hello", [], Type::String, |_| string("Hello!")),
    ]
}

/// A value as text: what is text already as it is, bytes as text, all else as Go prints it.
pub(crate) fn plain(value: &Value) -> Text {
    match value {
        Value::String(text) | Value::Bytes(text) => text.clone(),
        Value::Object(object) => object.string().unwrap_or_else(|| display(value)),
        value => display(value),
    }
}

/// All values that aren't nil, with spaces between them.
fn words(values: &[Value], write: impl Fn(&Value, &mut Vec<u8>)) -> Result<Value, CallError> {
    let mut out = Vec::new();
    for (index, value) in values.iter().filter(|value| !value.is_nil()).enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        write(value, &mut out);
        limit::bytes(out.len())?;
    }
    string(out)
}

/// A text in backquotes, or in double quotes with escapes if backquotes can't hold it on one line.
pub(crate) fn in_backquotes(text: &[u8]) -> String {
    let quotable = runes::all(text).all(|(letter, bytes)| match letter {
        '\u{feff}' | '`' | '\x7f' => false,
        char::REPLACEMENT_CHARACTER => bytes.len() > 1,
        _ => letter == '\t' || letter >= ' ',
    });
    let quoted = if quotable { [b"`", text, b"`"].concat() } else { quote(text) };
    String::from_utf8_lossy(&quoted).into_owned()
}
