//! Upload sessions: every way to bring a blob in, in order and out of order.

use chartroom_oci::Digest;
use chartroom_test_support::{Client, Random, Response, encode, eventually};
use std::time::Duration;

use crate::server;

/// How many bytes a session has, by its `Range` header; 0 and 1 look the same there.
#[track_caller]
fn received(answer: &Response) -> u64 {
    let range = answer.need("Range").strip_prefix("0-").expect("a range that begins at 0");
    range.parse::<u64>().expect("a number") + 1
}

/// Sends a chunk with its place and gives the answer.
#[track_caller]
fn chunk(client: &Client, location: &str, range: &str, bytes: &[u8]) -> Response {
    client.patch(location).header("Content-Range", range).body(bytes).send()
}

#[test]
fn a_session_tells_where_it_is_and_how_far_it_has_come() {
    let server = server();
    let client = server.client();
    let begun = client.post("/v2/app/blobs/uploads/").send().expect(202);
    assert_eq!(begun.content_length(), 0);
    assert!(!begun.need("Docker-Upload-UUID").is_empty());
    let status = client.get(begun.location()).send().expect(204);
    assert_eq!(status.need("Range"), "0-0");
    assert!(!status.location().is_empty());

    let patched = client.patch(begun.location()).body("0123456789").send().expect(202);
    assert_eq!((patched.need("Range"), patched.content_length()), ("0-9", 0));
    let status = client.get(patched.location()).send().expect(204);
    assert_eq!(status.need("Range"), "0-9");

    let done = client.finish_upload(status.location(), &Digest::sha256(b"0123456789ab"), b"ab").expect(201);
    assert_eq!(done.content_length(), 0);
    assert_eq!(done.digest(), Digest::sha256(b"0123456789ab"));
    assert_eq!(client.get(done.location()).send().expect(200).body, b"0123456789ab");
    client.get(status.location()).send().expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
}

#[test]
fn a_blob_can_be_sent_whole_with_the_first_request() {
    let server = server();
    let client = server.client();
    let digest = Digest::sha256(b"whole");
    let target = format!("/v2/app/blobs/uploads/?digest={}", encode(&digest.to_string()));
    let answer = client.post(&target).content_type("application/octet-stream").body("whole").send();
    let answer = answer.expect(201);
    assert_eq!(answer.digest(), digest);
    assert_eq!(client.get(answer.location()).send().expect(200).body, b"whole");
}

#[test]
fn a_post_may_have_a_content_type_and_nothing_else() {
    let server = server();
    let client = server.client();
    // As crane does.
    client.post("/v2/app/blobs/uploads/").content_type("application/json").send().expect(202);
    client.post("/v2/app/blobs/uploads").send().expect(202);
}

#[test]
fn a_blob_can_be_streamed_without_a_length() {
    let server = server();
    let client = server.client();
    let content = Random::seeded(1).bytes(1_500_000);
    let location = client.begin_upload("app");
    let patched = client.patch(&location).chunked(content.as_slice()).send().expect(202);
    assert_eq!(received(&patched), 1_500_000);
    client.finish_upload(patched.location(), &Digest::sha256(&content), b"").expect(201);
    assert_eq!(client.blob("app", &Digest::sha256(&content)).expect(200).body, content);

    let digest = Digest::sha256(b"put in chunks");
    let location = client.begin_upload("app");
    let target = chartroom_test_support::with_query(&location, "digest", &digest.to_string());
    client.put(&target).chunked(&b"put in chunks"[..]).send().expect(201);
    assert_eq!(client.blob("app", &digest).expect(200).body, b"put in chunks");
}

#[test]
fn every_spelling_of_a_chunks_place_is_understood() {
    let server = server();
    let client = server.client();
    let location = client.begin_upload("app");
    let answer = chunk(&client, &location, "0-3", b"0123").expect(202);
    let answer = chunk(&client, answer.location(), "bytes 4-7/*", b"4567").expect(202);
    let answer = chunk(&client, answer.location(), "bytes 8-9/12", b"89").expect(202);
    assert_eq!(answer.need("Range"), "0-9");
    // Without a place, it is what comes next.
    let answer = client.patch(answer.location()).body("ab").send().expect(202);
    assert_eq!(answer.need("Range"), "0-11");
    client.finish_upload(answer.location(), &Digest::sha256(b"0123456789ab"), b"").expect(201);
}

#[test]
fn a_chunk_out_of_order_is_refused_and_the_session_goes_on() {
    let server = server();
    let client = server.client();
    let location = client.begin_upload("app");
    chunk(&client, &location, "4-7", b"4567").expect_error(416, &["BLOB_UPLOAD_INVALID"]);
    client.get(&location).send().expect(204);
    let location = chunk(&client, &location, "0-3", b"0123").expect(202).location().to_owned();
    for range in ["0-3", "3-6", "5-8", "8-11", "1000000-1000003"] {
        let refused = chunk(&client, &location, range, b"4567").expect_error(416, &["BLOB_UPLOAD_INVALID"]);
        assert_eq!(received(&refused), 4);
        assert_eq!(client.get(&location).send().expect(204).need("Range"), "0-3");
    }
    // The last chunk comes with the PUT, and is held to the same.
    let digest = Digest::sha256(b"01234567").to_string();
    let target = chartroom_test_support::with_query(&location, "digest", &digest);
    let put = client.put(&target).header("Content-Range", "5-8").body("4567").send();
    put.expect_error(416, &["BLOB_UPLOAD_INVALID"]);
    assert_eq!(client.get(&location).send().expect(204).need("Range"), "0-3");
    client.put(&target).header("Content-Range", "4-7").body("4567").send().expect(201);
}

#[test]
fn a_place_that_can_not_be_read_or_true_is_refused_and_the_session_goes_on() {
    let server = server();
    let client = server.client();
    let location = client.begin_upload("app");
    let location = chunk(&client, &location, "0-3", b"0123").expect(202).location().to_owned();
    for range in [
        "x",
        "",
        "-",
        "4-",
        "-7",
        "7-4",
        "4",
        "bytes",
        "bytes 4-7/3",
        "items 4-7/*",
        "4-7,8-9",
        "4-6",
        "4-8",
        "4-99999999999999999999999",
        "99999999999999999999999-4",
        "+4-7",
        "4-0x7",
    ] {
        let answer = chunk(&client, &location, range, b"4567");
        assert!([400, 416].contains(&answer.status), "{range:?}: {}", answer.describe());
        assert!(!answer.error_codes().is_empty(), "{range:?}: {}", answer.describe());
        assert_eq!(client.get(&location).send().expect(204).need("Range"), "0-3", "{range:?}");
    }
    client.finish_upload(&location, &Digest::sha256(b"01234567"), b"4567").expect(201);
}

#[test]
fn a_cancelled_session_is_gone() {
    let server = server();
    let client = server.client();
    let location = client.begin_upload("app");
    let location = client.patch(&location).body("0123").send().expect(202).location().to_owned();
    client.delete(&location).send().expect(204);
    client.get(&location).send().expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    client.patch(&location).body("4567").send().expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    client.delete(&location).send().expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    let put = client.finish_upload(&location, &Digest::sha256(b"0123"), b"");
    put.expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    client.head(&format!("/v2/app/blobs/{}", Digest::sha256(b"0123"))).send().expect(404);
}

#[test]
fn a_session_that_never_was_is_unknown() {
    let server = server();
    let client = server.client();
    for id in [
        "00000000-0000-4000-8000-000000000000",
        "x",
        "..",
        "%2e%2e",
        "..%2f..%2fcatalog.sqlite",
        "%00",
        "'; DROP TABLE uploads; --".replace(' ', "%20").as_str(),
        &"a".repeat(2_000),
    ] {
        let location = format!("/v2/app/blobs/uploads/{id}");
        for method in ["GET", "PATCH", "DELETE"] {
            let answer = client.request(method, &location).body("x").send();
            answer.expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
        }
        let put = client.finish_upload(&location, &Digest::sha256(b"x"), b"x");
        put.expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    }
    client.still_serves();
}

#[test]
fn a_session_belongs_to_its_repository() {
    let server = server();
    let client = server.client();
    let location = client.begin_upload("mine");
    let location = client.patch(&location).body("0123").send().expect(202).location().to_owned();
    let stolen = location.replace("/v2/mine/", "/v2/theirs/");
    assert_ne!(stolen, location);
    client.get(&stolen).send().expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    client.patch(&stolen).body("4567").send().expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    client.delete(&stolen).send().expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    let put = client.finish_upload(&stolen, &Digest::sha256(b"0123"), b"");
    put.expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    client.finish_upload(&location, &Digest::sha256(b"0123"), b"").expect(201);
    client.head(&format!("/v2/theirs/blobs/{}", Digest::sha256(b"0123"))).send().expect(404);
}

#[test]
fn two_clients_on_one_session_do_not_mix_their_bytes() {
    let server = server();
    let content = Random::seeded(2).bytes(2_000_000);
    for round in 0..5 {
        let client = server.client();
        let location = client.begin_upload("app");
        let range = format!("0-{}", content.len() - 1);
        let statuses = std::thread::scope(|scope| {
            let senders =
                [0, 1].map(|_| scope.spawn(|| chunk(&server.client(), &location, &range, &content).status));
            senders.map(|sender| sender.join().unwrap())
        });
        // One of them wins, or each cuts the other off; never do both get their bytes in.
        assert!(statuses.iter().all(|status| [202, 409, 416].contains(status)), "{statuses:?}");
        assert!(statuses.iter().filter(|status| **status == 202).count() < 2, "round {round}: {statuses:?}");
        // Whoever lost may still be letting go of the session.
        let status = eventually("the session answers", Duration::from_secs(10), || {
            Some(client.get(&location).send()).filter(|answer| answer.status == 204)
        });
        let end = received(&status);
        assert!(!statuses.contains(&202) || end == content.len() as u64, "{statuses:?}: {end}");
        let from = if end == 1 { 0 } else { usize::try_from(end).unwrap() };
        client.finish_upload(&location, &Digest::sha256(&content), &content[from..]).expect(201);
    }
    assert_eq!(server.client().blob("app", &Digest::sha256(&content)).expect(200).body, content);
}

#[test]
fn many_sessions_can_be_open_at_once() {
    let server = server();
    let client = server.client();
    let mut sessions = Vec::new();
    for number in 0..200 {
        let location = client.begin_upload("app");
        let first = format!("{number} ");
        sessions.push((client.patch(&location).body(&first).send().expect(202).location().to_owned(), first));
    }
    for (location, first) in &sessions {
        let content = format!("{first}done");
        client.finish_upload(location, &Digest::sha256(content.as_bytes()), b"done").expect(201);
    }
}
