//! Taking a blob over from another repository without sending it again.

use chartroom_oci::Digest;
use chartroom_test_support::{Client, encode};

use crate::{nowhere, server};

fn mount(client: &Client, into: &str, digest: &str, from: Option<&str>) -> chartroom_test_support::Response {
    let from = from.map(|from| format!("&from={}", encode(from))).unwrap_or_default();
    client.post(&format!("/v2/{into}/blobs/uploads/?mount={}{from}", encode(digest))).send()
}

/// A refused mount has to be an upload session that works.
#[track_caller]
fn is_usable_session(client: &Client, answer: chartroom_test_support::Response, repository: &str) {
    let answer = answer.expect(202);
    let content = b"sent after the mount was refused";
    client.finish_upload(answer.location(), &Digest::sha256(content), content).expect(201);
    assert_eq!(client.blob(repository, &Digest::sha256(content)).expect(200).body, content);
}

#[test]
fn a_blob_is_mounted_from_the_repository_that_links_it() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("library/base", b"base");
    let answer = mount(&client, "app", &digest.to_string(), Some("library/base")).expect(201);
    assert_eq!(answer.digest(), digest);
    assert_eq!(client.get(answer.location()).send().expect(200).body, b"base");
    assert_eq!(client.blob("app", &digest).expect(200).body, b"base");
    // Independent from now on.
    client.delete(&format!("/v2/library/base/blobs/{digest}")).send().expect(202);
    assert_eq!(client.blob("app", &digest).expect(200).body, b"base");
}

#[test]
fn a_blob_is_mounted_from_anywhere_if_no_source_is_named() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("library/base", b"base");
    mount(&client, "app", &digest.to_string(), None).expect(201);
    assert_eq!(client.blob("app", &digest).expect(200).body, b"base");
}

#[test]
fn a_mount_that_is_not_possible_becomes_an_upload() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("library/base", b"base").to_string();
    is_usable_session(&client, mount(&client, "app", &nowhere(), Some("library/base")), "app");
    is_usable_session(&client, mount(&client, "app", &nowhere(), None), "app");
    is_usable_session(&client, mount(&client, "app", &digest, Some("library/other")), "app");
    is_usable_session(&client, mount(&client, "app", &digest, Some("never/existed")), "app");
    client.blob("app", &digest.parse().unwrap()).expect_error(404, &["BLOB_UNKNOWN"]);
}

#[test]
fn a_deleted_blob_can_no_longer_be_mounted() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("library/base", b"base").to_string();
    client.delete(&format!("/v2/library/base/blobs/{digest}")).send().expect(202);
    mount(&client, "app", &digest, Some("library/base")).expect(202);
    mount(&client, "app", &digest, None).expect(202);
}

#[test]
fn malformed_mounts_are_refused_or_become_uploads() {
    let server = server();
    let client = server.client();
    let digest = client.push_blob("library/base", b"base").to_string();
    for from in ["", "A", "../library/base", "a//b", "library/base/", "é", "\0"] {
        let answer = mount(&client, "app", &digest, Some(from));
        if answer.status == 400 {
            answer.expect_error(400, &["NAME_INVALID"]);
        } else {
            assert!([201, 202].contains(&answer.status), "{}", answer.describe());
            assert!(answer.status == 202 || from.is_empty(), "{}", answer.describe());
        }
    }
    for digest in ["", "sha256:abc", "latest", "md5:d41d8cd98f00b204e9800998ecf8427e"] {
        let answer = mount(&client, "app", digest, Some("library/base"));
        if answer.status == 400 {
            answer.expect_error(400, &["DIGEST_INVALID"]);
        } else {
            is_usable_session(&client, answer, "app");
        }
    }
    client.still_serves();
}
