//! Tags that come with a push by digest: `?tag=a&tag=b`.

use chartroom_test_support::{Client, Image, OCI_MANIFEST, Response, encode};

use crate::{nowhere, server};

#[track_caller]
fn put(client: &Client, image: &Image, tags: &[&str]) -> Response {
    let query = tags.iter().map(|tag| format!("tag={}", encode(tag))).collect::<Vec<_>>().join("&");
    client.put_manifest("app", &format!("{}?{query}", image.digest()), OCI_MANIFEST, &image.manifest)
}

/// All tags that `OCI-Tag` headers name.
fn confirmed(answer: &Response) -> Vec<String> {
    let values = answer.headers("OCI-Tag").join(",");
    let mut tags = values.split(',').map(|tag| tag.trim().to_owned()).collect::<Vec<_>>();
    tags.sort();
    tags
}

#[test]
fn a_push_by_digest_sets_all_tags_it_names() {
    let server = server();
    let client = server.client();
    let image = Image::of("tags");
    for blob in image.blobs() {
        client.push_blob("app", blob);
    }
    let tags = ["1.0.0", "1.0", "1", "latest", "stable", "a", "b", "c", "d", "e", "f", "g_h.i-j"];
    let answer = put(&client, &image, &tags).expect(201);
    let mut expected = tags.map(str::to_owned);
    expected.sort();
    assert_eq!(confirmed(&answer), expected);
    assert_eq!(client.tags("app"), expected);
    for tag in tags {
        assert_eq!(client.manifest("app", tag).expect(200).digest(), image.digest());
    }
}

#[test]
fn tags_that_exist_are_moved() {
    let server = server();
    let client = server.client();
    let (old, new) = (Image::of("old"), Image::of("new"));
    client.push_image("app", "latest", &old);
    put(&client, &new, &["latest", "2.0.0"]).expect(201);
    assert_eq!(client.manifest("app", "latest").expect(200).digest(), new.digest());
    assert_eq!(client.tags("app"), ["2.0.0", "latest"]);
}

#[test]
fn a_tag_named_twice_is_one_tag() {
    let server = server();
    let client = server.client();
    let answer = put(&client, &Image::of("twice"), &["a", "a"]).expect(201);
    assert!(confirmed(&answer).iter().all(|tag| tag == "a"), "{}", answer.describe());
    assert_eq!(client.tags("app"), ["a"]);
}

#[test]
fn one_malformed_tag_refuses_them_all() {
    let server = server();
    let client = server.client();
    let image = Image::of("malformed");
    for bad in ["", ".x", "-x", "a+b", "a b", "a/b", "a:b", "é", "\0", "a\r\nX-Evil: 1", &"a".repeat(129)] {
        let answer = put(&client, &image, &["good", bad]).expect(400);
        assert!(!answer.error_codes().is_empty(), "{}", answer.describe());
        assert_eq!(answer.header("X-Evil"), None);
    }
    client.manifest("app", "good").expect(404);
    client.manifest("app", &image.digest().to_string()).expect(404);
    client.still_serves();
}

#[test]
fn a_push_by_tag_is_not_a_push_by_digest() {
    let server = server();
    let client = server.client();
    let image = Image::of("by tag");
    let answer = client.put_manifest("app", "1.0.0?tag=other", OCI_MANIFEST, &image.manifest);
    // The specification gives the parameter to pushes by digest only.
    assert!([201, 400].contains(&answer.status), "{}", answer.describe());
    let tagged = |tag: &str| client.head(&format!("/v2/app/manifests/{tag}")).send().status == 200;
    assert_eq!(tagged("1.0.0"), answer.status == 201);
    assert_eq!(tagged("other"), answer.headers("OCI-Tag").contains(&"other"), "{}", answer.describe());
}

#[test]
fn tags_are_not_set_if_the_push_fails() {
    let server = server();
    let client = server.client();
    let image = Image::of("fails");
    let target = format!("{}?tag=a", nowhere());
    client.put_manifest("app", &target, OCI_MANIFEST, &image.manifest).expect_error(400, &["DIGEST_INVALID"]);
    let answer = client.put_manifest("app", &format!("{}?tag=a", image.digest()), OCI_MANIFEST, b"{");
    assert_eq!(answer.status, 400, "{}", answer.describe());
    client.get("/v2/app/manifests/a").send().expect(404);
}

#[test]
fn very_many_tags_at_once_are_taken_or_refused_as_a_whole() {
    let server = server();
    let client = server.client();
    let image = Image::of("very many");
    let tags = (0..2_000).map(|number| format!("t{number}")).collect::<Vec<_>>();
    let tags = tags.iter().map(String::as_str).collect::<Vec<_>>();
    let answer = put(&client, &image, &tags);
    match answer.status {
        201 => assert_eq!(confirmed(&answer).len(), tags.len()),
        status => {
            assert!([400, 413, 414, 431].contains(&status), "{}", answer.describe());
            client.manifest("app", "t0").expect(404);
        }
    }
    client.still_serves();
}
