//! What hostile texts can't do.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use chartroom_goyaml::{self as goyaml, Error, MAX_DEPTH, Position, Value};

#[track_caller]
fn problem(text: &str) -> String {
    let error = goyaml::decode(text).unwrap_err().to_string();
    error.strip_prefix("error converting YAML to JSON: yaml: ").unwrap().to_owned()
}

/// Runs on the stack that a thread has by default.
fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(body).unwrap().join().unwrap();
}

#[test]
fn nesting_ends_somewhere() {
    on_a_small_stack(|| {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let deepest = goyaml::decode(&deep(MAX_DEPTH - 1)).unwrap();
        let text = goyaml::encode(&deepest).unwrap();
        assert_eq!(goyaml::decode(&text).unwrap(), deepest);
        assert_eq!(goyaml::to_value(&deepest).unwrap(), deepest);
        let json: serde_json::Value = goyaml::from_value(deepest.clone()).unwrap();
        assert_eq!(goyaml::to_value(&json).unwrap(), deepest);
        assert!(!format!("{deepest:?}").is_empty());

        let too_deep = format!("exceeded max depth of {MAX_DEPTH}");
        assert_eq!(problem(&deep(MAX_DEPTH)), too_deep);
        for endless in ["[", "{", "- ", "? ", "{a: ", "[a: ", "- - ? "] {
            assert_eq!(problem(&endless.repeat(1 << 20)), too_deep, "{endless}");
        }
        let lines: String = (0..10_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        assert_eq!(problem(&lines), format!("line {MAX_DEPTH}: {too_deep}"));
    });
}

#[test]
fn aliases_do_not_nest_any_deeper() {
    on_a_small_stack(|| {
        let too_deep = format!("exceeded max depth of {MAX_DEPTH}");
        // Enough that is no alias, so that there aren't too many.
        let plain = "- x\n".repeat(20_000);
        let link = |level| format!("- &a{level} [*a{}]\n", level - 1);
        let chain = |links| plain.clone() + "- &a0 {b: c}\n" + &(1..=links).map(link).collect::<String>();
        goyaml::decode(&chain(400)).unwrap();
        assert!(problem(&chain(1000)).ends_with(&too_deep));
        let plain: String = (0..20_000).map(|key| format!("{key}:\n")).collect();
        let merge = |level| format!("a{level}: &a{level} {{b: {{<<: *a{}}}}}\n", level - 1);
        let merges = plain + "a0: &a0 {}\n" + &(1..=1000).map(merge).collect::<String>();
        assert!(problem(&merges).ends_with(&too_deep));
    });
}

#[test]
fn what_is_too_deep_is_not_written() {
    on_a_small_stack(|| {
        let nested = |levels| (1..levels).fold(Value::Null, |value, _| Value::List(vec![value]));
        assert!(goyaml::encode(&nested(MAX_DEPTH)).is_ok());
        let error = goyaml::encode(&nested(MAX_DEPTH + 1)).unwrap_err();
        assert!(matches!(error, Error::Encode(_)), "{error}");
        assert_eq!(goyaml::to_value(&nested(MAX_DEPTH + 1)), Err(error));
    });
}

#[test]
fn aliases_do_not_multiply() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (from, to) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        bomb += &format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 9].join(", "));
    }
    assert_eq!(problem(&bomb), "document contains excessive aliasing");
    // Few aliases, but to something long.
    let long =
        format!("a: &a {}\nb: [{}]\nc: [{}]", "x".repeat(1 << 20), "*a, ".repeat(1000), "y, ".repeat(10_000));
    assert_eq!(problem(&long), "document contains excessive aliasing");
    // Every document for itself would be within the bounds.
    let document = format!("--- [&a {}, {}]\n", "x".repeat(1 << 20), "*a, ".repeat(20));
    assert!(goyaml::decode(&document).is_ok());
    assert!(goyaml::decode_all(&document.repeat(20)).is_err());
    let short = format!("--- [&a {}, {}]\n", "x".repeat(1 << 10), "*a, ".repeat(90));
    assert!(goyaml::decode_all(&short.repeat(10)).is_ok());
    let error = goyaml::decode_all(&short.repeat(1000)).unwrap_err();
    assert!(error.to_string().ends_with("document contains excessive aliasing"), "{error}");
}

#[test]
fn errors_have_a_place() {
    let place = |text: &str| goyaml::decode(text).unwrap_err().position();
    let at = |line, column| Some(Position { line, column });
    assert_eq!(place("a: 1\nb: c: d"), at(2, 5));
    assert_eq!(place("a: 1\n  - b\nc: [d}\n"), at(3, 6));
    assert_eq!(place("a: b\nc: !!int d"), at(2, 4));
    assert_eq!(place("a:\n  b: *c"), at(2, 6));
    assert_eq!(place("a: \u{7F}"), None);
    let repeated = goyaml::decode_strict("a: 1\nb: {c: 1, c: 2}\na: 2").unwrap_err();
    let keys = ["line 2: key \"c\" already set in map", "line 3: key \"a\" already set in map"];
    assert_eq!(repeated, Error::DuplicateKeys(keys.map(str::to_owned).to_vec()));
    assert_eq!(
        repeated.to_string(),
        format!("error converting YAML to JSON: yaml: unmarshal errors:\n  {}\n  {}", keys[0], keys[1])
    );
}

#[test]
fn what_can_not_be_written() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(goyaml::encode(&Value::Float(number)).is_err());
    }
    for text in ["\u{7F}", "a\u{80}", "\u{9F}", "\u{FFFE}", "\u{FFFF}"] {
        let control = "yaml: control characters are not allowed";
        assert_eq!(goyaml::encode(&text.into()).unwrap_err().to_string(), control);
        let key = Value::Map(BTreeMap::from([(text.to_owned(), Value::Null)]));
        assert_eq!(goyaml::encode(&key).unwrap_err().to_string(), control);
    }
}

#[test]
fn every_document() {
    let documents = |text: &str| goyaml::decode_all(text).map(|values| values.len());
    assert_eq!(documents(""), Ok(0));
    assert_eq!(documents("# nothing"), Ok(0));
    assert_eq!(documents("a"), Ok(1));
    assert_eq!(documents("---\n---\n"), Ok(2));
    assert_eq!(documents("a: |\n  ---\n---\nb\n...\n---\nc\n...\n"), Ok(3));
    assert!(documents("a: 1\n---\n]").is_err());
    assert!(documents("a: &x 1\n---\nb: *x").is_err());
}
