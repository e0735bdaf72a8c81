//! What helps to find a mistake in a chart, beside what Helm says of it: the line with those around it,
//! the templates that led there, and the value that was missing.

mod blocks;
mod notes;

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
    let source = text_of(chart, &frame.file)?;
    excerpt(&mut text, source, frame.line, frame.column, notes::of(frame, source, chart).as_deref());
    for inner in rest.iter().skip(1).take(CALLS) {
        let _ = write!(text, "in a text that is a template: {{{{ {} }}}}: {}", inner.node, inner.message);
        let note = notes::missing(inner).map(|note| format!(": {note}")).unwrap_or_default();
        let _ = writeln!(text, "{note}");
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
        // It is YAML, but no manifest.
        None if problem.contains("cannot unmarshal") => 0,
        None => return None,
    };
    let document = String::from_utf8_lossy(&error.document);
    let place = if line == 0 { String::new() } else { format!(", near line {line} of the document") };
    let mut text = format!("in what {} has made{place}:\n", error.path);
    // go-yaml counts from 0 in some of its errors.
    let tab = |at: usize| {
        document.lines().nth(at).is_some_and(|line| line.trim_start_matches(' ').starts_with('\t'))
    };
    let line = if line > 0 && !tab(line - 1) && tab(line) { line + 1 } else { line };
    let note = match line {
        0 if problem.contains("cannot unmarshal array") || problem.contains("cannot unmarshal string") => {
            Some("a manifest has to be a map, with apiVersion and kind")
        }
        0 => None,
        _ if tab(line - 1) => Some("YAML is indented with spaces, not tabs"),
        _ => None,
    };
    excerpt(&mut text, &document, line, None, note);
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
    // The end of a text is behind its last line.
    let line = line.min(text.lines().count());
    let first = line.saturating_sub(AROUND).max(1);
    let width = (line + AROUND).to_string().len();
    for (number, content) in text.lines().enumerate().map(|(at, content)| (at + 1, content)) {
        if number < first || number > line + AROUND {
            continue;
        }
        let mark = if number == line { '>' } else { ' ' };
        let shown: String = content.chars().take(WIDTH).map(visible).collect();
        let _ = writeln!(out, "{mark} {number:width$} | {}", shown.trim_end());
        let column = column.and_then(|column| Some(content.get(..column)?.chars().count()));
        match (column.filter(|before| *before < WIDTH), note) {
            _ if number != line => {}
            (Some(before), _) => {
                let note = note.map(|note| format!(" {note}")).unwrap_or_default();
                let _ = writeln!(out, "  {:width$} | {:before$}^{note}", "", "");
            }
            (None, Some(note)) => {
                let before = content.chars().take_while(|letter| letter.is_whitespace()).count().min(WIDTH);
                let _ = writeln!(out, "  {:width$} | {:before$}^ {note}", "", "");
            }
            (None, None) => {}
        }
    }
    if line == 0
        && let Some(note) = note
    {
        let _ = writeln!(out, "  {:width$} | ^ {note}", "");
    }
}

/// What a terminal can show of a letter.
fn visible(letter: char) -> char {
    match letter {
        '\t' => '→',
        letter if letter.is_control() => char::REPLACEMENT_CHARACTER,
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
