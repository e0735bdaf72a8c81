//! What Go's `unicode` says of letters, where the standard library says something else.

use std::sync::LazyLock;

use chartroom_gotemplate::unicode::is_letter;
use regex_syntax::hir::{Class, ClassUnicode, HirKind};

/// The upper case of a character, if that is one character (`ß` has none).
pub(crate) fn to_upper(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_uppercase();
    }
    // These are written as two characters in the full mapping, and as one in the simple one.
    let offset = match u32::from(letter) {
        0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7 => 8,
        0x1fb3 | 0x1fc3 | 0x1ff3 => 9,
        _ => return single(letter.to_uppercase(), letter),
    };
    char::from_u32(u32::from(letter) + offset).unwrap_or(letter)
}

/// The lower case of a character.
pub(crate) fn to_lower(letter: char) -> char {
    match letter {
        'İ' => 'i',
        _ => single(letter.to_lowercase(), letter),
    }
}

/// The case of a character at the start of a word.
pub(crate) fn to_title(letter: char) -> char {
    match letter {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        // Georgian has an upper case, but no word starts with it.
        'ა'..='ჿ' => letter,
        _ => to_upper(letter),
    }
}

fn single(mut mapped: impl Iterator<Item = char>, letter: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(mapped), None) => mapped,
        _ => letter,
    }
}

/// An uppercase letter, category Lu.
pub(crate) fn is_upper(letter: char) -> bool {
    letter.is_uppercase() && is_letter(letter)
}

/// A lowercase letter, category Ll.
pub(crate) fn is_lower(letter: char) -> bool {
    // What else counts as lowercase: ordinal indicators, and modifiers, which have no case.
    let modifier = matches!(
        u32::from(letter),
        0xaa | 0xba
            | 0x2b0..=0x2c1
            | 0x2e0..=0x2e4
            | 0x37a
            | 0x10fc
            | 0x1d2c..=0x1d6a
            | 0x1d78
            | 0x1d9b..=0x1dbf
            | 0x2071
            | 0x207f
            | 0x2090..=0x209c
            | 0x2c7c..=0x2c7d
            | 0xa69c..=0xa69d
            | 0xa770
            | 0xa7f1..=0xa7f4
            | 0xa7f8..=0xa7f9
            | 0xab5c..=0xab5f
            | 0xab69
            | 0x10780..=0x107ba
            | 0x1e030..=0x1e06d
    );
    letter.is_lowercase() && is_letter(letter) && !modifier
}

/// A letter that is both, such as `ǅ`: category Lt.
pub(crate) fn is_title(letter: char) -> bool {
    matches!(
        u32::from(letter),
        0x1c5 | 0x1c8 | 0x1cb | 0x1f2 | 0x1f88..=0x1f8f | 0x1f98..=0x1f9f | 0x1fa8..=0x1faf | 0x1fbc | 0x1fcc | 0x1ffc
    )
}

/// Punctuation, which symbols such as `+` are not: categories P.
pub(crate) fn is_punctuation(letter: char) -> bool {
    static TABLE: LazyLock<ClassUnicode> = LazyLock::new(|| {
        let parsed = regex_syntax::parse(r"\p{P}").map(regex_syntax::hir::Hir::into_kind);
        match parsed {
            Ok(HirKind::Class(Class::Unicode(class))) => class,
            _ => ClassUnicode::empty(),
        }
    });
    if letter.is_ascii() {
        return letter.is_ascii_punctuation()
            && !matches!(letter, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~');
    }
    let ranges = TABLE.ranges();
    let after = ranges.partition_point(|range| range.start() <= letter);
    let within = after.checked_sub(1).and_then(|index| ranges.get(index));
    // The one that Unicode 17 added.
    within.is_some_and(|range| letter <= range.end()) || letter == '\u{10ed0}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_map_to_single_letters() {
        for (letter, upper, lower, title) in [
            ('a', 'A', 'a', 'A'),
            ('ß', 'ß', 'ß', 'ß'),
            ('ŉ', 'ŉ', 'ŉ', 'ŉ'),
            ('ᾳ', 'ᾼ', 'ᾳ', 'ᾼ'),
            ('İ', 'İ', 'i', 'İ'),
            ('ǆ', 'Ǆ', 'ǆ', 'ǅ'),
            ('ა', 'Ა', 'ა', 'ა'),
            ('Ა', 'Ა', 'ა', 'Ა'),
        ] {
            assert_eq!((to_upper(letter), to_lower(letter), to_title(letter)), (upper, lower, title));
        }
    }

    #[test]
    fn letters_have_a_category() {
        let categories =
            |letter| (is_upper(letter), is_lower(letter), is_title(letter), is_punctuation(letter));
        for upper in ['A', 'É', 'Ა'] {
            assert_eq!(categories(upper), (true, false, false, false), "{upper}");
        }
        for lower in ['a', 'é', 'ß', 'ა'] {
            assert_eq!(categories(lower), (false, true, false, false), "{lower}");
        }
        for punctuation in ['.', '-', '_', '%', '«', '。'] {
            assert_eq!(categories(punctuation), (false, false, false, true), "{punctuation}");
        }
        for other in ['1', '+', '$', 'Ⓐ', 'ⓐ', 'ª', 'ʰ', 'ⅷ', '日', '€', ' '] {
            assert_eq!(categories(other), (false, false, false, false), "{other}");
        }
        assert_eq!(categories('ǅ'), (false, false, true, false));
    }
}
