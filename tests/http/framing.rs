//! HTTP itself, broken: lengths that lie or contradict each other, heads that never end.

use std::time::Duration;

use chartroom_oci::Digest;
use chartroom_test_support::{Client, RawResponse, eventually};

use crate::{server, server_with};

/// Sends bytes on a connection of their own, says that this was all, and reads until the server
/// closes.
fn says(client: &Client, bytes: impl AsRef<[u8]>) -> RawResponse {
    let mut raw = client.raw();
    raw.send(bytes);
    raw.half_close();
    raw.until_close()
}

#[test]
fn lengths_that_are_none_are_refused() {
    let server = server();
    let client = server.client();
    for length in ["-1", "+5", "0x5", "5.0", "five", "", "5 5", "5,6", "99999999999999999999999999"] {
        let location = client.begin_upload("app");
        let head = format!("PATCH {location} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n01234");
        let answer = says(&client, head);
        assert!(matches!(answer.status(), None | Some(400 | 413)), "{length:?}: {}", answer.text());
        let status = client.get(&location).send().expect(204);
        assert_eq!(status.need("Range"), "0-0", "{length:?}");
    }
    client.still_serves();
}

#[test]
fn lengths_that_contradict_each_other_are_refused() {
    let server = server();
    let client = server.client();
    let smuggled = "GET /v2/_catalog HTTP/1.1\r\nHost: x\r\n\r\n";
    for headers in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Transfer-Encoding: identity, chunked, identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, gzip",
        "Content-Length: 5\r\nTransfer-Encoding: gzip",
    ] {
        let location = client.begin_upload("app");
        let answer = says(
            &client,
            format!("PATCH {location} HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n0\r\n\r\n{smuggled}"),
        );
        assert!(matches!(answer.status(), None | Some(400 | 501)), "{headers:?}: {}", answer.text());
        assert!(!answer.text().contains("repositories"), "{headers:?}: {}", answer.text());
    }
    client.still_serves();
}

#[test]
fn more_bytes_than_declared_are_not_part_of_the_body() {
    let server = server();
    let client = server.client();
    let whole = Digest::sha256(b"0123456789");
    let location = client.begin_upload("app");
    let target = chartroom_test_support::with_query(&location, "digest", &whole.to_string());
    let answer =
        says(&client, format!("PUT {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n0123456789"));
    assert_eq!(answer.status(), Some(400), "{}", answer.text());
    client.head(&format!("/v2/app/blobs/{whole}")).send().expect(404);
    client.head(&format!("/v2/app/blobs/{}", Digest::sha256(b"01234"))).send().expect(404);
    client.still_serves();
}

#[test]
fn chunks_that_are_none_are_refused() {
    let server = server();
    let client = server.client();
    for body in [
        "5\r\n0123456789\r\n0\r\n\r\n",
        "x\r\n01234\r\n0\r\n\r\n",
        "-5\r\n01234\r\n0\r\n\r\n",
        "fffffffffffffffffff\r\n01234\r\n0\r\n\r\n",
        "5\r\n01234",
        "5\r\n01234\r\n",
        "5\r\n01",
        "",
    ] {
        let digest = Digest::sha256(b"01234");
        let target = format!("/v2/app/blobs/uploads/?digest={digest}");
        let answer = says(
            &client,
            format!("POST {target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{body}"),
        );
        assert!(matches!(answer.status(), None | Some(400)), "{body:?}: {}", answer.text());
        client.head(&format!("/v2/app/blobs/{digest}")).send().expect(404);
    }
    client.still_serves();
}

#[test]
fn what_is_no_http_is_not_answered_as_if_it_were() {
    let server = server();
    let client = server.client();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS client hello"[..],
        b"\0\0\0\0\0\0\0\0",
        b"hello\r\n\r\n",
        b"GET /v2/\r\n\r\n",
        b"GET /v2/ HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET  /v2/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v2/ HTTP/1.1\r\nHost : x\r\nBad Name: y\r\n\r\n",
        b"GET /v2/ HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"",
    ] {
        let answer = says(&client, bytes);
        let status = answer.status();
        assert!(matches!(status, None | Some(400 | 505)), "{bytes:?}: {}", answer.text());
    }
    client.still_serves();
}

#[test]
fn http_1_0_is_answered_and_the_connection_closed() {
    let server = server();
    let answer = says(&server.client(), "GET /v2/ HTTP/1.0\r\n\r\n");
    let text = answer.text();
    assert!(text.starts_with("HTTP/1.0 200") || text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(!text.to_lowercase().contains("transfer-encoding"), "{text}");
}

#[test]
fn requests_that_come_at_once_are_answered_in_order() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("app", b"pipelined");
    let mut raw = client.raw();
    raw.send(format!(
        "GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\nGET /v2/app/blobs/{digest} HTTP/1.1\r\nHost: x\r\n\r\n\
         HEAD /v2/app/blobs/{digest} HTTP/1.1\r\nHost: x\r\n\r\nGET /v2/A/tags/list HTTP/1.1\r\nHost: x\r\n\r\n"
    ));
    raw.response("GET").expect(200);
    assert_eq!(raw.response("GET").expect(200).body, b"pipelined");
    raw.response("HEAD").expect(200);
    raw.response("GET").expect(400);
}

#[test]
fn a_client_that_asks_before_it_sends_is_told_to_go_on() {
    let server = server();
    let client = server.client();
    let location = client.begin_upload("app");
    let mut raw = client.raw();
    raw.send(format!(
        "PATCH {location} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    ));
    eventually("the interim answer", Duration::from_secs(10), || raw.has_answer().then_some(()));
    raw.send("0123");
    assert_eq!(raw.response("PATCH").expect(202).need("Range"), "0-3");
}

#[test]
fn a_head_that_never_ends_is_cut_off() {
    let server = server_with("[limits]\nheader_timeout = \"300ms\"\n");
    let client = server.client();
    for bytes in ["", "G", "GET /v2/ HTTP/1.1\r\n", "GET /v2/ HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let mut raw = client.raw();
        raw.send(bytes);
        let answer = raw.until_close();
        assert!(matches!(answer.status(), None | Some(400 | 408)), "{bytes:?}: {}", answer.text());
        assert!(answer.took < Duration::from_secs(8), "{bytes:?}: {:?}", answer.took);
    }
    client.still_serves();
}

#[test]
fn a_head_that_drips_is_cut_off_however_busy_it_looks() {
    let server = server_with("[limits]\nheader_timeout = \"300ms\"\n");
    let client = server.client();
    let mut raw = client.raw();
    raw.send("GET /v2/ HTTP/1.1\r\n");
    eventually("the server gives up", Duration::from_secs(10), || {
        (raw.has_answer() || !raw.send("X: y\r\n")).then_some(())
    });
    client.still_serves();
}

#[test]
fn a_body_that_stands_still_is_cut_off() {
    let server = server_with("[limits]\nidle_timeout = \"300ms\"\n");
    let client = server.client();
    let location = client.begin_upload("app");
    let mut raw = client.raw();
    raw.send(format!("PATCH {location} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n0123"));
    let answer = raw.until_close();
    assert!(matches!(answer.status(), None | Some(400 | 408)), "{}", answer.text());
    // And the session can be used by somebody who does send.
    let status = eventually("the session answers", Duration::from_secs(10), || {
        Some(client.get(&location).send()).filter(|answer| answer.status == 204)
    });
    let kept = if status.need("Range") == "0-3" { 4 } else { 0 };
    client.finish_upload(&location, &Digest::sha256(b"0123456"), &b"0123456"[kept..]).expect(201);
}

#[test]
fn slow_clients_do_not_keep_others_out() {
    let server = server();
    let client = server.client();
    let mut held = Vec::new();
    for _ in 0..200 {
        let mut raw = client.raw();
        raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        held.push(raw);
    }
    client.still_serves();
    client.push_blob("app", b"in between");
    for mut raw in held {
        raw.send("at last\r\n\r\n");
        raw.response("GET").expect(200);
    }
}
