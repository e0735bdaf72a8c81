//! Points in time, as Go's `time.Time` has them: seconds and nanoseconds, a zone to show them in,
//! and what a clock that never jumps said, if it was asked.

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::civil::{self, Civil};
use super::zone::Zone;
use super::{duration, format, parse};

/// From the start of the year 1, which is Go's zero, to the start of 1970.
const YEAR_ONE: i64 = 62_135_596_800;
const NANOSECONDS: i128 = 1_000_000_000;

/// When the program began, as far as anybody asks.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A point in time.
#[derive(Clone, Debug)]
pub struct Time {
    /// From the start of the year 1.
    seconds: i64,
    nanosecond: u32,
    zone: Zone,
    /// Nanoseconds since the program began, of a clock that never jumps.
    monotonic: Option<i64>,
}

impl Time {
    /// The time so many seconds after the start of 1970.
    pub(super) fn new(unix: i64, nanosecond: u32, zone: Zone) -> Self {
        Self { seconds: unix.wrapping_add(YEAR_ONE), nanosecond, zone, monotonic: None }
    }

    /// The zero of Go's type: the start of the year 1, in UTC.
    pub(super) fn zero() -> Self {
        Self { seconds: 0, nanosecond: 0, zone: Zone::Utc, monotonic: None }
    }

    pub(super) fn now() -> Self {
        let start = *START;
        let since_start = i64::try_from(start.elapsed().as_nanos()).unwrap_or(i64::MAX);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        Self {
            monotonic: Some(since_start.saturating_add(1)),
            ..Self::new(seconds, now.subsec_nanos(), Zone::local())
        }
    }

    /// Reads a time by one of Go's layouts, as `time.ParseInLocation` does for the local zone.
    ///
    /// # Errors
    ///
    /// Go's text for what doesn't fit.
    pub fn parse(layout: &[u8], text: &[u8]) -> Result<Self, String> {
        parse::parse(layout, text, &Zone::local())
    }

    /// The same for a zone that never changes: it has a name, and the offset that is in force here
    /// and now.
    ///
    /// # Errors
    ///
    /// Go's text for what doesn't fit.
    pub fn parse_in_fixed(layout: &[u8], text: &[u8], zone: &str) -> Result<Self, String> {
        let offset = Zone::local().at(Self::now().unix()).seconds;
        parse::parse(layout, text, &Zone::fixed(zone, offset))
    }

    /// Writes it by one of Go's layouts.
    pub fn format(&self, layout: &[u8]) -> Vec<u8> {
        format::format(self, layout)
    }

    /// The same time, shown in UTC.
    #[must_use]
    pub fn in_utc(&self) -> Self {
        self.in_zone(Zone::Utc)
    }

    /// The name of the zone that it is shown in: `UTC`, `Local`, one of the database, an
    /// abbreviation, or nothing.
    pub fn zone_name(&self) -> &str {
        self.zone.name()
    }

    pub(super) fn unix(&self) -> i64 {
        self.seconds.wrapping_sub(YEAR_ONE)
    }

    pub(super) fn nanosecond(&self) -> u32 {
        self.nanosecond
    }

    pub(super) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Its date in its zone.
    pub(super) fn civil(&self) -> Civil {
        let unix = self.unix();
        Civil::from_unix(unix.wrapping_add(self.zone.at(unix).seconds))
    }

    /// The same time, shown in another zone.
    pub(super) fn in_zone(&self, zone: Zone) -> Self {
        Self { zone, monotonic: None, ..self.clone() }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.seconds == 0 && self.nanosecond == 0
    }

    /// A number of nanoseconds per second from 1970 on: microseconds, milliseconds.
    pub(super) fn unix_in(&self, unit: i64) -> i64 {
        let per_second = duration::SECOND / unit;
        self.unix().wrapping_mul(per_second).wrapping_add(i64::from(self.nanosecond) / unit)
    }

    pub(super) fn add(&self, nanoseconds: i64) -> Self {
        let sum = i64::from(self.nanosecond) + nanoseconds.rem_euclid(duration::SECOND);
        let seconds = nanoseconds.div_euclid(duration::SECOND) + sum / duration::SECOND;
        Self {
            seconds: self.seconds.saturating_add(seconds),
            nanosecond: u32::try_from(sum % duration::SECOND).unwrap_or_default(),
            zone: self.zone.clone(),
            monotonic: self.monotonic.and_then(|monotonic| monotonic.checked_add(nanoseconds)),
        }
    }

    /// Nanoseconds from another time to this one, or as many as there are numbers for.
    pub(super) fn since(&self, other: &Self) -> i64 {
        if let (Some(this), Some(other)) = (self.monotonic, other.monotonic) {
            return this.saturating_sub(other);
        }
        let span = self.nanoseconds() - other.nanoseconds();
        i64::try_from(span).unwrap_or(if span < 0 { i64::MIN } else { i64::MAX })
    }

    pub(super) fn compare(&self, other: &Self) -> std::cmp::Ordering {
        match (self.monotonic, other.monotonic) {
            (Some(this), Some(other)) => this.cmp(&other),
            _ => (self.seconds, self.nanosecond).cmp(&(other.seconds, other.nanosecond)),
        }
    }

    /// The same time of day on another date. Days and months that don't exist flow over.
    pub(super) fn add_date(&self, years: i64, months: i64, days: i64) -> Self {
        let civil = self.civil();
        let second_of_day =
            i64::from(civil.hour) * 3600 + i64::from(civil.minute) * 60 + i64::from(civil.second);
        let unix = civil::to_unix(
            civil.year.wrapping_add(years),
            i64::from(civil.month).wrapping_add(months),
            i64::from(civil.day).wrapping_add(days),
            second_of_day,
        );
        Self::new(self.zone.unix_of_clock(unix), self.nanosecond, self.zone.clone())
    }

    /// The nearest multiple of a span since the year 1, halves upwards; itself if the span isn't
    /// positive.
    pub(super) fn round(&self, span: i64) -> Self {
        let time = self.in_zone(self.zone.clone());
        match time.rest(span) {
            None => time,
            Some(rest) if rest < span - rest => time.add(-rest),
            Some(rest) => time.add(span - rest),
        }
    }

    /// The multiple of a span since the year 1 that comes before.
    pub(super) fn truncate(&self, span: i64) -> Self {
        let time = self.in_zone(self.zone.clone());
        time.rest(span).map_or(time.clone(), |rest| time.add(-rest))
    }

    fn rest(&self, span: i64) -> Option<i64> {
        if span <= 0 {
            return None;
        }
        i64::try_from(self.nanoseconds().rem_euclid(i128::from(span))).ok()
    }

    fn nanoseconds(&self) -> i128 {
        i128::from(self.seconds) * NANOSECONDS + i128::from(self.nanosecond)
    }

    /// What `String` gives.
    pub(super) fn display(&self) -> Vec<u8> {
        let mut text = self.format(b"2006-01-02 15:04:05.999999999 -0700 MST");
        if let Some(monotonic) = self.monotonic {
            let sign = if monotonic < 0 { '-' } else { '+' };
            let magnitude = monotonic.unsigned_abs();
            let (seconds, rest) = (magnitude / 1_000_000_000, magnitude % 1_000_000_000);
            text.extend_from_slice(format!(" m={sign}{seconds}.{rest:09}").as_bytes());
        }
        text
    }

    /// Seconds from the start of the year 1.
    pub(super) fn since_year_one(&self) -> i64 {
        self.seconds
    }

    /// RFC 3339, with as many digits behind the second as there are.
    pub(super) fn rfc3339(&self) -> Vec<u8> {
        self.format(b"2006-01-02T15:04:05.999999999Z07:00")
    }

    /// Whether all of it is the same, the zone too: Go's `==`.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.seconds == other.seconds
            && self.nanosecond == other.nanosecond
            && self.monotonic == other.monotonic
            && self.zone.is_same(&other.zone)
    }
}
