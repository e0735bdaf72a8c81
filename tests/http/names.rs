//! Repository names and tags: those that the grammar allows, and those that it does not.

use chartroom_test_support::{Image, OCI_MANIFEST};

use crate::{nowhere, server};

/// Names as they stand in a URL.
const MALFORMED: [&str; 22] = [
    "A",
    "Charts/webapp",
    "charts/Webapp",
    "a.",
    ".a",
    "-a",
    "a-",
    "a_",
    "_a",
    "a___b",
    "a..b",
    "a._b",
    "a_-b",
    "a/.b",
    "a//b",
    "a/../b",
    "a/./b",
    "..",
    "a%20b",
    "%C3%A9",
    "a:b",
    "a@b",
];

#[test]
fn a_malformed_repository_name_is_refused_by_every_endpoint() {
    let server = server();
    let client = server.client();
    let digest = nowhere();
    for name in MALFORMED {
        let refused = |method: &str, rest: &str| {
            let answer = client.request(method, &format!("/v2/{name}/{rest}")).body(b"{}").send();
            if method == "HEAD" {
                assert_eq!(answer.status, 400, "{}", answer.describe());
            } else {
                answer.expect_error(400, &["NAME_INVALID"]);
            }
        };
        refused("GET", "tags/list");
        refused("GET", "manifests/1.0.0");
        refused("HEAD", "manifests/1.0.0");
        refused("PUT", "manifests/1.0.0");
        refused("DELETE", "manifests/1.0.0");
        refused("GET", &format!("blobs/{digest}"));
        refused("DELETE", &format!("blobs/{digest}"));
        refused("POST", "blobs/uploads/");
        refused("GET", &format!("referrers/{digest}"));
    }
    client.still_serves();
}

#[test]
fn a_name_of_255_characters_is_the_longest() {
    let server = server();
    let client = server.client();
    let longest = format!("{}/{}", "a".repeat(127), "b".repeat(127));
    let image = Image::of("long name");
    client.push_image(&longest, "1.0.0", &image);
    assert_eq!(client.manifest(&longest, "1.0.0").expect(200).body, image.manifest);
    client.get(&format!("/v2/{longest}c/tags/list")).send().expect_error(400, &["NAME_INVALID"]);
    client.post(&format!("/v2/{longest}c/blobs/uploads/")).send().expect_error(400, &["NAME_INVALID"]);
}

#[test]
fn a_repository_may_be_named_like_a_route() {
    let server = server();
    let client = server.client();
    for name in [
        "tags/list",
        "manifests/manifests",
        "a/manifests/b",
        "blobs/uploads",
        "a/blobs/uploads",
        "a/referrers",
        "v2",
        "uploads",
        "list",
    ] {
        let image = Image::of(name);
        client.push_image(name, "1.0.0", &image);
        assert_eq!(client.manifest(name, "1.0.0").expect(200).body, image.manifest, "{name}");
        assert_eq!(client.tags(name), ["1.0.0"], "{name}");
        for blob in image.blobs() {
            let digest = chartroom_oci::Digest::sha256(blob);
            assert_eq!(client.blob(name, &digest).expect(200).body, blob, "{name}");
        }
    }
}

#[test]
fn names_that_begin_alike_are_different_repositories() {
    let server = server();
    let client = server.client();
    for name in ["a", "a/b", "a-b", "a.b", "a/b/c", "ab"] {
        client.push_image(name, "1.0.0", &Image::of(name));
    }
    for name in ["a", "a/b", "a-b", "a.b", "a/b/c", "ab"] {
        assert_eq!(client.manifest(name, "1.0.0").expect(200).body, Image::of(name).manifest, "{name}");
    }
    client.get("/v2/a/b/c/d/tags/list").send().expect_error(404, &["NAME_UNKNOWN"]);
}

#[test]
fn a_malformed_tag_is_never_stored() {
    let server = server();
    let client = server.client();
    let image = Image::of("tags");
    client.push_image("app", "good", &image);
    let too_long = "a".repeat(129);
    for tag in [".a", "-a", "a+b", "a%2Bb", "a%20b", "%C3%A9", "a@b", too_long.as_str()] {
        let put = client.put_manifest("app", tag, OCI_MANIFEST, &image.manifest).expect(400);
        assert!(!put.error_codes().is_empty(), "{}", put.describe());
        let got = client.manifest("app", tag);
        assert!([400, 404].contains(&got.status), "{}", got.describe());
        assert!(!got.error_codes().is_empty(), "{}", got.describe());
        let deleted = client.delete(&format!("/v2/app/manifests/{tag}")).send();
        assert!([400, 404].contains(&deleted.status), "{}", deleted.describe());
        let parameter = format!("{}?tag={tag}", image.digest());
        let put = client.put_manifest("app", &parameter, OCI_MANIFEST, &image.manifest);
        if tag != "a+b" {
            assert_eq!(put.status, 400, "{}", put.describe());
        }
    }
    assert_eq!(client.tags("app"), ["good"]);
    client.still_serves();
}

#[test]
fn tags_at_the_edge_of_the_grammar_work() {
    let server = server();
    let client = server.client();
    let image = Image::of("edge");
    let longest = "a".repeat(128);
    let tags = ["0", "A", "_", "_.-", "a", "a..b", "v1.2.3-rc.1_build.5", longest.as_str()];
    for tag in tags {
        client.push_image("app", tag, &image);
        assert_eq!(client.manifest("app", tag).expect(200).digest(), image.digest(), "{tag}");
    }
    let mut sorted = tags.map(str::to_owned);
    sorted.sort();
    assert_eq!(client.tags("app"), sorted);
}
