//! Which version someone means: from a reference and flags to a tag, a digest, or a choice among
//! the tags of a repository. No requests are made here.

use std::cmp::Ordering;

use chartroom_oci::Digest;

use crate::constraint::Constraint;
use crate::error::Error;
use crate::version::Version;

/// What a user said: the tag and the digest of a reference, `--version`, `--devel`.
#[derive(Clone, Debug, Default)]
pub struct Wish<'a> {
    /// After the `:` of the reference. Unlike in Helm, any tag, `1.2.3+build` or a constraint.
    pub tag: Option<&'a str>,
    /// After the `@` of the reference.
    pub digest: Option<Digest>,
    /// `--version`: a version, a constraint, or any tag.
    pub version: Option<&'a str>,
    /// `--devel`: pre-releases count when no version is given.
    pub devel: bool,
}

/// What to ask a registry for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// This tag, without listing any.
    Tag(String),
    /// This tag; if there is none, list the tags and choose.
    TagOr(String, Choice),
    /// This digest; a tag beside it must not lead elsewhere, but may be missing.
    Digest {
        /// The digest.
        digest: Digest,
        /// The tag to compare it with.
        tag: Option<String>,
    },
    /// List the tags and choose.
    List(Choice),
}

/// How to choose among the tags of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As the user wrote it; empty for the newest.
    text: String,
    constraint: Constraint,
}

impl Wish<'_> {
    /// Decides what to ask for, by Helm's rules where Helm has an answer:
    ///
    /// - a version, in full or not (`1.2.3`, `1.2`, `v1`), is a tag of that name;
    /// - a constraint (`1.2.x`, `~1.2`, `>=1, <2`) chooses among the tags;
    /// - nothing chooses the newest that is no pre-release.
    ///
    /// What Helm refuses: any other word is a tag (`stable`); so is `latest`, but where there is
    /// no such tag it is the newest version.
    pub fn lookup(&self) -> Result<Lookup, Error> {
        let version = self.version.filter(|version| !version.is_empty());
        if let (Some(tag), Some(version)) = (self.tag, version)
            && to_tag(tag) != to_tag(version)
        {
            return Err(Error::Mismatch { version: version.to_owned(), tag: tag.to_owned() });
        }
        let wanted = version.or(self.tag);
        if let Some(digest) = &self.digest {
            // A constraint beside a digest adds nothing to it.
            let tag = wanted.map(to_tag).filter(|tag| tag.parse::<chartroom_oci::Tag>().is_ok());
            return Ok(Lookup::Digest { digest: *digest, tag });
        }
        match wanted {
            Some(wanted) => Self::named(wanted),
            None if self.devel => Ok(Lookup::List(Choice::new("", ">0.0.0-0")?)),
            None => Ok(Lookup::List(Choice::newest()?)),
        }
    }

    fn named(wanted: &str) -> Result<Lookup, Error> {
        if Version::coerce(wanted).is_ok() {
            return Ok(Lookup::Tag(to_tag(wanted)));
        }
        match Choice::new(wanted, wanted) {
            Ok(choice) => Ok(Lookup::List(choice)),
            Err(_) if wanted == "latest" => Ok(Lookup::TagOr(wanted.to_owned(), Choice::newest()?)),
            Err(_) if wanted.parse::<chartroom_oci::Tag>().is_ok() => Ok(Lookup::Tag(wanted.to_owned())),
            Err(error) => Err(error),
        }
    }
}

/// The spelling of tags, in which `_` stands for `+`.
fn to_tag(version: &str) -> String {
    version.replace('+', "_")
}

impl Choice {
    fn new(text: &str, constraint: &str) -> Result<Self, Error> {
        Ok(Self { text: text.to_owned(), constraint: constraint.parse()? })
    }

    /// The newest version that is no pre-release.
    pub fn newest() -> Result<Self, Error> {
        Self::new("", "*")
    }

    /// What a constraint admits, newest first, such as that of a dependency.
    pub fn matching(constraint: &str) -> Result<Self, Error> {
        Self::new(constraint, constraint)
    }

    /// Chooses. A tag that is named like the wish wins; else it is the highest version in strict
    /// SemVer that the constraint admits. Of versions that differ in build metadata only, that
    /// with the highest wins, so that the answer doesn't depend on the order of the list.
    ///
    /// `repository` is for the error when no tag is a version.
    pub fn pick<'t>(
        &self,
        tags: impl IntoIterator<Item = &'t str>,
        repository: &str,
    ) -> Result<&'t str, Error> {
        let own = to_tag(&self.text);
        let mut any = false;
        let mut best: Option<(Version, &str)> = None;
        for tag in tags {
            if !self.text.is_empty() && tag == own {
                return Ok(tag);
            }
            let Ok(version) = Version::from_tag(tag) else { continue };
            any = true;
            let better = best.as_ref().is_none_or(|(best, _)| version > *best);
            if better && self.constraint.matches(&version) {
                best = Some((version, tag));
            }
        }
        match best {
            Some((_, tag)) => Ok(tag),
            None if any => Err(Error::NoMatch(self.text.clone())),
            None => Err(Error::NoTags(repository.to_owned())),
        }
    }
}

/// Which tags count as versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Strict SemVer, as Helm finds them.
    Strict,
    /// `v1.2.3` and `1.2` as well.
    Lenient,
}

/// The tags that are versions, newest first.
pub fn versions<'t>(tags: impl IntoIterator<Item = &'t str>, reading: Reading) -> Vec<(Version, &'t str)> {
    let read = |tag: &'t str| {
        let strict = Version::from_tag(tag).ok();
        let version = match reading {
            Reading::Strict => strict,
            Reading::Lenient => strict.or_else(|| Version::coerce(&tag.replacen('_', "+", 1)).ok()),
        };
        Some((version?, tag))
    };
    let mut versions: Vec<_> = tags.into_iter().filter_map(read).collect();
    versions.sort_by(|(a, tag_a), (b, tag_b)| match b.cmp(a) {
        Ordering::Equal => tag_a.cmp(tag_b),
        order => order,
    });
    versions
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// The tags of the table in which Helm 4.3.1's answers were collected.
    const TAGS: [&str; 9] = [
        "0.9.0",
        "1.0.0",
        "1.1.0",
        "1.2.0-rc.1",
        "1.2.0",
        "2.0.0",
        "2.1.0-beta.2",
        "2.1.0-beta.10",
        "10.0.0",
    ];

    fn lookup(tag: Option<&str>, version: Option<&str>) -> Result<Lookup, Error> {
        Wish { tag, version, ..Wish::default() }.lookup()
    }

    fn picked(version: &str) -> Result<&'static str, Error> {
        match lookup(None, Some(version))? {
            Lookup::List(choice) => choice.pick(TAGS, "oci://r/c"),
            other => panic!("{version}: {other:?}"),
        }
    }

    #[test]
    fn ranges_choose_as_in_helm() {
        for (expected, constraints) in [
            ("10.0.0", &["*", "x", "", ">1", ">1.0", "=>1.1", "!=2.0"][..]),
            (
                "1.2.0",
                &["1.x", "1.*", "~1", "^1.1", "<2", ">=1, <2", ">=1 <2", ">=v1.0.0 <v2", ">=1.2.0-0 <2"],
            ),
            ("1.1.0", &["1.1.x", "~1.1", "~>1.1", "=1.1", " 1.1.0", "1.1.0 "]),
            ("0.9.0", &["^0.9", "^0"]),
            ("2.0.0", &["<=2", "1.0 - 2.0", "!=10", "!=10.0.0", "1 || 2"]),
            ("2.1.0-beta.10", &["~2.1.0-0", "^2.1.0-beta.1"]),
        ] {
            for constraint in constraints {
                assert_eq!(picked(constraint).unwrap(), expected, "{constraint}");
            }
        }
        let devel = Wish { devel: true, ..Wish::default() }.lookup().unwrap();
        let Lookup::List(choice) = devel else { panic!("{devel:?}") };
        assert_eq!(choice.pick(["1.0.0", "2.0.0-rc.1"], "").unwrap(), "2.0.0-rc.1");
        assert_eq!(Choice::newest().unwrap().pick(["2.0.0-rc.1", "1.0.0"], "").unwrap(), "1.0.0");
    }

    #[test]
    fn what_is_not_there_is_said_in_helms_words() {
        let text = |error: Error| error.to_string();
        assert_eq!(
            text(picked("~3").unwrap_err()),
            "could not locate a version matching provided version string ~3"
        );
        assert_eq!(text(picked("==1.0.0").unwrap_err()), "improper constraint: \"==1.0.0\"");
        let choice = Choice::newest().unwrap();
        for tags in [&[][..], &["latest", "v1.2.3", "1.4"]] {
            let error = choice.pick(tags.iter().copied(), "oci://r/c").unwrap_err();
            assert_eq!(text(error), "unable to locate any tags in provided repository: oci://r/c");
        }
        let error = lookup(Some("1.0.0"), Some("1.0.1")).unwrap_err();
        assert_eq!(text(error), "chart reference and version mismatch: 1.0.1 is not 1.0.0");
    }

    #[test]
    fn versions_and_words_are_tags() {
        let tag = |tag: &str| Lookup::Tag(tag.to_owned());
        for (wanted, expected) in [
            ("1", "1"),
            ("1.1", "1.1"),
            ("v1", "v1"),
            ("2.1.0-beta", "2.1.0-beta"),
            ("1.1.0+x", "1.1.0_x"),
            ("1.2.3_build.5", "1.2.3_build.5"),
            ("stable", "stable"),
        ] {
            assert_eq!(lookup(Some(wanted), None).unwrap(), tag(expected));
            assert_eq!(lookup(None, Some(wanted)).unwrap(), tag(expected));
        }
        assert_eq!(lookup(Some("1.2.3+b"), Some("1.2.3_b")).unwrap(), tag("1.2.3_b"));
        let Lookup::TagOr(first, choice) = lookup(Some("latest"), None).unwrap() else { panic!() };
        assert_eq!((first.as_str(), choice.pick(TAGS, "").unwrap()), ("latest", "10.0.0"));
        let Lookup::List(choice) = lookup(Some("1.x"), None).unwrap() else { panic!() };
        assert_eq!(choice.pick(["1.5.0", "1.x"], "").unwrap(), "1.x", "a tag of that name wins");
    }

    #[test]
    fn a_digest_is_asked_for_by_itself() {
        let digest = Digest::sha256(b"");
        let wish = |tag, version| Wish { tag, version, digest: Some(digest), devel: false };
        let with = |tag: Option<&str>| Lookup::Digest { digest, tag: tag.map(str::to_owned) };
        assert_eq!(wish(None, None).lookup().unwrap(), with(None));
        assert_eq!(wish(Some("1.0.0+b"), None).lookup().unwrap(), with(Some("1.0.0_b")));
        assert_eq!(wish(None, Some("1.0.0")).lookup().unwrap(), with(Some("1.0.0")));
        assert_eq!(wish(None, Some("~1.0")).lookup().unwrap(), with(None));
    }

    #[test]
    fn equal_versions_have_one_order() {
        let choice = Choice::matching("~1.2").unwrap();
        for tags in [["1.2.3", "1.2.3_build.5", "1.2.3_build.4"], ["1.2.3_build.5", "1.2.3_build.4", "1.2.3"]]
        {
            assert_eq!(choice.pick(tags, "").unwrap(), "1.2.3_build.5");
            let order = ["1.2.3_build.5", "1.2.3_build.4", "1.2.3"];
            assert_eq!(
                versions(tags, Reading::Strict).into_iter().map(|(_, tag)| tag).collect::<Vec<_>>(),
                order
            );
        }
        let tags = ["v1.10", "latest", "1.9.0", "1.10.0", "v2_b"];
        let order = |reading| versions(tags, reading).into_iter().map(|(_, tag)| tag).collect::<Vec<_>>();
        assert_eq!(order(Reading::Strict), ["1.10.0", "1.9.0"]);
        assert_eq!(order(Reading::Lenient), ["v2_b", "1.10.0", "v1.10", "1.9.0"]);
    }
}
