//! What is read: scalars, keys, tags, blocks, flow, anchors, merges, documents, errors.

use super::Question;
use super::writing::SCALARS;

const TAGS: &[&str] = &[
    "!!str",
    "!!int",
    "!!float",
    "!!bool",
    "!!null",
    "!!binary",
    "!!timestamp",
    "!!merge",
    "!!set",
    "!!unknown",
    "!local",
    "!",
    "!<tag:yaml.org,2002:int>",
];

const TAGGED: &[&str] = &[
    "1",
    "'1'",
    "1.5",
    "yes",
    "'no'",
    "~",
    "''",
    "null",
    "text",
    "aGVsbG8=",
    "aGk",
    "a===",
    "/w==",
    "2001-01-01",
    "0x10",
    "08",
    "18446744073709551615",
    ".inf",
    "<<",
    "|\n  aGVs\n  bG8=\n",
];

#[rustfmt::skip]
const MAPS: &[&str] = &[
    // Plain scalars over lines, comments, indentation.
    "", "# only a comment", "{}", "a:", "a: b\n  c\n\n  d\ne: f", "a: b #c\nd: e#f", "a: b\n# c\n  # d\ne: f", "a: http://x:80/y?z#w",
    "a:   b   \nc:\t d\t\n", "a b c: d e f", "a: 'b'\n\n\nc: \"d\"", "a:\n  b:\n    c: d\n  e: f\ng: h",
    "a: b: c", "a: 1\nb: c: d", "a: b\n c: d", "a:\n- b\n c", "a: -\nb", "a: - b", "a: @x", "a: `x", "a: %x", "a: x@y",
    "a: b\n  - c", "a: |x\n b", "a\nb: c", "a: b\n\tc: d", "\ta: 1", "a:\n\t- b", "a:\n  b: 1\n\tc: 2", "a:\tb", "a: b\n \t c", "a: &x\n  b",
    // Sequences below keys.
    "a:\n- b\n- c\nd: e", "a:\n  - b\n  - c", "a:\n- - b\n  - c\n- d", "a:\n- b: c\n  d: e\n-\n  f: g\n- \n- - h", "a:\n-b", "a:\n- b\n- c: [d, {e: f}]",
    // Quotes.
    "a: 'it''s'", "a: \"x\\ty\\x41\\u00e9\\U0001F600\\/\\e\\0\\N\\_\\L\\P\\\\\\\"\"", "a: \"x\\qy\"", "a: \"x\\xZZ\"", "a: \"\\ud83d\\ude00\"", "a: 'b\n  c\n\n  d'",
    "a: \"b\\\n   c\\n\\\n   d\"", "a: \"b \\\n  c\"", "a: 'x", "a: \"x", "a: 'x\n---\n'", "'a': \"b\"", "\"a\\tb\": 1", "a: 'b'c", "a: 'b' c: d", "a: ' b '",
    // Block scalars.
    "a: |\n  b\n   c\n  d\n", "a: |-\n  b\n\n", "a: |+\n  b\n\n\nc: d", "a: >\n  b\n  c\n\n  d\n   e\n  f\n", "a: >-\n  b\n  c", "a: >+\n  b\n\n", "a: |2\n    b\n   c\n",
    "a: |2-\n   b", "a: |-2\n   b", "a: |0\n b", "a: |22\n b", "a: |\n\n\n  b", "a: |\n", "a: |\nb: c", "a: |\n  b\n c: d", "a: |\n   \n  b", "a: | # c\n  b # c", "a: |\n  b\n# c\n  d", "a: |\n \tb\n", "a: |\n\tb", "a: >\n\n  b\n\n\n  c\n", "- |\n a", "a: |\n  b", "a: >\n  b\n  \tc\n  d\n", "a: |\n  b  \n  c\t\n",
    // Flow.
    "{a: 1, b: [2, 3], c: {d: e}}", "{a, b: , c}", "{a:1}", "{'a':1, \"b\":2}", "{a: b:c}", "{a: [b: c, d]}", "{a: [? b : c]}", "{a: [? : c]}", "{? a, ? b : c}", "{a: [b,\n  c,\n]}\n", "{a: b\n  c}",
    "{a: http://x}", "{a: [http://x:80/y, z]}", "{a?b: c}", "{a: [b?c]}", "{a: -1, b: - 1}", "{a: [}", "{a: ]", "{a", "{a: [b", "{,}", "{a: [,]}", "{a: [b,,c]}", "{a: b} c", "{a: b}\nc: d", "{}: a", "a: {}: b", "a: []\nb: {}\nc: [[], {}]", "a: [b\nc: d", "a: {b\n c", "[a, b]", "{a: 'b', # c\n d: e}", "{a: |\n b}", "{a: [\n]}", "{a: &x b, c: *x}", "{\"a\": 1,\t\"b\": 2}",
    // Anchors, aliases, merges.
    "a: &x 1\nb: *x", "a: &x {b: c}\nd: *x\ne: [*x, *x]", "a: *x", "a: &x [*x]", "a: &x {b: *x}", "&k a: b\nc: *k", "a: &k b\n*k : c", "a: &x 1\nb: &x 2\nc: *x", "a: &", "a: *", "a: &x-y_1 b\nc: *x-y_1", "a: &é b", "&x a", "a: &x &y b", "a: &x *x",
    "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}", "a: &a {x: 1}\nb: {x: 2, <<: *a}", "<<: [{a: 1}, {a: 2, b: 3}]\nc: 4", "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}", "<<: 5", "<<: [5]", "<<:", "'<<': {a: 1}", "<<: {<<: {a: 1}, b: 2}", "a: &a [{x: 1}]\nb: {<<: *a}", "a: &s b\n<<: *s", "!!merge <<: {a: 1}", "!!str <<: {a: 1}", "a: <<", "<<: {a: 1}\n<<: {a: 2, b: 2}",
    // Keys.
    "a: 1\na: 2", "1: a\n0x1: b", "? a\n: b", "? |\n  a\n  b\n: c", "? [a]\n: b", "? {a: 1}\n: b", "{a: 1}: 2", "[a]: 2", "? a", "? a\nb: c", ": a", "~: a", "'': a", "1.5: a\n0.1: b\n1e30: c\n16777217.0: d\n1e10: e", "18446744073709551615: a", "9223372036854775807: a", ".inf: a\n-.inf: b\n.nan: c", "2001-01-01: a", "12:30: a", "a : b", "a:b : c", "true: a\nyes: b\ny: c", "!!str yes: a", "!!int '7': a", "-: a", "? - a", "é: à\n日本: 語\n😀: 🎉",
    // Documents, directives, marks, line breaks.
    "a: 1\n---\nb: 2", "---\na: 1\n...\nb: 2", "--- {a: 1}", "--- a: 1", "...", "---", "---\n---\na: 1", "# c\n---\na: 1", "a: 1\n...\ngarbage: [", "a: 1\n---\n]", "a: 1\n]", "%YAML 1.1\n---\na: 1", "%YAML 1.2\n---\na: 1", "%YAML 1.1\na: 1", "%TAG !e! tag:yaml.org,2002:\n---\na: !e!int '1'", "%TAG ! tag:x,2000:\n---\na: !b c", "%FOO\n---\na: 1", "%TAG ! x\n%TAG ! y\n---\na", "a: !e!b c", "a: !<x y", "a: !a,b c", "a: !%41 b", "a: !%zz b",
    "\u{FEFF}a: 1", "\u{FEFF}# c\na: \u{FEFF}b", "a: 1\r\nb: |\r\n  c\r\n  d\r\ne: f\r\n", "a: 1\rb: 2", "a: b\u{85}c: d", "a: b\u{2028}  c", "a: \"b\u{2029}c\"", "a: b\u{A0}c", "a: 😀", "a: \u{0}", "a: \u{7}", "a: b\nc: \u{7F}", "a: \u{9F}", "a: \u{FFFE}", "a: \u{FFFD}",
    // Roots that aren't maps.
    "a", "'a'", "12", "yes", "~", "- a", "[a]", "|\n  a\n",
    // Infinities.
    "a: .inf", "a: -.inf", "a: .nan", "a: .inf\na: 1", "a: 1e400",
    // Errors on later lines.
    "a: 1\nb: 2\nc: d: e\nf: 1", "a: 1\nb: [1,\nc: 2\n", "a: 1\n  b: 2\n", "a:\n    b: 1\n  c: 2\n", "a: 1\nb\nc: 2", "a: 1\n\n\n- b", "a:\n  - b\n - c", "a: 1\nb: 'x\n\nc: 2\n", "a: 1\nb: \"\\z\"\n", "a: {\n  b: 1\n  c: 2\n}\n", "a: 1\n{{ b }}\n", "a: {{ b }}", "a: 1\n{{- if b }}\nc: 2\n", "a: *b\nc: d: e\n",
];

const LISTS: &[&str] = &[
    "- a\n- b",
    "-",
    "-\n-\n- a",
    "- - a\n  - b\n- c",
    "- a: 1\n  b: 2\n- c",
    "- a: 1\n  b: 2\n - c",
    "- 1\n-2",
    "- a\nb",
    "[]",
    "[a, [b], {c: d}]",
    "[a, b,]",
    "[a: b, c]",
    "[a b, 'c' , \"d\"]",
    "[a:b, c:]",
    "[a\n, b]",
    "[a, b",
    "[a, b]]",
    "- ? a\n  : b",
    "- a\n # c\n- b",
    "- >\n a\n b\n- |\n c",
    "- !!str 1\n- !!int '1'\n- !x y",
    "- &a b\n- *a",
    "- 'a\n  b'\n- \"a\n\n  b\"",
    "--- [a]\n---\n- b",
    "- \n  a\n-\n  - b",
    "- -1\n- --1\n- - -1",
    "- {a: b,\n  c: d}\n- [a,\n b]",
    "- a:\n  - b\n  -\n  - c: d\n    e: f\n-\n  x",
    "-\ta",
    "- a\n\t- b",
];

pub(super) fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for scalar in SCALARS {
        questions.push(Question::ReadMap(format!("v: {scalar}")));
        questions.push(Question::ReadMap(format!("{scalar}: v")));
        questions.push(Question::ReadList(format!("[{scalar}, '{scalar}']").replace("'''", "''")));
    }
    for tag in TAGS {
        questions.extend(TAGGED.iter().map(|text| Question::ReadMap(format!("v: {tag} {text}"))));
    }
    questions.extend(TAGS.iter().map(|tag| Question::ReadMap(format!("v: {tag}\nw: {tag} [1]"))));
    questions.extend(MAPS.iter().map(|text| Question::ReadMap((*text).to_owned())));
    questions.extend(LISTS.iter().map(|text| Question::ReadList((*text).to_owned())));
    questions
}
