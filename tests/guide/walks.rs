//! The whole guide, at each kind of registry, with each tool, and what they have in common.

use crate::blocks::{BASICS, EXAMPLES, PRACTICE, REFERENCE};
use crate::place::{Place, Tool};
use crate::registries::Kind;
use crate::walk::{Record, walk};

#[test]
fn at_our_own_registry() {
    both(Kind::Chartroom);
}

#[test]
fn at_our_own_registry_with_accounts() {
    both(Kind::ChartroomWithAccounts);
}

#[test]
fn at_our_own_registry_behind_a_token_service() {
    // As Docker Hub and GitHub have it. Helm is compared with at the others.
    if let Some(place) = Place::new(Tool::AsHelm, Kind::ChartroomBehindTokens) {
        whole(&place);
    }
}

#[test]
fn at_docker_registry() {
    both(Kind::Distribution);
}

#[test]
fn at_docker_registry_with_accounts() {
    both(Kind::DistributionWithAccounts);
}

#[test]
fn typed_as_chartroom() {
    let Some(place) = Place::new(Tool::Chartroom, Kind::Chartroom) else { return };
    whole(&place);
}

/// All blocks in the guide's order.
#[track_caller]
fn whole(place: &Place) -> Record {
    let mut record = Record::default();
    for chapter in [BASICS, EXAMPLES, REFERENCE, PRACTICE] {
        let Record { charts, words, hosts } = walk(place, chapter);
        record.charts.extend(charts);
        record.words.extend(words);
        record.hosts.extend(hosts);
    }
    record
}

/// Follows the guide with Chartroom and with Helm, and compares.
#[track_caller]
fn both(kind: Kind) {
    let follow = |tool| Place::new(tool, kind).as_ref().map(whole);
    // Each mostly waits for programs to start and end.
    let (ours, theirs) = std::thread::scope(|scope| {
        let theirs = scope.spawn(|| follow(Tool::Helm));
        let ours = follow(Tool::AsHelm);
        (ours, theirs.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return };
    assert_eq!(ours.charts.keys().collect::<Vec<_>>(), theirs.charts.keys().collect::<Vec<_>>());
    for (reference, chart) in &theirs.charts {
        assert_eq!(ours.charts[reference], *chart, "{reference}");
    }
    assert_eq!(ours.hosts, theirs.hosts);
    for (step, words) in &theirs.words {
        assert_eq!(ours.words[step], *words, "{step}");
    }
}
