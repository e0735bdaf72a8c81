//! oras: artifacts of any kind, and what refers to them.

use chartroom_test_support::{Peer, TestServer};
use serde_json::Value;

use crate::{server, words};

/// Runs oras with a line of arguments, in which `REGISTRY` stands for the registry.
#[track_caller]
fn oras(peer: &Peer, server: &TestServer, line: &str) -> String {
    peer.ok(&words(&line.replace("REGISTRY", &server.addr().to_string()))).stdout
}

#[test]
fn an_artifact_is_pushed_described_copied_and_pulled() {
    let Some(peer) = Peer::find("oras") else { return };
    let server = server();
    let oras = |line: &str| oras(&peer, &server, line);
    peer.write("notes.txt", "some notes");
    peer.write("sbom.json", "{\"packages\":[]}");
    peer.write("signature", "signed");

    oras(
        "push --plain-http --artifact-type application/vnd.example.notes REGISTRY/notes:1.0.0,latest notes.txt:text/plain",
    );
    let digest = oras("resolve --plain-http REGISTRY/notes:1.0.0").trim().to_owned();
    assert_eq!(server.client().manifest("notes", "1.0.0").expect(200).digest().to_string(), digest);
    assert_eq!(oras("repo tags --plain-http REGISTRY/notes"), "1.0.0\nlatest\n");
    assert_eq!(oras("repo ls --plain-http REGISTRY"), "notes\n");

    oras(
        "attach --plain-http --artifact-type application/vnd.example.sbom REGISTRY/notes:1.0.0 sbom.json:application/json",
    );
    oras(
        "attach --plain-http --artifact-type application/vnd.example.signature REGISTRY/notes:1.0.0 signature:text/plain",
    );
    let discovered = oras(
        "discover --plain-http --distribution-spec v1.1-referrers-api --format json REGISTRY/notes:1.0.0",
    );
    let discovered = serde_json::from_str::<Value>(&discovered).unwrap();
    let referrers = discovered["referrers"].as_array().or(discovered["manifests"].as_array()).unwrap();
    assert_eq!(referrers.len(), 2, "{discovered}");
    let filtered = oras(
        "discover --plain-http --artifact-type application/vnd.example.sbom --format json REGISTRY/notes:1.0.0",
    );
    assert!(
        filtered.contains("vnd.example.sbom") && !filtered.contains("vnd.example.signature"),
        "{filtered}"
    );
    // With the API there, nothing is kept under the tag that stands in for it elsewhere.
    assert_eq!(server.client().tags("notes"), ["1.0.0", "latest"]);

    oras("cp --from-plain-http --to-plain-http -r REGISTRY/notes:1.0.0 REGISTRY/archive/notes:1.0.0");
    let copied = server.client().get(&format!("/v2/archive/notes/referrers/{digest}")).send().expect(200);
    assert_eq!(copied.json()["manifests"].as_array().unwrap().len(), 2);

    oras("pull --plain-http -o out REGISTRY/archive/notes:1.0.0");
    assert_eq!(peer.read("out/notes.txt"), b"some notes");
    let fetched = oras(&format!("manifest fetch --plain-http REGISTRY/notes@{digest}"));
    assert_eq!(chartroom_oci::Digest::sha256(fetched.as_bytes()).to_string(), digest);
    oras("tag --plain-http REGISTRY/notes:1.0.0 stable");
    oras(&format!("manifest delete --plain-http -f REGISTRY/notes@{digest}"));
    server.client().manifest("notes", "stable").expect(404);
}

#[test]
fn blobs_are_pushed_and_fetched_by_themselves() {
    let Some(peer) = Peer::find("oras") else { return };
    let server = server();
    let content = chartroom_test_support::Random::seeded(1).bytes(3_000_000);
    let digest = chartroom_oci::Digest::sha256(&content);
    peer.write("blob", &content);
    oras(&peer, &server, &format!("blob push --plain-http REGISTRY/app@{digest} blob"));
    oras(&peer, &server, &format!("blob fetch --plain-http -o out REGISTRY/app@{digest}"));
    assert_eq!(peer.read("out"), content);
    oras(&peer, &server, &format!("blob delete --plain-http -f REGISTRY/app@{digest}"));
    server.client().blob("app", &digest).expect(404);
}

#[test]
fn a_long_listing_is_followed_to_its_end() {
    let Some(peer) = Peer::find("oras") else { return };
    let server = server();
    let client = server.client();
    let image = chartroom_test_support::Image::of("many tags");
    let mut tags = (0..1_500).map(|number| format!("t{number}")).collect::<Vec<_>>();
    for ten in tags.chunks(10) {
        let query = ten.iter().map(|tag| format!("tag={tag}")).collect::<Vec<_>>().join("&");
        let target = format!("{}?{query}", image.digest());
        client
            .put_manifest("app", &target, chartroom_test_support::OCI_MANIFEST, &image.manifest)
            .expect(201);
    }
    tags.sort();
    let listed = oras(&peer, &server, "repo tags --plain-http REGISTRY/app");
    assert_eq!(listed.lines().collect::<Vec<_>>(), tags);
}
