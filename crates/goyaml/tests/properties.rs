//! What holds for every value and every text.

#![expect(clippy::unwrap_used, reason = "tests")]

use chartroom_goyaml::{self as goyaml, Value};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// Strings that can be written, made of what is special to YAML and of anything else.
fn text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\r",
        "'",
        "\"",
        "\\",
        ": ",
        ":",
        " #",
        "#",
        "- ",
        "? ",
        "[",
        "}",
        ",",
        "&a",
        "*a",
        "!",
        "|",
        ">",
        "%",
        "@",
        "`",
        "\u{2028}",
        "\u{2029}",
        "\u{FEFF}",
        "\0",
        "\u{1B}",
        "0",
        "1",
        "e",
        ".",
        "_",
        "---",
        "...",
        "yes",
        "null",
        "~",
        "<<",
        "word word word word ",
        "é",
        "😀",
        "2001-01-01",
        "0x1f",
    ]);
    let any = any::<char>().prop_filter(
        "YAML has no other",
        |c| !matches!(c, '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}'),
    );
    let piece = prop_oneof![4 => special.prop_map(str::to_owned), 1 => any.prop_map(String::from)];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// The key `<<` is written as a merge, by Helm's example.
fn key() -> impl Strategy<Value = String> {
    text().prop_filter("not a merge", |key| key != "<<")
}

/// Values in the form that they have after they were read: whole numbers are integers if they fit.
fn value() -> impl Strategy<Value = Value> {
    let float = any::<f64>().prop_filter("a float", |number| {
        number.is_finite() && (number.fract() != 0.0 || number.abs() >= 1e21)
    });
    let leaf = prop_oneof![
        4 => text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => float.prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(key(), inner, 0..6).prop_map(Value::from),
        ]
    })
}

/// Texts that are nearly YAML.
fn yaml() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "? ",
        ": ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\n",
        "\n  ",
        "\n    ",
        " ",
        "\t",
        "#",
        "'",
        "\"",
        "\\",
        "&a ",
        "*a",
        "!t ",
        "!!int ",
        "!<",
        "|",
        ">",
        "2",
        "-",
        "+",
        "@",
        "%YAML 1.1",
        "%TAG ! a",
        "---",
        "\n---\n",
        "...",
        "<<: ",
        "é",
        "\u{85}",
        "\u{2028}",
        "\u{FEFF}",
        "\r",
        "😀",
        "1",
        "{}",
        "[]",
        "\0",
        "\u{7F}",
    ]);
    vec(prop_oneof![9 => token.prop_map(str::to_owned), 1 => ".*"], 0..24).prop_map(|tokens| tokens.concat())
}

fn has_broken_key(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().any(has_broken_key),
        Value::Map(map) => map.iter().any(|(key, value)| key.contains('\u{85}') || has_broken_key(value)),
        _ => false,
    }
}

/// A value as Helm has it before it is written: read once more from its JSON, in which U+0085 ends a line
/// and is folded. `None` where two keys become one by that, of which chance keeps either.
fn after_helms_detour(value: &Value) -> Option<Value> {
    let text = |text: &str| {
        if !text.contains('\u{85}') {
            return text.to_owned();
        }
        let json = serde_json::to_string(text).unwrap();
        // Go escapes the other two that end lines.
        let json = json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
        goyaml::decode(&json).unwrap().as_str().unwrap().to_owned()
    };
    Some(match value {
        Value::String(string) => Value::String(text(string)),
        Value::List(items) => Value::List(items.iter().map(after_helms_detour).collect::<Option<_>>()?),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| Some((text(key), after_helms_detour(value)?)));
            let after: std::collections::BTreeMap<_, _> = entries.collect::<Option<_>>()?;
            (after.len() == map.len()).then_some(Value::Map(after))?
        }
        other => other.clone(),
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(value in value()) {
        let text = match goyaml::encode(&value) {
            Ok(text) => text,
            // A key that reaches over the end of a line is none, for Helm either.
            Err(_) => {
                prop_assert!(has_broken_key(&value));
                return Ok(());
            }
        };
        // A block that ends with one of Unicode's separators has its line break.
        let ends = text.ends_with(['\n', '\u{2028}', '\u{2029}']);
        prop_assert!(ends);
        let Some(expected) = after_helms_detour(&value) else { return Ok(()) };
        prop_assert_eq!(&goyaml::decode(&text).unwrap(), &expected, "{}", text);
        prop_assert_eq!(&goyaml::decode_strict(&text).unwrap(), &expected);
        prop_assert_eq!(goyaml::decode_all(&text).unwrap(), vec![expected]);
    }

    #[test]
    fn a_value_passes_through_serde(value in value()) {
        prop_assert_eq!(&goyaml::to_value(&value).unwrap(), &value);
        prop_assert_eq!(&goyaml::from_value::<Value>(value.clone()).unwrap(), &value);
    }

    #[test]
    fn no_text_panics(text in prop_oneof![yaml(), ".*"]) {
        if let Ok(value) = goyaml::decode(&text) {
            // Neither need be: a string may come from an escape, and a key may be `<<`.
            if let Ok(written) = goyaml::encode(&value)
                && let Ok(value) = goyaml::decode(&written)
            {
                prop_assert_eq!(goyaml::encode(&value).unwrap(), written);
            }
        }
        let first = goyaml::decode(&text);
        match goyaml::decode_all(&text) {
            Ok(documents) => prop_assert_eq!(documents.into_iter().next().unwrap_or_default(), first.unwrap()),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
        if let Ok(value) = goyaml::decode_strict(&text) {
            prop_assert_eq!(value, goyaml::decode(&text).unwrap());
        }
    }
}
