//! What one client may use up: heads, blobs, connections.

use std::time::Duration;

use chartroom_oci::Digest;
use chartroom_test_support::{Image, eventually, with_query};

use crate::{server, server_with};

#[test]
fn a_head_that_is_too_large_is_refused() {
    let server = server();
    let client = server.client();
    let refused = |status: Option<u16>| matches!(status, None | Some(400 | 431));
    let mut raw = client.raw();
    raw.send(format!("GET /v2/ HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(10_000_000)));
    let answer = raw.until_close();
    assert!(refused(answer.status()), "{}", answer.text());
    let mut raw = client.raw();
    raw.send(format!("GET /v2/ HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(100_000)));
    let answer = raw.until_close();
    assert!(refused(answer.status()), "{}", answer.text());
    // One that never ends.
    let mut raw = client.raw();
    raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n");
    let line = format!("X: {}\r\n", "y".repeat(8_000));
    let mut sent = 0;
    while sent < 100_000_000 && raw.send(&line) {
        sent += line.len();
    }
    assert!(sent < 100_000_000, "100 MB of headers were taken");
    client.still_serves();
}

#[test]
fn a_blob_above_the_limit_is_refused_in_every_way() {
    let server = server_with("[limits]\nmax_blob_bytes = \"1MiB\"\n");
    let client = server.client();
    let over = vec![7; (1 << 20) + 1];
    let digest = Digest::sha256(&over);
    let whole = with_query("/v2/app/blobs/uploads/", "digest", &digest.to_string());
    client.post(&whole).body(&over).send().expect(413);
    client.post(&whole).chunked(over.as_slice()).send().expect(413);
    let location = client.begin_upload("app");
    client.finish_upload(&location, &digest, &over).expect(413);
    let location = client.begin_upload("app");
    client.patch(&location).body(&over).send().expect(413);
    let location = client.begin_upload("app");
    let location = client.patch(&location).body(&over[1..]).send().expect(202).location().to_owned();
    client.finish_upload(&location, &digest, &over[..1]).expect(413);
    let location = client.begin_upload("app");
    client.patch(&location).chunked(std::io::repeat(7)).send().expect(413);
    client.head(&format!("/v2/app/blobs/{digest}")).send().expect(404);
    client.push_blob("app", &over[1..]);
    client.still_serves();
}

#[test]
fn more_connections_than_allowed_wait_their_turn() {
    let server = server_with("[limits]\nmax_connections = 4\n");
    let client = server.client();
    let held = (0..4)
        .map(|_| {
            let mut raw = client.raw();
            raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n");
            raw.response("GET").expect(200);
            raw
        })
        .collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| server.client().get("/v2/").send().status);
        drop(held);
        assert_eq!(waiting.join().unwrap(), 200);
    });
}

#[test]
fn memory_does_not_grow_with_what_is_refused() {
    let server = server();
    let client = server.client();
    client.push_image("app", "1.0.0", &Image::of("memory"));
    let before = server.memory_now();
    let body = vec![b'['; 8_000_000];
    for _ in 0..10 {
        client.put_manifest("app", "bad", chartroom_test_support::OCI_MANIFEST, &body);
    }
    let after = server.memory_now();
    assert!(after < before + (80 << 20), "{before} bytes became {after}");
}

#[test]
fn unfinished_requests_do_not_pile_up() {
    let server = server_with("[limits]\nheader_timeout = \"200ms\"\nidle_timeout = \"200ms\"\n");
    let client = server.client();
    let held = (0..300)
        .map(|_| {
            let mut raw = client.raw();
            raw.send("PUT /v2/app/manifests/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
            raw
        })
        .collect::<Vec<_>>();
    for raw in &held {
        eventually("the server gives up", Duration::from_secs(10), || raw.has_answer().then_some(()));
    }
    client.still_serves();
}
