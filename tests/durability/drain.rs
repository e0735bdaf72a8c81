//! A server that is asked to stop finishes what it has begun, and begins nothing new.

use std::net::TcpStream;
use std::time::Duration;

use chartroom_oci::Digest;
use chartroom_test_support::{Image, Random, eventually, with_query};

use crate::{builder, is_clean};

#[test]
fn a_running_upload_is_finished() {
    let mut server = builder().start();
    let client = server.client();
    let content = Random::seeded(1).bytes(2_000_000);
    let digest = Digest::sha256(&content);
    let target = with_query(&client.begin_upload("app"), "digest", &digest.to_string());
    let mut raw = client.raw();
    raw.send(format!("PUT {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", content.len()));
    raw.send(&content[..1_000_000]);
    server.ask_to_stop();
    eventually("no new connection is taken", Duration::from_secs(10), || {
        TcpStream::connect(server.addr()).is_err().then_some(())
    });
    raw.send(&content[1_000_000..]);
    raw.response("PUT").expect(201);
    assert!(server.wait().success(), "{}", server.stderr());
    server.restart();
    assert_eq!(server.client().blob("app", &digest).expect(200).body, content);
}

#[test]
fn a_running_download_is_finished() {
    let mut server = builder().start();
    let content = Random::seeded(2).bytes(30_000_000);
    let digest = server.client().push_blob("app", &content);
    let mut raw = server.client().raw();
    raw.send(format!("GET /v2/app/blobs/{digest} HTTP/1.1\r\nHost: x\r\n\r\n"));
    eventually("the answer begins", Duration::from_secs(10), || raw.has_answer().then_some(()));
    server.ask_to_stop();
    assert_eq!(raw.response("GET").expect(200).body, content);
    assert!(server.wait().success(), "{}", server.stderr());
}

#[test]
fn idle_connections_do_not_hold_it_up() {
    let mut server = builder().start();
    let idle = (0..20)
        .map(|number| {
            let mut raw = server.client().raw();
            // Half of them have never asked for anything.
            if number % 2 == 0 {
                raw.send("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n");
                raw.response("GET").expect(200);
            }
            raw
        })
        .collect::<Vec<_>>();
    assert!(server.terminate().success(), "{}", server.stderr());
    drop(idle);
}

#[test]
fn a_client_that_never_finishes_is_not_waited_for_for_ever() {
    let mut server = builder().config("[limits]\ndrain_timeout = \"200ms\"\n").start();
    let client = server.client();
    let location = client.begin_upload("app");
    let mut raw = client.raw();
    raw.send(format!("PATCH {location} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n0123"));
    server.ask_to_stop();
    server.wait();
    server.restart();
    server.client().get(&location).send().expect(204);
    is_clean(&mut server);
}

#[test]
fn an_interrupt_from_the_terminal_is_heeded_too() {
    let mut server = builder().start();
    server.client().push_image("app", "1.0.0", &Image::of("interrupt"));
    chartroom_test_support::signal(server.pid(), "INT");
    assert!(server.wait().success(), "{}", server.stderr());
    server.restart();
    server.client().manifest("app", "1.0.0").expect(200);
}
