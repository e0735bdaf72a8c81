//! Times as Go's `time.Time` reads them from JSON and writes them again: RFC 3339, in any zone, with
//! up to nine digits after the second.

use jiff::Timestamp;

use crate::go_text::quote;

/// What Go takes for no time at all.
pub const NEVER: &str = "0001-01-01T00:00:00Z";

/// How Go names the layout.
const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// A time as Go writes it after having read it: the same, without zeros at the end of the fraction,
/// and with `Z` for UTC.
///
/// # Errors
///
/// In Go's words, for what is no such time.
pub fn rewrite(text: &str) -> Result<String, String> {
    let (clock, fraction, zone) = parts(text)?;
    let out_of_range = || format!("parsing time {}: day out of range", quote(text));
    // That there are as many days in the month is left to it.
    format!("{clock}{zone}").parse::<Timestamp>().map_err(|_| out_of_range())?;
    let zone = if matches!(zone, "+00:00" | "-00:00") { "Z" } else { zone };
    let fraction = fraction.get(..10).unwrap_or(fraction).trim_end_matches('0');
    let fraction = if fraction == "." { "" } else { fraction };
    Ok(format!("{clock}{fraction}{zone}"))
}

/// The time up to the second, the fraction with its point, and the zone.
fn parts(text: &str) -> Result<(&str, &str, &str), String> {
    let refuse = |rest: &str, wanted: &str| {
        let (text, rest) = (quote(text).to_string(), quote(rest).to_string());
        format!("parsing time {text} as \"{LAYOUT}\": cannot parse {rest} as \"{wanted}\"")
    };
    let mut rest = text;
    for (wanted, most) in [
        ("2006", u32::MAX),
        ("-", 0),
        ("01", 12),
        ("-", 0),
        ("02", 31),
        ("T", 0),
        ("15", 23),
        (":", 0),
        ("04", 59),
        (":", 0),
        ("05", 59),
    ] {
        let is_number = wanted.starts_with(|letter: char| letter.is_ascii_digit());
        let (own, tail) = rest.split_at_checked(wanted.len()).ok_or_else(|| refuse(rest, wanted))?;
        let fits = if is_number { own.bytes().all(|byte| byte.is_ascii_digit()) } else { own == wanted };
        if !fits {
            return Err(refuse(rest, wanted));
        }
        if is_number && own.parse::<u32>().is_ok_and(|number| number > most) {
            let name = match wanted {
                "01" => "month",
                "02" => "day",
                "15" => "hour",
                "04" => "minute",
                _ => "second",
            };
            return Err(format!("parsing time {}: {name} out of range", quote(text)));
        }
        rest = tail;
    }
    let clock = text.get(..text.len() - rest.len()).unwrap_or(text);
    let digits = rest.strip_prefix('.').map_or("", |tail| {
        let end = tail.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(tail.len());
        tail.get(..end).unwrap_or_default()
    });
    let fraction = if digits.is_empty() { "" } else { rest.get(..=digits.len()).unwrap_or_default() };
    let zone = rest.get(fraction.len()..).unwrap_or_default();
    let numeric = |zone: &str| {
        let bytes = zone.as_bytes();
        matches!(bytes, [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
    };
    if zone == "Z" || numeric(zone) { Ok((clock, fraction, zone)) } else { Err(refuse(zone, "Z07:00")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_go_writes() {
        for (text, written) in [
            ("2024-05-01T10:11:12Z", "2024-05-01T10:11:12Z"),
            ("2024-05-01T10:11:12.120000000Z", "2024-05-01T10:11:12.12Z"),
            ("2024-05-01T10:11:12.000+00:00", "2024-05-01T10:11:12Z"),
            ("2024-05-01T10:11:12.1234567899-07:30", "2024-05-01T10:11:12.123456789-07:30"),
            (NEVER, NEVER),
        ] {
            assert_eq!(rewrite(text).as_deref(), Ok(written));
        }
    }

    #[test]
    fn says_what_go_says() {
        for (text, problem) in [
            ("", "as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"2006\""),
            ("xxx", "as \"2006-01-02T15:04:05Z07:00\": cannot parse \"xxx\" as \"2006\""),
            ("2020-01-01", "as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\""),
            ("2020-01-01 1", "as \"2006-01-02T15:04:05Z07:00\": cannot parse \" 1\" as \"T\""),
            ("2020-01-01T00:00:00", "as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"Z07:00\""),
        ] {
            assert_eq!(rewrite(text), Err(format!("parsing time \"{text}\" {problem}")));
        }
        assert_eq!(
            rewrite("2020-13-01T00:00:00Z"),
            Err("parsing time \"2020-13-01T00:00:00Z\": month out of range".to_owned())
        );
    }
}
