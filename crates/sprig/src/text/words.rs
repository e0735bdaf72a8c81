//! `camelcase`, `snakecase` and `kebabcase`, with upstream's ideas of where a word ends.

use chartroom_gotemplate::unicode::is_letter;
use chartroom_gotemplate::{Function, Type, runes};

use super::letter::{is_upper, to_lower, to_upper};
use super::{is_punctuation, push};
use crate::arguments::text;
use crate::declare::{fixed, string};

pub(super) fn functions() -> Vec<Function> {
    vec![
        fixed("camelcase", [Type::String], Type::String, |arguments| string(camel(text(arguments, 0)))),
        fixed("snakecase", [Type::String], Type::String, |arguments| {
            string(lower_words(text(arguments, 0), b'_'))
        }),
        fixed("kebabcase", [Type::String], Type::String, |arguments| {
            string(lower_words(text(arguments, 0), b'-'))
        }),
    ]
}

/// What connects words, and is not part of any.
fn is_connector(letter: char) -> bool {
    letter == '-' || letter == '_' || letter.is_whitespace()
}

/// `FOO_bar-baz` becomes `FooBarBaz`. Connectors at the start stay; of several in a row all but one
/// stay, and one at the end.
fn camel(whole: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(whole.len());
    let mut letters = runes::all(whole).map(|(letter, _)| letter);
    let mut start = None;
    for letter in letters.by_ref() {
        start = Some(letter);
        if !is_connector(letter) {
            break;
        }
        push(&mut out, letter);
    }
    let Some(start) = start else { return out };
    // A letter is written when the next one is known. If there are connectors only, the last is
    // written twice.
    let mut pending = to_upper(start);
    // In a word that starts with a capital, further capitals become small.
    let mut lowering = is_upper(start);
    for letter in letters {
        let mut next = letter;
        if !is_connector(pending) {
            lowering &= is_upper(letter);
            if lowering {
                next = to_lower(letter);
            }
            push(&mut out, pending);
        } else if is_connector(letter) {
            push(&mut out, pending);
        } else {
            lowering = is_upper(letter);
            next = to_upper(letter);
        }
        pending = next;
    }
    push(&mut out, pending);
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing, or nothing that can be read.
    Nothing,
    Number,
    /// Letters that start with a capital, or are capitals.
    Capital,
    /// Small letters, and those that have no case.
    Alphabet,
    Connector,
    Punctuation,
    /// Ideographs, symbols and so on.
    Other,
}

/// Letters that make words. Ideographs don't.
fn is_alphabetic(letter: char) -> bool {
    let ideograph = matches!(u32::from(letter), 0x3400..=0x4d85 | 0x4e00..=0x9fcc | 0x2_0000..=0x2_b81d);
    is_letter(letter) && !ideograph
}

/// The next character that can be read, and how many bytes it takes with those before it that
/// can't. At the end that is the character before.
fn readable(text: &[u8], before: char) -> (char, usize) {
    let mut size = 0;
    for (letter, bytes) in runes::all(text) {
        size += bytes.len();
        if letter != char::REPLACEMENT_CHARACTER {
            return (letter, size);
        }
    }
    (before, size)
}

/// Takes characters as long as they fit: the number of bytes up to the first that doesn't, which
/// comes with them.
fn run(text: &[u8], mut end: usize, mut letter: char, fits: impl Fn(char) -> bool) -> (usize, char) {
    while let Some(rest @ [_, ..]) = text.get(end..) {
        let (next, size) = readable(rest, letter);
        letter = next;
        if !fits(letter) {
            break;
        }
        end += size;
    }
    (end, letter)
}

/// The first word, and what is after it.
fn next_word(text: &[u8]) -> (Kind, &[u8], &[u8]) {
    let (letter, size) = readable(text, char::REPLACEMENT_CHARACTER);
    let small = |letter| is_alphabetic(letter) && !is_upper(letter);
    let (kind, end) = if letter == char::REPLACEMENT_CHARACTER {
        (Kind::Nothing, size)
    } else if is_connector(letter) {
        (Kind::Connector, run(text, size, letter, is_connector).0)
    } else if is_punctuation(letter) {
        (Kind::Punctuation, run(text, size, letter, is_punctuation).0)
    } else if is_upper(letter) {
        (Kind::Capital, capital_word(text, size, letter))
    } else if is_alphabetic(letter) {
        (Kind::Alphabet, run(text, size, letter, small).0)
    } else if letter.is_numeric() {
        (Kind::Number, run(text, size, letter, char::is_numeric).0)
    } else {
        let other = |letter: char| {
            !is_connector(letter) && !is_alphabetic(letter) && !letter.is_numeric() && !is_punctuation(letter)
        };
        (Kind::Other, run(text, size, letter, other).0)
    };
    let (word, rest) = text.split_at(end);
    (kind, word, rest)
}

/// Where a word ends that starts with a capital: `Status`, or `HTTP` in `HTTPStatus`.
fn capital_word(text: &[u8], first: usize, letter: char) -> usize {
    let Some(rest @ [_, ..]) = text.get(first..) else { return first };
    let (second, _) = readable(rest, letter);
    if !is_upper(second) {
        return run(text, first, letter, |letter| is_alphabetic(letter) && !is_upper(letter)).0;
    }
    let mut end = first;
    let mut last = 0;
    let mut letter = letter;
    while let Some(rest @ [_, ..]) = text.get(end..) {
        let (next, size) = readable(rest, letter);
        letter = next;
        if !is_upper(letter) {
            // The last capital belongs to the word that follows.
            return if is_alphabetic(letter) { end - last } else { end };
        }
        end += size;
        last = size;
    }
    end
}

/// Writes a word in small letters.
fn write(out: &mut Vec<u8>, kind: Kind, word: &[u8], connector: u8) {
    if !matches!(kind, Kind::Capital | Kind::Connector) {
        out.extend_from_slice(word);
        return;
    }
    for (letter, _) in runes::all(word) {
        match letter {
            _ if is_connector(letter) => out.push(connector),
            _ if is_upper(letter) => push(out, to_lower(letter)),
            _ => push(out, letter),
        }
    }
}

/// `FooBAR2baz` becomes `foo_bar_2baz`.
fn lower_words(whole: &[u8], connector: u8) -> Vec<u8> {
    use Kind::{Alphabet, Connector, Nothing, Number, Punctuation};

    let mut out = Vec::with_capacity(whole.len() + 8);
    let (mut kind, mut word, mut rest) = next_word(whole);
    while !rest.is_empty() {
        let (before, last) = (kind, word);
        write(&mut out, before, last, connector);
        (kind, word, rest) = next_word(rest);
        // Numbers go with the letters after them: `2xx`.
        let mut go_on = before == Number;
        match before {
            Number | Connector | Punctuation => {}
            _ if kind != Number => {
                if !matches!(kind, Connector | Punctuation) {
                    out.push(connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                // A number belongs to the word before it, unless small letters follow.
                let number = word;
                (kind, word, rest) = next_word(rest);
                go_on = kind == Alphabet;
                if go_on {
                    out.push(connector);
                }
                out.extend_from_slice(number);
                if !go_on && !matches!(kind, Connector | Punctuation) {
                    out.push(connector);
                }
            }
        }
        if go_on {
            while matches!(kind, Alphabet | Number) {
                write(&mut out, kind, word, connector);
                (kind, word, rest) = next_word(rest);
            }
            if !matches!(kind, Nothing | Connector | Punctuation) {
                out.push(connector);
            }
        }
    }
    write(&mut out, kind, word, connector);
    out
}
