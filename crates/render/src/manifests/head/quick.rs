//! Heads of documents that are written plainly, as most are: maps and lists in block style, a scalar or a
//! short `[…]` or `{…}` to a line, and block scalars. Going through such a document takes a small part of
//! the time that reading it as YAML takes.
//!
//! What is accepted here is YAML beyond doubt, and has this head; of everything else nothing is said, and
//! it is read as YAML. A property test holds the two against each other.

use std::collections::BTreeMap;

use super::{Head, text_of};

/// How deep maps and lists may be nested.
const DEEPEST: usize = 64;

/// The longest key: YAML has it at 1,024 characters.
const LONGEST_KEY: usize = 512;

/// Where in the document a map is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Metadata,
    Annotations,
    Elsewhere,
}

/// A map or list that is open.
#[derive(Clone, Copy)]
struct Open {
    /// The column of its keys or dashes.
    column: usize,
    is_list: bool,
    place: Place,
}

/// What the last line has left to be said on the lines below it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    /// The value of a key, or an item: null, if nothing comes.
    Value(Place),
}

/// Reads the head of a document; nothing where that is not as simple as it should be.
pub(super) fn read(document: &[u8]) -> Option<Head> {
    if !has_common_letters_only(document) {
        return None;
    }
    let mut scan = Scan {
        rest: document,
        open: Vec::with_capacity(16),
        pending: Pending::Nothing,
        head: Head::default(),
        seen: Seen::default(),
    };
    while let Some(line) = scan.next_line() {
        scan.line(line)?;
    }
    if scan.open.is_empty() {
        return None;
    }
    Some(scan.head)
}

/// Whether there is nothing but letters that YAML takes without further question: no control characters,
/// and no line ends but the usual one.
fn has_common_letters_only(text: &[u8]) -> bool {
    let rare = |byte: &u8| *byte < b' ' && !matches!(byte, b'\n' | b'\t') || *byte >= 0x7f;
    if !text.iter().any(rare) {
        return true;
    }
    let Ok(text) = std::str::from_utf8(text) else { return false };
    text.chars().all(|letter| match letter {
        '\n' | '\t' | ' '..='~' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        letter => letter >= '\u{a0}',
    })
}

/// Which parts of the head there were: what is there twice is left to YAML.
#[derive(Default)]
struct Seen {
    api_version: bool,
    kind: bool,
    metadata: bool,
    name: bool,
    annotations: bool,
}

/// A scalar on one line.
enum Scalar<'a> {
    /// Without quotes.
    Plain(&'a [u8]),
    /// In quotes, without anything in it that is escaped.
    Quoted(&'a [u8]),
    /// In quotes, with something escaped.
    Escaped,
}

/// What follows a key or a dash.
enum Value<'a> {
    Nothing,
    Scalar(Scalar<'a>),
    /// A block scalar, whose lines follow.
    Block,
    /// A list or map on the same line.
    Flow,
}

struct Scan<'a> {
    rest: &'a [u8],
    open: Vec<Open>,
    pending: Pending,
    head: Head,
    seen: Seen,
}

impl<'a> Scan<'a> {
    /// The next line, without its end.
    fn next_line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = match self.rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => (self.rest.get(..end)?, self.rest.get(end + 1..)?),
            None => (self.rest, &self.rest[self.rest.len()..]),
        };
        self.rest = rest;
        Some(line)
    }

    fn line(&mut self, line: &'a [u8]) -> Option<()> {
        let column = spaces(line);
        let content = line.get(column..)?;
        match content.first() {
            None | Some(b'#') => return Some(()),
            Some(b'\t') => return None,
            Some(_) => {}
        }
        let is_item = is_dash(content);
        if column == 0
            && (content.starts_with(b"---") || content.starts_with(b"...") || content.starts_with(b"%"))
        {
            return None;
        }
        if matches!(content.first(), Some(b'{' | b'[')) {
            return self.flow(column, content);
        }
        self.enter(column, is_item)?;
        if is_item { self.item(column, content) } else { self.entry(content) }
    }

    /// A list or map between brackets on a line of its own: the value of the key, or the item, above it.
    fn flow(&mut self, column: usize, content: &'a [u8]) -> Option<()> {
        let Pending::Value(place) = std::mem::replace(&mut self.pending, Pending::Nothing) else {
            return None;
        };
        let allowed = match place {
            Place::Elsewhere => true,
            // Without anything in it, it is as good as nothing.
            Place::Annotations => content.starts_with(b"{}"),
            Place::Root | Place::Metadata => false,
        };
        let is_inside = self.open.last().is_some_and(|top| column > top.column);
        (allowed && is_inside && is_end(flow(content, 0)?)).then_some(())
    }

    /// Closes what ends before a line, and opens what begins with it.
    fn enter(&mut self, column: usize, is_item: bool) -> Option<()> {
        let pending = std::mem::replace(&mut self.pending, Pending::Nothing);
        let Some(top) = self.open.last().copied() else {
            return self.push(column, is_item, Place::Root);
        };
        if let Pending::Value(place) = pending {
            if column > top.column {
                return self.push(column, is_item, place);
            }
            // The items of a list may begin where the key before them does.
            if is_item && !top.is_list && column == top.column {
                return self.push(column, true, place);
            }
        }
        while let Some(top) = self.open.last() {
            let ended = column < top.column || (column == top.column && top.is_list && !is_item);
            if !ended {
                return (column == top.column && top.is_list == is_item).then_some(());
            }
            self.open.pop();
        }
        None
    }

    fn push(&mut self, column: usize, is_list: bool, place: Place) -> Option<()> {
        // The head is in maps.
        let place = match place {
            Place::Elsewhere => Place::Elsewhere,
            _ if is_list => return None,
            place => place,
        };
        self.open.push(Open { column, is_list, place });
        (self.open.len() <= DEEPEST).then_some(())
    }

    /// `- …`
    fn item(&mut self, column: usize, content: &'a [u8]) -> Option<()> {
        let after = content.get(1..)?;
        let inner = spaces(after);
        let content = after.get(inner..)?;
        match content.first() {
            None | Some(b'#') => {
                self.pending = Pending::Value(Place::Elsewhere);
                return Some(());
            }
            Some(_) if is_dash(content) => return None,
            Some(_) => {}
        }
        if key(content).is_some() {
            let column = column + 1 + inner;
            self.push(column, false, Place::Elsewhere)?;
            return self.entry(content);
        }
        match value(content)? {
            Value::Block => self.block(),
            _ => Some(()),
        }
    }

    /// `key: …`
    fn entry(&mut self, content: &'a [u8]) -> Option<()> {
        let (key, is_plain, after) = key(content)?;
        let place = self.open.last()?.place;
        let value = value(after.get(spaces(after)..)?)?;
        let below = match place {
            Place::Elsewhere => Place::Elsewhere,
            Place::Root => self.root(key, &value)?,
            Place::Metadata => self.metadata(key, &value)?,
            Place::Annotations => self.annotation(key, is_plain, &value)?,
        };
        match value {
            Value::Nothing => self.pending = Pending::Value(below),
            Value::Block => return self.block(),
            Value::Scalar(_) | Value::Flow => {}
        }
        Some(())
    }

    fn root(&mut self, key: &[u8], value: &Value<'_>) -> Option<Place> {
        match key {
            b"apiVersion" => {
                first(&mut self.seen.api_version)?;
                self.head.api_version = text(value)?;
            }
            b"kind" => {
                first(&mut self.seen.kind)?;
                self.head.kind = text(value)?;
            }
            b"metadata" => {
                first(&mut self.seen.metadata)?;
                return matches!(value, Value::Nothing).then_some(Place::Metadata);
            }
            _ => {
                let known: [&[u8]; 3] = [b"apiVersion", b"kind", b"metadata"];
                let other_case = known.iter().any(|known| known.eq_ignore_ascii_case(key));
                (!other_case).then_some(())?;
            }
        }
        Some(Place::Elsewhere)
    }

    fn metadata(&mut self, key: &[u8], value: &Value<'_>) -> Option<Place> {
        match key {
            b"name" => {
                first(&mut self.seen.name)?;
                self.head.name = text(value)?;
            }
            b"annotations" => {
                first(&mut self.seen.annotations)?;
                return match value {
                    Value::Nothing => Some(Place::Annotations),
                    _ => None,
                };
            }
            _ => {
                let known: [&[u8]; 2] = [b"name", b"annotations"];
                (!known.iter().any(|known| known.eq_ignore_ascii_case(key))).then_some(())?;
            }
        }
        Some(Place::Elsewhere)
    }

    fn annotation(&mut self, key: &[u8], is_plain: bool, value: &Value<'_>) -> Option<Place> {
        if is_plain && !is_text(key) {
            return None;
        }
        let key = String::from_utf8(key.to_vec()).ok()?;
        let annotations: &mut BTreeMap<String, String> = &mut self.head.annotations;
        annotations.insert(key, text(value)?);
        Some(Place::Elsewhere)
    }

    /// The lines of a block scalar.
    fn block(&mut self) -> Option<()> {
        let parent = self.open.last()?.column;
        let mut inner = None;
        let mut blank = 0;
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|byte| *byte == b'\n');
            let line = self.rest.get(..end.unwrap_or(self.rest.len()))?;
            let column = spaces(line);
            match (line.get(column), inner) {
                (None, None) => blank = blank.max(column),
                (None, Some(_)) => {}
                (Some(_), _) if column <= parent => return Some(()),
                // A tab among the spaces that a line begins with is an error, and so is a line
                // that begins before the first one did.
                (Some(b'\t'), None) => return None,
                (Some(_), None) if column < blank => return None,
                (Some(_), None) => inner = Some(column),
                (Some(_), Some(inner)) if column < inner => return None,
                (Some(_), Some(_)) => {}
            }
            self.rest = match end {
                Some(end) => self.rest.get(end + 1..)?,
                None => &[],
            };
        }
        Some(())
    }
}

/// Notes that something is there, unless it was already.
fn first(seen: &mut bool) -> Option<()> {
    (!std::mem::replace(seen, true)).then_some(())
}

fn spaces(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b' ').count()
}

/// Whether a text begins an item of a list.
fn is_dash(text: &[u8]) -> bool {
    matches!(text, [b'-'] | [b'-', b' ', ..])
}

/// The key that a line begins with, whether it stands without quotes, and what follows its colon.
fn key(text: &[u8]) -> Option<(&[u8], bool, &[u8])> {
    let (key, is_plain, after) = match text.first()? {
        b'"' | b'\'' => {
            let (scalar, after) = quoted(text)?;
            let Scalar::Quoted(key) = scalar else { return None };
            (key, false, after)
        }
        // A key that is a number or a date is left to YAML.
        byte if byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'/' | b'$') => {
            let end = text.iter().position(|byte| {
                !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'$' | b'.' | b'-'))
            })?;
            let (key, after) = text.split_at_checked(end)?;
            // No key at all, to YAML.
            if matches!(key, b"null" | b"Null" | b"NULL") {
                return None;
            }
            (key, true, after)
        }
        _ => return None,
    };
    let after = after.strip_prefix(b":")?;
    if key == b"<<" {
        return None;
    }
    (key.len() <= LONGEST_KEY && matches!(after.first(), None | Some(b' '))).then_some((key, is_plain, after))
}

/// What stands behind a key or a dash, up to the end of the line.
fn value(text: &[u8]) -> Option<Value<'_>> {
    Some(match text.first() {
        None | Some(b'#') => Value::Nothing,
        Some(b'"' | b'\'') => {
            let (scalar, after) = quoted(text)?;
            is_end(after).then_some(Value::Scalar(scalar))?
        }
        Some(b'|' | b'>') => {
            let after = text.get(1..)?;
            let after = after.strip_prefix(b"-").or_else(|| after.strip_prefix(b"+")).unwrap_or(after);
            is_end(after).then_some(Value::Block)?
        }
        Some(b'[' | b'{') => {
            let after = flow(text, 0)?;
            is_end(after).then_some(Value::Flow)?
        }
        Some(_) => Value::Scalar(Scalar::Plain(plain(text)?)),
    })
}

/// Whether nothing but a comment follows.
fn is_end(text: &[u8]) -> bool {
    let blanks = spaces(text);
    match text.get(blanks) {
        None => true,
        Some(byte) => *byte == b'#' && blanks > 0,
    }
}

/// A scalar without quotes that ends with the line, or where a comment begins.
fn plain(text: &[u8]) -> Option<&[u8]> {
    match text.first()? {
        b'-' if text.get(1).is_some_and(|next| !matches!(next, b' ' | b'\t')) => {}
        byte if byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'/' | b'$' | b'.' | b'(' | b'~' | b'^') => {}
        byte if *byte >= 0x80 => {}
        _ => return None,
    }
    let mut end = text.len();
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'#' if at > 0 && text.get(at - 1) == Some(&b' ') => {
                end = at;
                break;
            }
            b':' if matches!(text.get(at + 1), None | Some(b' ')) => return None,
            b'\t' => return None,
            _ => {}
        }
    }
    let scalar = text.get(..end)?.trim_ascii_end();
    // Not a number that JSON has.
    let digits = scalar.strip_prefix(b"-").unwrap_or(scalar);
    let special = digits
        .strip_prefix(b".")
        .is_some_and(|rest| rest.eq_ignore_ascii_case(b"inf") || rest.eq_ignore_ascii_case(b"nan"));
    (!special).then_some(scalar)
}

/// A scalar in quotes, and what follows it.
fn quoted(text: &[u8]) -> Option<(Scalar<'_>, &[u8])> {
    let quote = *text.first()?;
    let inner = text.get(1..)?;
    let mut escaped = false;
    let mut at = 0;
    loop {
        let found = at
            + inner.get(at..)?.iter().position(|byte| *byte == quote || *byte == b'\\' || *byte == b'\t')?;
        let byte = *inner.get(found)?;
        if byte == quote {
            // In single quotes, two of them stand for one.
            if quote == b'\'' && inner.get(found + 1) == Some(&quote) {
                escaped = true;
                at = found + 2;
                continue;
            }
            let scalar = if escaped { Scalar::Escaped } else { Scalar::Quoted(inner.get(..found)?) };
            return Some((scalar, inner.get(found + 1..)?));
        }
        if byte == b'\t' {
            return None;
        }
        if quote == b'\'' {
            at = found + 1;
            continue;
        }
        escaped = true;
        at = match inner.get(found + 1)? {
            b'"' | b'\\' | b'/' | b'n' | b't' | b'r' => found + 2,
            b'u' => {
                let digits = inner.get(found + 2..found + 6)?;
                let surrogate = matches!(digits, [b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
                if surrogate || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                found + 6
            }
            _ => return None,
        };
    }
}

/// A list or map between brackets, as far as there are only words and quoted texts in it; gives what
/// follows it.
fn flow(text: &[u8], depth: usize) -> Option<&[u8]> {
    if depth > DEEPEST {
        return None;
    }
    let is_map = *text.first()? == b'{';
    let close = if is_map { b'}' } else { b']' };
    let skip = |text: &'_ [u8]| spaces(text);
    let mut rest = text.get(1..)?;
    loop {
        rest = rest.get(skip(rest)..)?;
        if *rest.first()? == close {
            return rest.get(1..);
        }
        if is_map {
            rest = match rest.first()? {
                b'"' | b'\'' => match quoted(rest)? {
                    (Scalar::Quoted(key), after) if key.len() <= LONGEST_KEY && key != b"<<" => after,
                    _ => return None,
                },
                _ => {
                    let (key, after) = rest.split_at_checked(word(rest)?)?;
                    if matches!(key, b"null" | b"Null" | b"NULL") || key.len() > LONGEST_KEY {
                        return None;
                    }
                    after
                }
            };
            rest = rest.strip_prefix(b": ")?;
            rest = rest.get(skip(rest)..)?;
        }
        rest = match rest.first()? {
            b'[' | b'{' => flow(rest, depth + 1)?,
            b'"' | b'\'' => quoted(rest)?.1,
            _ => rest.get(word(rest)?..)?,
        };
        rest = rest.get(skip(rest)..)?;
        match rest.first()? {
            b',' => rest = rest.get(1..)?,
            byte if *byte == close => {}
            _ => return None,
        }
        // One comma is enough.
        if rest.get(skip(rest)) == Some(&b',') {
            return None;
        }
    }
}

/// How long the word is that a text in a flow begins with.
fn word(text: &[u8]) -> Option<usize> {
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.' | b'-');
    let end = text.iter().position(|byte| !is_inner(byte)).unwrap_or(text.len());
    let first = text.strip_prefix(b"-").unwrap_or(text).first()?;
    (end > 0 && first.is_ascii_alphanumeric()).then_some(end)
}

/// Whether a word is a text to YAML, and not a number, a truth value or null.
fn is_text(word: &[u8]) -> bool {
    const OTHERS: [&[u8]; 9] = [b"y", b"n", b"yes", b"no", b"on", b"off", b"true", b"false", b"null"];
    word.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_' || *byte == b'/')
        && !OTHERS.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// The text of a value of the head.
fn text(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Scalar(Scalar::Quoted(text)) => String::from_utf8(text.to_vec()).ok(),
        Value::Scalar(Scalar::Plain(text)) if is_text(text) => String::from_utf8(text.to_vec()).ok(),
        Value::Scalar(Scalar::Plain(text)) => {
            let value = chartroom_goyaml::decode(std::str::from_utf8(text).ok()?).ok()?;
            text_of(&value)?
        }
        _ => None,
    }
}
