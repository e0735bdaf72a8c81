//! Texts to times, by a layout, with the errors of Go's `time.Parse`.

use super::civil::{self, MONTHS, WEEKDAYS};
use super::layout::{self, Element, OffsetForm, Padding};
use super::quoted::quoted;
use super::time::Time;
use super::zone::Zone;

/// Why a part of a text is not what the layout says there.
enum Mismatch {
    /// It is something else.
    Other,
    /// It is too large; the name of what that is.
    Range(&'static str),
}

type Parsed<T> = Result<T, Mismatch>;

/// What was read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: u32,
    /// Whether it is before or after noon.
    afternoon: Option<bool>,
    is_utc: bool,
    offset: Option<i64>,
    zone_name: Option<String>,
}

/// Reads a time. Where the text doesn't tell a zone, it is the one given, and so it is if that has
/// the offset or abbreviation that the text tells.
///
/// # Errors
///
/// Go's text for what doesn't fit.
pub(super) fn parse(whole_layout: &[u8], text: &[u8], zone: &Zone) -> Result<Time, String> {
    let out_of_range = |what: &str| Err(format!("parsing time {}: {what}", quoted(text)));
    let mut fields = Fields::default();
    let (mut layout, mut rest) = (whole_layout, text);
    loop {
        let part = layout::first(layout);
        let wrong = |found: &[u8], wanted: &[u8]| {
            let (text, layout) = (quoted(text), quoted(whole_layout));
            let (found, wanted) = (quoted(found), quoted(wanted));
            Err(format!("parsing time {text} as {layout}: cannot parse {found} as {wanted}"))
        };
        if let Err(at) = skip(&mut rest, part.literal) {
            return wrong(at, part.literal);
        }
        let Some((element, written)) = part.element else {
            if !rest.is_empty() {
                return out_of_range(&format!("extra text: {}", quoted(rest)));
            }
            break;
        };
        let before = rest;
        match fields.read(element, &mut rest, part.rest) {
            Ok(()) => {}
            Err(Mismatch::Range(what)) => return out_of_range(&format!("{what} out of range")),
            Err(Mismatch::Other) => return wrong(before, written),
        }
        layout = part.rest;
    }
    fields.to_time(zone).or_else(|what| out_of_range(&what))
}

/// Takes a literal off a text. Any spaces match any others. Where it isn't there, gives what is.
fn skip<'t>(text: &mut &'t [u8], mut literal: &[u8]) -> Result<(), &'t [u8]> {
    while let Some((wanted, behind)) = literal.split_first() {
        if *wanted == b' ' {
            if text.first().is_some_and(|byte| *byte != b' ') {
                return Err(*text);
            }
            literal = literal.trim_prefix_spaces();
            *text = text.trim_prefix_spaces();
            continue;
        }
        match text.split_first() {
            Some((found, rest)) if found == wanted => *text = rest,
            _ => return Err(*text),
        }
        literal = behind;
    }
    Ok(())
}

trait TrimSpaces {
    fn trim_prefix_spaces(&self) -> &Self;
}

impl TrimSpaces for [u8] {
    fn trim_prefix_spaces(&self) -> &Self {
        &self[self.iter().take_while(|byte| **byte == b' ').count()..]
    }
}

impl Fields {
    /// Reads an element off a text. What follows it in the layout tells whether a fraction does.
    fn read(&mut self, element: Element, text: &mut &[u8], layout: &[u8]) -> Parsed<()> {
        let fixed = |padding| padding == Padding::Zero;
        match element {
            Element::ShortYear => {
                let year = signed(take(text, 2)?)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Element::LongYear => {
                if !text.first().is_some_and(u8::is_ascii_digit) {
                    return Err(Mismatch::Other);
                }
                self.year = signed(take(text, 4)?)?;
            }
            Element::LongMonth => self.month = Some(1 + name(text, MONTHS.iter().copied())?),
            Element::ShortMonth => self.month = Some(1 + name(text, MONTHS.iter().map(|name| &name[..3]))?),
            Element::Month(padding) => {
                self.month = Some(ranged(two_digits(text, fixed(padding))?, 1..=12, "month")?);
            }
            Element::LongWeekday => {
                name(text, WEEKDAYS.iter().copied())?;
            }
            Element::ShortWeekday => {
                name(text, WEEKDAYS.iter().map(|name| &name[..3]))?;
            }
            Element::Day(padding) => {
                if padding == Padding::Space {
                    *text = text.strip_prefix(b" ").unwrap_or(text);
                }
                self.day = Some(two_digits(text, fixed(padding))?);
            }
            Element::DayOfYear(padding) => {
                for _ in 0..2 {
                    if padding == Padding::Space {
                        *text = text.strip_prefix(b" ").unwrap_or(text);
                    }
                }
                let count = text.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
                if count == 0 || (fixed(padding) && count != 3) {
                    return Err(Mismatch::Other);
                }
                self.day_of_year = Some(digits(take(text, count)?));
            }
            Element::Hour => self.hour = ranged(two_digits(text, false)?, 0..=23, "hour")?,
            Element::Hour12(padding) => {
                self.hour = ranged(two_digits(text, fixed(padding))?, 0..=12, "hour")?;
            }
            Element::Minute(padding) => {
                self.minute = ranged(two_digits(text, fixed(padding))?, 0..=59, "minute")?;
            }
            Element::Second(padding) => {
                self.second = ranged(two_digits(text, fixed(padding))?, 0..=59, "second")?;
                // A fraction may follow even where the layout has none.
                let expected = matches!(layout::first(layout).element, Some((Element::Fraction { .. }, _)));
                if !expected && let Some(length) = fraction_length(text) {
                    self.nanosecond = nanoseconds(take(text, length)?);
                }
            }
            Element::UpperHalf => self.afternoon = Some(half(take(text, 2)?, b"AM", b"PM")?),
            Element::LowerHalf => self.afternoon = Some(half(take(text, 2)?, b"am", b"pm")?),
            Element::Offset { z: true, .. } if text.starts_with(b"Z") => {
                take(text, 1)?;
                self.is_utc = true;
            }
            Element::Offset { form, .. } => self.offset = Some(offset(text, form)?),
            Element::ZoneName if text.starts_with(b"UTC") => {
                take(text, 3)?;
                self.is_utc = true;
            }
            Element::ZoneName => {
                let length = zone_name_length(text).ok_or(Mismatch::Other)?;
                self.zone_name = Some(String::from_utf8_lossy(take(text, length)?).into_owned());
            }
            Element::Fraction { trim: true, .. } => {
                if let Some(length) = fraction_length(text) {
                    self.nanosecond = nanoseconds(take(text, length)?);
                }
            }
            Element::Fraction { digits, .. } => {
                let fraction = take(text, 1 + digits)?;
                let (separator, figures) = fraction.split_at(1);
                if !matches!(separator, b"." | b",") {
                    return Err(Mismatch::Other);
                }
                // Only nine of them count, and a sign may be among these.
                let counted = &figures[..figures.len().min(9)];
                let number = signed(counted)?;
                if number < 0 {
                    return Err(Mismatch::Range("fractional second"));
                }
                let scale = 10_i64.pow(u32::try_from(9 - counted.len()).unwrap_or_default());
                self.nanosecond = u32::try_from(number * scale).unwrap_or_default();
            }
        }
        Ok(())
    }

    fn to_time(&self, zone: &Zone) -> Result<Time, String> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let (month, day) = self.date()?;
        let unix = civil::to_unix(self.year, month, day, hour * 3600 + self.minute * 60 + self.second);
        let time = |unix: i64, zone: Zone| Ok(Time::new(unix, self.nanosecond, zone));
        if self.is_utc {
            return time(unix, Zone::Utc);
        }
        if let Some(offset) = self.offset {
            let unix = unix.wrapping_sub(offset);
            let here = zone.at(unix);
            let named = self.zone_name.as_ref().is_none_or(|name| *name == here.name);
            if here.seconds == offset && named {
                return time(unix, zone.clone());
            }
            return time(unix, Zone::fixed(self.zone_name.clone().unwrap_or_default(), offset));
        }
        if let Some(name) = &self.zone_name {
            if let Some(offset) = zone.by_abbreviation(name, unix) {
                return time(unix.wrapping_sub(offset), zone.clone());
            }
            // Nobody knows how far away it is, but for those that tell.
            let hours = name.strip_prefix("GMT").filter(|hours| !hours.is_empty());
            let hours = hours.and_then(|hours| signed(hours.as_bytes()).ok()).unwrap_or_default();
            return time(unix, Zone::fixed(name.clone(), hours * 3600));
        }
        time(zone.unix_of_clock(unix), zone.clone())
    }

    /// Month and day, which may be told as the day of the year.
    fn date(&self) -> Result<(i64, i64), String> {
        let leap = civil::is_leap(self.year);
        let (month, day) = match self.day_of_year {
            Some(of_year) => {
                if of_year < 1 || of_year > if leap { 366 } else { 365 } {
                    return Err("day-of-year out of range".to_owned());
                }
                let before = |month: u8| i64::from(civil::days_before(self.year, month));
                let month = (1..=12).rev().find(|month| before(*month) < of_year).unwrap_or(1);
                let (month, day) = (i64::from(month), of_year - before(month));
                if self.month.is_some_and(|told| told != month) {
                    return Err("day-of-year does not match month".to_owned());
                }
                if self.day.is_some_and(|told| told != day) {
                    return Err("day-of-year does not match day".to_owned());
                }
                (month, day)
            }
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        let last = civil::days_in(self.year, u8::try_from(month).unwrap_or(1));
        if day < 1 || day > i64::from(last) {
            return Err("day out of range".to_owned());
        }
        Ok((month, day))
    }
}

fn take<'t>(text: &mut &'t [u8], count: usize) -> Parsed<&'t [u8]> {
    let (taken, rest) = text.split_at_checked(count).ok_or(Mismatch::Other)?;
    *text = rest;
    Ok(taken)
}

/// The number of at most 18 digits.
fn digits(text: &[u8]) -> i64 {
    text.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
}

/// A number of a few digits, that may have a sign.
fn signed(text: &[u8]) -> Parsed<i64> {
    let (negative, figures) = match text {
        [b'-', figures @ ..] => (true, figures),
        [b'+', figures @ ..] => (false, figures),
        figures => (false, figures),
    };
    if figures.len() > 18 || !figures.iter().all(u8::is_ascii_digit) {
        return Err(Mismatch::Other);
    }
    Ok(if negative { -digits(figures) } else { digits(figures) })
}

/// One or two digits, or exactly two.
fn two_digits(text: &mut &[u8], exactly: bool) -> Parsed<i64> {
    let count = text.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || (exactly && count == 1) {
        return Err(Mismatch::Other);
    }
    Ok(digits(take(text, count)?))
}

fn ranged(number: i64, range: std::ops::RangeInclusive<i64>, name: &'static str) -> Parsed<i64> {
    if range.contains(&number) { Ok(number) } else { Err(Mismatch::Range(name)) }
}

/// One of several names, in any case; its place among them.
fn name<'n>(text: &mut &[u8], names: impl Iterator<Item = &'n str>) -> Parsed<i64> {
    for (index, name) in (0..).zip(names) {
        if text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes())) {
            take(text, name.len())?;
            return Ok(index);
        }
    }
    Err(Mismatch::Other)
}

fn half(text: &[u8], before: &[u8], after: &[u8]) -> Parsed<bool> {
    match text {
        text if text == after => Ok(true),
        text if text == before => Ok(false),
        _ => Err(Mismatch::Other),
    }
}

/// How long the fraction at the start of a text is, with its point, if there is one.
fn fraction_length(text: &[u8]) -> Option<usize> {
    let [b'.' | b',', figures @ ..] = text else { return None };
    let count = figures.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count > 0 { Some(1 + count) } else { None }
}

/// A fraction with its point, of which nine digits count.
fn nanoseconds(fraction: &[u8]) -> u32 {
    let figures = fraction[1..].iter().map(|digit| u32::from(digit - b'0'));
    figures.chain(std::iter::repeat(0)).take(9).fold(0, |number, digit| number * 10 + digit)
}

fn offset(text: &mut &[u8], form: OffsetForm) -> Parsed<i64> {
    let written = take(
        text,
        match form {
            OffsetForm::Hours => 3,
            OffsetForm::Minutes => 5,
            OffsetForm::ColonMinutes => 6,
            OffsetForm::Seconds => 7,
            OffsetForm::ColonSeconds => 9,
        },
    )?;
    let (sign, figures) = written.split_at(1);
    let (colons, pairs): (bool, [&[u8]; 3]) = match (form, figures) {
        (OffsetForm::Hours, hours) => (true, [hours, b"00", b"00"]),
        (OffsetForm::Minutes, figures) => (true, [&figures[..2], &figures[2..], b"00"]),
        (OffsetForm::ColonMinutes, figures) => (figures[2] == b':', [&figures[..2], &figures[3..], b"00"]),
        (OffsetForm::Seconds, figures) => (true, [&figures[..2], &figures[2..4], &figures[4..]]),
        (OffsetForm::ColonSeconds, figures) => {
            let colons = figures[2] == b':' && figures[5] == b':';
            (colons, [&figures[..2], &figures[3..5], &figures[6..]])
        }
    };
    if !colons {
        return Err(Mismatch::Other);
    }
    // Of several things that are wrong, a range is told first, as far as numbers could be read.
    let mut numbers = [0; 3];
    let mut readable = true;
    for (number, mut pair) in numbers.iter_mut().zip(pairs) {
        match two_digits(&mut pair, true) {
            Ok(read) if readable => *number = read,
            _ => readable = false,
        }
    }
    let names = ["time zone offset hour", "time zone offset minute", "time zone offset second"];
    for ((number, limit), name) in numbers.iter().zip([24, 60, 60]).zip(names).rev() {
        if *number > limit {
            return Err(Mismatch::Range(name));
        }
    }
    let seconds = (numbers[0] * 60 + numbers[1]) * 60 + numbers[2];
    match sign {
        b"+" if readable => Ok(seconds),
        b"-" if readable => Ok(-seconds),
        _ => Err(Mismatch::Other),
    }
}

/// How long the abbreviation of a zone at the start of a text is, if it looks like one.
fn zone_name_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(hours) = text.strip_prefix(b"GMT") {
        return Some(3 + hours_length(hours).unwrap_or(0));
    }
    if matches!(text[0], b'+' | b'-') {
        return hours_length(text);
    }
    let upper = text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match upper {
        5 if text[4] == b'T' => Some(5),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// The length of a sign and a number below 24.
fn hours_length(text: &[u8]) -> Option<usize> {
    let [b'+' | b'-', figures @ ..] = text else { return None };
    let count = figures.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = figures[..count]
        .iter()
        .fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    if count > 0 && number < 24 { Some(1 + count) } else { None }
}
