//! What there is where a version isn't: the hint that saves a look at the list of tags.

use chartroom_chart::Version;
use chartroom_oci::Tag;
use chartroom_registry_client::{Error, Location, Missing, Repository};

use crate::failure::Hinted;

/// How many versions are named.
const NAMED: usize = 4;

/// The error for a manifest that couldn't be had, with what is near it if it isn't there.
pub(super) async fn missing(repository: &Repository, location: &Location, error: Error) -> anyhow::Error {
    let near = match (&error, &location.tag) {
        (Error::NotFound { what: Missing::Manifest(_), .. }, Some(wanted)) => {
            // That it can't be listed is no news beside what went wrong already.
            repository.tags().await.ok().and_then(|tags| near(wanted.as_str(), &tags, location))
        }
        _ => None,
    };
    // Scripts look for these words, which are Helm's.
    let what = if error.is_not_found() {
        format!("{location}: not found")
    } else {
        format!("can't fetch {location}")
    };
    let error = anyhow::Error::from(error).context(what);
    match near {
        Some(hint) => Hinted::new(error, hint).into(),
        None => error,
    }
}

/// The error of a range in which there is no version, with the newest that there are.
pub(super) fn unmatched(error: chartroom_chart::Error, tags: &[Tag]) -> anyhow::Error {
    let mut versions = versions(tags);
    versions.sort_by(|one, other| other.cmp(one));
    match named(&versions) {
        Some(names) => Hinted::new(error, format!("the newest versions are {names}")).into(),
        None => error.into(),
    }
}

/// What to say of the tags beside the one that is wanted.
fn near(wanted: &str, tags: &[Tag], location: &Location) -> Option<String> {
    let repository = format!("oci://{}/{}", location.host, location.repository);
    let list = format!("all of them: chartroom tags {repository}");
    let mut versions = versions(tags);
    let newest = versions.iter().max().cloned();
    let Some(newest) = newest else {
        return (!tags.is_empty()).then(|| format!("there is no version, only other tags; {list}"));
    };
    // `v1.2` is near 1.2.0, whatever the tag looks like.
    let Ok(aim) = Version::coerce(&wanted.replace('_', "+")) else {
        versions.sort_by(|one, other| other.cmp(one));
        return Some(format!("the newest versions are {}; {list}", named(&versions)?));
    };
    versions.sort_by_key(|version| (distance(version, &aim), std::cmp::Reverse(version.clone())));
    versions.truncate(NAMED);
    let newest = if versions.contains(&newest) { String::new() } else { format!("; the newest is {newest}") };
    Some(format!("versions near it are {}{newest}; {list}", named(&versions)?))
}

fn versions(tags: &[Tag]) -> Vec<Version> {
    tags.iter().filter_map(|tag| Version::from_tag(tag.as_str()).ok()).collect()
}

fn named(versions: &[Version]) -> Option<String> {
    let names: Vec<String> = versions.iter().take(NAMED).map(ToString::to_string).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// How far apart two versions are: what comes first counts most.
fn distance(one: &Version, other: &Version) -> (u64, u64, u64, bool) {
    let (a, b) = (numbers(one), numbers(other));
    (
        a[0].abs_diff(b[0]),
        a[1].abs_diff(b[1]),
        a[2].abs_diff(b[2]),
        one.is_prerelease() != other.is_prerelease(),
    )
}

fn numbers(version: &Version) -> [u64; 3] {
    let text = version.to_string();
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = core.split('.').map(|number| number.parse().unwrap_or(u64::MAX));
    [(); 3].map(|()| numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use chartroom_registry_client::Parts;

    use super::*;

    #[test]
    fn the_nearest_versions_come_first() {
        let parts = Parts::parse("oci://h/charts/app").unwrap();
        let repository = parts.repository().unwrap();
        let location = Location { host: parts.host.clone(), repository, tag: None, digest: None };
        let near = |wanted: &str, tags: &[&str]| {
            let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
            near(wanted, &tags, &location).map(|hint| hint.split("; all").next().unwrap().to_owned())
        };
        let tags = ["1.0.0", "1.2.2", "1.2.4", "1.2.4-rc.1", "1.3.0", "2.0.0", "stable", "1.2.5_b"];
        assert_eq!(
            near("1.2.3", &tags).as_deref(),
            Some("versions near it are 1.2.4, 1.2.2, 1.2.4-rc.1, 1.2.5+b; the newest is 2.0.0")
        );
        assert_eq!(near("v2", &["2.0.0", "1.0.0"]).as_deref(), Some("versions near it are 2.0.0, 1.0.0"));
        assert_eq!(
            near("edge", &["1.0.0", "2.0.0"]).as_deref(),
            Some("the newest versions are 2.0.0, 1.0.0")
        );
        assert_eq!(near("1.0.0", &["edge"]).as_deref(), Some("there is no version, only other tags"));
        assert_eq!(near("1.0.0", &[]), None);
    }
}
