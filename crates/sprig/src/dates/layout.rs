//! The layouts of Go's `time`: a date and time of 2006, of which every part stands for itself.

/// What a part of a layout stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// `January`
    LongMonth,
    /// `Jan`
    ShortMonth,
    /// `1` and `01`
    Month(Padding),
    /// `Monday`
    LongWeekday,
    /// `Mon`
    ShortWeekday,
    /// `2`, `_2` and `02`
    Day(Padding),
    /// `__2` and `002`
    DayOfYear(Padding),
    /// `15`
    Hour,
    /// `3` and `03`
    Hour12(Padding),
    /// `4` and `04`
    Minute(Padding),
    /// `5` and `05`
    Second(Padding),
    /// `2006`
    LongYear,
    /// `06`
    ShortYear,
    /// `PM`
    UpperHalf,
    /// `pm`
    LowerHalf,
    /// `MST`
    ZoneName,
    /// `-0700` and the like, or with `Z` in front where that stands for UTC.
    Offset {
        /// Whether `Z` is UTC.
        z: bool,
        /// How it is written.
        form: OffsetForm,
    },
    /// `.000` and `.999`, also after a comma.
    Fraction {
        /// How many digits.
        digits: usize,
        /// Whether zeros at the end are left out.
        trim: bool,
        /// What stands before it.
        separator: u8,
    },
}

/// What fills up a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Padding {
    None,
    Space,
    Zero,
}

/// How an offset from UTC is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OffsetForm {
    /// `07`
    Hours,
    /// `0700`
    Minutes,
    /// `07:00`
    ColonMinutes,
    /// `070000`
    Seconds,
    /// `07:00:00`
    ColonSeconds,
}

/// A part of a layout.
pub(super) struct Part<'a> {
    /// What stands before it and for itself.
    pub(super) literal: &'a [u8],
    /// The element and how it is written in the layout. `None` at the end.
    pub(super) element: Option<(Element, &'a [u8])>,
    /// The layout behind it.
    pub(super) rest: &'a [u8],
}

/// Finds the first element of a layout.
pub(super) fn first(layout: &[u8]) -> Part<'_> {
    for start in 0..layout.len() {
        if let Some((skipped, element, length)) = at(&layout[start..]) {
            let begin = start + skipped;
            let end = begin + length;
            return Part {
                literal: &layout[..begin],
                element: Some((element, &layout[begin..end])),
                rest: &layout[end..],
            };
        }
    }
    Part { literal: layout, element: None, rest: &[] }
}

/// The elements that are fixed texts, the longer before the shorter.
const FIXED: [(&[u8], Element); 34] = {
    use Element::*;
    use OffsetForm::*;
    use Padding::*;
    const fn offset(z: bool, form: OffsetForm) -> Element {
        Offset { z, form }
    }
    [
        (b"January", LongMonth),
        (b"Monday", LongWeekday),
        (b"MST", ZoneName),
        (b"002", DayOfYear(Zero)),
        (b"01", Month(Zero)),
        (b"02", Day(Zero)),
        (b"03", Hour12(Zero)),
        (b"04", Minute(Zero)),
        (b"05", Second(Zero)),
        (b"06", ShortYear),
        (b"15", Hour),
        (b"1", Month(None)),
        (b"2006", LongYear),
        (b"2", Day(None)),
        (b"_2006", LongYear),
        (b"_2", Day(Space)),
        (b"__2", DayOfYear(Space)),
        (b"3", Hour12(None)),
        (b"4", Minute(None)),
        (b"5", Second(None)),
        (b"PM", UpperHalf),
        (b"pm", LowerHalf),
        (b"-070000", offset(false, Seconds)),
        (b"-07:00:00", offset(false, ColonSeconds)),
        (b"-0700", offset(false, Minutes)),
        (b"-07:00", offset(false, ColonMinutes)),
        (b"-07", offset(false, Hours)),
        (b"Z070000", offset(true, Seconds)),
        (b"Z07:00:00", offset(true, ColonSeconds)),
        (b"Z0700", offset(true, Minutes)),
        (b"Z07:00", offset(true, ColonMinutes)),
        (b"Z07", offset(true, Hours)),
        (b"Jan", ShortMonth),
        (b"Mon", ShortWeekday),
    ]
};

/// The element at the start of a text: how many bytes before it are no part of it, itself, and its
/// length.
fn at(text: &[u8]) -> Option<(usize, Element, usize)> {
    if let [separator @ (b'.' | b','), digit @ (b'0' | b'9'), ..] = text {
        let digits = text[1..].iter().take_while(|byte| *byte == digit).count();
        // More digits of another kind make it something else.
        return match text.get(1 + digits) {
            Some(next) if next.is_ascii_digit() => None,
            _ => {
                let element = Element::Fraction { digits, trim: *digit == b'9', separator: *separator };
                Some((0, element, 1 + digits))
            }
        };
    }
    let (fixed, element) = FIXED.iter().find(|(fixed, _)| text.starts_with(fixed))?;
    match *fixed {
        // A word that goes on isn't a month or weekday.
        b"Jan" | b"Mon" if text.get(3).is_some_and(u8::is_ascii_lowercase) => None,
        b"_2006" => Some((1, *element, 4)),
        _ => Some((0, *element, fixed.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(layout: &str) -> Vec<String> {
        let mut rest = layout.as_bytes();
        let mut found = Vec::new();
        loop {
            let part = first(rest);
            if !part.literal.is_empty() {
                found.push(format!("'{}'", String::from_utf8_lossy(part.literal)));
            }
            let Some((element, _)) = part.element else { return found };
            found.push(format!("{element:?}"));
            rest = part.rest;
        }
    }

    #[test]
    fn words_and_numbers_that_look_alike() {
        assert_eq!(elements("Janus Jan Monk Mon"), ["'Janus '", "ShortMonth", "' Monk '", "ShortWeekday"]);
        assert_eq!(elements("_2006 _2"), ["'_'", "LongYear", "' '", "Day(Space)"]);
        assert_eq!(elements("20062"), ["LongYear", "Day(None)"]);
        assert_eq!(
            elements("x.0y.01,99"),
            [
                "'x'",
                "Fraction { digits: 1, trim: false, separator: 46 }",
                "'y.'",
                "Month(Zero)",
                "Fraction { digits: 2, trim: true, separator: 44 }",
            ]
        );
        assert_eq!(elements(""), [""; 0]);
    }
}
