//! What matches are replaced with: `$1`, `${name}`, `$$`.

use chartroom_gotemplate::runes;
use chartroom_gotemplate::unicode::{is_digit, is_letter};
use regex_automata::util::captures::Captures;

use super::search::Haystack;

/// What matches are replaced with.
pub(super) enum Template<'a> {
    /// This very text.
    Literal(&'a [u8]),
    /// Texts and groups in turn.
    Groups(Vec<Piece<'a>>),
}

pub(super) enum Piece<'a> {
    Text(&'a [u8]),
    Number(usize),
    Name(&'a [u8]),
}

impl<'a> Template<'a> {
    /// Reads a template. A dollar that begins neither a name nor a number is itself; two are one.
    pub(super) fn new(mut template: &'a [u8]) -> Self {
        if !template.contains(&b'$') {
            return Self::Literal(template);
        }
        let mut pieces = Vec::new();
        while let Some(dollar) = memchr::memchr(b'$', template) {
            let (text, rest) = template.split_at(dollar);
            pieces.push(Piece::Text(text));
            let after = rest.get(1..).unwrap_or_default();
            template = if let Some(after) = after.strip_prefix(b"$") {
                pieces.push(Piece::Text(b"$"));
                after
            } else if let Some((name, after)) = reference(after) {
                pieces.push(number(name).map_or(Piece::Name(name), Piece::Number));
                after
            } else {
                pieces.push(Piece::Text(b"$"));
                after
            };
        }
        pieces.push(Piece::Text(template));
        Self::Groups(pieces)
    }

    /// Writes what a match is replaced with. Groups that there are not, or that didn't match, are
    /// nothing.
    pub(super) fn expand(
        &self,
        haystack: &Haystack<'_>,
        captures: &Captures,
        names: &[Option<String>],
        out: &mut Vec<u8>,
    ) {
        let pieces = match self {
            Self::Literal(text) => return out.extend_from_slice(text),
            Self::Groups(pieces) => pieces,
        };
        let group = |index| captures.get_group(index).map(|span| haystack.part(span.range()));
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Number(index) => out.extend_from_slice(group(*index).unwrap_or_default()),
                Piece::Name(name) => {
                    // Of several groups of this name it is the first that matched.
                    let named = names
                        .iter()
                        .enumerate()
                        .filter(|(_, other)| other.as_ref().is_some_and(|other| other.as_bytes() == *name));
                    let text = named.map(|(index, _)| group(index + 1)).find_map(|text| text);
                    out.extend_from_slice(text.unwrap_or_default());
                }
            }
        }
    }
}

/// The name or number after a dollar, perhaps in braces, and what is after it.
fn reference(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_prefix(b"{");
    let text = inner.unwrap_or(text);
    let mut end = 0;
    for (letter, bytes) in runes::all(text) {
        if !is_letter(letter) && !is_digit(letter) && letter != '_' {
            break;
        }
        end += bytes.len();
    }
    if end == 0 {
        return None;
    }
    let (name, rest) = text.split_at(end);
    match inner {
        Some(_) => Some((name, rest.strip_prefix(b"}")?)),
        None => Some((name, rest)),
    }
}

/// The number that a name is, without zeros before it.
fn number(name: &[u8]) -> Option<usize> {
    if !name.iter().all(u8::is_ascii_digit) || name.len() > 1 && name.starts_with(b"0") {
        return None;
    }
    // A number that is too large is that of no group.
    Some(std::str::from_utf8(name).ok()?.parse().unwrap_or(usize::MAX))
}
