//! Writing JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chartroom_gotemplate::format::format_float;
use chartroom_gotemplate::{CallError, List, Map, Object, Value, runes};

use crate::limit;
use crate::text::push;

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// On one line, with `<`, `>` and `&` escaped, so that it may stand in HTML.
    Compact,
    /// On one line, with these characters as they are.
    Raw,
    /// On many lines, two spaces for each level, with these characters escaped.
    Pretty,
}

/// Writes a value, with the keys of maps in order.
///
/// # Errors
/// In Go's words, for what JSON can't say: infinities, functions, values that contain themselves.
/// Beyond 500 levels and 256 MiB it fails too.
pub fn encode(value: &Value, style: Style) -> Result<Vec<u8>, CallError> {
    let mut encoder = Encoder { style, out: Vec::new(), within: Vec::new() };
    encoder.value(value)?;
    Ok(encoder.out)
}

struct Encoder {
    style: Style,
    out: Vec<u8>,
    /// The maps and lists around the place where we are, as far as they are something to meet again.
    within: Vec<Around>,
}

enum Around {
    Map(Map),
    Other,
}

impl Encoder {
    fn value(&mut self, value: &Value) -> Result<(), CallError> {
        match value {
            Value::Nil => self.write("null"),
            Value::Bool(truth) => self.write(if *truth { "true" } else { "false" }),
            Value::Int(_, number) => self.write(&number.to_string()),
            Value::Uint64(number) => self.write(&number.to_string()),
            Value::Float(number) => self.write(&float(*number)?),
            Value::String(text) => {
                limit::bytes(self.out.len() + text.len() + 2)?;
                self.string(text);
            }
            Value::Bytes(bytes) => {
                limit::bytes(bytes.len() / 3 * 4)?;
                let text = STANDARD.encode(bytes.as_bytes());
                self.write("\"");
                self.write(&text);
                self.write("\"");
            }
            Value::List(list) => self.list(list)?,
            Value::Map(map) => self.map(map)?,
            Value::Object(object) => self.object(object.as_ref())?,
            Value::Function(_) => return Err(CallError::new("json: unsupported type: func")),
        }
        limit::bytes(self.out.len())
    }

    fn write(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn list(&mut self, list: &List) -> Result<(), CallError> {
        if list.is_nil() {
            self.write("null");
            return Ok(());
        }
        self.enter(Around::Other, b'[')?;
        for (index, item) in list.items().iter().enumerate() {
            self.separate(index);
            self.value(item)?;
        }
        self.leave(list.is_empty(), b']');
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), CallError> {
        if map.is_nil() {
            self.write("null");
            return Ok(());
        }
        self.enter(Around::Map(map.clone()), b'{')?;
        for (index, (key, value)) in map.entries().iter().enumerate() {
            self.separate(index);
            self.key(key);
            self.value(value)?;
        }
        self.leave(map.is_empty(), b'}');
        Ok(())
    }

    fn object(&mut self, object: &dyn Object) -> Result<(), CallError> {
        if object.is_nil() {
            self.write("null");
            return Ok(());
        }
        if let Some(value) = object.marshal().or_else(|| object.underlying()) {
            self.enter_quietly()?;
            self.value(&value)?;
            self.within.pop();
            return Ok(());
        }
        let fields = object.fields();
        self.enter(Around::Other, b'{')?;
        for (index, (_, name, value)) in fields.iter().enumerate() {
            self.separate(index);
            self.key(name.as_bytes());
            self.value(value)?;
        }
        self.leave(fields.is_empty(), b'}');
        Ok(())
    }

    fn enter_quietly(&mut self) -> Result<(), CallError> {
        self.within.push(Around::Other);
        limit::depth(self.within.len())
    }

    fn enter(&mut self, around: Around, bracket: u8) -> Result<(), CallError> {
        if self.within.len() >= limit::DEPTH
            && let Around::Map(map) = &around
            && self.within.iter().any(|outer| matches!(outer, Around::Map(outer) if outer.is_same(map)))
        {
            let map_type = crate::reflection::type_name(&map.clone().into());
            return Err(CallError::new(format!(
                "json: unsupported value: encountered a cycle via {map_type}"
            )));
        }
        // A list around a map that contains itself is one level further down.
        limit::depth(self.within.len().saturating_sub(1))?;
        self.within.push(around);
        self.out.push(bracket);
        Ok(())
    }

    fn leave(&mut self, empty: bool, bracket: u8) {
        self.within.pop();
        if !empty {
            self.new_line();
        }
        self.out.push(bracket);
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.out.push(b',');
        }
        self.new_line();
    }

    fn key(&mut self, key: &[u8]) {
        self.string(key);
        self.write(if self.style == Style::Pretty { ": " } else { ":" });
    }

    fn new_line(&mut self) {
        if self.style == Style::Pretty {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.within.len(), b' ');
        }
    }

    fn string(&mut self, text: &[u8]) {
        self.out.push(b'"');
        // From where on nothing was written yet.
        let mut start = 0;
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            let (letter, length) = match byte {
                0x80.. => runes::first(text.get(at..).unwrap_or_default()).unwrap_or(('\u{fffd}', 1)),
                _ => (char::from(byte), 1),
            };
            if self.is_plain(letter) && (letter != '\u{fffd}' || length > 1) {
                at += length;
                continue;
            }
            self.out.extend_from_slice(text.get(start..at).unwrap_or_default());
            self.escaped(letter);
            at += length;
            start = at;
        }
        self.out.extend_from_slice(text.get(start..).unwrap_or_default());
        self.out.push(b'"');
    }

    fn is_plain(&self, letter: char) -> bool {
        match letter {
            '"' | '\\' | '\0'..' ' | '\u{2028}' | '\u{2029}' => false,
            '<' | '>' | '&' => self.style == Style::Raw,
            _ => true,
        }
    }

    fn escaped(&mut self, letter: char) {
        let short = match letter {
            '"' | '\\' => letter,
            '\x08' => 'b',
            '\x0c' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{fffd}' => return push(&mut self.out, letter),
            _ => return self.write(&format!("\\u{:04x}", u32::from(letter))),
        };
        self.out.push(b'\\');
        push(&mut self.out, short);
    }
}

/// As few digits as are exact, with an exponent below 10⁻⁶ and from 10²¹ on.
fn float(number: f64) -> Result<String, CallError> {
    if !number.is_finite() {
        let text = match number {
            f64::INFINITY => "+Inf",
            f64::NEG_INFINITY => "-Inf",
            _ => "NaN",
        };
        return Err(CallError::new(format!("json: unsupported value: {text}")));
    }
    let size = number.abs();
    let plain = size == 0.0 || (1e-6..1e21).contains(&size);
    let text = format_float(number, if plain { b'f' } else { b'e' }, None);
    let text = String::from_utf8_lossy(&text);
    // Exponents of one digit have a zero before it elsewhere.
    Ok(text.replace("e-0", "e-"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use chartroom_gotemplate::{IntType, Type};

    use super::*;

    fn written(value: impl Into<Value>, style: Style) -> String {
        String::from_utf8(encode(&value.into(), style).unwrap()).unwrap()
    }

    #[test]
    fn texts_are_escaped() {
        let text = "<é>\"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}\u{2028}&";
        assert_eq!(
            written(text, Style::Compact),
            "\"\\u003cé\\u003e\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\u{7f}\\u2028\\u0026\""
        );
        assert_eq!(written("<&>\u{2029}", Style::Raw), "\"<&>\\u2029\"");
        assert_eq!(written(Value::String(b"a\xffb"[..].into()), Style::Raw), "\"a\u{fffd}b\"");
    }

    #[test]
    fn numbers_have_exponents_where_they_are_large_or_small() {
        for (number, text) in [
            (1.0, "1"),
            (-0.0, "-0"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (-1.5e300, "-1.5e+300"),
        ] {
            assert_eq!(written(number, Style::Raw), text);
        }
    }

    #[test]
    fn nil_is_null_and_empty_is_empty() {
        let value = Value::map([
            ("a", List::nil(Type::Any).into()),
            ("b", Value::list(vec![])),
            ("c", Map::nil(Type::Any).into()),
            ("d", Value::list(vec![Value::Nil, Value::Int(IntType::Uint8, 7)])),
        ]);
        assert_eq!(written(value.clone(), Style::Compact), r#"{"a":null,"b":[],"c":null,"d":[null,7]}"#);
        assert_eq!(
            written(value, Style::Pretty),
            "{\n  \"a\": null,\n  \"b\": [],\n  \"c\": null,\n  \"d\": [\n    null,\n    7\n  ]\n}"
        );
    }

    #[test]
    fn endless_and_deep_values_are_refused() {
        let map = Map::new([].into());
        map.insert("self", Value::list(vec![map.clone().into()]));
        let error = encode(&map.clone().into(), Style::Compact).unwrap_err().to_string();
        assert_eq!(error, "json: unsupported value: encountered a cycle via map[string]interface {}");
        map.remove(b"self");

        let deep = |levels| (0..levels).fold(Value::list(vec![]), |inner, _| Value::list(vec![inner]));
        assert!(encode(&deep(499), Style::Compact).is_ok());
        assert!(encode(&deep(1100), Style::Compact).is_err());
    }
}
