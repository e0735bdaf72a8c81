//! トラブルシューティング: each failure of the guide is provoked, with both tools. Both have the words
//! that scripts look for, Chartroom says what to do, and the remedy of the guide helps.

use crate::names::{MY_BASIC, READER};
use crate::place::{Desk, Place, Run, Tool};
use crate::registries::Kind;

const PUSH: &str = "helm push mychart-0.1.0.tgz oci://registry.example.com/charts";
const LOG_OUT: &str = "helm registry logout registry.example.com";
const LOG_IN: &str =
    "helm registry login registry.example.com --username myuser --password-stdin <<< mypassword";

/// What no message may show.
const SECRETS: [&str; 4] = ["mypassword", MY_BASIC, "wrong-secret", "bXl1c2VyOndyb25nLXNlY3JldA"];

/// A failure and what is said of it.
struct Failure {
    command: &'static str,
    /// Words of Helm that Chartroom has too.
    words: &'static [&'static str],
    /// What Chartroom's hint speaks of.
    hint: &'static str,
}

const fn failure(command: &'static str, words: &'static [&'static str], hint: &'static str) -> Failure {
    Failure { command, words, hint }
}

/// Both tools at these registries, with a chart's archive at hand.
fn places(kinds: &[Kind]) -> impl Iterator<Item = Place> {
    let pairs = kinds.iter().flat_map(|kind| [(Tool::Helm, *kind), (Tool::AsHelm, *kind)]);
    pairs.filter_map(|(tool, kind)| Place::new(tool, kind))
}

#[track_caller]
fn run(desk: &Desk<'_>, command: &str) -> Run {
    desk.run(&[command], &[]).remove(0)
}

#[track_caller]
fn succeeds(desk: &Desk<'_>, command: &str) {
    let run = run(desk, command);
    assert_eq!(run.code, 0, "{:?} {:?} {command}: {run:#?}", desk.place.tool, desk.place.kind);
}

#[track_caller]
fn fails(desk: &Desk<'_>, failure: &Failure) {
    let run = run(desk, failure.command);
    let context = format!("{:?} {:?} {}: {run:#?}", desk.place.tool, desk.place.kind, failure.command);
    assert_eq!(run.code, 1, "{context}");
    assert!(run.stderr.starts_with("Error: "), "{context}");
    for word in failure.words {
        assert!(run.stderr.contains(word), "{word}: {context}");
    }
    for secret in SECRETS {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{context}");
    }
    if desk.place.tool != Tool::Helm {
        let hint = run.stderr.lines().find_map(|line| line.strip_prefix("hint: "));
        assert!(hint.is_some_and(|hint| hint.contains(failure.hint)), "{context}");
        assert_eq!(run.stdout, "", "{context}");
    }
}

/// Registries that know who one is.
const WITH_ACCOUNTS: [Kind; 3] =
    [Kind::ChartroomWithAccounts, Kind::ChartroomBehindTokens, Kind::DistributionWithAccounts];

#[test]
fn authentication() {
    for place in places(&WITH_ACCOUNTS) {
        let desk = place.desk("work");
        desk.archive("mychart", "0.1.0");
        // Nobody has logged in; then somebody has, and the password has changed since.
        fails(&desk, &failure(PUSH, &["https://registry.example.com/"], "log in to the registry first"));
        let login = "{\"auths\":{\"registry.example.com\":{\"auth\":\"bXl1c2VyOndyb25nLXNlY3JldA==\"}}}";
        place.desk(".helm/config/registry").write("config.json", login);
        fails(&desk, &failure(PUSH, &["response status code 401"], "log in again"));
        fails(
            &desk,
            &failure(
                "helm registry login registry.example.com --username myuser --password-stdin <<< wrong-secret",
                &["authenticating to \"registry.example.com\": ", "response status code 401"],
                "user name, password or token is wrong",
            ),
        );
        assert_eq!(place.witness.tags("charts/mychart"), [""; 0]);

        // What the guide says to do.
        succeeds(&desk, LOG_OUT);
        succeeds(&desk, LOG_IN);
        succeeds(&desk, PUSH);
        assert_eq!(place.witness.tags("charts/mychart"), ["0.1.0"]);
    }
}

#[test]
fn no_right_to_push() {
    // docker-registry lets everybody push who may log in.
    for place in places(&[Kind::ChartroomWithAccounts, Kind::ChartroomBehindTokens]) {
        let desk = place.desk("work");
        desk.archive("mychart", "0.1.0");
        let login = format!(
            "helm registry login registry.example.com --username {} --password-stdin <<< '{}'",
            READER.user, READER.password
        );
        succeeds(&desk, &login);
        let words: &[&str] = if place.kind == Kind::ChartroomBehindTokens {
            &["response status code 401: unauthorized: authorization failed"]
        } else {
            &["response status code 403: denied: user:reader may not push in charts/mychart"]
        };
        fails(
            &desk,
            &failure(PUSH, words, "not allowed to do this; ask for access, or log in as somebody who is"),
        );
        assert_eq!(place.witness.tags("charts/mychart"), [""; 0]);
        // Somebody else may.
        succeeds(&desk, LOG_IN);
        succeeds(&desk, PUSH);
        // And what is there can be read by the one who may not write.
        succeeds(&desk, &login);
        succeeds(&desk, "helm pull oci://registry.example.com/charts/mychart --version 0.1.0");
    }
}

#[test]
fn a_chart_that_is_not_there() {
    for place in places(&[Kind::Chartroom, Kind::Distribution]) {
        let desk = place.desk("work");
        desk.archive("mychart", "0.1.0");
        succeeds(&desk, PUSH);
        for missing in [
            failure(
                "helm pull oci://registry.example.com/charts/mychart --version 9.9.9",
                &["registry.example.com/charts/mychart:9.9.9: not found"],
                "versions near it are 0.1.0",
            ),
            failure(
                "helm show chart oci://registry.example.com/charts/mychart --version 9.9.9",
                &["registry.example.com/charts/mychart:9.9.9: not found"],
                "versions near it are 0.1.0",
            ),
            failure(
                "helm pull oci://registry.example.com/charts/mychart --version '^9'",
                &["could not locate a version matching provided version string ^9"],
                "the newest versions are 0.1.0",
            ),
            failure(
                "helm pull oci://registry.example.com/chart/mychart",
                &["response status code 404: name unknown", "/v2/chart/mychart/tags/list"],
                "check the repository's path",
            ),
        ] {
            fails(&desk, &missing);
        }
        assert_eq!(desk.names(), ["mychart-0.1.0.tgz"]);
        // What the hint leads to.
        if place.tool != Tool::Helm {
            let listed = run(&desk, "helm tags oci://registry.example.com/charts/mychart --short");
            assert_eq!((listed.code, listed.stdout.as_str()), (0, "0.1.0\n"), "{listed:?}");
        }
    }
}
