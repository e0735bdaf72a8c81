//! Uploads that break off: by the network, by the client, by the server's end.

use std::time::Duration;

use chartroom_oci::Digest;
use chartroom_test_support::{ChaosProxy, Client, Random, eventually};

use crate::server;

/// How many bytes a session holds, once the server has noticed what happened to it.
fn settled(client: &Client, location: &str) -> usize {
    let ask = || client.get(location).send();
    let status = eventually("the session answers", Duration::from_secs(10), || {
        Some(ask()).filter(|answer| answer.status == 204)
    });
    let end = status.need("Range").strip_prefix("0-").unwrap().parse::<usize>().unwrap();
    if end == 0 { 0 } else { end + 1 }
}

/// Sends the rest, from where the session is, as a client that resumes does.
#[track_caller]
fn resume(client: &Client, location: &str, content: &[u8]) {
    let mut from = settled(client, location);
    loop {
        let range = format!("{from}-{}", content.len() - 1);
        let answer = client.patch(location).header("Content-Range", range).body(&content[from..]).send();
        // An upload that broke off may still be winding down.
        if answer.status == 416 {
            from = settled(client, location);
            continue;
        }
        let answer = answer.expect(202);
        client.finish_upload(answer.location(), &Digest::sha256(content), b"").expect(201);
        break;
    }
    assert_eq!(client.blob("app", &Digest::sha256(content)).expect(200).body, content);
}

#[test]
fn an_upload_is_resumed_after_the_connection_broke() {
    let server = server();
    let proxy = ChaosProxy::start(server.addr());
    let client = server.client();
    for (round, cut) in [1_000, 300_000, 1_000_000, 3_999_000].into_iter().enumerate() {
        let content = Random::seeded(round as u64).bytes(4_000_000);
        let location = client.begin_upload("app");
        proxy.cut_after_to_server(cut);
        let broken = Client::new(proxy.addr()).patch(&location).body(&content).try_send();
        assert!(broken.is_err(), "{:?}", broken.map(|answer| answer.describe()));
        proxy.wait_for_cuts(round as u64 + 1, Duration::from_secs(10));
        assert!(settled(&client, &location) <= usize::try_from(cut).unwrap());
        resume(&client, &location, &content);
    }
}

#[test]
fn an_upload_is_resumed_after_a_streamed_body_broke_off() {
    let server = server();
    let proxy = ChaosProxy::start(server.addr());
    let client = server.client();
    let content = Random::seeded(9).bytes(4_000_000);
    let location = client.begin_upload("app");
    proxy.cut_after_to_server(2_000_000);
    let broken = Client::new(proxy.addr()).patch(&location).chunked(content.as_slice()).try_send();
    assert!(broken.is_err());
    resume(&client, &location, &content);
}

#[test]
fn an_upload_whose_answer_was_lost_can_go_on() {
    let server = server();
    let proxy = ChaosProxy::start(server.addr());
    let client = server.client();
    let content = Random::seeded(10).bytes(1_000_000);
    let location = client.begin_upload("app");
    proxy.cut_after_to_client(10);
    let half = &content[..500_000];
    assert!(Client::new(proxy.addr()).patch(&location).body(half).try_send().is_err());
    resume(&client, &location, &content);
}

#[test]
fn a_put_that_broke_off_stores_nothing_and_can_be_repeated() {
    let server = server();
    let proxy = ChaosProxy::start(server.addr());
    let client = server.client();
    let content = Random::seeded(11).bytes(3_000_000);
    let digest = Digest::sha256(&content);
    let location = client.begin_upload("app");
    let target = chartroom_test_support::with_query(&location, "digest", &digest.to_string());
    proxy.cut_after_to_server(1_500_000);
    assert!(Client::new(proxy.addr()).put(&target).body(&content).try_send().is_err());
    client.head(&format!("/v2/app/blobs/{digest}")).send().expect(404);
    resume(&client, &location, &content);
}

#[test]
fn a_session_survives_the_servers_death() {
    let mut server = server();
    let content = Random::seeded(12).bytes(3_000_000);
    let client = server.client();
    let location = client.begin_upload("app");
    let first = client.patch(&location).body(&content[..1_000_000]).send().expect(202);
    assert_eq!(first.need("Range"), "0-999999");
    server.kill();
    server.restart();
    let client = server.client();
    assert_eq!(settled(&client, first.location()), 1_000_000);
    let second = client.patch(first.location()).body(&content[1_000_000..2_000_000]).send().expect(202);
    server.restart();
    let client = server.client();
    client.finish_upload(second.location(), &Digest::sha256(&content), &content[2_000_000..]).expect(201);
    server.restart();
    assert_eq!(server.client().blob("app", &Digest::sha256(&content)).expect(200).body, content);
}

#[test]
fn a_session_survives_the_servers_death_in_the_middle_of_a_request() {
    let mut server = server();
    let content = Random::seeded(13).bytes(4_000_000);
    let client = server.client();
    let location = client.begin_upload("app");
    let location =
        client.patch(&location).body(&content[..1_000_000]).send().expect(202).location().to_owned();
    let mut raw = client.raw();
    raw.send(format!("PATCH {location} HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"));
    raw.send(&content[1_000_000..2_500_000]);
    server.kill();
    server.restart();
    let client = server.client();
    let kept = settled(&client, &location);
    assert!((1_000_000..=2_500_000).contains(&kept), "{kept}");
    resume(&client, &location, &content);
}

#[test]
fn an_upload_shorter_than_it_says_is_not_taken_for_whole() {
    let server = server();
    let client = server.client();
    let content = b"only half of it";
    let digest = Digest::sha256(content);
    let whole = format!("/v2/app/blobs/uploads/?digest={digest}");
    let location = client.begin_upload("app");
    let put = chartroom_test_support::with_query(&location, "digest", &digest.to_string());
    for (method, target) in [("POST", &whole), ("PUT", &put)] {
        let mut raw = client.raw();
        raw.send(format!("{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"));
        raw.send(content);
        raw.half_close();
        let answer = raw.until_close();
        assert!(matches!(answer.status(), None | Some(400)), "{}", answer.text());
        client.head(&format!("/v2/app/blobs/{digest}")).send().expect(404);
    }
    client.still_serves();
}

#[test]
fn a_manifest_shorter_than_it_says_is_not_taken_for_whole() {
    let server = server();
    let client = server.client();
    let image = chartroom_test_support::Image::of("short");
    client.push_image("app", "present", &image);
    let mut raw = client.raw();
    raw.send(format!(
        "PUT /v2/app/manifests/short HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
        chartroom_test_support::OCI_MANIFEST,
        image.manifest.len() + 1,
    ));
    raw.send(&image.manifest);
    raw.half_close();
    let answer = raw.until_close();
    assert!(matches!(answer.status(), None | Some(400)), "{}", answer.text());
    assert_eq!(client.tags("app"), ["present"]);
    client.still_serves();
}

#[test]
fn a_client_that_says_all_and_closes_its_side_has_said_all() {
    let server = server();
    let client = server.client();
    let location = client.begin_upload("app");
    let mut raw = client.raw();
    raw.send(format!(
        "PATCH {location} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n0123"
    ));
    raw.half_close();
    let answer = raw.until_close();
    // The answer may be lost with the connection, the bytes may not be half there.
    assert!(matches!(answer.status(), None | Some(202)), "{}", answer.text());
    let kept = settled(&client, &location);
    assert!(kept == 4 || (kept == 0 && answer.status().is_none()), "{kept}");
    client.finish_upload(&location, &Digest::sha256(b"0123456"), &b"0123456"[kept..]).expect(201);
}

#[test]
fn a_download_that_nobody_finishes_harms_nobody() {
    let server = server();
    let client = server.client();
    let content = Random::seeded(14).bytes(20_000_000);
    let digest = client.push_blob("app", &content);
    for _ in 0..20 {
        let mut raw = client.raw();
        raw.send(format!("GET /v2/app/blobs/{digest} HTTP/1.1\r\nHost: x\r\n\r\n"));
        eventually("the answer begins", Duration::from_secs(10), || raw.has_answer().then_some(()));
    }
    let mut sink = Vec::new();
    client.get(&format!("/v2/app/blobs/{digest}")).send_into(&mut sink).expect(200);
    assert_eq!(Digest::sha256(&sink), digest);
    client.still_serves();
}
