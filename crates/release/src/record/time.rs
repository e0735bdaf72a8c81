//! Times of records: RFC 3339 with nanoseconds, in the zone of whoever wrote them.

use std::fmt;

use chartroom_chart::go_time;
use jiff::Zoned;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// A moment as it is written in a record, or never.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Time(String);

impl Time {
    /// What Go's zero time is written as.
    const NEVER: &str = go_time::NEVER;

    /// This moment, in the zone of this machine.
    pub fn now() -> Self {
        Self::of(&Zoned::now())
    }

    /// A moment in its zone.
    pub fn of(moment: &Zoned) -> Self {
        // The offset in hours and minutes, as Go writes it; UTC is a letter.
        let offset = moment.offset();
        let clock = moment.datetime();
        let text = if offset == Offset::UTC {
            format!("{clock}Z")
        } else {
            let seconds = offset.seconds();
            let sign = if seconds < 0 { '-' } else { '+' };
            let minutes = seconds.unsigned_abs() / 60;
            format!("{clock}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        };
        Self(text)
    }

    /// Whether it is no time at all.
    pub fn is_never(&self) -> bool {
        self.0.is_empty() || self.0 == Self::NEVER
    }

    /// As it is written in records; the zero time if it is never.
    pub fn rfc_3339(&self) -> &str {
        if self.is_never() { Self::NEVER } else { &self.0 }
    }

    /// Seconds since 1970; before that if it is never.
    pub fn unix(&self) -> i64 {
        self.timestamp().map_or(i64::MIN, jiff::Timestamp::as_second)
    }

    /// The moment; nothing if it is never.
    pub fn timestamp(&self) -> Option<jiff::Timestamp> {
        if self.is_never() { None } else { self.0.parse().ok() }
    }

    /// Written by one of Go's layouts, in the zone that it is written in.
    pub fn format(&self, layout: &str) -> String {
        const RFC_3339: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";
        let Ok(time) = chartroom_sprig::Time::parse(RFC_3339, self.rfc_3339().as_bytes()) else {
            return String::new();
        };
        String::from_utf8_lossy(&time.format(layout.as_bytes())).into_owned()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rfc_3339())
    }
}

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.rfc_3339())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Helm 3 writes no time as an empty text.
        if text.is_empty() {
            return Ok(Self::default());
        }
        go_time::rewrite(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn times_come_back_as_they_were() {
        for text in [
            "2026-11-22T07:43:33.022365202Z",
            "2026-11-22T07:43:33+09:00",
            "2026-11-22T07:43:33.5-03:30",
            "0001-01-01T00:00:00Z",
        ] {
            let json = format!("\"{text}\"");
            let time: Time = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&time).unwrap(), json);
        }
        let empty: Time = serde_json::from_str("\"\"").unwrap();
        assert!(empty.is_never());
        assert!(serde_json::from_str::<Time>("\"yesterday\"").is_err());
    }
}
