//! What is written: strings that need quotes and strings that don't, as values and as keys,
//! blocks, folding, numbers, nesting, the order of keys.

use serde_json::json;

use super::Question;

/// Texts that YAML 1.1 or 1.2 takes for something else, or nearly.
#[rustfmt::skip]
pub(super) const SCALARS: &[&str] = &[
    "y", "Y", "yes", "Yes", "YES", "yEs", "n", "N", "no", "No", "NO", "nO", "true", "True", "TRUE", "tRue", "t", "false", "False", "FALSE", "f", "on", "On", "ON", "oN", "off", "Off", "OFF", "oFf",
    "~", "~~", "null", "Null", "NULL", "nUll", "nil", "none", "None", "=", "<<", "<", ">", "-", "--", "---", "...", "....",
    "0", "-0", "+0", "00", "1", "-1", "+1", "007", "0644", "0o644", "0O7", "08", "09", "0o8", "-0644", "0x1F", "0X1f", "-0x1f", "0xg", "0x", "0x_1", "0b101", "0B11", "-0b101", "0b-1", "0b2", "0b",
    "1_000", "_1", "1_", "1__0", "0_8", "1_000.5", "1_0e1_0", "._1", ".1_0", ".1__0",
    "1.", ".5", "-.5", "+.5", "1.5", "1.0", "1.10", "01.5", "1e3", "1E3", "1e+3", "1e-3", "1.e3", ".5e3", "1e", "e3", "1e400", "-1e400", "1e-400", "1.5.2", "1,5", "685.230_15e+03", "4.9406564584124654e-324", "1.7976931348623157e308",
    ".inf", ".Inf", ".INF", ".iNf", "+.inf", "-.inf", "inf", "Infinity", ".nan", ".NaN", ".NAN", ".nAn", "-.nan", "nan", "NaN",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "0xFFFFFFFFFFFFFFFF", "9007199254740993", "100000000000000000000", "1e20", "1e21", "123456789.5",
    "1:30", "12:30", "12:30:45", "190:20:30", "190:20:30.15", "1:60", "1:3:5", ":30", "1:", "-1:30", "1_0:30", "0:0",
    "2001-01-01", "2001-1-1", "2001-13-01", "2001-02-30", "2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43Z", "2001-12-14 21:59:43.10 -5", "2001-12-14 21:59:43", "01-01-2001", "2001-01", "20010101",
    "a", "A1", "1a", "1.2.3", "v1.2.3", "1.2.3-rc.1+b.4", "a-b", "a_b", "a.b/c", "a:b", "a#b", "a,b", "it's", "say \"hi\"", "a\\b", "$x", "(x)", "x=y", "a?", "a!", "a*", "a&b", "a|b", "a>b", "a%", "a@b", "a`", "~a", "é", "日本語",
    "+", "+a", "-a", "?a", ":a", "a ?", "a -", "* a", "<a", "^a", "/a", "\\a", ";a", "sha256:0a1b",
];

#[rustfmt::skip]
const STRINGS: &[&str] = &[
    "", " ", "  ", "a ", " a", " a ", "a  b", "a: b", "a:", ": a", ":", "a #b", "#a", "a# b", "- a", "-", "? a", "?", "? ", "&a", "*a", "!a", "!!a", "|a", "|", ">a", ">", "'a'", "'", "\"a\"", "\"", "%a", "@a", "`a", "{a}", "[a]", "{", "]", "a]", "a, b", ",a", "--- a", "...a", "---\n", "a'b: c", "a: 'b'", "=a", "\\", "a\\nb: c", "<<", "=",
    // Lines.
    "\n", "\n\n", "a\n", "a\n\n", "a\n\n\n", "\na", "\n\na", "a\nb", "a\nb\n", "a\n\nb\n", "a\n b", " a\nb", "  a\n b\n", "a \nb", "a\n b \nc", "a\nb ", "a\n ", "a\n \n", " \na", "a\n\tb", "\ta\nb", "a\tb", "\t", "a\t", "\r", "a\r", "a\r\nb", "\r\n", "#!/bin/sh\nset -e\necho \"x: y\"\n", "- a\n- b\n", "---\na: b\n", "a: |\n  b\n", "key: value\nother: value", "a\n# b\n", "\n a", "a\n\n b\n\n\n", "é\n日\n", "😀\n", "a\nb\u{1}",
    // Characters.
    "\0", "\u{1}", "\u{7}\u{8}\u{B}\u{C}\u{1B}", "\u{1F}", "a\u{A0}b", "\u{A0}", "é", "日本語", "😀", "a😀b: c", "\u{2028}", "a\u{2028}b", "a \u{2028}b", "a\u{2028} b", "\u{2029}\n", "\u{FEFF}", "\u{FEFF}a b\"\\\n", "a\u{FEFF}b", "\u{FFFD}", "\u{E000}", "\u{10FFFF}", "a\u{300}", "\u{200B}", "\u{200E}x", "<a> & 'b'", "\u{7F}", "a\u{80}", "\u{9F}", "\u{FFFE}", "\u{FFFF}",
];

pub(super) fn questions() -> Vec<Question> {
    let mut values = Vec::new();
    for text in SCALARS.iter().chain(STRINGS) {
        values.push(json!([text, { *text: text }]));
    }
    values.extend(long_texts().into_iter().map(|text| json!({ "key": text, "list": [[text]], &text: 1 })));
    values.extend(STRINGS.iter().map(|text| json!(text)));
    values.extend(NUMBERS.iter().map(|number| serde_json::from_str(number).unwrap()));
    values.extend(SHAPES.iter().map(|shape| serde_json::from_str(shape).unwrap()));
    values.into_iter().map(Question::Write).collect()
}

const NUMBERS: &[&str] = &[
    "[0, -0.0, 1, -1, 1.0, 1.5, -1.5, 0.1, 1e3, 1000000, 1e6, 123456.5, 1234567.5, 1e20, 1e21, -1e21, 1e22]",
    "[1e-4, 1e-5, 1e-6, 1e-7, 0.00001234, 123456789.5, 1e100, 1e-100, 5e-324, 1.7976931348623157e308]",
    "[9007199254740992, 9007199254740993, 9223372036854775807, 9223372036854775808, 18446744073709551615, 18446744073709551616]",
    "[690689201137403800, 759658679334720.25, 100000000000000000000, 123456789012345678, 0.30000000000000004]",
    "[true, false, null]",
];

/// Keys among which go-yaml's order has a cycle (`1b` < `2b` < `10b` < `1b`) are missing: there
/// Helm answers differently every time.
const SHAPES: &[&str] = &[
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    r#"{"a": []}"#,
    r#"{"a": {}}"#,
    r#"{"a": [], "b": {}, "c": [[], {}], "d": {"e": []}}"#,
    "[[1, [2, [3]]], [[4]]]",
    r#"[{"a": 1, "b": [1, {"c": [2]}]}, {"d": {"e": [[{"f": null}]]}}]"#,
    r#"{"a": {"b": {"c": {"d": ["e", {"f": "g", "h": ["i"]}]}}}}"#,
    r#"{"a": [{"b": "x\ny\n"}, "z\n", ["w\nv"]], "c": "u\n\n", "d": 1}"#,
    r#"{"b": 1, "a": 1, "B": 1, "A": 1, "_x": 1, "-": 1, "1": 1, "10": 1, "9": 1, "a1": 1, "a2": 1, "a10": 1, "a9": 1}"#,
    r#"{"a01": 1, "a1": 1, "a001": 1, "a10": 1, "a2": 1, "a.b": 1, "a-b": 1, "a_b": 1, "ab": 1, "a": 1, "a b": 1, "": 1}"#,
    r#"{"é": 1, "e": 1, "z": 1, "日": 1, "٣": 1, "3": 1, "~": 1, " ": 1, "😀": 1, "v1.10.0": 1, "v1.9.0": 1, "v1.9": 1, "x9y10": 1, "x10y9": 1, "x10": 1}"#,
    r#"{"99999999999999999999": 1, "9999999999999999999": 1, "1": 1, "1000": 1, "0": 1, "00": 1, "0100": 1}"#,
    r#"{"0x10": 1, "0100": 1}"#,
    r#"{"app.kubernetes.io/name": "x", "helm.sh/chart": "x-1.0.0", "a/b": {"c": null}, "checksum/config": "0123"}"#,
    r#"{"apiVersion": "v1", "kind": "List", "items": [{"metadata": {"name": "a", "labels": {"x": "y"}}, "spec": {"ports": [{"port": 80}]}}]}"#,
];

fn long_texts() -> Vec<String> {
    let mut texts = vec![
        "word ".repeat(40).trim_end().to_owned(),
        "word ".repeat(40),
        "x".repeat(200),
        format!("{} {}", "x".repeat(78), "y".repeat(78)),
        format!("{} {} {}", "x".repeat(79), "y".repeat(3), "z".repeat(90)),
        format!("{}  two  spaces  {}", "x".repeat(80), "y z ".repeat(30).trim_end()),
        "quoted: text ".repeat(20).trim_end().to_owned(),
        "it's: quoted ".repeat(20).trim_end().to_owned(),
        "'' '' ".repeat(30).trim_end().to_owned(),
        "\"double\" \\ quoted\t".repeat(15),
        "tab\t and  spaces ".repeat(15),
        "日本語 テキスト ".repeat(20).trim_end().to_owned(),
        "😀 🎉 ".repeat(30).trim_end().to_owned(),
        format!("{}\n", "line of a block that is long ".repeat(10).trim_end()),
        format!("{}\u{2028}{}", "a b ".repeat(30).trim_end(), "c d ".repeat(30).trim_end()),
        format!("https://example.com/{}", "path/".repeat(40)),
    ];
    // Around the length from which a key needs a question mark, and the width.
    texts.extend([127, 128, 129].map(|length| "k".repeat(length)));
    texts.extend([63, 64, 65].map(|length| "é".repeat(length)));
    texts.extend((74..=84).map(|length| format!("{} b c", "a".repeat(length))));
    texts.extend((74..=84).map(|length| format!("{}: b c", "a".repeat(length))));
    // What the detour over JSON changes.
    for text in [
        "a\u{85}b",
        "\u{85}",
        " \u{85} \u{85}x",
        "a\u{85}--- b",
        "a\u{85}---",
        "a\u{85}...\u{85}",
        "\t\u{85}\n",
    ] {
        texts.push(text.to_owned());
    }
    texts.extend([1022, 1023].map(|length| "k".repeat(length)));
    texts.extend([511, 512].map(|length| "\"".repeat(length)));
    texts.extend([170, 171].map(|length| "<".repeat(length)));
    texts
}
