//! Any text may be parsed, executed and used as a format: it ends, within its limits.

use chartroom_gotemplate::format::sprintf;
use chartroom_gotemplate::{Limits, MissingKey, TemplateSet};
use proptest::prelude::*;

use crate::world::{data, functions, methods};

/// Pieces of templates, so that more of them than of plain noise mean something.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{{-",
    "-}}",
    " ",
    "\n",
    "(",
    ")",
    "|",
    ",",
    ":=",
    "=",
    ".",
    "$",
    "$x",
    "$y",
    ".s",
    ".map",
    ".list",
    ".n",
    ".map.b.c",
    ".obj",
    ".obj.Hello",
    ".names",
    ".ver",
    "nil",
    "true",
    "if",
    "else",
    "end",
    "range",
    "with",
    "define",
    "block",
    "template",
    "break",
    "continue",
    "\"t\"",
    "\"a\"",
    "`r`",
    "'c'",
    "1",
    "-2.5",
    "0x1p3",
    "1i",
    "print",
    "printf",
    "index",
    "slice",
    "len",
    "eq",
    "lt",
    "and",
    "or",
    "not",
    "html",
    "js",
    "urlquery",
    "call",
    "list",
    "dict",
    "set",
    "include",
    "fail",
    "num",
    "str",
    "{{if .s}}",
    "{{range .list}}",
    "{{with .map}}",
    "{{end}}",
    "{{else}}",
    "{{define \"t\"}}",
    "{{template \"t\" .}}",
    "{{$x := .}}",
    "/*",
    "*/",
    "{{/* c */}}",
    "text",
    "é",
];

fn run(source: &[u8]) {
    let limits = Limits { steps: 20_000, output: 1 << 16, ..Limits::default() };
    for missing_key in [MissingKey::Zero, MissingKey::Default, MissingKey::Error] {
        let mut set = TemplateSet::with_methods("gotpl", missing_key, functions(), methods());
        match set.parse("main", source) {
            Ok(()) => match set.execute("main", data(), &limits) {
                Ok(out) => assert!(out.len() <= 1 << 16),
                Err(error) => assert!(error.to_string().starts_with("template: ")),
            },
            Err(error) => assert!(error.to_string().starts_with("template: main:")),
        }
    }
}

proptest! {
    #[test]
    fn pieces_of_templates(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        run(pieces.concat().as_bytes());
        run(pieces.join(" ").as_bytes());
    }

    #[test]
    fn actions_of_pieces(actions in prop::collection::vec(prop::collection::vec(prop::sample::select(PIECES), 0..6), 0..8)) {
        let source = actions.iter().map(|action| format!("{{{{{}}}}}", action.join(" "))).collect::<String>();
        run(source.as_bytes());
    }

    #[test]
    fn noise(source: Vec<u8>) {
        run(&source);
        run(&[b"{{", &source[..], b"}}"].concat());
    }

    #[test]
    fn formats(format in "([%a-zA-Z0-9.*#+ \\[\\]-]|\\PC){0,24}") {
        let operands = [chartroom_gotemplate::Value::int(1), data(), "text".into(), chartroom_gotemplate::Value::Nil];
        sprintf(format.as_bytes(), &operands);
        sprintf(format.as_bytes(), &[]);
    }
}
