//! Listing repositories.

use chartroom_test_support::{Image, OCI_MANIFEST};

use crate::{next_page, pages, server, strings};

#[test]
fn repositories_are_listed_in_ascii_order_and_in_pages() {
    let server = server();
    let client = server.client();
    assert_eq!(client.get("/v2/_catalog").send().expect(200).json()["repositories"], serde_json::json!([]));
    let names = ["b", "a", "a/b", "a-b", "a.b", "a_b", "a/b/c", "a0", "z/z", "10", "9"];
    let image = Image::of("catalog");
    for name in names {
        client.put_manifest(name, "1.0.0", OCI_MANIFEST, &image.manifest).expect(201);
    }
    let mut expected = names.map(str::to_owned);
    expected.sort();
    let whole = client.get("/v2/_catalog").send().expect(200);
    assert_eq!(strings(&whole.json()["repositories"]), expected);
    assert_eq!(whole.header("Link"), None);
    for size in 1..=12 {
        let pages = pages(&client, &format!("/v2/_catalog?n={size}"), "repositories");
        assert_eq!(pages.len(), names.len().div_ceil(size), "in pages of {size}");
        let listed = pages.iter().flatten().map(|name| name.as_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(listed, expected, "in pages of {size}");
    }
}

#[test]
fn the_next_page_begins_after_the_last_name() {
    let server = server();
    let client = server.client();
    for name in ["a", "a/b", "c"] {
        client.put_manifest(name, "1.0.0", OCI_MANIFEST, &Image::of(name).manifest).expect(201);
    }
    for (last, expected) in [
        ("a", vec!["a/b", "c"]),
        ("a/a", vec!["a/b", "c"]),
        ("a%2Fb", vec!["c"]),
        ("b", vec!["c"]),
        ("c", vec![]),
        ("zzz", vec![]),
        ("A", vec!["a", "a/b", "c"]),
    ] {
        let answer = client.get(&format!("/v2/_catalog?last={last}")).send().expect(200);
        assert_eq!(strings(&answer.json()["repositories"]), expected, "after {last}");
    }
    let none = client.get("/v2/_catalog?n=0").send().expect(200);
    assert_eq!((none.json()["repositories"].clone(), next_page(&none)), (serde_json::json!([]), None));
    client.get("/v2/_catalog?n=99999999999999999999").send().expect(200);
}

#[test]
fn a_repository_without_manifests_is_not_listed() {
    let server = server();
    let client = server.client();
    client.push_blob("only/blobs", b"a blob");
    let image = Image::of("deleted");
    client.push_image("emptied", "1.0.0", &image);
    client.push_image("kept", "1.0.0", &image);
    client.delete(&format!("/v2/emptied/manifests/{}", image.digest())).send().expect(202);
    let listed = client.get("/v2/_catalog").send().expect(200).json();
    assert_eq!(strings(&listed["repositories"]), ["kept"]);
}
