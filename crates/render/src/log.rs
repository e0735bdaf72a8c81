//! What Helm says on the standard error while it works on values and charts, as data.
//!
//! Helm writes these lines with Go's `log/slog`; [`LogLine`] displays as the same line. Whoever
//! renders prints them, in their order, or doesn't.

use std::fmt;

use chartroom_chart::{Warning, go_text};

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `INFO`. Helm logs here what it calls warnings in the text.
    Info,
    /// `WARN`.
    Warn,
    /// `ERROR`.
    Error,
}

/// One line of the log: `level=WARN msg="returned non-bool value" path=a.b chart=c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// What happened.
    pub message: String,
    /// To what.
    pub fields: Vec<(&'static str, String)>,
}

impl LogLine {
    /// A line of level INFO without fields.
    pub fn info(message: impl Into<String>) -> Self {
        Self { level: Level::Info, message: message.into(), fields: Vec::new() }
    }

    /// A line of level WARN.
    pub fn warn(message: impl Into<String>, fields: Vec<(&'static str, String)>) -> Self {
        Self { level: Level::Warn, message: message.into(), fields }
    }
}

/// What Helm logs when it reads a chart.
impl From<&Warning> for LogLine {
    fn from(warning: &Warning) -> Self {
        match warning {
            Warning::SymbolicLink { path, resolved } => {
                let fields =
                    vec![("path", path.display().to_string()), ("resolved", resolved.display().to_string())];
                let message = "found symbolic link in path. Contents of linked file included and used";
                Self { level: Level::Info, message: message.to_owned(), fields }
            }
            Warning::Outdated(_) => Self::info(warning.to_string()),
        }
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        };
        write!(f, "level={level} msg={}", Attribute(&self.message))?;
        for (name, value) in &self.fields {
            write!(f, " {name}={}", Attribute(value))?;
        }
        Ok(())
    }
}

/// A value as `slog`'s text handler writes it: in quotes where it would be misread without.
struct Attribute<'a>(&'a str);

impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quotes = |letter: char| match letter {
            ' ' | '=' | '"' => true,
            _ if letter.is_ascii() => letter < ' ',
            char::REPLACEMENT_CHARACTER => true,
            _ => letter.is_whitespace() || !go_text::is_printable(letter),
        };
        if self.0.is_empty() || self.0.contains(quotes) {
            return write!(f, "{}", go_text::quote(self.0));
        }
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_would_be_misread() {
        let line = LogLine::warn(
            "two words",
            vec![("a", "x".into()), ("b", String::new()), ("c", "k=v".into()), ("d", "\\é\u{7f}".into())],
        );
        assert_eq!(line.to_string(), "level=WARN msg=\"two words\" a=x b=\"\" c=\"k=v\" d=\\é\u{7f}");
        assert_eq!(LogLine::info("a\nb\"\u{200b}").to_string(), r#"level=INFO msg="a\nb\"\u200b""#);
    }
}
