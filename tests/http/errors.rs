//! What an error looks like: status, code, message, and nothing of the server's inside.

use chartroom_test_support::Image;

use crate::{nowhere, server};

#[test]
fn each_kind_of_error_has_its_status_and_its_code() {
    let server = server();
    let client = server.client();
    let image = Image::of("errors");
    client.push_image("app", "1.0.0", &image);
    let session = client.begin_upload("app");
    let id = session.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let digest = nowhere();
    for (method, target, status, code) in [
        ("GET", "/v2/A/tags/list".to_owned(), 400, "NAME_INVALID"),
        ("GET", "/v2/none/tags/list".to_owned(), 404, "NAME_UNKNOWN"),
        ("GET", "/v2/app/manifests/none".to_owned(), 404, "MANIFEST_UNKNOWN"),
        ("GET", format!("/v2/app/manifests/{digest}"), 404, "MANIFEST_UNKNOWN"),
        ("DELETE", "/v2/app/manifests/none".to_owned(), 404, "MANIFEST_UNKNOWN"),
        ("GET", format!("/v2/app/blobs/{digest}"), 404, "BLOB_UNKNOWN"),
        ("DELETE", format!("/v2/app/blobs/{digest}"), 404, "BLOB_UNKNOWN"),
        ("GET", "/v2/app/blobs/sha256:x".to_owned(), 400, "DIGEST_INVALID"),
        ("GET", "/v2/app/manifests/sha256:x".to_owned(), 400, "DIGEST_INVALID"),
        ("GET", "/v2/app/referrers/sha256:x".to_owned(), 400, "DIGEST_INVALID"),
        ("PUT", "/v2/app/manifests/new".to_owned(), 400, "MANIFEST_INVALID"),
        ("PUT", session.clone(), 400, "DIGEST_INVALID"),
        ("PATCH", format!("/v2/other/blobs/uploads/{id}"), 404, "BLOB_UPLOAD_UNKNOWN"),
        ("GET", "/v2/app/blobs/uploads/none".to_owned(), 404, "BLOB_UPLOAD_UNKNOWN"),
        ("POST", "/v2/app/manifests/1.0.0".to_owned(), 405, "UNSUPPORTED"),
    ] {
        client.request(method, &target).send().expect_error(status, &[code]);
    }
    let patch = client.patch(&session).header("Content-Range", "9-9").body("x").send();
    patch.expect_error(416, &["BLOB_UPLOAD_INVALID"]);
}

#[test]
fn a_message_says_what_was_wrong_with_what() {
    let server = server();
    let client = server.client();
    client.push_image("app", "1.0.0", &Image::of("messages"));
    let message = |target: &str| {
        let answer = client.get(target).send();
        answer.json()["errors"][0]["message"].as_str().unwrap().to_owned()
    };
    let unknown = message("/v2/app/manifests/9.9.9");
    assert!(unknown.contains("9.9.9") && unknown.contains("app"), "{unknown}");
    let unknown = message("/v2/no/such/repository/tags/list");
    assert!(unknown.contains("no/such/repository"), "{unknown}");
    let digest = nowhere();
    let unknown = message(&format!("/v2/app/blobs/{digest}"));
    assert!(unknown.contains(&digest), "{unknown}");
    let mismatch =
        client.put_manifest("app", &digest, chartroom_test_support::OCI_MANIFEST, &Image::of("x").manifest);
    assert!(mismatch.text().contains(&digest), "{}", mismatch.text());
}

#[test]
fn an_error_shows_nothing_of_the_servers_inside() {
    let server = server();
    let client = server.client();
    let data = server.data().to_string_lossy().into_owned();
    for target in [
        "/v2/A/tags/list",
        "/v2/app/blobs/sha256:x",
        "/v2/app/blobs/uploads/..%2f",
        "/nothing",
        "/v2/%00/tags/list",
    ] {
        let text = client.get(target).send().text();
        for inside in [data.as_str(), "panicked", "src/", ".rs:", "sqlite", "SELECT"] {
            assert!(!text.contains(inside), "{target}: {text}");
        }
    }
}

#[test]
fn an_error_repeats_what_was_asked_without_harm() {
    let server = server();
    let client = server.client();
    let answer = client.get("/v2/app/manifests/%3Cscript%3Ealert(1)%3C%2Fscript%3E").send();
    assert!([400, 404].contains(&answer.status));
    assert!(answer.need("Content-Type").starts_with("application/json"), "{}", answer.describe());
    let long = client.get(&format!("/v2/app/manifests/{}", "x".repeat(30_000))).send();
    assert!(long.body.len() <= 8 * 1024, "{} bytes", long.body.len());
}

#[test]
fn a_refusal_before_the_body_is_read_says_so_if_the_connection_ends_with_it() {
    let server = server();
    let client = server.client();
    for target in
        ["/v2/A/manifests/1", "/v2/app/manifests/.bad", "/v2/app/blobs/uploads/none", "/v2/app/tags/list"]
    {
        let mut raw = client.raw();
        raw.send(format!("PUT {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"));
        let answer = raw.response("PUT");
        assert!((400..500).contains(&answer.status), "{}", answer.describe());
        if answer.header("Connection").is_none_or(|value| !value.eq_ignore_ascii_case("close")) {
            // Then the client may go on: it sends what it promised, and the next request.
            raw.send(vec![b'x'; 60_000]);
            raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n");
            raw.response("GET").expect(200);
        }
    }
    client.still_serves();
}

#[test]
fn a_refused_upload_does_not_break_the_connection_for_what_follows() {
    let server = server();
    let client = server.client();
    for _ in 0..20 {
        // Small enough to be sent before the answer comes: the server has to read or drop it.
        client.put("/v2/app/manifests/.bad").body(&vec![b'x'; 60_000]).send().expect(400);
        client.patch("/v2/app/blobs/uploads/none").body(&vec![b'x'; 60_000]).send().expect(404);
        client.put("/v2/A/manifests/1").body(&vec![b'x'; 60_000]).send().expect(400);
        client.get("/v2/").send().expect(200);
    }
    // And a large one gets its answer although nobody wants the body.
    client.patch("/v2/app/blobs/uploads/none").reader(1 << 34, std::io::repeat(0)).send().expect(404);
    client.still_serves();
}
