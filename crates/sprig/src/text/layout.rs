//! Indenting, wrapping and repeating.

use chartroom_gotemplate::{CallError, Function, Type};

use crate::arguments::{int, text};
use crate::declare::{INT, fixed, string};
use crate::limit;

pub(super) fn functions() -> Vec<Function> {
    const NUMBER_AND_TEXT: [Type; 2] = [INT, Type::String];
    vec![
        fixed("indent", NUMBER_AND_TEXT, Type::String, |arguments| {
            string(indent(int(arguments, 0), text(arguments, 1), Vec::new())?)
        }),
        fixed("nindent", NUMBER_AND_TEXT, Type::String, |arguments| {
            string(indent(int(arguments, 0), text(arguments, 1), vec![b'\n'])?)
        }),
        fixed("repeat", NUMBER_AND_TEXT, Type::String, |arguments| {
            string(repeat(text(arguments, 1), int(arguments, 0))?)
        }),
        fixed("wrap", NUMBER_AND_TEXT, Type::String, |arguments| {
            string(wrap(text(arguments, 1), int(arguments, 0), b"\n", LongWords::Stay)?)
        }),
        fixed("wrapWith", [INT, Type::String, Type::String], Type::String, |arguments| {
            let separator = match text(arguments, 1) {
                b"" => b"\n",
                separator => separator,
            };
            string(wrap(text(arguments, 2), int(arguments, 0), separator, LongWords::Break)?)
        }),
    ]
}

fn repeat(whole: &[u8], count: i64) -> Result<Vec<u8>, CallError> {
    let Ok(count) = usize::try_from(count) else {
        return Err(CallError::new("strings: negative Repeat count"));
    };
    let Some(length) = whole.len().checked_mul(count).filter(|&length| i64::try_from(length).is_ok()) else {
        return Err(CallError::new("strings: Repeat output length overflow"));
    };
    limit::bytes(length)?;
    Ok(whole.repeat(count))
}

/// Puts spaces before each line, after what `out` has already.
fn indent(spaces: i64, whole: &[u8], mut out: Vec<u8>) -> Result<Vec<u8>, CallError> {
    let padding = repeat(b" ", spaces)?;
    let lines = 1 + memchr::memchr_iter(b'\n', whole).count();
    let length = padding.len().saturating_mul(lines).saturating_add(whole.len());
    limit::bytes(length)?;
    out.reserve_exact(length);
    for (index, line) in whole.split(|&byte| byte == b'\n').enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        out.extend_from_slice(&padding);
        out.extend_from_slice(line);
    }
    Ok(out)
}

/// What becomes of words that are longer than a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LongWords {
    /// They are broken.
    Break,
    /// They have a line to themselves.
    Stay,
}

/// Breaks a text at its spaces into lines of so many bytes. Spaces at the start of a line are
/// dropped as long as more than a line is left.
fn wrap(mut rest: &[u8], width: i64, separator: &[u8], long_words: LongWords) -> Result<Vec<u8>, CallError> {
    let width = usize::try_from(width).unwrap_or_default().max(1);
    let mut out = Vec::with_capacity(rest.len());
    while rest.len() > width {
        if let Some(tail) = rest.strip_prefix(b" ") {
            rest = tail;
            continue;
        }
        let fitting = rest.get(..=width).unwrap_or(rest);
        let (line, tail) = if let Some(space) = memchr::memrchr(b' ', fitting) {
            (rest.get(..space), rest.get(space + 1..))
        } else if long_words == LongWords::Break {
            (rest.get(..width), rest.get(width..))
        } else if let Some(space) = memchr::memchr(b' ', rest.get(width..).unwrap_or_default()) {
            (rest.get(..width + space), rest.get(width + space + 1..))
        } else {
            break;
        };
        out.extend_from_slice(line.unwrap_or_default());
        out.extend_from_slice(separator);
        limit::bytes(out.len())?;
        rest = tail.unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Ok(out)
}
