//! Chart versions, in the spelling of `Chart.yaml` and in that of tags.

use std::fmt;
use std::str::FromStr;

/// A chart version in strict SemVer 2, the only kind that Helm finds when it lists tags.
///
/// Tags can't hold `+`, so Helm writes `_` there. No SemVer version has a `_`, hence the
/// two spellings stand for each other exactly. Ordered by SemVer precedence; of two that
/// differ in build metadata only, the order is fixed but means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(semver::Version);

/// A text that is not a strict SemVer version.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not a SemVer version such as 1.2.3: {source}")]
pub struct VersionError {
    text: String,
    source: semver::Error,
}

/// A text that is not a version even when read leniently, in Helm's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoerceError {
    /// More than 256 bytes.
    #[error("version string is too long (max 256 bytes)")]
    TooLong,
    /// Not of the form.
    #[error("invalid semantic version")]
    Form,
    /// A number that fits no 64 bits.
    #[error("error parsing version segment: strconv.ParseUint: parsing \"{0}\": value out of range")]
    Range(String),
    /// A number in the pre-release starts with a zero.
    #[error("version segment starts with 0")]
    LeadingZero,
}

impl Version {
    /// Reads a version as Helm does where it is named rather than looked for: a `v` may stand
    /// before it, the last numbers may be missing, zeros may stand before a number. At most 256
    /// bytes.
    pub fn coerce(text: &str) -> Result<Self, CoerceError> {
        if text.len() > 256 {
            return Err(CoerceError::TooLong);
        }
        let rest = text.strip_prefix('v').unwrap_or(text);
        let (rest, build) = match rest.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (rest, None),
        };
        let (core, pre) = match rest.split_once('-') {
            Some((core, pre)) => (core, Some(pre)),
            None => (rest, None),
        };
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if core.split('.').count() > 3 || !core.split('.').all(is_number) {
            return Err(CoerceError::Form);
        }
        for part in pre.iter().chain(&build).flat_map(|part| part.split('.')) {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                return Err(CoerceError::Form);
            }
        }
        let mut numbers = [0; 3];
        for (number, part) in numbers.iter_mut().zip(core.split('.')) {
            *number = part.parse().map_err(|_| CoerceError::Range(part.to_owned()))?;
        }
        let [major, minor, patch] = numbers;
        let mut version = semver::Version::new(major, minor, patch);
        version.pre =
            semver::Prerelease::new(pre.unwrap_or_default()).map_err(|_| CoerceError::LeadingZero)?;
        version.build =
            semver::BuildMetadata::new(build.unwrap_or_default()).map_err(|_| CoerceError::Form)?;
        Ok(Self(version))
    }

    /// Compares by SemVer's rules alone, for which build metadata doesn't count.
    pub fn cmp_precedence(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp_precedence(&other.0)
    }

    pub(crate) fn parts(&self) -> &semver::Version {
        &self.0
    }

    /// Reads the spelling of tags, with `_` for `+`.
    pub fn from_tag(tag: &str) -> Result<Self, VersionError> {
        if tag.contains('+') {
            // Not a tag at all; and `1.0.0+a_b` must not read as `1.0.0+a+b`.
            return "+".parse();
        }
        tag.replace('_', "+").parse()
    }

    /// The spelling of tags, with `_` for `+`.
    pub fn to_tag(&self) -> String {
        self.0.to_string().replace('+', "_")
    }

    /// Whether this is a pre-release, such as `2.0.0-rc.1`.
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }
}

impl FromStr for Version {
    type Err = VersionError;

    /// Reads the spelling of `Chart.yaml`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        match semver::Version::parse(text) {
            Ok(version) => Ok(Self(version)),
            Err(source) => Err(VersionError { text: text.to_owned(), source }),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a tag is meant as a version although it is not strict SemVer, such as `v1.2.3` or
/// `1.2`: Helm takes it when it is named, and never finds it when it looks for versions.
pub fn looks_like_version(tag: &str) -> bool {
    let core = tag.strip_prefix('v').unwrap_or(tag);
    let core = core.split(['-', '_', '+']).next().unwrap_or(core);
    let parts: Vec<&str> = core.split('.').collect();
    let numeric = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&parts.len())
        && parts.iter().all(numeric)
        && (tag.starts_with('v') || parts.len() > 1)
        && Version::from_tag(tag).is_err()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plus_and_underscore_stand_for_each_other() {
        let version = Version::from_tag("1.2.3_build.5").unwrap();
        assert_eq!(version.to_string(), "1.2.3+build.5");
        assert_eq!(version.to_tag(), "1.2.3_build.5");
        assert!(Version::from_tag("1.2.3+build.5").is_err());
        assert!(Version::from_tag("1.2.3_a_b").is_err());
    }

    #[test]
    fn lenient_versions_are_not_versions() {
        for tag in ["v1.2.3", "1.2", "1", "latest", "01.2.3", "1.2.3.4", ""] {
            assert!(Version::from_tag(tag).is_err(), "{tag}");
        }
        for tag in ["v1.2.3", "v1", "1.2", "01.2.3", "v1.2.3-rc.1"] {
            assert!(looks_like_version(tag), "{tag}");
        }
        for tag in ["1.2.3", "latest", "stable", "vnext", "20260101", "1.2.3_b", "v", ""] {
            assert!(!looks_like_version(tag), "{tag}");
        }
    }

    #[test]
    fn named_versions_are_read_leniently() {
        for (text, version) in [
            ("1", "1.0.0"),
            ("v1.2", "1.2.0"),
            ("01.002.3", "1.2.3"),
            ("v1.2-rc.1+b.01", "1.2.0-rc.1+b.01"),
            ("1-a-b", "1.0.0-a-b"),
            ("1+a-b", "1.0.0+a-b"),
        ] {
            assert_eq!(Version::coerce(text).unwrap().to_string(), version);
        }
        for text in [
            "", "v", "vv1", "V1", "1.", ".1", "1.2.3.4", "1-", "1+", "1-a..b", "1 ", "1_2", "+1", "1+a+b",
            "１",
        ] {
            assert_eq!(Version::coerce(text), Err(CoerceError::Form), "{text}");
        }
        assert_eq!(Version::coerce("1.2.3-01"), Err(CoerceError::LeadingZero));
        assert_eq!(Version::coerce(&"1".repeat(257)), Err(CoerceError::TooLong));
        assert!(matches!(Version::coerce("18446744073709551616"), Err(CoerceError::Range(_))));
    }

    proptest! {
        #[test]
        fn what_is_strict_coerces_to_itself(text in "v?[0-9]{1,2}(\\.[0-9]{1,2}){0,3}(-[a0-9.-]{0,4})?(\\+[a0.+-]{0,4})?") {
            if let Ok(version) = text.parse::<Version>() {
                prop_assert_eq!(Version::coerce(&text).unwrap(), version);
            }
            let _ = Version::coerce(&text);
        }

        #[test]
        fn both_spellings_round_trip(
            core in "(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})(-[a-z][a-z0-9]{0,3})?(\\+[a-z][a-z0-9.-]{0,5}[a-z])?"
        ) {
            if let Ok(version) = core.parse::<Version>() {
                prop_assert_eq!(version.to_string(), core);
                prop_assert_eq!(Version::from_tag(&version.to_tag()).unwrap(), version);
            }
        }
    }
}
