//! Parts of blobs: `Range`.

use chartroom_oci::Digest;
use chartroom_test_support::{Client, Random, Response};

use crate::server;

const LENGTH: usize = 2_000;

fn pushed(client: &Client) -> (Digest, Vec<u8>) {
    let content = Random::seeded(3).bytes(LENGTH);
    (client.push_blob("app", &content), content)
}

fn part(client: &Client, digest: &Digest, range: &str) -> Response {
    client.get(&format!("/v2/app/blobs/{digest}")).header("Range", range).send()
}

#[test]
fn a_single_range_is_answered_with_that_part() {
    let server = server();
    let client = server.client();
    let (digest, content) = pushed(&client);
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=500-1499", 500, 1_499),
        ("bytes=500-", 500, 1_999),
        ("bytes=-500", 1_500, 1_999),
        ("bytes=-1", 1_999, 1_999),
        ("bytes=1999-1999", 1_999, 1_999),
        ("bytes=0-", 0, 1_999),
        ("bytes=0-1999", 0, 1_999),
        ("bytes=1000-5000", 1_000, 1_999),
        ("bytes=-5000", 0, 1_999),
    ] {
        let answer = part(&client, &digest, range).expect(206);
        assert_eq!(answer.body, &content[first..=last], "{range}");
        assert_eq!(answer.content_length(), (last - first + 1) as u64, "{range}");
        assert_eq!(answer.need("Content-Range"), format!("bytes {first}-{last}/{LENGTH}"), "{range}");
        assert_eq!(answer.digest(), digest);
    }
}

#[test]
fn a_range_that_the_blob_does_not_have_is_not_satisfiable() {
    let server = server();
    let client = server.client();
    let (digest, _) = pushed(&client);
    for range in ["bytes=2000-", "bytes=2000-5000", "bytes=5000-10000", "bytes=-0", "bytes=500-0"] {
        let answer = part(&client, &digest, range).expect(416);
        assert_eq!(answer.need("Content-Range"), format!("bytes */{LENGTH}"), "{range}");
        assert!(!answer.error_codes().is_empty(), "{range}: {}", answer.describe());
    }
    client.still_serves();
}

#[test]
fn a_range_that_is_none_gives_the_whole_blob_or_is_refused() {
    let server = server();
    let client = server.client();
    let (digest, content) = pushed(&client);
    for range in [
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=0-a",
        "bytes=0x0-0x5",
        "bytes=+1-5",
        "bytes=--5",
        "bytes=5",
        "items=0-5",
        "0-5",
        "",
        "bytes=,",
        // This one is a range, with more digits than need be understood.
        "bytes=10-99999999999999999999999",
    ] {
        let answer = part(&client, &digest, range);
        match answer.status {
            200 => assert_eq!(answer.body, content, "{range:?}"),
            206 => assert_eq!(answer.body, &content[10..], "{range:?}"),
            status => assert!([400, 416].contains(&status), "{range:?}: {}", answer.describe()),
        }
    }
    client.still_serves();
}

#[test]
fn several_ranges_give_the_whole_blob_or_several_parts() {
    let server = server();
    let client = server.client();
    let (digest, content) = pushed(&client);
    for range in ["bytes=0-1,5-6", "bytes=0-,0-", "bytes=0-99,50-149,-1"] {
        let answer = part(&client, &digest, range);
        match answer.status {
            200 => assert_eq!(answer.body, content),
            206 => assert!(answer.need("Content-Type").starts_with("multipart/byteranges")),
            _ => panic!("{}", answer.describe()),
        }
    }
    // Many overlapping ranges must not multiply the answer.
    let many = format!("bytes={}", vec!["0-"; 1_000].join(","));
    let answer = part(&client, &digest, &many);
    assert!(answer.body.len() <= 2 * LENGTH, "{} bytes", answer.body.len());
    client.still_serves();
}

#[test]
fn head_tells_the_length_whatever_range_it_asks_for() {
    let server = server();
    let client = server.client();
    let (digest, _) = pushed(&client);
    let head = client.head(&format!("/v2/app/blobs/{digest}")).header("Range", "bytes=0-9").send();
    match head.status {
        200 => assert_eq!(head.content_length(), LENGTH as u64),
        206 => assert_eq!(head.content_length(), 10),
        _ => panic!("{}", head.describe()),
    }
}

#[test]
fn a_range_counts_only_if_the_blob_is_still_the_one_meant() {
    let server = server();
    let client = server.client();
    let (digest, content) = pushed(&client);
    let target = format!("/v2/app/blobs/{digest}");
    let ask = |validator: &str| {
        client.get(&target).header("Range", "bytes=0-9").header("If-Range", validator).send()
    };
    assert_eq!(ask(&format!("\"{digest}\"")).expect(206).body, &content[..10]);
    assert_eq!(ask("\"something else\"").expect(200).body, content);
    assert_eq!(ask(&format!("W/\"{digest}\"")).expect(200).body, content);
}

#[test]
fn the_empty_blob_has_no_parts() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("app", b"");
    for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
        let answer = part(&client, &digest, range);
        assert!([200, 416].contains(&answer.status), "{range}: {}", answer.describe());
    }
}

#[test]
fn a_big_blob_can_be_fetched_in_parts_at_the_same_time() {
    let server = server();
    let client = server.client();
    let content = Random::seeded(4).bytes(8_000_000);
    let digest = client.push_blob("app", &content);
    // As containerd does.
    let parts = std::thread::scope(|scope| {
        let fetch = |number: usize| {
            let client = server.client();
            scope.spawn(move || {
                let range = format!("bytes={}-{}", number * 1_000_000, (number + 1) * 1_000_000 - 1);
                part(&client, &digest, &range).expect(206).body
            })
        };
        let fetches = (0..8).map(fetch).collect::<Vec<_>>();
        fetches.into_iter().flat_map(|fetch| fetch.join().unwrap()).collect::<Vec<u8>>()
    });
    assert_eq!(parts, content);
}
