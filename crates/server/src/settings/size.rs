//! Amounts of bytes as people write them: `64KiB`, `4MiB`, `16GiB`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The units, and those with which sizes are shown first, the largest first.
const UNITS: [(&str, u64); 10] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
    ("", 1),
];

/// Settings files know signed 64-bit integers only.
const LARGEST: u64 = i64::MAX as u64;

/// An amount of bytes: a whole number, alone or with a unit (`B`, `kB`, `MB`, `GB`, `TB`, `KiB`,
/// `MiB`, `GiB`, `TiB`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

/// A [`Size`] that nothing may exceed, or, written `0`, no limit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SizeLimit(Option<Size>);

/// A text that is not a [`Size`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a size such as 512B, 64KiB, 4MiB or 16GiB")]
pub struct SizeError(String);

impl Size {
    /// That many times 1,024 bytes.
    pub const fn kibibytes(count: u32) -> Self {
        Self((count as u64) << 10)
    }

    /// That many times 1,048,576 bytes.
    pub const fn mebibytes(count: u32) -> Self {
        Self((count as u64) << 20)
    }

    /// As a number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl SizeLimit {
    /// No limit.
    pub const NONE: Self = Self(None);

    /// The limit in bytes, if there is one.
    pub fn bytes(self) -> Option<u64> {
        self.0.map(Size::bytes)
    }

    /// Whether that many bytes are within the limit.
    pub fn allows(self, bytes: u64) -> bool {
        self.bytes().is_none_or(|limit| bytes <= limit)
    }
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let error = || SizeError(text.to_owned());
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at(digits);
        let count: u64 = count.parse().map_err(|_| error())?;
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(error)?;
        match count.checked_mul(*factor) {
            Some(bytes) if bytes <= LARGEST => Ok(Self(bytes)),
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0");
        }
        // Bytes divide everything, so one unit always fits.
        for (unit, factor) in UNITS {
            if self.0.is_multiple_of(factor) {
                return write!(f, "{}{unit}", self.0 / factor);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SizeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.unwrap_or(Size(0)).fmt(f)
    }
}

impl fmt::Debug for SizeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for SizeLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Size;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as \"64KiB\", \"4MiB\" or \"16GiB\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Size, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<Size, E> {
                let bytes = u64::try_from(bytes)
                    .map_err(|_| E::invalid_value(de::Unexpected::Signed(bytes), &self))?;
                Ok(Size(bytes))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for SizeLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let size = Size::deserialize(deserializer)?;
        Ok(Self((size.0 > 0).then_some(size)))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units() {
        let bytes = |text: &str| text.parse::<Size>().unwrap().bytes();
        assert_eq!(bytes("0"), 0);
        assert_eq!(bytes("17"), 17);
        assert_eq!(bytes("17B"), 17);
        assert_eq!(bytes("2kB"), 2_000);
        assert_eq!(bytes("64KiB"), 65_536);
        assert_eq!(bytes("4MiB"), 4_194_304);
        assert_eq!(bytes("16GiB"), 17_179_869_184);
        assert_eq!(bytes("1TB"), 1_000_000_000_000);
    }

    #[test]
    fn what_is_no_size() {
        for text in ["", "KiB", "-1", "+1", "1.5GiB", "1 MiB", " 1", "1mib", "1Mi", "9999999TiB"] {
            assert!(text.parse::<Size>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn zero_is_no_limit() {
        #[derive(Deserialize)]
        struct Limits {
            text: SizeLimit,
            number: SizeLimit,
            set: SizeLimit,
        }
        let limits: Limits = toml::from_str("text = \"0\"\nnumber = 0\nset = \"1KiB\"").unwrap();
        assert_eq!(limits.text.bytes(), None);
        assert_eq!(limits.number.bytes(), None);
        assert!(limits.text.allows(u64::MAX));
        assert!(limits.set.allows(1024) && !limits.set.allows(1025));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(bytes in 0..=LARGEST) {
            prop_assert_eq!(Size(bytes).to_string().parse::<Size>().unwrap(), Size(bytes));
        }

        #[test]
        fn round_sizes_read_back(count in 0_u64..5_000, unit in 0..UNITS.len()) {
            let text = format!("{count}{}", UNITS[unit].0);
            let size: Size = text.parse().unwrap();
            prop_assert_eq!(size.bytes(), count * UNITS[unit].1);
            prop_assert_eq!(size.to_string().parse::<Size>().unwrap(), size);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9]{0,25}.{0,4}") {
            if let Ok(size) = text.parse::<Size>() {
                prop_assert!(size.bytes() <= LARGEST);
            }
        }
    }
}
