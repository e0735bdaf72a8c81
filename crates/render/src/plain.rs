//! Between the values of templates and those of YAML and JSON.
//!
//! YAML and JSON know one kind of number, and Go's decoder of JSON makes each a `float64`; flags such
//! as `--set` make integers. [`chartroom_goyaml::Value`] can say both, so [`float_numbers`] is for
//! what was read from a text, and the rest keeps what it is given.

use chartroom_gotemplate::{Kind, Map, Text, Type, Value};
use chartroom_goyaml::Value as Plain;

/// How deep values may be nested on their way out. What templates build may contain itself.
const MAX_DEPTH: usize = chartroom_goyaml::MAX_DEPTH;

/// Why a value of a template is nothing that JSON or YAML could say, in the words of Go's
/// `encoding/json`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlainError {
    /// A function, for example.
    #[error("json: unsupported type: {0}")]
    Type(String),
    /// NaN or an infinity.
    #[error("json: unsupported value: {0}")]
    Number(String),
    /// Nested too deep, perhaps because it contains itself.
    #[error("json: unsupported value: encountered a cycle")]
    Depth,
}

/// Makes every integer a float, as reading JSON into `interface {}` does.
pub fn float_numbers(value: &mut Plain) {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "that is what Go's float64 does to it")]
        Plain::Int(number) => *value = Plain::Float(*number as f64),
        #[expect(clippy::cast_precision_loss, reason = "that is what Go's float64 does to it")]
        Plain::Uint(number) => *value = Plain::Float(*number as f64),
        Plain::List(items) => items.iter_mut().for_each(float_numbers),
        Plain::Map(entries) => entries.values_mut().for_each(float_numbers),
        _ => {}
    }
}

/// The value that templates see: `map[string]interface {}`, `[]interface {}`, `int64`, `float64`.
pub fn from_plain(value: &Plain) -> Value {
    match value {
        Plain::Null => Value::Nil,
        Plain::Bool(truth) => Value::Bool(*truth),
        Plain::Int(number) => Value::int64(*number),
        Plain::Uint(number) => Value::Uint64(*number),
        Plain::Float(number) => Value::Float(*number),
        Plain::String(text) => Value::String(text.as_str().into()),
        Plain::List(items) => Value::grown(items.iter().map(from_plain).collect()),
        Plain::Map(entries) => Value::Map(Map::new(
            entries.iter().map(|(key, value)| (Text::from(key.as_str()), from_plain(value))).collect(),
        )),
    }
}

/// What Go's `encoding/json` makes of a value, before it is written: bytes as base64, structs by the
/// names of their fields in JSON, nil slices and maps as null, stray bytes as U+FFFD.
///
/// # Errors
///
/// For functions, numbers that JSON has no form for, and nesting beyond 500 levels.
pub fn to_plain(value: &Value) -> Result<Plain, PlainError> {
    plain_at(value, 0)
}

fn plain_at(value: &Value, depth: usize) -> Result<Plain, PlainError> {
    if depth > MAX_DEPTH {
        return Err(PlainError::Depth);
    }
    Ok(match value {
        Value::Nil => Plain::Null,
        Value::Bool(truth) => Plain::Bool(*truth),
        Value::Int(_, number) => Plain::Int(*number),
        Value::Uint64(number) => Plain::Uint(*number),
        Value::Float(number) if number.is_finite() => Plain::Float(*number),
        Value::Float(number) => return Err(PlainError::Number(go_infinity(*number).to_owned())),
        Value::String(text) => Plain::String(text.to_str().into_owned()),
        Value::Bytes(bytes) => Plain::String(base64(bytes)),
        Value::List(list) if list.is_nil() => Plain::Null,
        Value::List(list) => {
            let items = list.items().iter().map(|item| plain_at(item, depth + 1));
            Plain::List(items.collect::<Result<_, _>>()?)
        }
        Value::Map(map) if map.is_nil() => Plain::Null,
        Value::Map(map) => {
            let entries = map.entries();
            let entries = entries
                .iter()
                .map(|(key, value)| Ok((key.to_str().into_owned(), plain_at(value, depth + 1)?)));
            Plain::Map(entries.collect::<Result<_, PlainError>>()?)
        }
        Value::Object(object) => {
            if let Some(marshalled) = object.marshal() {
                return plain_at(&marshalled, depth + 1);
            }
            match object.kind() {
                Kind::Struct | Kind::Pointer => {
                    let fields = object.fields().into_iter();
                    let fields =
                        fields.map(|(_, json, value)| Ok((json.to_owned(), plain_at(&value, depth + 1)?)));
                    Plain::Map(fields.collect::<Result<_, PlainError>>()?)
                }
                Kind::Func => return Err(PlainError::Type(object.type_name().to_owned())),
                _ => match object.underlying() {
                    Some(value) => plain_at(&value, depth + 1)?,
                    None => Plain::Null,
                },
            }
        }
        Value::Function(_) => {
            let name = value.type_of().as_ref().map(Type::to_string);
            return Err(PlainError::Type(name.unwrap_or_default()));
        }
    })
}

fn go_infinity(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
