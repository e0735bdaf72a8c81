//! Lengths of time as people write them: `15s`, `10m`, `24h`, `7d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The units, the longest first, with their milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// A hundred years: more makes no sense, and less than any clock computation overflows at.
const LONGEST: u64 = 36_500 * 86_400_000;

/// A length of time: a whole number with one of the units `ms`, `s`, `m`, `h` and `d`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    milliseconds: u64,
}

/// A text that is not a [`Period`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time such as 500ms, 15s, 10m, 24h or 7d, at most 36500d")]
pub struct PeriodError(String);

impl Period {
    /// That many seconds.
    pub const fn seconds(count: u32) -> Self {
        Self { milliseconds: count as u64 * 1_000 }
    }

    /// That many hours.
    pub const fn hours(count: u16) -> Self {
        Self { milliseconds: count as u64 * 3_600_000 }
    }

    /// As the standard library has it.
    pub fn duration(self) -> Duration {
        Duration::from_millis(self.milliseconds)
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let error = || PeriodError(text.to_owned());
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at(digits);
        let count: u64 = count.parse().map_err(|_| error())?;
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(error)?;
        match count.checked_mul(*factor) {
            Some(milliseconds) if milliseconds <= LONGEST => Ok(Self { milliseconds }),
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.milliseconds == 0 {
            return f.write_str("0s");
        }
        // Milliseconds divide everything, so one unit always fits.
        for (unit, factor) in UNITS {
            if self.milliseconds.is_multiple_of(factor) {
                return write!(f, "{}{unit}", self.milliseconds / factor);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Period;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length of time such as \"15s\", \"10m\", \"24h\" or \"7d\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Period, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units() {
        let milliseconds = |text: &str| text.parse::<Period>().unwrap().duration().as_millis();
        assert_eq!(milliseconds("500ms"), 500);
        assert_eq!(milliseconds("15s"), 15_000);
        assert_eq!(milliseconds("10m"), 600_000);
        assert_eq!(milliseconds("24h"), 86_400_000);
        assert_eq!(milliseconds("7d"), 604_800_000);
        assert_eq!(milliseconds("0s"), 0);
    }

    #[test]
    fn the_longest_unit_that_fits_is_shown() {
        assert_eq!("24h".parse::<Period>().unwrap().to_string(), "1d");
        assert_eq!("90s".parse::<Period>().unwrap().to_string(), "90s");
        assert_eq!("0d".parse::<Period>().unwrap().to_string(), "0s");
    }

    #[test]
    fn what_is_no_period() {
        for text in ["", "15", "s", "-1s", "+1s", "1.5h", "1 s", " 1s", "1h30m", "1S", "1w", "36501d", "９s"]
        {
            assert!(text.parse::<Period>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(milliseconds in 0..=LONGEST) {
            let period = Period { milliseconds };
            prop_assert_eq!(period.to_string().parse::<Period>().unwrap(), period);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9]{0,25}.{0,4}") {
            if let Ok(period) = text.parse::<Period>() {
                prop_assert!(period.milliseconds <= LONGEST);
            }
        }
    }
}
