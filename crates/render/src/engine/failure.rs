//! Errors of templates, in the two forms that Helm gives them: several lines where every link of the
//! chain is an error of the template language itself, and else Go's one line.

use chartroom_gotemplate::{ExecError, Failure, Reason, quote};

/// What `required` and `fail` put around their messages, so that they are found again in the chain.
const MARK_START: &str = "HELM_ERR_START";
const MARK_END: &str = "HELM_ERR_END";

/// Marks a message that is for the user, and not for whoever wrote the template.
pub(super) fn marked(message: &str) -> String {
    format!("{MARK_START}{message}{MARK_END}")
}

/// A template can't be parsed or executed. It displays in Helm's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct TemplateError {
    text: String,
    frames: Vec<Frame>,
}

/// A place in a template that an error has passed through: where it happened, or a call on the way there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The file, as errors name it: `chart/templates/a.yaml`. `gotpl` is a text that `tpl` was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in bytes from 0; nothing where only the line is known.
    pub column: Option<usize>,
    /// The template that was being executed: a file, or the name in a `define`.
    pub template: String,
    /// The piece of the template that failed, as Go writes it.
    pub node: String,
    /// What was wrong there.
    pub message: String,
}

impl TemplateError {
    /// The places from the file that was rendered to the one where it went wrong.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Of an error of parsing, as Go writes it. Only the last of the parts that `: ` separates is told.
    pub(super) fn of_parsing(file: &str, error: &str) -> Self {
        let parts: Vec<&str> = error.split(": ").collect();
        let (text, location, message) = match (parts.get(1), parts.last()) {
            (Some(location), Some(message)) => {
                (format!("parse error at ({location}): {message}"), *location, *message)
            }
            _ => (format!("parse error in ({file}): {error}"), file, error),
        };
        let frame = Frame::at(location, message);
        Self { text, frames: frame.into_iter().collect() }
    }

    /// Of an error of executing.
    pub(super) fn of_execution(error: &ExecError) -> Self {
        let frames = chain(error).filter_map(Frame::of).fold(Vec::new(), |mut frames, frame| {
            if frames.last() != Some(&frame) {
                frames.push(frame);
            }
            frames
        });
        Self { text: execution_text(error), frames }
    }
}

/// The errors of all templates that called each other, the outermost first.
fn chain(error: &ExecError) -> impl Iterator<Item = &ExecError> {
    std::iter::successors(Some(error), |error| error.inner())
}

/// Helm's text of an error of executing. Helm takes Go's texts apart, with what that comes to where names
/// and messages look like parts of others.
fn execution_text(error: &ExecError) -> String {
    let Some(outermost) = error.failure() else { return error.to_string() };
    let whole = || error.to_string();
    if let Some(message) = message_of_chart(error) {
        let Failure { file, line, column, template, node, .. } = outermost;
        let location = match node {
            Some(_) => format!("{file}:{line}:{column}"),
            None => template.clone(),
        };
        return format!("execution error at ({location}): {message}");
    }
    let mut last = String::new();
    let mut text = String::new();
    for link in chain(error) {
        let Some(told) = own_text(link).and_then(|own| lines(&own)) else { return whole() };
        if told != last {
            text.push_str(&told);
            last = told;
        }
    }
    text.trim().to_owned()
}

/// The message that `required` or `fail` was given, if one of them is where it ended.
fn message_of_chart(error: &ExecError) -> Option<String> {
    let leaf = chain(error).last()?;
    let text = match &leaf.failure()?.reason {
        Reason::Call { error, .. } => error.message(),
        Reason::Message(_) | Reason::Limit(_) => return None,
    };
    let (_, rest) = text.split_once(MARK_START)?;
    Some(rest.rsplit_once(MARK_END)?.0.to_owned())
}

/// What Go says of one error, up to where that of the template that was called begins; nothing where the
/// chain leads over an error that is none of the template language.
fn own_text(link: &ExecError) -> Option<String> {
    let Some(failure) = link.failure() else { return Some(link.to_string()) };
    let reason = match &failure.reason {
        Reason::Message(message) => message.clone(),
        Reason::Limit(limit) => limit.to_string(),
        Reason::Call { error, .. } if error.exec_error().is_none() || !error.message().is_empty() => {
            return None;
        }
        Reason::Call { function, .. } => format!("error calling {function}: template:"),
    };
    let Failure { template, file, line, column, node, .. } = failure;
    Some(match node {
        Some(node) => {
            let template = quote::quote(template.as_bytes());
            let template = String::from_utf8_lossy(&template);
            format!("template: {file}:{line}:{column}: executing {template} at <{node}>: {reason}")
        }
        None => format!("template: {template}: {reason}"),
    })
}

/// One error as lines; nothing if it doesn't look like one of the template language.
fn lines(text: &str) -> Option<String> {
    let rest = text.strip_prefix("template: ")?;
    if rest.starts_with("no template ") {
        return Some(format!("{text}\n"));
    }
    // What follows is the next error of the chain.
    fn own(message: &str) -> &str {
        message.split(" template:").next().unwrap_or(message)
    }
    let executing = rest.split_once(": executing ").and_then(|(location, after)| {
        let (template, after) = after.strip_prefix('"')?.split_once('"')?;
        let (node, message) = after.strip_prefix(" at <")?.split_once(">: ")?;
        Some((location, template, node, own(message)))
    });
    let (location, executing, message) = match executing {
        Some((location, template, node, message)) => {
            (location, format!("executing \"{template}\" at <{node}>:\n    "), message)
        }
        None => {
            let (location, message) = rest.rsplit_once(": ")?;
            (location, String::new(), own(message))
        }
    };
    let mut lines = String::new();
    if !location.is_empty() {
        lines.push_str(&format!("{location}\n  "));
    }
    lines.push_str(&executing);
    if !message.is_empty() {
        lines.push_str(&format!("{message}\n"));
    }
    Some(lines)
}

impl Frame {
    /// The place of an error of executing.
    fn of(error: &ExecError) -> Option<Self> {
        let failure = error.failure()?;
        let message = match &failure.reason {
            Reason::Message(message) => message.clone(),
            Reason::Limit(limit) => limit.to_string(),
            Reason::Call { function, error } => {
                let message = error.message().trim_start_matches(MARK_START).trim_end_matches(MARK_END);
                format!("error calling {function}: {message}")
            }
        };
        Some(Self {
            file: failure.file.clone(),
            line: failure.line,
            column: Some(failure.column),
            template: failure.template.clone(),
            node: failure.node.clone().unwrap_or_default(),
            message,
        })
    }

    /// The place of an error of parsing: `FILE:LINE`.
    fn at(location: &str, message: &str) -> Option<Self> {
        let (file, line) = location.rsplit_once(':')?;
        let line = line.parse().ok()?;
        let [file, template, node, message] = [file, "", "", message].map(str::to_owned);
        Some(Self { file, line, column: None, template, node, message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_become_lines() {
        let text = "template: c/templates/a.yaml:3:8: executing \"c/templates/a.yaml\" at <include \"x\" .>: \
                    error calling include: template:";
        let expected = "c/templates/a.yaml:3:8\n  executing \"c/templates/a.yaml\" at <include \"x\" .>:\n    \
                        error calling include:\n";
        assert_eq!(lines(text).as_deref(), Some(expected));
        let missing = "template: no template \"nope\" associated with template \"gotpl\"";
        assert_eq!(lines(missing), Some(format!("{missing}\n")));
        assert_eq!(lines("template: x: y: z").as_deref(), Some("x: y\n  z\n"));
        assert_eq!(lines("runtime error: x"), None);
    }

    #[test]
    fn parse_errors_keep_their_last_part() {
        let error = TemplateError::of_parsing(
            "c/templates/a.yaml",
            "template: c/templates/a.yaml:4: malformed character constant: 'ab'",
        );
        assert_eq!(error.to_string(), "parse error at (c/templates/a.yaml:4): 'ab'");
        assert_eq!(error.frames().first().map(|frame| frame.line), Some(4));
    }
}
