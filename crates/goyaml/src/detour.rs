//! What becomes of texts on the detour over JSON, which go-yaml reads as YAML: JSON has U+0085 as it is,
//! which YAML takes for the end of a line within quotes, and YAML's keys may not be long.

use std::borrow::Cow;

/// A line break of YAML 1.1 that JSON doesn't escape.
const NEXT_LINE: char = '\u{85}';

/// How many characters of JSON a key may have.
const LONGEST_KEY: usize = 1024;

/// Whether a text has any.
pub(crate) fn is_broken(text: &str) -> bool {
    text.contains(NEXT_LINE)
}

/// How many there are.
pub(crate) fn count(text: &str) -> usize {
    text.matches(NEXT_LINE).count()
}

/// The text after it was read as quoted lines: one line break is a space, of several one is dropped,
/// and spaces around them are too. The error is how many breaks are before a line that looks like the
/// start or end of a document.
pub(crate) fn folded(text: &str) -> Result<Cow<'_, str>, usize> {
    if !is_broken(text) {
        return Ok(text.into());
    }
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split(NEXT_LINE);
    let first = lines.next().unwrap_or_default();
    out.push_str(first.trim_end_matches(' '));
    let mut breaks = 0;
    let count = lines.clone().count();
    for (number, line) in lines.enumerate() {
        breaks += 1;
        // What ends such a line is a space or another break; a tab is escaped.
        let marker = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
        if marker.is_some_and(|rest| rest.starts_with(' ') || rest.is_empty() && number + 1 < count) {
            return Err(number + 1);
        }
        let content = line.trim_start_matches(' ');
        if content.is_empty() && number + 1 < count {
            continue;
        }
        match breaks {
            1 => out.push(' '),
            _ => out.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
        breaks = 0;
        out.push_str(if number + 1 < count { content.trim_end_matches(' ') } else { content });
    }
    Ok(out.into())
}

/// Whether a key has more characters in JSON, its quotes included, than go-yaml takes for a key.
pub(crate) fn is_long_key(key: &str) -> bool {
    if key.len() < LONGEST_KEY / 6 {
        return false;
    }
    let length = |c: char| match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{C}' => 2,
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1F}' => 6,
        _ => 1,
    };
    key.chars().map(length).sum::<usize>() + 2 > LONGEST_KEY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_measured_in_json() {
        for (part, most) in
            [("a", 1022), ("é", 1022), ("\"", 511), ("<", 170), ("\u{1}", 170), ("\u{2028}", 170)]
        {
            assert!(!is_long_key(&part.repeat(most)) && is_long_key(&part.repeat(most + 1)), "{part:?}");
        }
    }

    #[test]
    fn lines_are_folded_as_within_quotes() {
        for (text, folded_text) in [
            ("plain", Ok("plain")),
            ("a\u{85}b", Ok("a b")),
            ("\u{85}x", Ok(" x")),
            ("a\u{85}", Ok("a ")),
            ("\u{85}", Ok(" ")),
            ("\u{85}\u{85}", Ok("\n")),
            ("a \u{85}  x ", Ok("a x ")),
            ("a \u{85}  \u{85}\u{85} x", Ok("a\n\nx")),
            ("a\t\u{85} \tx", Ok("a\t \tx")),
            ("a\u{85}--- b", Err(1)),
            ("a\u{85}\u{85}...\u{85}", Err(2)),
            ("a\u{85}...", Ok("a ...")),
            ("a\u{85} --- b", Ok("a --- b")),
            ("--- a\u{85}b", Ok("--- a b")),
        ] {
            assert_eq!(folded(text).as_deref(), folded_text.as_deref(), "{text:?}");
        }
    }
}
