//! Listing tags: order, pages, and numbers that are none.

use chartroom_test_support::{Client, Image, OCI_MANIFEST};

use crate::{next_page, pages, server, strings};

/// Sets tags on one image, ten at a time.
#[track_caller]
fn tag(client: &Client, repository: &str, image: &Image, tags: &[String]) {
    for ten in tags.chunks(10) {
        let query = ten.iter().map(|tag| format!("tag={tag}")).collect::<Vec<_>>().join("&");
        let target = format!("{}?{query}", image.digest());
        client.put_manifest(repository, &target, OCI_MANIFEST, &image.manifest).expect(201);
    }
}

fn flat(pages: Vec<Vec<serde_json::Value>>) -> Vec<String> {
    pages.iter().flatten().map(|tag| tag.as_str().unwrap().to_owned()).collect()
}

#[test]
fn tags_are_listed_in_ascii_order() {
    let server = server();
    let client = server.client();
    let tags =
        ["b", "B", "a", "_", "10", "9", "1", "1.0", "1.0.0", "1.0.0-a", "1-0", "1_0", "v1", "V1", "z.a", "z"];
    tag(&client, "app", &Image::of("order"), &tags.map(str::to_owned));
    let mut expected = tags.map(str::to_owned);
    expected.sort();
    let answer = client.get("/v2/app/tags/list").send().expect(200);
    assert_eq!(answer.json()["name"], "app");
    assert_eq!(strings(&answer.json()["tags"]), expected);
    assert_eq!(answer.need("Content-Type").split(';').next(), Some("application/json"));
    assert_eq!(answer.header("Link"), None);
    for size in 1..=17 {
        let listed = flat(pages(&client, &format!("/v2/app/tags/list?n={size}"), "tags"));
        assert_eq!(listed, expected, "in pages of {size}");
    }
}

#[test]
fn pages_are_exact_and_the_last_one_says_that_it_is() {
    let server = server();
    let client = server.client();
    let tags = (0..25).map(|number| format!("t{number:02}")).collect::<Vec<_>>();
    tag(&client, "some/app", &Image::of("pages"), &tags);
    let sizes = |n: usize| {
        let pages = pages(&client, &format!("/v2/some/app/tags/list?n={n}"), "tags");
        pages.iter().map(Vec::len).collect::<Vec<_>>()
    };
    assert_eq!(sizes(10), [10, 10, 5]);
    assert_eq!(sizes(5), [5, 5, 5, 5, 5]);
    assert_eq!(sizes(25), [25]);
    assert_eq!(sizes(26), [25]);
    assert_eq!(sizes(24), [24, 1]);
    let first = client.get("/v2/some/app/tags/list?n=10").send().expect(200);
    let link = first.need("Link");
    assert!(link.starts_with("</v2/some/app/tags/list?"), "{link}");
    assert!(link.contains("n=10") && link.contains("last=t09"), "{link}");
}

#[test]
fn a_listing_goes_on_after_last_which_need_not_exist() {
    let server = server();
    let client = server.client();
    let tags = ["a", "c", "e"].map(str::to_owned);
    tag(&client, "app", &Image::of("last"), &tags);
    for (last, expected) in [
        ("", vec!["a", "c", "e"]),
        ("a", vec!["c", "e"]),
        ("b", vec!["c", "e"]),
        ("A", vec!["a", "c", "e"]),
        ("d", vec!["e"]),
        ("e", vec![]),
        ("zzz", vec![]),
        ("a%2Fb", vec!["c", "e"]),
        ("%C3%A9", vec![]),
    ] {
        let answer = client.get(&format!("/v2/app/tags/list?last={last}")).send().expect(200);
        assert_eq!(strings(&answer.json()["tags"]), expected, "after {last:?}");
        assert_eq!(answer.header("Link"), None);
        let answer = client.get(&format!("/v2/app/tags/list?n=1&last={last}")).send().expect(200);
        assert_eq!(strings(&answer.json()["tags"]), expected.iter().take(1).copied().collect::<Vec<_>>());
        assert_eq!(next_page(&answer).is_some(), expected.len() > 1);
    }
}

#[test]
fn none_is_a_number_too() {
    let server = server();
    let client = server.client();
    tag(&client, "app", &Image::of("zero"), &["a".to_owned(), "b".to_owned()]);
    let answer = client.get("/v2/app/tags/list?n=0").send().expect(200);
    assert_eq!(answer.json()["tags"], serde_json::json!([]));
    assert_eq!(answer.header("Link"), None);
}

#[test]
fn a_huge_number_is_as_many_as_the_server_gives() {
    let server = server();
    let client = server.client();
    tag(&client, "app", &Image::of("huge"), &["a".to_owned(), "b".to_owned()]);
    for n in [
        "3",
        "1000000",
        "2147483648",
        "9223372036854775808",
        "18446744073709551615",
        "99999999999999999999999",
    ] {
        let answer = client.get(&format!("/v2/app/tags/list?n={n}")).send().expect(200);
        assert_eq!(strings(&answer.json()["tags"]), ["a", "b"], "{n}");
    }
}

#[test]
fn what_is_no_number_is_refused() {
    let server = server();
    let client = server.client();
    tag(&client, "app", &Image::of("bad"), &["a".to_owned()]);
    for n in ["", "-1", "+1", "1.5", "x", "0x5", "1e3", "1%20", "%00", "%D9%A1", "1;2", "1,2"] {
        for list in ["/v2/app/tags/list", "/v2/_catalog"] {
            let answer = client.get(&format!("{list}?n={n}")).send().expect(400);
            assert!(!answer.error_codes().is_empty(), "{}", answer.describe());
        }
    }
    client.still_serves();
}

#[test]
fn a_repository_that_is_not_there_has_no_list() {
    let server = server();
    let client = server.client();
    client.get("/v2/never/existed/tags/list").send().expect_error(404, &["NAME_UNKNOWN"]);
    client.get("/v2/never/existed/tags/list?n=0").send().expect_error(404, &["NAME_UNKNOWN"]);
    client.head("/v2/never/existed/tags/list").send().expect(404);
}

#[test]
fn a_repository_whose_tags_are_gone_has_an_empty_list() {
    let server = server();
    let client = server.client();
    tag(&client, "app", &Image::of("gone"), &["a".to_owned()]);
    client.delete("/v2/app/manifests/a").send().expect(202);
    let answer = client.get("/v2/app/tags/list").send().expect(200);
    assert_eq!(answer.json()["tags"], serde_json::json!([]));
    let only_digest = Image::of("by digest");
    client.push_image("other", &only_digest.digest().to_string(), &only_digest);
    assert!(client.tags("other").is_empty());
}

#[test]
fn thousands_of_tags_are_listed_completely() {
    let server = server();
    let client = server.client();
    let mut tags = (0..3_000).map(|number| format!("{}.{}.{}", number / 100, number / 10 % 10, number % 10));
    let mut tags = tags.by_ref().collect::<Vec<_>>();
    tags.sort();
    tag(&client, "app", &Image::of("thousands"), &tags);
    assert_eq!(flat(pages(&client, "/v2/app/tags/list", "tags")), tags);
    assert_eq!(flat(pages(&client, "/v2/app/tags/list?n=1000", "tags")), tags);
    assert_eq!(flat(pages(&client, "/v2/app/tags/list?n=77", "tags")), tags);
    let head = client.head("/v2/app/tags/list").send().expect(200);
    let got = client.get("/v2/app/tags/list").send().expect(200);
    assert_eq!(head.content_length(), got.body.len() as u64);
}

#[test]
fn a_listing_shows_a_new_tag_at_once() {
    let server = server();
    let client = server.client();
    let image = Image::of("fresh");
    for number in 0..50 {
        let name = format!("t{number:02}");
        tag(&client, "app", &image, std::slice::from_ref(&name));
        assert_eq!(client.tags("app").last(), Some(&name));
        if number % 3 == 0 {
            client.delete(&format!("/v2/app/manifests/{name}")).send().expect(202);
            assert_ne!(client.tags("app").last(), Some(&name));
        }
    }
}
