//! Finding, replacing and splitting, with Go's rules for matches of nothing.

use std::borrow::Cow;
use std::ops::Range;

use chartroom_gotemplate::{CallError, runes};
use regex_automata::Input;
use regex_automata::util::captures::Captures;

use super::compile::Pattern;
use super::template::Template;
use crate::limit;

/// A text to search in. Bytes that are no UTF-8 are read as U+FFFD, each of its own, and found again
/// as they are.
pub(super) struct Haystack<'a> {
    original: &'a [u8],
    readable: Cow<'a, [u8]>,
    /// Where in the readable text U+FFFD stands for a byte.
    stray: Vec<usize>,
}

impl<'a> Haystack<'a> {
    pub(super) fn new(original: &'a [u8]) -> Self {
        if std::str::from_utf8(original).is_ok() {
            return Self { original, readable: Cow::Borrowed(original), stray: Vec::new() };
        }
        let mut readable = Vec::with_capacity(original.len() + 16);
        let mut stray = Vec::new();
        for (letter, bytes) in runes::all(original) {
            if letter == char::REPLACEMENT_CHARACTER && bytes.len() == 1 {
                stray.push(readable.len());
                readable.extend_from_slice("\u{fffd}".as_bytes());
            } else {
                readable.extend_from_slice(bytes);
            }
        }
        Self { original, readable: Cow::Owned(readable), stray }
    }

    fn len(&self) -> usize {
        self.readable.len()
    }

    /// The place after the character at a place; one beyond the end at the end.
    fn after(&self, at: usize) -> usize {
        let rest = self.readable.get(at..).unwrap_or_default();
        at + runes::first(rest).map_or(1, |(_, length)| length)
    }

    /// A part of the text, as it was.
    pub(super) fn part(&self, range: Range<usize>) -> &'a [u8] {
        let original = |at: usize| at - 2 * self.stray.partition_point(|&stray| stray < at);
        self.original.get(original(range.start)..original(range.end)).unwrap_or_default()
    }
}

/// Whether the pattern is found anywhere.
pub(super) fn is_match(pattern: &Pattern, text: &[u8]) -> bool {
    pattern.regex.is_match(Input::new(&*Haystack::new(text).readable))
}

/// The first match.
pub(super) fn find<'a>(pattern: &Pattern, text: &'a [u8]) -> Option<&'a [u8]> {
    let haystack = Haystack::new(text);
    pattern.regex.find(Input::new(&*haystack.readable)).map(|found| haystack.part(found.range()))
}

/// Where the pattern is found, at most so many times. A match of nothing right after another match
/// is none.
pub(super) fn find_all(
    pattern: &Pattern,
    haystack: &Haystack<'_>,
    count: Option<usize>,
) -> Result<Vec<Range<usize>>, CallError> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut last_end = None;
    while found.len() < count.unwrap_or(usize::MAX) && at <= haystack.len() {
        let Some(range) =
            pattern.regex.find(Input::new(&*haystack.readable).range(at..)).map(|found| found.range())
        else {
            break;
        };
        let repeated = range.end == at && last_end == Some(range.start);
        at = if range.end == at { haystack.after(at) } else { range.end };
        last_end = Some(range.end);
        if !repeated {
            found.push(range);
            limit::elements(found.len())?;
        }
    }
    Ok(found)
}

/// The text with all matches replaced.
pub(super) fn replace_all(
    pattern: &Pattern,
    text: &[u8],
    template: &Template<'_>,
) -> Result<Vec<u8>, CallError> {
    let haystack = Haystack::new(text);
    let mut captures = match template {
        Template::Literal(_) => Captures::matches(pattern.regex.group_info().clone()),
        Template::Groups(_) => pattern.regex.create_captures(),
    };
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    let mut last_end = 0;
    while at <= haystack.len() {
        pattern.regex.search_captures(&Input::new(&*haystack.readable).range(at..), &mut captures);
        let Some(range) = captures.get_match().map(|found| found.range()) else { break };
        out.extend_from_slice(haystack.part(last_end..range.start));
        // A match of nothing right after another match is none.
        if range.end > last_end || range.start == 0 {
            template.expand(&haystack, &captures, &pattern.names, &mut out);
            limit::bytes(out.len())?;
        }
        last_end = range.end;
        at = haystack.after(at).max(range.end);
    }
    out.extend_from_slice(haystack.part(last_end..haystack.len()));
    Ok(out)
}

/// The pieces between matches, at most so many, the last of which is the rest. Of a text of nothing
/// that is one piece, unless the pattern is nothing, too.
pub(super) fn split<'a>(
    pattern: &Pattern,
    text: &'a [u8],
    count: Option<usize>,
    pattern_is_empty: bool,
) -> Result<Vec<&'a [u8]>, CallError> {
    if text.is_empty() && !pattern_is_empty {
        return Ok(vec![text]);
    }
    let haystack = Haystack::new(text);
    let mut pieces = Vec::new();
    let (mut start, mut end) = (0, 0);
    for found in find_all(pattern, &haystack, count)? {
        if count.is_some_and(|count| pieces.len() + 1 >= count) {
            break;
        }
        end = found.start;
        if found.end != 0 {
            pieces.push(haystack.part(start..end));
        }
        start = found.end;
    }
    if end != haystack.len() {
        pieces.push(haystack.part(start..haystack.len()));
    }
    Ok(pieces)
}
