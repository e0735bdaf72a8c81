//! Time zones as Go finds them: in the files of the system and nowhere else, so that a machine
//! without them has UTC only, as with Helm.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::rc::Rc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Where zones are looked for.
const FOLDERS: [&str; 4] =
    ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"];
/// The size of a file that is still taken for a zone, in bytes.
const MAX_FILE: u64 = 10 << 20;
/// How many zones are remembered.
const MAX_REMEMBERED: usize = 64;
/// The calendar, and with it every rule of a zone, repeats itself after so many seconds.
const CYCLE: i64 = 146_097 * 86_400;

/// A zone.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    /// UTC.
    Utc,
    /// A zone of the system, or its own.
    Place(Rc<Place>),
    /// What a parsed time says, where it is not the zone here.
    Fixed(Rc<Fixed>),
}

/// A zone with a history.
#[derive(Debug)]
pub(crate) struct Place {
    name: String,
    /// `None` where it is UTC, by that or another name.
    zone: Option<TimeZone>,
}

/// A zone that never changes.
#[derive(Debug)]
pub(crate) struct Fixed {
    name: String,
    seconds: i64,
}

/// What holds in a zone at a time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Offset {
    /// How far it is ahead of UTC.
    pub(crate) seconds: i64,
    /// Its abbreviation. Empty if there is none.
    pub(crate) name: String,
    pub(crate) is_daylight_saving: bool,
}

thread_local! {
    static LOCAL: Zone = find_local();
    static REMEMBERED: RefCell<Vec<(String, Option<Zone>)>> = const { RefCell::new(Vec::new()) };
}

impl Zone {
    /// The zone of this machine: `TZ`, or what `/etc/localtime` is, or UTC.
    pub(crate) fn local() -> Self {
        LOCAL.with(Clone::clone)
    }

    /// Whether it is [`Self::local`], and not just equal to it.
    pub(crate) fn is_local(&self) -> bool {
        self.is_same(&Self::local())
    }

    /// Whether it is the very same zone as another.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Utc, Self::Utc) => true,
            (Self::Place(this), Self::Place(other)) => Rc::ptr_eq(this, other),
            (Self::Fixed(this), Self::Fixed(other)) => Rc::ptr_eq(this, other),
            _ => false,
        }
    }

    /// A zone that is so many seconds ahead of UTC.
    pub(crate) fn fixed(name: impl Into<String>, seconds: i64) -> Self {
        Self::Fixed(Rc::new(Fixed { name: name.into(), seconds }))
    }

    /// Finds a zone by its name in the database.
    pub(crate) fn load(name: &[u8]) -> Option<Self> {
        let name = match std::str::from_utf8(name) {
            Ok("" | "UTC") => return Some(Self::Utc),
            Ok("Local") => return Some(Self::local()),
            Ok(name) => name,
            Err(_) => return None,
        };
        if name.contains("..") || name.starts_with(['/', '\\']) || name.contains('\0') {
            return None;
        }
        let known = REMEMBERED.with_borrow(|zones| {
            zones.iter().find(|(remembered, _)| remembered == name).map(|(_, zone)| zone.clone())
        });
        known.unwrap_or_else(|| {
            let zone = find(name).map(|zone| place(name, Some(zone)));
            REMEMBERED.with_borrow_mut(|zones| {
                if zones.len() < MAX_REMEMBERED {
                    zones.push((name.to_owned(), zone.clone()));
                }
            });
            zone
        })
    }

    /// Its name: `UTC`, `Local`, `Europe/Berlin`, an abbreviation, or nothing.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Utc => "UTC",
            Self::Place(place) => &place.name,
            Self::Fixed(fixed) => &fixed.name,
        }
    }

    /// What holds at a time, in seconds from the start of 1970.
    pub(crate) fn at(&self, unix: i64) -> Offset {
        match self {
            Self::Place(place) => match &place.zone {
                Some(zone) => {
                    let info = zone.to_offset_info(timestamp(unix));
                    Offset {
                        seconds: i64::from(info.offset().seconds()),
                        name: info.abbreviation().to_owned(),
                        is_daylight_saving: info.dst().is_dst(),
                    }
                }
                None => utc(),
            },
            Self::Utc => utc(),
            Self::Fixed(fixed) => {
                Offset { seconds: fixed.seconds, name: fixed.name.clone(), is_daylight_saving: false }
            }
        }
    }

    /// The offset that an abbreviation stands for in this zone, preferably at a time that is given
    /// as if it were in UTC.
    pub(crate) fn by_abbreviation(&self, name: &str, unix: i64) -> Option<i64> {
        let Self::Place(place) = self else { return None };
        let zone = place.zone.as_ref()?;
        // Every offset that was ever called so. No zone changes after this time other than before.
        let (first, last) = (timestamp(i64::MIN), timestamp(4_102_444_800));
        let mut offsets = vec![self.at(first.as_second())];
        for transition in zone.preceding(last) {
            let offset = i64::from(transition.offset().seconds());
            if transition.abbreviation() == name && !offsets.iter().any(|known| known.seconds == offset) {
                offsets.push(Offset {
                    seconds: offset,
                    name: name.to_owned(),
                    is_daylight_saving: transition.dst().is_dst(),
                });
            }
        }
        offsets.retain(|offset| offset.name == name);
        offsets.sort_by_key(|offset| offset.is_daylight_saving);
        let in_effect = offsets.iter().map(|offset| self.at(unix.wrapping_sub(offset.seconds)));
        let in_effect = in_effect.filter(|offset| offset.name == name).map(|offset| offset.seconds).next();
        in_effect.or_else(|| offsets.first().map(|offset| offset.seconds))
    }

    /// The time, in seconds from the start of 1970, that clocks in this zone show as `unix`. Of two,
    /// and where there is none, it is what Go's `time.Date` takes.
    pub(crate) fn unix_of_clock(&self, unix: i64) -> i64 {
        match self.at(unix).seconds {
            0 => unix,
            first => unix.wrapping_sub(self.at(unix.wrapping_sub(first)).seconds),
        }
    }
}

fn utc() -> Offset {
    Offset { seconds: 0, name: "UTC".to_owned(), is_daylight_saving: false }
}

fn place(name: &str, zone: Option<TimeZone>) -> Zone {
    Zone::Place(Rc::new(Place { name: name.to_owned(), zone }))
}

/// A time that the library can have, with the same offsets in all zones.
fn timestamp(unix: i64) -> Timestamp {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let unix = if unix > last { last - CYCLE + (unix - last).rem_euclid(CYCLE) } else { unix.max(first) };
    Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn find_local() -> Zone {
    let found = match std::env::var("TZ") {
        Err(std::env::VarError::NotPresent) => read(Path::new("/etc/localtime")).map(|zone| ("Local", zone)),
        Err(_) => None,
        Ok(variable) => {
            let name = variable.strip_prefix(':').unwrap_or(&variable);
            let zone = match name {
                "" | "UTC" => None,
                path if path.starts_with('/') => read(Path::new(path)),
                name => find(name),
            };
            return match zone {
                Some(zone) => place(if name == "/etc/localtime" { "Local" } else { name }, Some(zone)),
                None => place("UTC", None),
            };
        }
    };
    match found {
        Some((name, zone)) => place(name, Some(zone)),
        None => place("UTC", None),
    }
}

fn find(name: &str) -> Option<TimeZone> {
    let own = std::env::var("ZONEINFO").ok().filter(|folder| !folder.is_empty());
    let folders = own.iter().map(String::as_str).chain(FOLDERS);
    folders.map(|folder| Path::new(folder).join(name)).find_map(|path| read(&path))
}

fn read(path: &Path) -> Option<TimeZone> {
    let file = File::open(path).ok()?;
    // Opening is enough to hang on something that is no file.
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut data = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut data).ok()?;
    TimeZone::tzif(path.to_str()?, &data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_no_zones() {
        for name in ["../etc/localtime", "/etc/localtime", "\\x", "Nowhere/At_All", "Europe", "a\0b"] {
            assert!(Zone::load(name.as_bytes()).is_none(), "{name}");
        }
        assert!(Zone::load(b"\xFF").is_none());
        assert!(matches!(Zone::load(b""), Some(Zone::Utc)));
        assert!(Zone::load(b"Local").is_some_and(|zone| zone.is_local()));
    }

    #[test]
    fn every_time_has_an_offset() {
        let zones = [
            Zone::Utc,
            Zone::local(),
            Zone::fixed("X", 3600),
            Zone::load(b"Europe/Berlin").unwrap_or(Zone::Utc),
        ];
        for zone in zones {
            for unix in [i64::MIN, -62_135_596_800, 0, 253_402_300_800, i64::MAX] {
                assert!(zone.at(unix).seconds.abs() < 86_400);
                let _ = zone.unix_of_clock(unix);
                let _ = zone.by_abbreviation("CET", unix);
            }
        }
    }
}
