//! `ETag` and `If-None-Match`: not sending what the client has already.

use chartroom_test_support::Image;

use crate::{nowhere, server};

#[test]
fn what_the_client_has_is_not_sent_again() {
    let server = server();
    let client = server.client();
    let image = Image::of("conditional");
    client.push_image("app", "1.0.0", &image);
    let blob = client.push_blob("app", b"conditional");
    for (target, digest) in [
        ("/v2/app/manifests/1.0.0".to_owned(), image.digest()),
        (format!("/v2/app/manifests/{}", image.digest()), image.digest()),
        (format!("/v2/app/blobs/{blob}"), blob),
    ] {
        let other = nowhere();
        for (condition, matches) in [
            (format!("\"{digest}\""), true),
            (digest.to_string(), true),
            (format!("W/\"{digest}\""), true),
            ("*".to_owned(), true),
            (format!("\"{other}\", \"{digest}\""), true),
            (format!("\"x\",W/\"{digest}\" , \"y\""), true),
            (format!("\"{other}\""), false),
            (format!("\"{}\"", digest.hex()), false),
            (String::new(), false),
            ("\"".to_owned(), false),
        ] {
            for method in ["GET", "HEAD"] {
                let answer = client.request(method, &target).header("If-None-Match", &condition).send();
                let expected = if matches { 304 } else { 200 };
                assert_eq!(answer.status, expected, "{condition}: {}", answer.describe());
                assert_eq!(answer.need("ETag"), format!("\"{digest}\""));
                assert_eq!(answer.digest(), digest);
                if matches {
                    assert!(answer.body.is_empty());
                }
            }
        }
    }
}

#[test]
fn a_tag_that_moved_is_sent_again() {
    let server = server();
    let client = server.client();
    let (old, new) = (Image::of("old"), Image::of("new"));
    client.push_image("app", "latest", &old);
    let etag = client.manifest("app", "latest").expect(200).need("ETag").to_owned();
    let ask = || client.get("/v2/app/manifests/latest").header("If-None-Match", &etag).send();
    ask().expect(304);
    client.push_image("app", "latest", &new);
    assert_eq!(ask().expect(200).body, new.manifest);
}

#[test]
fn what_is_not_there_matches_nothing() {
    let server = server();
    let client = server.client();
    let digest = nowhere();
    for target in [
        "/v2/app/manifests/1.0.0".to_owned(),
        format!("/v2/app/manifests/{digest}"),
        format!("/v2/app/blobs/{digest}"),
    ] {
        for condition in ["*", &format!("\"{digest}\"")] {
            client.get(&target).header("If-None-Match", condition).send().expect(404);
            client.head(&target).header("If-None-Match", condition).send().expect(404);
        }
    }
}

#[test]
fn an_answer_without_content_leaves_the_connection_usable() {
    let server = server();
    let client = server.client();
    let image = Image::of("after 304");
    client.push_image("app", "1.0.0", &image);
    let mut raw = client.raw();
    let condition = format!("If-None-Match: \"{}\"", image.digest());
    for _ in 0..3 {
        raw.send(format!("GET /v2/app/manifests/1.0.0 HTTP/1.1\r\nHost: x\r\n{condition}\r\n\r\n"));
        raw.response("GET").expect(304);
        raw.send("HEAD /v2/app/manifests/1.0.0 HTTP/1.1\r\nHost: x\r\n\r\n");
        raw.response("HEAD").expect(200);
        raw.send("GET /v2/app/manifests/1.0.0 HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_eq!(raw.response("GET").expect(200).body, image.manifest);
    }
}
