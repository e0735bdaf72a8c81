//! Times as text, by a layout.

use super::civil::{Civil, MONTHS, WEEKDAYS};
use super::layout::{self, Element, OffsetForm, Padding};
use super::time::Time;
use super::zone::Offset;

/// Writes a time as a layout says.
pub(super) fn format(time: &Time, layout: &[u8]) -> Vec<u8> {
    let offset = time.zone().at(time.unix());
    let civil = Civil::from_unix(time.unix().wrapping_add(offset.seconds));
    let mut out = Vec::with_capacity(layout.len() + 16);
    let mut rest = layout;
    loop {
        let part = layout::first(rest);
        out.extend_from_slice(part.literal);
        let Some((element, _)) = part.element else { return out };
        write(&mut out, element, &civil, time.nanosecond(), &offset);
        rest = part.rest;
    }
}

fn write(out: &mut Vec<u8>, element: Element, civil: &Civil, nanosecond: u32, offset: &Offset) {
    let month = MONTHS[usize::from(civil.month.saturating_sub(1)) % 12];
    let weekday = WEEKDAYS[usize::from(civil.weekday) % 7];
    let hour12 = match civil.hour % 12 {
        0 => 12,
        hour => hour,
    };
    match element {
        Element::LongMonth => out.extend_from_slice(month.as_bytes()),
        Element::ShortMonth => out.extend_from_slice(&month.as_bytes()[..3]),
        Element::Month(padding) => number(out, civil.month, padding, 2),
        Element::LongWeekday => out.extend_from_slice(weekday.as_bytes()),
        Element::ShortWeekday => out.extend_from_slice(&weekday.as_bytes()[..3]),
        Element::Day(padding) => number(out, civil.day, padding, 2),
        Element::DayOfYear(padding) => number(out, civil.day_of_year, padding, 3),
        Element::Hour => number(out, civil.hour, Padding::Zero, 2),
        Element::Hour12(padding) => number(out, hour12, padding, 2),
        Element::Minute(padding) => number(out, civil.minute, padding, 2),
        Element::Second(padding) => number(out, civil.second, padding, 2),
        Element::LongYear => {
            let sign = if civil.year < 0 { "-" } else { "" };
            out.extend_from_slice(format!("{sign}{:04}", civil.year.unsigned_abs()).as_bytes());
        }
        Element::ShortYear => {
            out.extend_from_slice(format!("{:02}", civil.year.unsigned_abs() % 100).as_bytes());
        }
        Element::UpperHalf => out.extend_from_slice(if civil.hour >= 12 { b"PM" } else { b"AM" }),
        Element::LowerHalf => out.extend_from_slice(if civil.hour >= 12 { b"pm" } else { b"am" }),
        Element::ZoneName if offset.name.is_empty() => write_offset(out, offset.seconds, OffsetForm::Minutes),
        Element::ZoneName => out.extend_from_slice(offset.name.as_bytes()),
        Element::Offset { z: true, .. } if offset.seconds == 0 => out.push(b'Z'),
        Element::Offset { form, .. } => write_offset(out, offset.seconds, form),
        Element::Fraction { digits, trim, separator } => {
            let all = format!("{nanosecond:09}");
            let mut shown = all.get(..digits).unwrap_or(&all);
            if trim {
                shown = shown.trim_end_matches('0');
                if shown.is_empty() {
                    return;
                }
            }
            out.push(separator);
            out.extend_from_slice(shown.as_bytes());
        }
    }
}

fn number(out: &mut Vec<u8>, number: impl Into<u32>, padding: Padding, width: usize) {
    let number = number.into();
    let text = match padding {
        Padding::None => number.to_string(),
        Padding::Space => format!("{number:width$}"),
        Padding::Zero => format!("{number:0width$}"),
    };
    out.extend_from_slice(text.as_bytes());
}

/// The sign is that of the whole minutes, so that less than one behind is ahead.
fn write_offset(out: &mut Vec<u8>, seconds: i64, form: OffsetForm) {
    let sign = if seconds / 60 < 0 { '-' } else { '+' };
    let ahead = if seconds / 60 < 0 { -seconds } else { seconds };
    let (hours, minutes, rest) = (ahead / 3600, ahead / 60 % 60, ahead % 60);
    let text = match form {
        OffsetForm::Hours => format!("{sign}{hours:02}"),
        OffsetForm::Minutes => format!("{sign}{hours:02}{minutes:02}"),
        OffsetForm::ColonMinutes => format!("{sign}{hours:02}:{minutes:02}"),
        OffsetForm::Seconds => format!("{sign}{hours:02}{minutes:02}{rest:02}"),
        OffsetForm::ColonSeconds => format!("{sign}{hours:02}:{minutes:02}:{rest:02}"),
    };
    out.extend_from_slice(text.as_bytes());
}
