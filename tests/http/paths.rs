//! What stands in the request line: encodings, bytes that are no text, lengths, methods.

use chartroom_test_support::{Image, RawResponse};

use crate::{nowhere, server};

/// Sends a request line with any bytes as its target and reads until the server closes.
fn raw_get(client: &chartroom_test_support::Client, target: &[u8]) -> RawResponse {
    let mut raw = client.raw();
    raw.send([b"GET ", target, b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"].concat());
    raw.until_close()
}

#[test]
fn encoded_slashes_and_dots_lead_nowhere_else() {
    let server = server();
    let client = server.client();
    client.push_image("a/b", "1.0.0", &Image::of("x"));
    for target in [
        "/v2/a%2Fb/manifests/1.0.0",
        "/v2/a%2fb/tags/list",
        "/v2/%2e%2e/%2e%2e/etc/tags/list",
        "/v2/..%2f..%2fetc%2fpasswd/tags/list",
        "/v2/a/%2e%2e/a/b/tags/list",
        "/v2/../v2/a/b/tags/list",
        "/v2/a/b/manifests/..%2fmanifests%2f1.0.0",
        "/v2/a/b/manifests/../manifests/1.0.0",
        "/v2/a/b/blobs/..%2f..%2f..%2fetc%2fpasswd",
        "/v2/a/b/blobs/uploads/..%2f..%2fetc",
        "/v2/a%252Fb/tags/list",
    ] {
        let answer = client.get(target).send();
        assert!([400, 404].contains(&answer.status), "{}", answer.describe());
        assert!(!answer.error_codes().is_empty(), "{}", answer.describe());
    }
    client.still_serves();
}

#[test]
fn an_encoded_colon_in_a_digest_means_the_digest() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("app", b"colon").to_string();
    let encoded = digest.replace(':', "%3A");
    assert_eq!(client.get(&format!("/v2/app/blobs/{encoded}")).send().expect(200).body, b"colon");
    let encoded = digest.replace(':', "%3a");
    assert_eq!(client.get(&format!("/v2/app/blobs/{encoded}")).send().expect(200).body, b"colon");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let server = server();
    let client = server.client();
    for target in [
        &b"/v2/%FF/tags/list"[..],
        b"/v2/%C0%AE%C0%AE/tags/list",
        b"/v2/a%00b/tags/list",
        b"/v2/a/manifests/%00",
        b"/v2/a/manifests/%FF%FE",
        b"/v2/a%0d%0aX-Evil:%201/tags/list",
        b"/v2/a%/tags/list",
        b"/v2/a%zz/tags/list",
        b"/v2/a/tags/list?last=%FF",
        b"/v2/a/tags/list?n=%FF",
        b"/v2/a/tags/list?%FF=1",
        b"/v2/\xFF/tags/list",
        b"/v2/a\x00b/tags/list",
        b"/v2/a\x7Fb/tags/list",
        "/v2/é/tags/list".as_bytes(),
    ] {
        let answer = raw_get(&client, target);
        let status = answer.status();
        assert!(matches!(status, Some(400 | 404)), "{target:?}: {}", answer.text());
        assert!(!answer.text().to_lowercase().contains("\nx-evil:"), "{}", answer.text());
    }
    client.still_serves();
}

#[test]
fn a_very_long_url_is_answered_and_not_chewed_on() {
    let server = server();
    let client = server.client();
    for length in [2_000, 20_000, 100_000, 1_000_000] {
        for target in [
            format!("/v2/{}/tags/list", "a".repeat(length)),
            format!("/v2/{}tags/list", "a/".repeat(length / 2)),
            format!("/v2/a/tags/list?last={}", "a".repeat(length)),
            format!("/v2/a/manifests/{}", "a".repeat(length)),
            format!("/{}", "%2e%2e/".repeat(length / 7)),
        ] {
            let answer = raw_get(&client, target.as_bytes());
            // A server may also just close on a head that it will not read.
            let status = answer.status();
            assert!(
                matches!(status, None | Some(400 | 404 | 414 | 431)),
                "{length}: {}",
                answer.text().chars().take(300).collect::<String>()
            );
        }
    }
    client.still_serves();
}

#[test]
fn a_wrong_method_is_refused_and_the_right_ones_are_named() {
    let server = server();
    let client = server.client();
    let digest = nowhere();
    let blob = format!("/v2/app/blobs/{digest}");
    let referrers = format!("/v2/app/referrers/{digest}");
    let manifest = "/v2/app/manifests/1.0.0";
    let session = client.begin_upload("app");
    let cases: [(&str, &[&str], &[&str]); 8] = [
        ("/v2/", &["POST", "PUT", "PATCH", "DELETE"], &["GET", "HEAD"]),
        ("/v2/_catalog", &["POST", "PUT", "DELETE"], &["GET", "HEAD"]),
        ("/v2/app/tags/list", &["POST", "PUT", "PATCH", "DELETE"], &["GET", "HEAD"]),
        (manifest, &["POST", "PATCH"], &["GET", "HEAD", "PUT", "DELETE"]),
        (&blob, &["POST", "PUT", "PATCH"], &["GET", "HEAD", "DELETE"]),
        (&referrers, &["POST", "PUT", "DELETE"], &["GET", "HEAD"]),
        ("/v2/app/blobs/uploads/", &["PUT", "PATCH", "DELETE"], &["POST"]),
        (&session, &["POST"], &["GET", "PATCH", "PUT", "DELETE"]),
    ];
    for (target, wrong, right) in cases {
        for method in wrong.iter().chain(&["TRACE", "BREW"]) {
            let answer = client.request(method, target).send().expect_error(405, &["UNSUPPORTED"]);
            let allowed = answer.need("Allow").split(',').map(str::trim).collect::<Vec<_>>();
            for method in right {
                assert!(allowed.contains(method), "{method} is not in Allow of {}", answer.describe());
            }
        }
    }
    client.get(&session).send().expect(204);
    client.still_serves();
}

#[test]
fn a_path_that_leads_nowhere_is_404() {
    let server = server();
    let client = server.client();
    for target in [
        "/v2/app",
        "/v2/app/",
        "/v2/app/manifests",
        "/v2/app/tags",
        "/v2/app/tags/list/",
        "/v2/app/nothing/here",
        "/v2/app/referrers",
        "/v2/_chartroom/nothing",
        "/v2/_oci/ext/discover",
    ] {
        let answer = client.get(target).send().expect(404);
        assert!(!answer.error_codes().is_empty(), "{}", answer.describe());
    }
    for target in ["/nothing", "/v1/", "/v20/", "/api/v1/nothing", "/.well-known/nothing", "/etc/passwd"] {
        client.get(target).send().expect(404);
    }
    client.still_serves();
}

#[test]
fn a_manifest_has_no_empty_name() {
    let server = server();
    let client = server.client();
    for target in ["/v2/app/manifests/", "/v2/app/blobs/", "/v2/app/referrers/"] {
        let answer = client.get(target).send();
        assert!([400, 404].contains(&answer.status), "{}", answer.describe());
        assert!(!answer.error_codes().is_empty(), "{}", answer.describe());
    }
}

#[test]
fn unknown_query_parameters_are_ignored() {
    let server = server();
    let client = server.client();
    let image = Image::of("query");
    client.push_image("app", "1.0.0", &image);
    // containerd sends ns= to mirrors.
    client.get("/v2/app/manifests/1.0.0?ns=docker.io").send().expect(200);
    client.get("/v2/app/tags/list?x=1&&=&y").send().expect(200);
    client.get("/v2/?x=1").send().expect(200);
    client.get(&format!("/v2/app/manifests/{}?tag=ignored", image.digest())).send().expect(200);
    assert_eq!(client.tags("app"), ["1.0.0"]);
}
