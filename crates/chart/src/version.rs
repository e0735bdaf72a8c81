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

impl Version {
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

    proptest! {
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
