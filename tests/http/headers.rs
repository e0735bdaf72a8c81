//! Headers that every answer has, and request headers that nobody should mind.

use chartroom_test_support::Image;

use crate::{nowhere, server};

#[test]
fn the_base_says_that_this_is_a_registry() {
    let server = server();
    let client = server.client();
    for target in ["/v2/", "/v2"] {
        let answer = client.get(target).send().expect(200);
        assert_eq!(answer.need("Docker-Distribution-Api-Version"), "registry/2.0");
        let head = client.head(target).send().expect(200);
        assert_eq!(head.content_length(), answer.body.len() as u64);
    }
}

#[test]
fn every_answer_below_v2_carries_the_api_version() {
    let server = server();
    let client = server.client();
    let image = Image::of("version");
    client.push_image("app", "1.0.0", &image);
    let blob = client.push_blob("app", b"blob");
    let session = client.begin_upload("app");
    for (method, target) in [
        ("GET", "/v2/".to_owned()),
        ("GET", "/v2/_catalog".to_owned()),
        ("GET", "/v2/app/tags/list".to_owned()),
        ("GET", "/v2/none/tags/list".to_owned()),
        ("GET", "/v2/A/tags/list".to_owned()),
        ("GET", "/v2/app/manifests/1.0.0".to_owned()),
        ("HEAD", "/v2/app/manifests/1.0.0".to_owned()),
        ("GET", "/v2/app/manifests/none".to_owned()),
        ("HEAD", "/v2/app/manifests/none".to_owned()),
        ("PUT", "/v2/app/manifests/bad".to_owned()),
        ("GET", format!("/v2/app/blobs/{blob}")),
        ("HEAD", format!("/v2/app/blobs/{blob}")),
        ("GET", format!("/v2/app/blobs/{}", nowhere())),
        ("GET", "/v2/app/blobs/bad".to_owned()),
        ("GET", format!("/v2/app/referrers/{}", nowhere())),
        ("POST", "/v2/app/blobs/uploads/".to_owned()),
        ("GET", session.clone()),
        ("PATCH", session.clone()),
        ("PUT", session.clone()),
        ("DELETE", session),
        ("POST", "/v2/".to_owned()),
        ("GET", "/v2/nothing/here".to_owned()),
        ("DELETE", "/v2/app/manifests/1.0.0".to_owned()),
    ] {
        let answer = client.request(method, &target).send();
        assert_eq!(
            answer.header("Docker-Distribution-Api-Version"),
            Some("registry/2.0"),
            "{}",
            answer.describe()
        );
    }
    let conditional =
        client.get(&format!("/v2/app/blobs/{blob}")).header("If-None-Match", "*").send().expect(304);
    assert_eq!(conditional.need("Docker-Distribution-Api-Version"), "registry/2.0");
}

#[test]
fn head_answers_as_get_does_without_the_body() {
    let server = server();
    let client = server.client();
    let image = Image::of("head");
    client.push_image("app", "1.0.0", &image);
    let blob = client.push_blob("app", &[7; 300_000]);
    for target in [
        "/v2/".to_owned(),
        "/v2/_catalog".to_owned(),
        "/v2/app/tags/list".to_owned(),
        "/v2/app/manifests/1.0.0".to_owned(),
        format!("/v2/app/manifests/{}", image.digest()),
        format!("/v2/app/blobs/{blob}"),
        format!("/v2/app/referrers/{}", image.digest()),
        "/healthz".to_owned(),
        "/readyz".to_owned(),
        "/api/v1/charts".to_owned(),
        "/v2/app/manifests/none".to_owned(),
        format!("/v2/app/blobs/{}", nowhere()),
        "/v2/none/tags/list".to_owned(),
        "/v2/A/tags/list".to_owned(),
        "/nothing".to_owned(),
    ] {
        let got = client.get(&target).send();
        // On a connection of its own, to its end: no byte may follow the head.
        let mut raw = client.raw();
        raw.send(format!("HEAD {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        let text = raw.until_close().text();
        let (head, rest) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(rest, "", "HEAD {target} has a body");
        assert!(head.starts_with(&format!("HTTP/1.1 {}", got.status)), "{target}: {head}");
        let length = format!("content-length: {}", got.body.len());
        assert!(head.to_lowercase().lines().any(|line| line == length), "{target}: {length}: {head}");
    }
}

#[test]
fn no_answer_without_a_body_leaves_its_length_open() {
    let server = server();
    let client = server.client();
    let image = Image::of("lengths");
    let location = client.begin_upload("app");
    let patched = client.patch(&location).body("x").send().expect(202);
    let put = client.finish_upload(patched.location(), &chartroom_oci::Digest::sha256(b"x"), b"").expect(201);
    let manifest =
        client.put_manifest("app", "1", chartroom_test_support::OCI_MANIFEST, &image.manifest).expect(201);
    let deleted = client.delete("/v2/app/manifests/1").send().expect(202);
    for answer in [patched, put, manifest, deleted] {
        assert_eq!(answer.need("Content-Length"), "0", "{}", answer.describe());
        assert_eq!(answer.header("Transfer-Encoding"), None, "{}", answer.describe());
    }
}

#[test]
fn request_headers_that_do_not_matter_do_not_matter() {
    let server = server();
    let client = server.client();
    let image = Image::of("headers");
    client.push_image("app", "1.0.0", &image);
    for (name, value) in [
        ("Host", "registry.example.test:5000"),
        ("Accept", "*/*;q=0.x, application/json;;, ,"),
        ("Accept-Encoding", "gzip;q=x"),
        ("Authorization", "Basic !!!"),
        ("Authorization", "Bearer x.y.z"),
        ("Cookie", "a=b; c"),
        ("X-Forwarded-For", "1.2.3.4, junk"),
        ("X-Forwarded-Proto", "gopher"),
        ("X-Forwarded-Host", "evil.example.test"),
        ("Forwarded", "for=;proto="),
        ("If-Modified-Since", "yesterday"),
        ("If-Match", "\"x\""),
        ("Range", "bytes=0-1"),
        ("X-Request-Id", "a\tb"),
        ("Te", "trailers"),
        ("Upgrade", "h2c"),
    ] {
        let answer = client.get("/v2/app/manifests/1.0.0").header(name, value).send();
        assert!([200, 206].contains(&answer.status), "{name}: {value}: {}", answer.describe());
    }
    let bytes = client.get("/v2/").header("X-Bytes", [0xff, 0xfe]).header("User-Agent", [0xe9]).send();
    bytes.expect(200);
}

#[test]
fn where_to_go_next_does_not_depend_on_what_proxies_claim() {
    let server = server();
    let client = server.client();
    let begun = client
        .post("/v2/app/blobs/uploads/")
        .header("Host", "evil.example.test")
        .header("X-Forwarded-Host", "evil.example.test")
        .header("X-Forwarded-Proto", "https")
        .send()
        .expect(202);
    let location = begun.location();
    // Either a path, or the host that the client itself named; never one that a header claims.
    assert!(location.starts_with("/v2/app/blobs/uploads/"), "{location}");
}
