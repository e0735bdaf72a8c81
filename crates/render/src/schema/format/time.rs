//! Dates, times, durations and periods.

use chartroom_chart::go_text::{quote, quote_letter};

use super::fail;

/// `2006-01-02`, with the errors of Go's `time.Parse`.
pub(super) fn date(text: &str) -> Result<(), String> {
    const LAYOUT: &str = "2006-01-02";
    let cannot = |rest: &str, element: &str| {
        let (text, rest) = (quote(text), quote(rest));
        Err(format!("parsing time {text} as \"{LAYOUT}\": cannot parse {rest} as \"{element}\""))
    };
    let number = |rest: &str, length: usize| {
        let digits = rest.get(..length)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u32>().ok())?
    };
    let out_of_range = |what: &str| Err(format!("parsing time {}: {what} out of range", quote(text)));
    let Some(year) = number(text, 4) else { return cannot(text, "2006") };
    let rest = text.get(4..).unwrap_or_default();
    let Some(rest) = rest.strip_prefix('-') else { return cannot(rest, "-") };
    let Some(month) = number(rest, 2) else { return cannot(rest, "01") };
    if !(1..=12).contains(&month) {
        return out_of_range("month");
    }
    let rest = rest.get(2..).unwrap_or_default();
    let Some(rest) = rest.strip_prefix('-') else { return cannot(rest, "-") };
    let Some(day) = number(rest, 2) else { return cannot(rest, "02") };
    let rest = rest.get(2..).unwrap_or_default();
    if !rest.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", quote(text), quote(rest)));
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if (1..=days).contains(&day) { Ok(()) } else { out_of_range("day") }
}

/// A number as Go's `strconv.Atoi` reads it.
fn atoi(text: &str) -> Option<i64> {
    text.parse().ok()
}

pub(super) fn time(text: &str) -> Result<(), String> {
    if text.len() < 9 {
        return fail("less than 9 characters long");
    }
    let bytes = text.as_bytes();
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return fail("missing colon in correct place");
    }
    let mut fields = [0; 3];
    for (index, field) in fields.iter_mut().enumerate() {
        match text.get(index * 3..index * 3 + 2).and_then(atoi) {
            None => return fail("invalid hour/min/sec"),
            Some(number) if number < 0 => return fail("non-positive hour/min/sec"),
            Some(number) => *field = number,
        }
    }
    let [mut hour, mut minute, second] = fields;
    if hour > 23 || minute > 59 || second > 60 {
        return fail("hour/min/sec out of range");
    }
    let mut rest = text.get(8..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
        if rest.len() == fraction.len() {
            return fail("no digits in second fraction");
        }
    }
    if rest != "z" && rest != "Z" {
        let (hours, minutes, sign) = offset(rest)?;
        let mut minutes_of_day = hour * 60 + minute + sign * (hours * 60 + minutes);
        if minutes_of_day < 0 {
            minutes_of_day += 24 * 60;
        }
        (hour, minute) = (minutes_of_day / 60, minutes_of_day % 60);
    }
    if second >= 60 && (hour != 23 || minute != 59) {
        return fail("invalid leap second");
    }
    Ok(())
}

/// Hours, minutes, and the sign with which they are taken from local time.
fn offset(text: &str) -> Result<(i64, i64, i64), String> {
    if text.len() != 6 {
        return Err("offset must be 6 characters long".into());
    }
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (-1, rest),
        None => match text.strip_prefix('-') {
            Some(rest) => (1, rest),
            None => return Err("offset must begin with plus/minus".into()),
        },
    };
    if rest.as_bytes().get(2) != Some(&b':') {
        return Err("missing colon in offset in correct place".into());
    }
    let field = |from: usize| match rest.get(from..from + 2).and_then(atoi) {
        None => Err("invalid hour/min in offset"),
        Some(number) if number < 0 => Err("non-positive hour/min in offset"),
        Some(number) => Ok(number),
    };
    let (hours, minutes) = (field(0)?, field(3)?);
    if hours > 23 || minutes > 59 {
        return Err("hour/min in offset out of range".into());
    }
    Ok((hours, minutes, sign))
}

pub(super) fn date_time(text: &str) -> Result<(), String> {
    if text.len() < 20 {
        return fail("less than 20 characters long");
    }
    if !matches!(text.as_bytes().get(10), Some(b't' | b'T')) {
        return fail("11th character must be t or T");
    }
    date(text.get(..10).unwrap_or_default()).map_err(|error| format!("invalid date element: {error}"))?;
    time(text.get(11..).unwrap_or_default()).map_err(|error| format!("invalid time element: {error}"))
}

pub(super) fn duration(text: &str) -> Result<(), String> {
    let Some(text) = text.strip_prefix('P') else { return fail("must start with P") };
    if text.is_empty() {
        return fail("nothing after P");
    }
    if let Some(weeks) = text.strip_suffix('W') {
        if weeks.is_empty() {
            return fail("no number in week");
        }
        let is_number = weeks.chars().all(|letter| letter.is_ascii_digit());
        return if is_number { Ok(()) } else { fail("invalid week") };
    }
    for (index, part) in text.split('T').enumerate() {
        if index != 0 && part.is_empty() {
            return fail("no time elements");
        }
        match index {
            0 => units(part, "YMD")?,
            1 => units(part, "HMS")?,
            _ => return fail("more than one T"),
        }
    }
    Ok(())
}

/// Numbers with units, which stand in this order.
fn units(text: &str, all: &str) -> Result<(), String> {
    let (mut text, mut left) = (text, all);
    while !text.is_empty() {
        let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        if rest.len() == text.len() {
            return fail("missing number");
        }
        let Some(unit) = rest.bytes().next() else { return fail("missing unit") };
        let Some(at) = left.bytes().position(|known| known == unit) else {
            let shown = quote_letter(char::from(unit));
            return Err(match all.bytes().any(|known| known == unit) {
                true => format!("unit {shown} out of order"),
                false => format!("invalid unit {shown}"),
            });
        };
        left = left.get(at + 1..).unwrap_or_default();
        text = rest.get(1..).unwrap_or_default();
    }
    Ok(())
}

pub(super) fn period(text: &str) -> Result<(), String> {
    let Some((start, end)) = text.split_once('/') else { return fail("missing slash") };
    let as_end = |end: &str| date_time(end).map_err(|error| format!("invalid end date-time: {error}"));
    if start.starts_with('P') {
        duration(start).map_err(|error| format!("invalid start duration: {error}"))?;
        return as_end(end);
    }
    date_time(start).map_err(|error| format!("invalid start date-time: {error}"))?;
    if end.starts_with('P') {
        return duration(end).map_err(|error| format!("invalid end duration: {error}"));
    }
    as_end(end)
}
