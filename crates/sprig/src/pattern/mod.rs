//! Regular expressions with Go's syntax and Go's meaning, on the engine of `regex-automata`.
//!
//! Patterns are read here and given to the engine as a tree, not as text: so Go's errors are told,
//! and nothing is accepted that Go refuses. Searching takes time in proportion to the text, whatever
//! the pattern.

mod additions;
mod class;
mod compile;
mod node;
mod search;
mod syntax;
mod template;

use std::rc::Rc;

use chartroom_gotemplate::{CallError, Function, Growth, List, Type, Value};

pub use self::compile::Pattern;
use self::search::Haystack;
pub use self::syntax::SyntaxError;
use self::template::Template;
use crate::arguments::{any, int, text};
use crate::declare::{INT, fixed, part, string};
use crate::limit;
use crate::text::in_backquotes;

pub(crate) fn functions() -> Vec<Function> {
    const TWO: [Type; 2] = [Type::String, Type::String];
    const THREE: [Type; 3] = [Type::String, Type::String, Type::String];
    const WITH_COUNT: [Type; 3] = [Type::String, Type::String, INT];
    vec![
        fixed("regexMatch", TWO, Type::Bool, |arguments| {
            let pattern = Pattern::compile(text(arguments, 0));
            Ok(pattern.is_ok_and(|pattern| search::is_match(&pattern, text(arguments, 1))).into())
        }),
        fixed("mustRegexMatch", TWO, Type::Bool, |arguments| {
            Ok(search::is_match(&*returned(arguments)?, text(arguments, 1)).into())
        }),
        fixed("regexFind", TWO, Type::String, |arguments| find(&*panicking(arguments)?, arguments)),
        fixed("mustRegexFind", TWO, Type::String, |arguments| find(&*returned(arguments)?, arguments)),
        fixed("regexFindAll", WITH_COUNT, Type::strings(), |arguments| {
            find_all(&*panicking(arguments)?, arguments)
        }),
        fixed("mustRegexFindAll", WITH_COUNT, Type::strings(), |arguments| {
            find_all(&*returned(arguments)?, arguments)
        }),
        fixed("regexReplaceAll", THREE, Type::String, |arguments| {
            replace(&*panicking(arguments)?, arguments, Template::new)
        }),
        fixed("mustRegexReplaceAll", THREE, Type::String, |arguments| {
            replace(&*returned(arguments)?, arguments, Template::new)
        }),
        fixed("regexReplaceAllLiteral", THREE, Type::String, |arguments| {
            replace(&*panicking(arguments)?, arguments, Template::Literal)
        }),
        fixed("mustRegexReplaceAllLiteral", THREE, Type::String, |arguments| {
            replace(&*returned(arguments)?, arguments, Template::Literal)
        }),
        fixed("regexSplit", WITH_COUNT, Type::strings(), |arguments| {
            split(&*panicking(arguments)?, arguments)
        }),
        fixed("mustRegexSplit", WITH_COUNT, Type::strings(), |arguments| {
            split(&*returned(arguments)?, arguments)
        }),
        fixed("regexQuoteMeta", [Type::String], Type::String, |arguments| {
            part(any(arguments, 0), &without_meaning(text(arguments, 0)))
        }),
    ]
}

/// The pattern, with an error as Go's `regexp.Compile` returns it.
fn returned(arguments: &[Value]) -> Result<Rc<Pattern>, CallError> {
    Pattern::compile(text(arguments, 0)).map_err(|error| CallError::new(error.to_string()))
}

/// The pattern, with an error as Go's `regexp.MustCompile` panics.
fn panicking(arguments: &[Value]) -> Result<Rc<Pattern>, CallError> {
    let pattern = text(arguments, 0);
    Pattern::compile(pattern).map_err(|error| {
        let pattern = in_backquotes(pattern);
        CallError::new(format!("regexp: Compile({pattern}): {error}"))
    })
}

fn find(pattern: &Pattern, arguments: &[Value]) -> Result<Value, CallError> {
    part(any(arguments, 1), search::find(pattern, text(arguments, 1)).unwrap_or_default())
}

/// How many there may be; a negative number is no limit.
fn count(arguments: &[Value]) -> Option<usize> {
    usize::try_from(int(arguments, 2)).ok()
}

fn find_all(pattern: &Pattern, arguments: &[Value]) -> Result<Value, CallError> {
    let haystack = Haystack::new(text(arguments, 1));
    let found = search::find_all(pattern, &haystack, count(arguments))?;
    if found.is_empty() {
        return Ok(List::nil(Type::String).into());
    }
    let found = found.into_iter().map(|range| Value::String(haystack.part(range).into())).collect();
    Ok(List::grown(Type::String, found, Growth::OneByOne(0)).into())
}

fn replace<'a>(
    pattern: &Pattern,
    arguments: &'a [Value],
    template: fn(&'a [u8]) -> Template<'a>,
) -> Result<Value, CallError> {
    string(search::replace_all(pattern, text(arguments, 1), &template(text(arguments, 2)))?)
}

fn split(pattern: &Pattern, arguments: &[Value]) -> Result<Value, CallError> {
    let count = count(arguments);
    if count == Some(0) {
        return Ok(List::nil(Type::String).into());
    }
    let pieces = search::split(pattern, text(arguments, 1), count, text(arguments, 0).is_empty())?;
    limit::elements(pieces.len())?;
    // Go makes room for as many pieces as there are separators.
    let room = pieces.len().saturating_sub(1);
    let pieces = pieces.into_iter().map(|piece| Value::String(piece.into())).collect();
    Ok(List::grown(Type::String, pieces, Growth::OneByOne(room)).into())
}

/// A text whose characters mean nothing but themselves.
fn without_meaning(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if b"\\.+*?()|[]{}^$".contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}
