//! Questions made up at random, the same in every run. With `CHARTROOM_MADE_UP=N` there are N times as
//! many, for whoever has the time.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::Question;

const PIECES: &[&str] = &[
    "a",
    "b",
    "é",
    "日",
    "😀",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "'",
    "\"",
    "\\",
    ": ",
    ":",
    "#",
    " #",
    "-",
    "- ",
    "?",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&",
    "*",
    "!",
    "|",
    ">",
    "%",
    "@",
    "`",
    "\u{2028}",
    "\u{FEFF}",
    "\u{1}",
    "\r",
    "\u{A0}",
    "0",
    "1",
    "9",
    "x",
    "e",
    "_",
    ".",
    "---",
    "...",
    "yes",
    "null",
    "~",
    "<<",
    "word word word ",
    "/",
    "A",
    "=",
];

const TOKENS: &[&str] = &[
    "a", "b", "c: ", "k: ", "- ", ": ", ":", "[", "]", "{", "}", ",", ", ", "\n", "\n", "\n  ", "\n ",
    "\n    ", "\n- ", "\n  - ", " ", "  ", "\t", "#", " # c", "'", "''", "\"", "'x'", "\"y\"", "&a ", "*a",
    "*a ", "!t ", "!!str ", "!", "|\n", ">\n", "|-\n", "|+\n", ">2\n", "@", "%", "---", "\n---\n", "\n...\n",
    "\\", "<<: ", "<<: *a", "é", "\u{2028}", "\u{85}", "\r\n", "1", "~", "null", "yes", "x y", "a?b", "a:b",
    "-a", "😀",
];

fn text() -> impl Strategy<Value = String> {
    vec(prop::sample::select(PIECES), 0..8).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        6 => text().prop_map(Into::into),
        1 => any::<i64>().prop_map(Into::into),
        1 => any::<u64>().prop_map(Into::into),
        1 => any::<f64>().prop_filter("JSON has no other", |number| number.is_finite()).prop_map(Into::into),
        1 => (-1e9..1e9).prop_map(Into::into),
        1 => any::<bool>().prop_map(Into::into),
        1 => Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Into::into),
            btree_map(text(), inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

pub(super) fn questions() -> Vec<Question> {
    let times: usize = std::env::var("CHARTROOM_MADE_UP").map_or(1, |times| times.parse().unwrap());
    let mut runner = TestRunner::deterministic();
    let mut draw = |strategy: BoxedStrategy<Question>, count| -> Vec<Question> {
        (0..count * times).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
    };
    let written = draw(value().prop_map(Question::Write).boxed(), 500);
    let tokens = vec(prop::sample::select(TOKENS), 1..12).prop_map(|tokens| tokens.concat());
    let read = draw(tokens.prop_map(|tokens| Question::ReadMap(format!("k:{tokens}"))).boxed(), 500);
    let tokens = vec(prop::sample::select(TOKENS), 1..12).prop_map(|tokens| tokens.concat());
    let bare = draw(tokens.prop_map(Question::ReadMap).boxed(), 500);
    [written, read, bare].concat()
}
