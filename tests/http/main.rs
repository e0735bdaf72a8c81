//! The registry over raw HTTP: the specification's promises that the official suite does not
//! check, and everything that no well-behaved client would ever send.
//!
//! Every test starts a server of its own. Clients give up after 10 s, so nothing here can pass
//! by hanging; tests of bad input end by checking that the server still serves.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod blobs;
mod catalog;
mod chart_api;
mod chart_checks;
mod conditional;
mod digests;
mod errors;
mod framing;
mod headers;
mod health;
mod hostile_charts;
mod immutable;
mod interrupted;
mod large;
mod limits;
mod manifest_bodies;
mod manifests;
mod mounts;
mod names;
mod paths;
mod ranges;
mod referrers;
mod sha512;
mod tag_parameters;
mod tags;
mod uploads;

use chartroom_test_support::{Client, TestServer};

/// A server with its default settings.
#[track_caller]
fn server() -> TestServer {
    TestServer::builder(env!("CARGO_BIN_EXE_chartroom")).start()
}

/// A server with these settings.
#[track_caller]
fn server_with(config: &str) -> TestServer {
    TestServer::builder(env!("CARGO_BIN_EXE_chartroom")).config(config).start()
}

/// The digest of content that no test pushes.
fn nowhere() -> String {
    chartroom_oci::Digest::sha256(b"nobody has this").to_string()
}

/// The elements of a JSON list of strings.
#[track_caller]
fn strings(list: &serde_json::Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|item| item.as_str().expect("a string").to_owned()).collect()
}

/// The target of a `Link: <…>; rel="next"` header, which has to be a path on this server.
#[track_caller]
fn next_page(answer: &chartroom_test_support::Response) -> Option<String> {
    let link = answer.header("Link")?;
    let target = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\""));
    let target = target.unwrap_or_else(|| panic!("not of the form <…>; rel=\"next\": {link}"));
    assert!(target.starts_with("/v2/"), "not a path on this server: {link}");
    Some(target.to_owned())
}

/// Follows a paginated listing from its first page, and gives the lists under `key`, page by page.
#[track_caller]
fn pages(client: &Client, first: &str, key: &str) -> Vec<Vec<serde_json::Value>> {
    let mut pages = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(target) = next {
        let answer = client.get(&target).send().expect(200);
        pages.push(answer.json()[key].as_array().expect("a list, even if empty").clone());
        next = next_page(&answer);
        assert!(pages.len() < 10_000, "the pages do not end");
    }
    pages
}
