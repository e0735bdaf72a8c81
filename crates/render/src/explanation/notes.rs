//! What is said beside the place of an error: which value was missing, which name was meant, what was
//! not closed.

use crate::engine::{Frame, function_names};
use crate::subcharts::ChartTree;

use super::blocks;

/// What the root of each template has.
const ROOT: [&str; 7] = ["Values", "Release", "Chart", "Capabilities", "Files", "Template", "Subcharts"];

/// What there is to say of a place in the text of a file.
pub(super) fn of(frame: &Frame, text: &str, chart: &ChartTree) -> Option<String> {
    lost_root(frame, text)
        .or_else(|| missing(frame))
        .or_else(|| unset(frame))
        .or_else(|| unknown_template(frame, chart))
        .or_else(|| unparsed(frame, text))
}

/// What a field was asked of, where that has no fields.
pub(super) fn missing(frame: &Frame) -> Option<String> {
    let (field, what) = absent_field(frame)?;
    let asked = frame.node.match_indices(&format!(".{field}")).find(|(at, found)| {
        let after = frame.node.as_bytes().get(at + found.len());
        *at > 0 && after.is_none_or(|byte| *byte == b'.')
    })?;
    let path = frame.node.get(..asked.0)?;
    Some(format!("{path} {what}"))
}

/// The field that isn't there, and what that is of which it was asked.
fn absent_field(frame: &Frame) -> Option<(&str, &'static str)> {
    if let Some(field) = frame.message.strip_prefix("nil pointer evaluating interface {}.") {
        return Some((field, "is not set"));
    }
    let rest = frame.message.strip_prefix("can't evaluate field ")?;
    let (field, kind) = rest.split_once(" in type ")?;
    Some((field, if kind == "interface {}" { "is no map" } else { "has no such field" }))
}

/// Whether `.Values` or the like was asked of something else than the root.
fn lost_root(frame: &Frame, text: &str) -> Option<String> {
    let (field, what) = absent_field(frame)?;
    let path = frame.node.strip_prefix('.')?;
    let first = path.split('.').next()?;
    // Under the root, these are never missing themselves.
    let second = path.split('.').nth(1);
    let is_nil = what == "is not set" && second == Some(field);
    if !ROOT.contains(&first) || field != first && (!is_nil || first == "Values") {
        return None;
    }
    let inside = blocks::at(text, frame.line);
    let changed = inside.blocks.iter().rev().find(|block| matches!(block.keyword(), "range" | "with"));
    Some(match changed {
        Some(block) => format!(
            "within {{{{ {} }}}} of line {}, the dot is another value: $.{path} is that of the chart",
            block.action, block.line
        ),
        None => format!("the template was given a dot that has no {first}"),
    })
}

/// A value that must be set, or must be something to look into.
fn unset(frame: &Frame) -> Option<String> {
    let mut words = frame.node.split_whitespace();
    let function = words.next()?;
    let is_path = |word: &&str| word.starts_with(['.', '$']) && word.len() > 1;
    match function {
        "index" if frame.message.contains("of untyped nil") || frame.message.contains("of nil pointer") => {
            words.next().filter(is_path).map(|path| format!("{path} is not set"))
        }
        "required" if frame.node.matches('"').count() == 2 => {
            let (_, value) = frame.node.rsplit_once('"')?;
            Some(value.trim()).filter(is_path).map(|path| format!("{path} is not set, or empty"))
        }
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" if frame.message.ends_with("invalid type for comparison") => {
            Some(format!("a value that {function} compares is not set, or a list or map"))
        }
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" if frame.message.contains("incompatible types") => {
            Some("a number and a text are never compared: 80 is one thing, \"80\" another".to_owned())
        }
        _ => None,
    }
}

/// A template that nobody has defined.
fn unknown_template(frame: &Frame, chart: &ChartTree) -> Option<String> {
    let (_, rest) = frame.node.split_once("include \"").or_else(|| frame.node.split_once("template \""))?;
    let (name, _) = rest.split_once('"')?;
    let mut defined = Vec::new();
    names(chart, &mut defined);
    if defined.contains(&name) {
        return None;
    }
    Some(match nearest(name, defined.iter().copied()) {
        Some(near) => format!("no template is called {name:?}; there is {near:?}"),
        None => format!("no template is called {name:?}, neither here nor in a subchart"),
    })
}

/// The names that all templates define.
fn names<'c>(chart: &'c ChartTree, found: &mut Vec<&'c str>) {
    for file in &chart.templates {
        let text = std::str::from_utf8(&file.data).unwrap_or_default();
        for keyword in ["define", "block"] {
            for (at, _) in text.match_indices(keyword) {
                let rest = text.get(at + keyword.len()..).unwrap_or_default().trim_start();
                let name = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
                found.extend(name.map(|(name, _)| name));
            }
        }
    }
    for child in &chart.children {
        names(child, found);
    }
}

/// What could not be parsed.
fn unparsed(frame: &Frame, text: &str) -> Option<String> {
    if frame.column.is_some() {
        return None;
    }
    let unclosed = |line| format!("the action that begins in line {line} has no }}}}");
    let open = blocks::at(text, frame.line);
    if let Some(name) = frame.message.strip_prefix("function \"").and_then(|rest| rest.split_once('"')) {
        if let Some(line) = open.action {
            return Some(unclosed(line));
        }
        let near = nearest(name.0, function_names().into_iter())?;
        return Some(format!("there is a function {near}"));
    }
    if frame.message.starts_with("undefined variable") {
        return Some("what is declared within if, range or with is not known outside".to_owned());
    }
    if frame.message == "unexpected EOF" {
        // The last line may have an action of its own.
        let open = blocks::at(text, usize::MAX);
        if let Some(line) = open.action {
            return Some(unclosed(line));
        }
        let block = open.blocks.last()?;
        return Some(format!("{{{{ {} }}}} of line {} has no {{{{ end }}}}", block.action, block.line));
    }
    open.action.map(unclosed)
}

/// The name that is nearest, if it is near: two letters of many may be wrong.
fn nearest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // What is this long is no slip.
    if wrong.len() > 100 {
        return None;
    }
    let apart = names.filter(|name| name.len() <= 100).map(|name| (distance(name, wrong), name));
    let (apart, name) = apart.min()?;
    (apart <= 2 && apart < wrong.chars().count().div_ceil(2)).then_some(name)
}

/// How many letters have to be put in, taken out, changed or swapped to get from one word to the other.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, letter) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, compared) in other.iter().enumerate() {
            let changed = rows[i][j] + usize::from(letter != compared);
            let mut best = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == other[j - 1] && one[i - 1] == *compared {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(node: &str, message: &str) -> Frame {
        let [file, template, node, message] =
            ["c/templates/a.yaml", "c/templates/a.yaml", node, message].map(str::to_owned);
        Frame { file, line: 2, column: Some(3), template, node, message }
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
            assert_eq!(missing(&frame(node, message)).as_deref(), expected, "{node}");
        }
    }

    #[test]
    fn a_lost_root_is_told() {
        let told = |text: &str, node: &str, message: &str| lost_root(&frame(node, message), text);
        let field = "can't evaluate field Values in type interface {}";
        assert_eq!(
            told("{{ range .Values.l }}\n{{ .Values.t }}", ".Values.t", field).as_deref(),
            Some(
                "within {{ range .Values.l }} of line 1, the dot is another value: $.Values.t is that of the chart"
            )
        );
        assert_eq!(
            told("\n{{ .Values.t }}", ".Values.t", field).as_deref(),
            Some("the template was given a dot that has no Values")
        );
        let nil = "nil pointer evaluating interface {}.Name";
        assert!(told("{{ with .x }}\n{{ .Release.Name }}", ".Release.Name", nil).is_some());
        assert_eq!(
            told("\n{{ .Values.Name.x }}", ".Values.Name.x", "nil pointer evaluating interface {}.x"),
            None
        );
    }

    #[test]
    fn names_that_are_near_are_found() {
        let names = ["quote", "squote", "toYaml", "trunc", "web.labels"];
        for (wrong, near) in [
            ("qoute", Some("quote")),
            ("toYAML", None),
            ("toYml", Some("toYaml")),
            ("web.label", Some("web.labels")),
            ("x", None),
            ("nothing", None),
        ] {
            assert_eq!(nearest(wrong, names.into_iter()), near, "{wrong}");
        }
    }
}
