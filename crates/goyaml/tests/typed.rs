//! Types through serde, with the leniency of Go's JSON decoder.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use chartroom_goyaml::{self as goyaml, Error, Value};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Everything {
    text: String,
    maybe: Option<String>,
    truth: bool,
    small: u8,
    signed: i64,
    unsigned: u64,
    float: f64,
    list: Vec<String>,
    holes: Vec<Option<Inner>>,
    inner: Inner,
    by_name: BTreeMap<String, String>,
    by_number: BTreeMap<i32, bool>,
    kind: Kind,
    pair: (i8, String),
    value: Value,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Inner {
    #[serde(default)]
    name: String,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Plain,
    Tuple(u8, u8),
    Struct {
        field: String,
    },
}

#[test]
fn there_and_back() {
    let everything = Everything {
        text: "yes".to_owned(),
        maybe: Some("1".to_owned()),
        truth: true,
        small: 7,
        signed: i64::MIN,
        unsigned: u64::MAX,
        float: 0.5,
        list: vec!["a".to_owned(), String::new()],
        holes: vec![None, Some(Inner { name: "x".to_owned() })],
        inner: Inner { name: "y: z".to_owned() },
        by_name: [("k".to_owned(), "v".to_owned())].into(),
        by_number: [(-1, true), (10, false)].into(),
        kind: Kind::Tuple(1, 2),
        pair: (-3, "\n".to_owned()),
        value: goyaml::decode("[1, 1.5, {a: ~}]").unwrap(),
    };
    let text = goyaml::to_string(&everything).unwrap();
    assert_eq!(goyaml::from_str::<Everything>(&text).unwrap(), everything, "{text}");
    let everything = Everything { kind: Kind::Struct { field: "f".to_owned() }, ..Everything::default() };
    let text = goyaml::to_string(&everything).unwrap();
    assert_eq!(goyaml::from_str::<Everything>(&text).unwrap(), everything, "{text}");
}

#[test]
fn fields_come_out_sorted() {
    let text = goyaml::to_string(&Everything::default()).unwrap();
    let keys: Vec<&str> = text.lines().filter_map(|line| line.split_once(':')).map(|(key, _)| key).collect();
    assert!(keys.iter().filter(|key| !key.starts_with(' ')).is_sorted(), "{text}");
    assert!(text.starts_with("byName: {}\nbyNumber: {}\nfloat: 0\n"), "{text}");
}

#[test]
fn null_leaves_what_is_empty() {
    let names = "text maybe truth small signed unsigned float list holes inner byName byNumber value";
    let nulls: String = names.split(' ').map(|name| format!("{name}: ~\n")).collect();
    assert_eq!(goyaml::from_str::<Everything>(&nulls).unwrap(), Everything::default());
    assert_eq!(goyaml::from_str::<Everything>("").unwrap(), Everything::default());
    assert_eq!(goyaml::from_str::<Vec<String>>("[a, ~]").unwrap(), ["a", ""]);
    assert_eq!(goyaml::from_str::<Option<Everything>>("").unwrap(), None);
}

#[test]
fn scalars_become_text_where_text_is_wanted() {
    let read = |text: &str| goyaml::from_str::<BTreeMap<String, String>>(text).unwrap();
    let map = read(
        "{a: 1.10, b: yes, c: 0x10, d: 1e3, e: 1e21, f: 1000000.0, g: 18446744073709551615, h: 2001-01-01}",
    );
    let texts: Vec<&str> = map.values().map(String::as_str).collect();
    assert_eq!(texts, ["1.1", "true", "16", "1000", "1e+21", "1e+06", "18446744073709551615", "2001-01-01"]);
}

#[test]
fn fields_are_found_whatever_their_case() {
    let read = |text: &str| goyaml::from_str::<Everything>(text).unwrap();
    assert_eq!(read("{TEXT: a, bynumber: {7: on}}").by_number, BTreeMap::from([(7, true)]));
    // In the order of bytes the exact name comes last, or the other.
    assert_eq!(read("{text: a, TEXT: b}").text, "a");
    assert_eq!(read("{text: a, tEXT: b, unknown: [c]}").text, "a");
}

#[test]
fn whole_floats_are_integers() {
    assert_eq!(goyaml::from_str::<Vec<i32>>("[1.0, 1e3, -0.0]").unwrap(), [1, 1000, 0]);
    assert_eq!(goyaml::from_str::<f64>("12").unwrap(), 12.0);
    assert!(goyaml::from_str::<i32>("1.5").is_err());
    assert!(goyaml::from_str::<u8>("256").is_err());
}

#[test]
fn what_does_not_fit_is_an_error() {
    for text in
        ["text: [a]", "truth: 1", "list: {a: b}", "inner: a", "by_name: a", "small: x", "[a]", "kind: [a]"]
    {
        let text = text.replace("by_name", "byName");
        let error = goyaml::from_str::<Everything>(&text).unwrap_err();
        assert!(matches!(error, Error::Type(_)), "{text}: {error}");
        assert!(error.to_string().starts_with("error unmarshaling JSON: while decoding JSON: json: "));
    }
    assert!(goyaml::to_string(&BTreeMap::from([(vec![1], 2)])).is_err());
    assert_eq!(
        goyaml::to_string(&BTreeMap::from([(true, 1), (false, 2)])).unwrap(),
        "\"false\": 2\n\"true\": 1\n"
    );
}

#[test]
fn numbers_keep_their_kind() {
    let value = goyaml::decode("[1, -1, 9223372036854775808, 1.0, 1e21, 0.1]").unwrap();
    let list = [
        Value::Int(1),
        Value::Int(-1),
        Value::Uint(1 << 63),
        Value::Float(1.0),
        Value::Float(1e21),
        Value::Float(0.1),
    ];
    assert_eq!(value.as_list(), Some(list.as_slice()));
    let json = serde_json::to_value(&value).unwrap();
    assert_eq!(serde_json::from_value::<Value>(json).unwrap(), value);
    assert_eq!(goyaml::encode(&value).unwrap(), "- 1\n- -1\n- 9223372036854775808\n- 1\n- 1e+21\n- 0.1\n");
    assert_eq!(goyaml::to_string(&[0.1_f32, 16_777_216.0]).unwrap(), "- 0.1\n- 16777216\n");
}
