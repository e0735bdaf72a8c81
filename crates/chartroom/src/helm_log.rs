//! Log lines on the standard error, to the letter as Helm writes them: scripts look for them.

use chartroom_chart::Warning;
use chartroom_chart::go_text::{is_printable, quote};

use crate::printer;

/// Says that something is not as it should be.
pub(crate) fn warn(message: &str, fields: &[(&str, &str)]) {
    printer::aside(&line("WARN", message, fields));
}

/// Says that something went wrong.
pub(crate) fn error(message: &str, fields: &[(&str, &str)]) {
    printer::aside(&line("ERROR", message, fields));
}

/// Says something that may be of interest.
pub(crate) fn info(message: &str, fields: &[(&str, &str)]) {
    printer::aside(&line("INFO", message, fields));
}

/// Says what a chart's maker should know.
pub(crate) fn chart_warning(warning: &Warning) {
    match warning {
        Warning::SymbolicLink { path, resolved } => info(
            "found symbolic link in path. Contents of linked file included and used",
            &[("path", &path.display().to_string()), ("resolved", &resolved.display().to_string())],
        ),
        Warning::Outdated(_) => info(&warning.to_string(), &[]),
    }
}

fn line(level: &str, message: &str, fields: &[(&str, &str)]) -> String {
    let fields: String = fields.iter().map(|(name, value)| format!(" {name}={}", text(value))).collect();
    format!("level={level} msg={}{fields}\n", text(message))
}

/// A value, in quotes where Go's `slog` puts some.
fn text(value: &str) -> String {
    let odd = |letter: char| {
        matches!(letter, ' ' | '=' | '"' | char::REPLACEMENT_CHARACTER)
            || letter.is_whitespace()
            || !is_printable(letter)
    };
    if value.is_empty() || value.contains(odd) { quote(value).to_string() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_helms() {
        let fields =
            [("name", "a"), ("version", ""), ("error", "chart.version \"x\" is invalid"), ("path", "a\\b")];
        assert_eq!(
            line("WARN", "skipping it", &fields),
            "level=WARN msg=\"skipping it\" name=a version=\"\" error=\"chart.version \\\"x\\\" is invalid\" path=a\\b\n"
        );
        assert_eq!(line("INFO", "早い", &[]), "level=INFO msg=早い\n");
    }
}
