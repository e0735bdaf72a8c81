//! Upper case, lower case, and the first letters of words.

use chartroom_gotemplate::unicode::{is_digit, is_letter};
use chartroom_gotemplate::{Function, Type, runes};

use super::affix::is_latin_space;
use super::letter::{is_lower, is_title, is_upper, to_lower, to_title, to_upper};
use super::push;
use crate::arguments::text;
use crate::declare::{fixed, string};

pub(super) fn functions() -> Vec<Function> {
    vec![
        fixed("upper", [Type::String], Type::String, |arguments| string(upper(text(arguments, 0)))),
        fixed("lower", [Type::String], Type::String, |arguments| string(lower(text(arguments, 0)))),
        fixed("title", [Type::String], Type::String, |arguments| string(title(text(arguments, 0)))),
        fixed("untitle", [Type::String], Type::String, |arguments| string(untitle(text(arguments, 0)))),
        fixed("swapcase", [Type::String], Type::String, |arguments| string(swap(text(arguments, 0)))),
        fixed("initials", [Type::String], Type::String, |arguments| string(initials(text(arguments, 0)))),
    ]
}

fn map(whole: &[u8], mut change: impl FnMut(char) -> char) -> Vec<u8> {
    let mut out = Vec::with_capacity(whole.len());
    for (letter, _) in runes::all(whole) {
        push(&mut out, change(letter));
    }
    out
}

fn upper(whole: &[u8]) -> Vec<u8> {
    if whole.is_ascii() { whole.to_ascii_uppercase() } else { map(whole, to_upper) }
}

fn lower(whole: &[u8]) -> Vec<u8> {
    if whole.is_ascii() { whole.to_ascii_lowercase() } else { map(whole, to_lower) }
}

/// Each word starts with a capital. Whatever is no letter, digit or underscore ends a word; beyond
/// ASCII only space does.
fn title(whole: &[u8]) -> Vec<u8> {
    let ends_word = |letter: char| match letter {
        _ if letter.is_ascii() => !letter.is_ascii_alphanumeric() && letter != '_',
        _ => !is_letter(letter) && !is_digit(letter) && letter.is_whitespace(),
    };
    let mut before = ' ';
    map(whole, |letter| {
        let starts = ends_word(before);
        before = letter;
        if starts { to_title(letter) } else { letter }
    })
}

/// Each word, up to a space, starts with a small letter.
fn untitle(whole: &[u8]) -> Vec<u8> {
    let mut starts = true;
    map(whole, |letter| {
        if letter.is_whitespace() {
            starts = true;
            return letter;
        }
        if std::mem::take(&mut starts) { to_lower(letter) } else { letter }
    })
}

/// Capitals become small and small letters capitals.
fn swap(whole: &[u8]) -> Vec<u8> {
    let mut after_space = true;
    map(whole, |letter| {
        if is_upper(letter) || is_title(letter) {
            after_space = false;
            to_lower(letter)
        } else if is_lower(letter) {
            if std::mem::take(&mut after_space) { to_title(letter) } else { to_upper(letter) }
        } else {
            after_space = letter.is_whitespace();
            letter
        }
    })
}

/// The first byte of each word, as a character of Latin-1, which is how upstream reads it.
fn initials(whole: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut starts = true;
    for &byte in whole {
        if is_latin_space(byte) {
            starts = true;
        } else if std::mem::take(&mut starts) {
            push(&mut out, char::from(byte));
        }
    }
    out
}
