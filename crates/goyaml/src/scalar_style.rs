//! How a string is written: plain, in single or double quotes, or as a literal block.

use crate::{Layout, resolve};

/// The styles that go-yaml uses for strings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// What a string allows.
pub(crate) struct Analysis {
    /// Whether it has line breaks, and so can't be a key on one line.
    pub(crate) multiline: bool,
    layout: Layout,
    plain: bool,
    single: bool,
    literal: bool,
}

impl Analysis {
    /// Looks at every character once.
    pub(crate) fn of(text: &str, layout: Layout) -> Self {
        if text.is_empty() {
            return Self { multiline: false, layout, plain: true, single: true, literal: false };
        }
        if is_simple(text) {
            return Self { multiline: false, layout, plain: true, single: true, literal: true };
        }
        let marker = text.starts_with("---") || text.starts_with("...");
        let mut seen = Seen { indicator: marker, ..Seen::default() };
        let mut previous = None;
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            let next = characters.peek().copied();
            seen.indicator |= is_indicator(previous, c, next);
            if c == '\t' && layout == Layout::Indented {
                seen.tab = true;
            } else {
                seen.special |= !is_printable(c);
            }
            if c == ' ' {
                seen.outer_space |= previous.is_none() || next.is_none();
                seen.trailing_space |= next.is_none();
                seen.space_after_break |= previous.is_some_and(is_break);
            } else if is_break(c) {
                seen.breaks = true;
                seen.break_after_space |= previous == Some(' ');
            }
            previous = Some(c);
        }
        let quotable = !seen.break_after_space && !seen.special;
        Self {
            multiline: seen.breaks,
            layout,
            plain: quotable && !seen.tab && !seen.breaks && !seen.outer_space && !seen.indicator,
            single: quotable && !seen.tab && !seen.space_after_break,
            literal: quotable && !seen.trailing_space,
        }
    }

    /// Chooses a style. A key on one line can't be a block, and what has a tag can't be taken for
    /// something else.
    pub(crate) fn style(&self, text: &str, simple_key: bool, tagged: bool) -> Style {
        let wanted = if text.contains('\n') {
            Style::Literal
        } else if tagged || resolve::is_safely_plain(text, self.layout) {
            Style::Plain
        } else {
            Style::Double
        };
        match wanted {
            Style::Plain if self.plain => Style::Plain,
            Style::Plain if self.single => Style::Single,
            Style::Literal if self.literal && !simple_key => Style::Literal,
            _ => Style::Double,
        }
    }
}

/// Whether a text consists of nothing that could mean anything: most are such.
fn is_simple(text: &str) -> bool {
    let bytes = text.as_bytes();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/');
    let harmless = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b' ' | b'_' | b'/' | b'.' | b'-' | b'+' | b'=' | b',' | b';' | b'(' | b')')
    };
    bytes.first().is_some_and(word) && bytes.last() != Some(&b' ') && bytes.iter().all(harmless)
}

#[derive(Default)]
struct Seen {
    indicator: bool,
    special: bool,
    tab: bool,
    breaks: bool,
    outer_space: bool,
    trailing_space: bool,
    space_after_break: bool,
    break_after_space: bool,
}

/// Whether a character means something to YAML between these two, where blocks are.
fn is_indicator(previous: Option<char>, c: char, next: Option<char>) -> bool {
    let before_blank = next.is_none_or(|next| matches!(next, ' ' | '\t') || is_break(next));
    match (previous, c) {
        (None, '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"') => true,
        (None, '%' | '@' | '`') => true,
        (None, '?' | '-') | (_, ':') => before_blank,
        (Some(previous), '#') => matches!(previous, ' ' | '\t') || is_break(previous),
        _ => false,
    }
}

/// YAML 1.1 has five line breaks. U+0085 isn't printable, and so is escaped in any case.
pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character can be written as it is. Characters beyond the basic plane can't, by an
/// oversight of libyaml's that everyone has kept.
pub(crate) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{A0}'..='\u{FFFD}') && c != '\u{FEFF}'
}
