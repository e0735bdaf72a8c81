//! JSON pointers.

use chartroom_chart::go_text::quote_letter;

use super::fail;

pub(super) fn json_pointer(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    if !text.starts_with('/') {
        return fail("not starting with /");
    }
    for name in text.split('/').skip(1) {
        let mut letters = name.chars();
        while let Some(letter) = letters.next() {
            if letter == '~' && !matches!(letters.next(), Some('0' | '1')) {
                return fail("~ must be followed by 0 or 1");
            }
        }
    }
    Ok(())
}

pub(super) fn relative(text: &str) -> Result<(), String> {
    let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    match text.len() - rest.len() {
        0 => return fail("must start with non-negative integer"),
        1 => {}
        _ if text.starts_with('0') => return fail("starts with zero"),
        _ => {}
    }
    if rest == "#" { Ok(()) } else { json_pointer(rest) }
}

/// A character that has no place where it is.
pub(super) fn invalid(letter: char) -> Result<(), String> {
    Err(format!("invalid character {}", quote_letter(letter)))
}
