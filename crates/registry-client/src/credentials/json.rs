//! JSON objects that can be changed in one place and keep everything else: the order of their
//! keys, fields that nobody here knows, and the way numbers are written.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object whose values are kept as they are written.
#[derive(Clone, Default)]
pub(super) struct Object<'a>(Vec<(String, Cow<'a, str>)>);

/// Why a text is not an object. The message quotes nothing of it, for there are secrets in it.
#[derive(Debug)]
pub(super) struct Fault {
    /// Line, counted from 1, and column in bytes, counted from 1.
    pub(super) at: (usize, usize),
    pub(super) message: String,
}

impl<'a> Object<'a> {
    /// Reads an object; nothing at all and `null` are read as an empty one, as Go does.
    pub(super) fn parse(text: &'a str) -> Result<Self, Fault> {
        if matches!(text.trim(), "" | "null") {
            return Ok(Self::default());
        }
        serde_json::from_str::<Self>(text).map_err(|error| {
            if error.is_data() {
                let before = text.len() - text.trim_start().len();
                return Fault {
                    at: position(text, before),
                    message: "an object is expected here".to_owned(),
                };
            }
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
            Fault { at: (error.line().max(1), error.column().max(1)), message: message.to_owned() }
        })
    }

    /// The fields, in the order in which they are written.
    pub(super) fn fields(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_ref()))
    }

    /// What a field holds. Of several with the same key the last counts, as in Go.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.fields().rev().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// What a field holds that was not set since the object was read.
    pub(super) fn borrowed(&self, key: &str) -> Option<&'a str> {
        match self.0.iter().rfind(|(known, _)| known == key) {
            Some((_, Cow::Borrowed(value))) => Some(value),
            _ => None,
        }
    }

    /// The field's text, if it is one; Go matches the names of fields in any case.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, NotText> {
        match self.fields().rev().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
            Some((_, value)) => serde_json::from_str(value).map_err(|_| NotText),
            None => Ok(None),
        }
    }

    /// Sets a field to this JSON, where it is, or behind all others.
    pub(super) fn set(&mut self, key: &str, json: String) {
        match self.0.iter_mut().rfind(|(known, _)| known == key) {
            Some((_, value)) => *value = Cow::Owned(json),
            None => self.0.push((key.to_owned(), Cow::Owned(json))),
        }
    }

    /// Takes out every field whose key is one of these; says whether there was one.
    pub(super) fn remove(&mut self, mut unwanted: impl FnMut(&str) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|(key, _)| !unwanted(key));
        self.0.len() != before
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The object in one line.
    pub(super) fn compact(&self) -> String {
        let fields = self.fields().map(|(key, value)| format!("{}:{value}", quote(key)));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }

    /// The object as Helm, Docker and podman write it: indented with tabs, no newline at the end.
    pub(super) fn pretty(&self) -> String {
        indent(&self.compact())
    }
}

/// A field holds something other than a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotText;

/// A text as JSON.
pub(super) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Line and column, counted from 1, of the byte at `offset`.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    (before.iter().filter(|byte| **byte == b'\n').count() + 1, before.len() - line_start + 1)
}

/// Writes valid JSON anew with one tab for each level; texts and numbers keep their bytes.
fn indent(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped, mut opened) = (0, false, false, false);
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n('\t', depth));
    };
    for char in json.chars() {
        if in_text {
            out.push(char);
            in_text = escaped || char != '"';
            escaped = !escaped && char == '\\';
            continue;
        }
        if char.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(char, '}' | ']');
        if std::mem::replace(&mut opened, false) && !closes {
            new_line(&mut out, depth);
        } else if closes && !out.ends_with(['{', '[']) {
            new_line(&mut out, depth - 1);
        }
        out.push(char);
        match char {
            '"' => in_text = true,
            '{' | '[' => (depth, opened) = (depth + 1, true),
            '}' | ']' => depth -= 1,
            ',' => new_line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
    }
    out
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Vec<(String, Cow<'de, str>)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                    fields.push((key, Cow::Borrowed(value.get())));
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Fields).map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn everything_but_the_change_is_kept() {
        let text = r#" {"z":1e2, "big":12345678901234567890123,"a":{"y":[],"x":[1, {"k": "a \" } \\"}]},"e":{},"\u0061b":"é\u00e9"} "#;
        let mut object = Object::parse(text).unwrap();
        object.set("z", "2".to_owned());
        object.set("new", quote("<&>\n"));
        assert!(object.remove(|key| key == "e"));
        assert!(!object.remove(|key| key == "e"));
        assert_eq!(
            object.pretty(),
            "{\n\t\"z\": 2,\n\t\"big\": 12345678901234567890123,\n\t\"a\": {\n\t\t\"y\": [],\n\t\t\"x\": [\n\t\t\t1,\n\t\t\t{\n\t\t\t\t\
             \"k\": \"a \\\" } \\\\\"\n\t\t\t}\n\t\t]\n\t},\n\t\"ab\": \"é\\u00e9\",\n\t\"new\": \"<&>\\n\"\n}"
        );
        assert_eq!(Object::parse("").unwrap().pretty(), "{}");
        assert_eq!(Object::parse("null").unwrap().pretty(), "{}");
    }

    #[test]
    fn of_equal_keys_the_last_counts() {
        let mut object = Object::parse(r#"{"a":1,"a":2,"B":"b"}"#).unwrap();
        assert_eq!(object.get("a"), Some("2"));
        assert_eq!(object.text("b").unwrap().as_deref(), Some("b"));
        assert!(object.text("a").is_err());
        object.set("a", "3".to_owned());
        assert_eq!(object.compact(), r#"{"a":1,"a":3,"B":"b"}"#);
    }

    #[test]
    fn faults_have_a_place_and_no_content() {
        for (text, at, message) in [
            ("{", (1, 1), "EOF while parsing an object"),
            ("{\n  \"hunter2\": tru }", (2, 17), "expected ident"),
            ("{} hunter2", (1, 4), "trailing characters"),
            ("{\"a\":1,}", (1, 8), "trailing comma"),
            ("\n [\"hunter2\"]", (2, 2), "an object is expected here"),
            ("\"hunter2\"", (1, 1), "an object is expected here"),
        ] {
            let fault = Object::parse(text).map(|object| object.compact()).unwrap_err();
            assert_eq!((fault.at, fault.message.as_str()), (at, message), "{text}");
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::btree_map(".{0,8}", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn indenting_changes_no_meaning(value in json()) {
            let pretty = indent(&value.to_string());
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&pretty).unwrap(), value);
            prop_assert_eq!(indent(&pretty), pretty);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,64}") {
            let _ = Object::parse(&text).map(|object| object.pretty());
        }
    }
}
