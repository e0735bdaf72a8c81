//! Dates and times, also those without a zone, which only the name of their zone tells apart.

use chartroom_sprig::Time;

/// The zones that the library gives to what has none, and what it looks like.
const LOCAL: [(&str, &[u8]); 3] = [
    ("datetime-local", b"2006-01-02T15:04:05.999999999"),
    ("date-local", b"2006-01-02"),
    ("time-local", b"15:04:05.999999999"),
];

/// The forms that can be read, and the zones of those without one.
const FORMS: [(&[u8], Option<&str>); 7] = [
    (b"2006-01-02T15:04:05.999999999Z07:00", None),
    (b"2006-01-02T15:04:05.999999999", Some("datetime-local")),
    (b"2006-01-02", Some("date-local")),
    (b"15:04:05.999999999", Some("time-local")),
    (b"2006-01-02T15:04Z07:00", None),
    (b"2006-01-02T15:04", Some("datetime-local")),
    (b"15:04", Some("time-local")),
];

/// Writes a time.
pub(super) fn format(time: &Time) -> Vec<u8> {
    match LOCAL.iter().find(|(name, _)| time.zone_name() == *name) {
        Some((_, layout)) => time.in_utc().format(layout),
        None => time.format(FORMS[0].0),
    }
}

/// Reads a time; none where it isn't one. Spaces and small letters have been replaced.
pub(super) fn parse(text: &[u8]) -> Option<Time> {
    let read = |(layout, zone): &(&'static [u8], Option<&str>)| {
        let time = match zone {
            Some(name) => Time::parse_in_fixed(layout, text, name),
            None => Time::parse(layout, text),
        };
        time.ok().map(|time| (time, *layout))
    };
    let (time, layout) = FORMS.iter().find_map(read)?;
    // Go's layouts let hours have one digit, and TOML doesn't: then separators stand elsewhere.
    let fixed = layout.iter().take_while(|byte| !matches!(byte, b'.' | b'Z'));
    let aligned = fixed.zip(text).all(|(wanted, found)| wanted.is_ascii_digit() || wanted == found);
    if aligned { Some(time) } else { None }
}
