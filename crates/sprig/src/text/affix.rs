//! Looking for parts of a text, and taking them off.

use chartroom_gotemplate::{CallError, Function, Type, Value, runes};
use memchr::memmem;

use super::push;
use crate::arguments::{any, text};
use crate::declare::{fixed, part, string};
use crate::limit;

pub(super) fn functions() -> Vec<Function> {
    const TWO: [Type; 2] = [Type::String, Type::String];
    vec![
        fixed("trim", [Type::String], Type::String, |arguments| {
            part(any(arguments, 0), trim(text(arguments, 0), char::is_whitespace))
        }),
        fixed("trimall", TWO, Type::String, trim_all),
        fixed("trimAll", TWO, Type::String, trim_all),
        fixed("trimPrefix", TWO, Type::String, |arguments| {
            let whole = text(arguments, 1);
            part(any(arguments, 1), whole.strip_prefix(text(arguments, 0)).unwrap_or(whole))
        }),
        fixed("trimSuffix", TWO, Type::String, |arguments| {
            let whole = text(arguments, 1);
            part(any(arguments, 1), whole.strip_suffix(text(arguments, 0)).unwrap_or(whole))
        }),
        fixed("contains", TWO, Type::Bool, |arguments| {
            Ok(memmem::find(text(arguments, 1), text(arguments, 0)).is_some().into())
        }),
        fixed("hasPrefix", TWO, Type::Bool, |arguments| {
            Ok(text(arguments, 1).starts_with(text(arguments, 0)).into())
        }),
        fixed("hasSuffix", TWO, Type::Bool, |arguments| {
            Ok(text(arguments, 1).ends_with(text(arguments, 0)).into())
        }),
        fixed("replace", [Type::String, Type::String, Type::String], Type::String, replace),
        fixed("nospace", [Type::String], Type::String, |arguments| string(without_space(text(arguments, 0)))),
    ]
}

/// Takes characters off both ends.
fn trim(mut whole: &[u8], unwanted: impl Fn(char) -> bool) -> &[u8] {
    while let Some((letter, length)) = runes::first(whole)
        && unwanted(letter)
    {
        whole = whole.get(length..).unwrap_or_default();
    }
    while let Some((letter, length)) = last(whole)
        && unwanted(letter)
    {
        whole = whole.get(..whole.len() - length).unwrap_or_default();
    }
    whole
}

/// The last character, and how many bytes it takes.
fn last(whole: &[u8]) -> Option<(char, usize)> {
    for length in 1..=whole.len().min(4) {
        let tail = whole.get(whole.len() - length..)?;
        if let Some((letter, taken)) = runes::first(tail)
            && taken == length
            && (length > 1 || letter.is_ascii())
        {
            return Some((letter, length));
        }
    }
    (!whole.is_empty()).then_some((char::REPLACEMENT_CHARACTER, 1))
}

fn trim_all(arguments: &[Value]) -> Result<Value, CallError> {
    let unwanted = runes::all(text(arguments, 0)).map(|(letter, _)| letter).collect::<Vec<_>>();
    part(any(arguments, 1), trim(text(arguments, 1), |letter| unwanted.contains(&letter)))
}

fn replace(arguments: &[Value]) -> Result<Value, CallError> {
    let (old, new, whole) = (text(arguments, 0), text(arguments, 1), text(arguments, 2));
    let found = if old.is_empty() { runes::count(whole) + 1 } else { memmem::find_iter(whole, old).count() };
    if found == 0 {
        return Ok(any(arguments, 2).clone());
    }
    limit::bytes(whole.len().saturating_add(found.saturating_mul(new.len())))?;
    let mut out = Vec::with_capacity(whole.len() + found * new.len());
    if old.is_empty() {
        // The empty text is before each character, and at the end.
        for (_, letter) in runes::all(whole) {
            out.extend_from_slice(new);
            out.extend_from_slice(letter);
        }
        out.extend_from_slice(new);
        return string(out);
    }
    let mut end = 0;
    for start in memmem::find_iter(whole, old) {
        out.extend_from_slice(whole.get(end..start).unwrap_or_default());
        out.extend_from_slice(new);
        end = start + old.len();
    }
    out.extend_from_slice(whole.get(end..).unwrap_or_default());
    string(out)
}

/// Space, with the bytes of the text taken for characters of Latin-1, as upstream does.
pub(super) fn is_latin_space(byte: u8) -> bool {
    char::from(byte).is_whitespace()
}

/// A text without space. If there was any, the rest of the text is read as Latin-1.
fn without_space(whole: &[u8]) -> Vec<u8> {
    if !whole.iter().copied().any(is_latin_space) {
        return whole.to_vec();
    }
    let mut out = Vec::with_capacity(whole.len());
    for byte in whole.iter().copied().filter(|&byte| !is_latin_space(byte)) {
        push(&mut out, char::from(byte));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_character_is_found_from_the_end() {
        assert_eq!(last("aé".as_bytes()), Some(('é', 2)));
        assert_eq!(last("a😀".as_bytes()), Some(('😀', 4)));
        assert_eq!(last(b"\xc3"), Some(('\u{fffd}', 1)));
        assert_eq!(last(b"a\xa9"), Some(('\u{fffd}', 1)));
        assert_eq!(last("\u{fffd}".as_bytes()), Some(('\u{fffd}', 3)));
        assert_eq!(last(b""), None);
    }
}
