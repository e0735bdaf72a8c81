//! What helps to find a mistake in a chart, beside what Helm says of it: the line with those around it,
//! the templates that led there, and the value that was missing.

use std::fmt::Write as _;

use crate::engine::{Frame, SET, TemplateError};
use crate::manifests::ManifestError;
use crate::rendered::RenderError;
use crate::subcharts::ChartTree;

/// How many lines are shown before the one that is wrong, and behind it.
const AROUND: usize = 2;
/// How much of a line is shown.
const WIDTH: usize = 160;
/// How many calls are told.
const CALLS: usize = 12;

/// An explanation of an error, with line ends; nothing where there is no place to show.
pub fn explain(error: &RenderError, chart: &ChartTree) -> Option<String> {
    match error {
        RenderError::Template(error) => of_template(error, chart),
        RenderError::Manifest(unsorted) => of_manifest(&unsorted.error),
        RenderError::KubernetesVersion { .. } | RenderError::PostRenderer(_) => None,
    }
}

fn of_template(error: &TemplateError, chart: &ChartTree) -> Option<String> {
    // Where texts that `tpl` was given are wrong, the last place in a file is shown.
    let found = |frame: &&Frame| text_of(chart, &frame.file).is_some();
    let at = error.frames().iter().rposition(|frame| found(&frame))?;
    let (calls, rest) = error.frames().split_at(at);
    let frame = rest.first()?;
    let mut text = format!("in {}, line {}", frame.file, frame.line);
    if !frame.template.is_empty() && frame.template != frame.file {
        let _ = write!(text, ", where {:?} is defined", frame.template);
    }
    text.push_str(":\n");
    excerpt(&mut text, text_of(chart, &frame.file)?, frame.line, frame.column, missing(frame).as_deref());
    for inner in rest.iter().skip(1).take(CALLS) {
        let _ = writeln!(text, "in a text that is a template: {{{{ {} }}}}: {}", inner.node, inner.message);
    }
    for call in calls.iter().rev().take(CALLS) {
        let place = if call.file == SET { "a text that tpl executes" } else { &call.file };
        let _ = writeln!(text, "called in {place}, line {}: {{{{ {} }}}}", call.line, call.node);
    }
    if calls.len() > CALLS {
        let _ = writeln!(text, "and so on, {} calls in all", calls.len());
    }
    Some(text)
}

fn of_manifest(error: &ManifestError) -> Option<String> {
    let problem = error.problem.to_string();
    let line = match problem.split_once("line ") {
        Some((_, rest)) => rest.split(':').next()?.parse().ok()?,
        // Go tells no line where it is the first.
        None if problem.starts_with("error converting YAML to JSON: yaml: ") => 1,
        None => return None,
    };
    let document = String::from_utf8_lossy(&error.document);
    let mut text = format!("in what {} has made, near line {line} of the document:\n", error.path);
    excerpt(&mut text, &document, line, None, None);
    Some(text)
}

/// The text of a template, by its path.
fn text_of<'a>(chart: &'a ChartTree, path: &str) -> Option<&'a str> {
    let own = path.strip_prefix(chart.path.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let own = own.and_then(|name| chart.templates.iter().rfind(|file| file.name == name));
    match own {
        Some(file) => std::str::from_utf8(&file.data).ok(),
        None => chart.children.iter().find_map(|child| text_of(child, path)),
    }
}

/// Writes lines with their numbers, and below the one in question where it is wrong, and why.
fn excerpt(out: &mut String, text: &str, line: usize, column: Option<usize>, note: Option<&str>) {
    let first = line.saturating_sub(AROUND).max(1);
    let width = (line + AROUND).to_string().len();
    for (number, content) in text.lines().enumerate().map(|(at, content)| (at + 1, content)) {
        if number < first || number > line + AROUND {
            continue;
        }
        let mark = if number == line { '>' } else { ' ' };
        let shown: String = content.chars().take(WIDTH).map(visible).collect();
        let _ = writeln!(out, "{mark} {number:width$} | {}", shown.trim_end());
        if number == line
            && let Some(column) = column
        {
            let before = content.get(..column).map_or(0, |before| before.chars().count());
            if before < WIDTH {
                let note = note.map(|note| format!(" {note}")).unwrap_or_default();
                let _ = writeln!(out, "  {:width$} | {:before$}^{note}", "", "");
            }
        }
    }
}

/// What a terminal can show of a letter.
fn visible(letter: char) -> char {
    match letter {
        '\t' => ' ',
        letter if letter.is_control() => char::REPLACEMENT_CHARACTER,
        letter => letter,
    }
}

/// What a field was asked of, where that has no fields.
fn missing(frame: &Frame) -> Option<String> {
    let (field, what) =
        if let Some(field) = frame.message.strip_prefix("nil pointer evaluating interface {}.") {
            (field, "is not set")
        } else {
            let rest = frame.message.strip_prefix("can't evaluate field ")?;
            let (field, kind) = rest.split_once(" in type ")?;
            (field, if kind == "interface {}" { "is no map" } else { "has no such field" })
        };
    let asked = frame.node.match_indices(&format!(".{field}")).find(|(at, found)| {
        let after = frame.node.as_bytes().get(at + found.len());
        *at > 0 && after.is_none_or(|byte| *byte == b'.')
    })?;
    let path = frame.node.get(..asked.0)?;
    Some(format!("{path} {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(node: &str, message: &str) -> Option<String> {
        let [file, template, node, message] =
            ["c/templates/a.yaml", "c/templates/a.yaml", node, message].map(str::to_owned);
        missing(&Frame { file, line: 1, column: Some(3), template, node, message })
    }

    #[test]
    fn the_missing_value_is_named() {
        for (node, message, expected) in [
            (
                ".Values.none.deep",
                "nil pointer evaluating interface {}.deep",
                Some(".Values.none is not set"),
            ),
            ("$x.a.b.a", "nil pointer evaluating interface {}.b", Some("$x.a is not set")),
            (
                ".Values.s.deep.er",
                "can't evaluate field deep in type interface {}",
                Some(".Values.s is no map"),
            ),
            (".Files.x.y", "can't evaluate field y in type []uint8", Some(".Files.x has no such field")),
            ("include \"x\" .", "error calling include:", None),
            (".deep", "nil pointer evaluating interface {}.deep", None),
        ] {
            assert_eq!(note(node, message).as_deref(), expected, "{node}");
        }
    }

    #[test]
    fn lines_are_shown_with_those_around_them() {
        let mut text = String::new();
        excerpt(
            &mut text,
            "one\ntwo\nthree\n  {{ .x.y }}\nfive\nsix\nseven\n",
            4,
            Some(6),
            Some(".x is not set"),
        );
        let expected = "  2 | two\n  3 | three\n> 4 |   {{ .x.y }}\n    |       ^ .x is not set\n  5 | five\n  6 | six\n";
        assert_eq!(text, expected);
    }
}
