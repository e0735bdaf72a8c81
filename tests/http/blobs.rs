//! Reading and deleting blobs, and who may see which.

use chartroom_oci::Digest;
use chartroom_test_support::{Image, Random};

use crate::{nowhere, server};

#[test]
fn a_blob_comes_back_with_everything_that_clients_check() {
    let server = server();
    let client = server.client();
    // One that fits a single read, and some that don't.
    for length in [1, 1_000, 65_536, 262_144, 262_145, 3_000_001] {
        let content = Random::seeded(length as u64).bytes(length);
        let digest = client.push_blob("app", &content);
        let got = client.blob("app", &digest).expect(200);
        assert_eq!(got.body, content);
        let head = client.head(&format!("/v2/app/blobs/{digest}")).send().expect(200);
        for answer in [&got, &head] {
            assert_eq!(answer.content_length(), length as u64);
            assert_eq!(answer.digest(), digest);
            assert_eq!(answer.need("Accept-Ranges"), "bytes");
            assert_eq!(answer.need("Content-Type"), "application/octet-stream");
            assert_eq!(answer.need("ETag"), format!("\"{digest}\""));
            assert_eq!(answer.header("Content-Encoding"), None);
            assert_eq!(answer.header("Transfer-Encoding"), None);
        }
    }
}

#[test]
fn the_empty_blob_is_a_blob() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("app", b"");
    let got = client.blob("app", &digest).expect(200);
    assert_eq!((got.content_length(), got.body.len()), (0, 0));
    assert_eq!(client.head(&format!("/v2/app/blobs/{digest}")).send().expect(200).content_length(), 0);
}

#[test]
fn bytes_are_not_compressed_whatever_the_client_would_take() {
    let server = server();
    let client = server.client();
    let content = vec![b'a'; 100_000];
    let digest = client.push_blob("app", &content);
    let encodings = "zstd;q=1.0, gzip;q=0.8, deflate;q=0.5";
    let got = client.get(&format!("/v2/app/blobs/{digest}")).header("Accept-Encoding", encodings).send();
    let got = got.expect(200);
    assert_eq!((got.header("Content-Encoding"), got.content_length()), (None, 100_000));
    assert_eq!(got.body, content);
}

#[test]
fn a_blob_that_is_not_there_is_unknown() {
    let server = server();
    let client = server.client();
    client.push_image("app", "1.0.0", &Image::of("present"));
    let digest = nowhere();
    for repository in ["app", "never/existed"] {
        let target = format!("/v2/{repository}/blobs/{digest}");
        client.get(&target).send().expect_error(404, &["BLOB_UNKNOWN", "NAME_UNKNOWN"]);
        client.delete(&target).send().expect_error(404, &["BLOB_UNKNOWN", "NAME_UNKNOWN"]);
        let head = client.head(&target).send().expect(404);
        assert!(head.body.is_empty());
    }
    client.get(&format!("/v2/app/blobs/{digest}")).send().expect_error(404, &["BLOB_UNKNOWN"]);
}

#[test]
fn a_blob_is_read_only_through_a_repository_that_links_it() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("mine", b"only mine");
    client.push_image("theirs", "1.0.0", &Image::of("theirs"));
    for repository in ["theirs", "mine/too", "min"] {
        let target = format!("/v2/{repository}/blobs/{digest}");
        client.get(&target).send().expect(404);
        client.head(&target).send().expect(404);
        client.get(&target).header("Range", "bytes=0-1").send().expect(404);
        client.get(&target).header("If-None-Match", format!("\"{digest}\"")).send().expect(404);
        client.delete(&target).send().expect(404);
    }
    assert_eq!(client.blob("mine", &digest).expect(200).body, b"only mine");
}

#[test]
fn a_manifest_that_names_a_foreign_blob_does_not_open_it() {
    let server = server();
    let client = server.client();
    let secret = Image::of("secret");
    client.push_image("mine", "1.0.0", &secret);
    // Accepted as a sparse manifest; it must not link what it names.
    let target = format!("/v2/theirs/manifests/{}", secret.digest());
    client.put(&target).content_type(chartroom_test_support::OCI_MANIFEST).body(&secret.manifest).send();
    for blob in secret.blobs() {
        client.blob("theirs", &Digest::sha256(blob)).expect_error(404, &["BLOB_UNKNOWN"]);
    }
}

#[test]
fn a_blob_is_not_a_manifest_and_a_manifest_is_not_a_blob() {
    let server = server();
    let client = server.client();
    let image = Image::of("either");
    client.push_image("app", "1.0.0", &image);
    client.blob("app", &image.digest()).expect_error(404, &["BLOB_UNKNOWN"]);
    let config = Digest::sha256(&image.config).to_string();
    client.manifest("app", &config).expect_error(404, &["MANIFEST_UNKNOWN"]);
}

#[test]
fn a_deleted_blob_is_gone_at_once_and_only_there() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("one", b"shared");
    client.push_blob("two", b"shared");
    let target = format!("/v2/one/blobs/{digest}");
    client.get(&target).send().expect(200);
    client.delete(&target).send().expect(202);
    client.get(&target).send().expect_error(404, &["BLOB_UNKNOWN"]);
    client.head(&target).send().expect(404);
    client.delete(&target).send().expect_error(404, &["BLOB_UNKNOWN"]);
    assert_eq!(client.blob("two", &digest).expect(200).body, b"shared");
    // And it can come back.
    client.push_blob("one", b"shared");
    assert_eq!(client.blob("one", &digest).expect(200).body, b"shared");
}

#[test]
fn pushing_a_blob_twice_is_fine() {
    let server = server();
    let client = server.client();
    let first = client.push_blob("app", b"again");
    assert_eq!(client.push_blob("app", b"again"), first);
    assert_eq!(client.blob("app", &first).expect(200).body, b"again");
}
