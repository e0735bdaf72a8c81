//! Malformed and unsupported digests, wherever one can stand.

use chartroom_oci::Digest;
use chartroom_test_support::{Image, OCI_MANIFEST, encode};
use serde_json::json;

use crate::{nowhere, server};

fn malformed() -> Vec<String> {
    let hex = "0123456789abcdef".repeat(4);
    vec![
        "sha256:".to_owned(),
        "sha256:abc".to_owned(),
        "sha256:baddigeststring".to_owned(),
        format!("sha256:{}", &hex[..63]),
        format!("sha256:{hex}0"),
        format!("sha256:{}", hex.to_uppercase()),
        format!("sha256:g{}", &hex[1..]),
        format!("SHA256:{hex}"),
        format!("sha512:{hex}"),
        format!("sha384:{hex}"),
        format!("md5:{}", &hex[..32]),
        format!("unknown:{hex}"),
        format!(":{hex}"),
        format!("sha256:sha256:{hex}"),
        format!("sha256:{hex}:"),
        format!("sha256:{hex}%00"),
        format!("sha256:{hex}%20"),
        format!("sha256:..%2f{}", &hex[6..]),
        ":".to_owned(),
    ]
}

#[test]
fn a_malformed_digest_is_refused_by_every_endpoint() {
    let server = server();
    let client = server.client();
    let image = Image::of("digests");
    client.push_image("app", "1.0.0", &image);
    for digest in malformed() {
        for (method, kind) in [
            ("GET", "blobs"),
            ("DELETE", "blobs"),
            ("GET", "manifests"),
            ("DELETE", "manifests"),
            ("GET", "referrers"),
        ] {
            let answer = client.request(method, &format!("/v2/app/{kind}/{digest}")).send();
            answer.expect_error(400, &["DIGEST_INVALID"]);
        }
        client.head(&format!("/v2/app/blobs/{digest}")).send().expect(400);
        client.head(&format!("/v2/app/manifests/{digest}")).send().expect(400);
        let put = client.put_manifest("app", &digest, OCI_MANIFEST, &image.manifest);
        put.expect_error(400, &["DIGEST_INVALID"]);
    }
    assert_eq!(client.tags("app"), ["1.0.0"]);
    client.still_serves();
}

#[test]
fn a_blob_needs_something_that_looks_like_a_digest() {
    let server = server();
    let client = server.client();
    for digest in ["latest", "1.0.0", "0123", "-", "a%2Fb"] {
        let answer = client.get(&format!("/v2/app/blobs/{digest}")).send();
        assert!([400, 404].contains(&answer.status), "{}", answer.describe());
        let answer = client.get(&format!("/v2/app/referrers/{digest}")).send();
        assert!([400, 404].contains(&answer.status), "{}", answer.describe());
    }
    client.still_serves();
}

#[test]
fn an_upload_is_not_finished_by_a_malformed_digest_and_can_go_on() {
    let server = server();
    let client = server.client();
    let location = client.begin_upload("app");
    let location = client.patch(&location).body("some bytes").send().expect(202).location().to_owned();
    let separator = if location.contains('?') { '&' } else { '?' };
    for digest in malformed() {
        let target = format!("{location}{separator}digest={digest}");
        client.put(&target).send().expect_error(400, &["DIGEST_INVALID"]);
    }
    client.put(&location).send().expect_error(400, &["DIGEST_INVALID"]);
    client.finish_upload(&location, &Digest::sha256(b"some bytes"), b"").expect(201);
}

#[test]
fn a_whole_push_with_a_malformed_digest_stores_nothing() {
    let server = server();
    let client = server.client();
    for digest in malformed() {
        let target = format!("/v2/app/blobs/uploads/?digest={digest}");
        client.post(&target).body("content").send().expect_error(400, &["DIGEST_INVALID"]);
    }
    client.head(&format!("/v2/app/blobs/{}", Digest::sha256(b"content"))).send().expect(404);
}

#[test]
fn content_that_does_not_match_its_digest_is_refused_and_nothing_is_left() {
    let server = server();
    let client = server.client();
    let wrong = nowhere();
    let gone = |content: &[u8]| {
        client.head(&format!("/v2/app/blobs/{wrong}")).send().expect(404);
        client.head(&format!("/v2/app/blobs/{}", Digest::sha256(content))).send().expect(404);
    };

    let whole = format!("/v2/app/blobs/uploads/?digest={}", encode(&wrong));
    client.post(&whole).body("post").send().expect_error(400, &["DIGEST_INVALID"]);
    gone(b"post");

    let location = client.begin_upload("app");
    let digest = wrong.parse().unwrap();
    client.finish_upload(&location, &digest, b"put").expect_error(400, &["DIGEST_INVALID"]);
    gone(b"put");

    let location = client.begin_upload("app");
    let location = client.patch(&location).body("pat").send().expect(202).location().to_owned();
    client.finish_upload(&location, &digest, b"ch").expect_error(400, &["DIGEST_INVALID"]);
    gone(b"patch");

    // The right digest, of the other length: one byte more than was sent.
    let location = client.begin_upload("app");
    let digest = Digest::sha256(b"content!");
    client.finish_upload(&location, &digest, b"content").expect_error(400, &["DIGEST_INVALID"]);
    gone(b"content");
}

#[test]
fn a_manifest_that_does_not_match_its_digest_is_refused() {
    let server = server();
    let client = server.client();
    let image = Image::of("mismatch");
    for blob in image.blobs() {
        client.push_blob("app", blob);
    }
    let other = nowhere();
    client.put_manifest("app", &other, OCI_MANIFEST, &image.manifest).expect_error(400, &["DIGEST_INVALID"]);
    let tagged = format!("{other}?tag=1.0.0");
    client.put_manifest("app", &tagged, OCI_MANIFEST, &image.manifest).expect_error(400, &["DIGEST_INVALID"]);
    client.head(&format!("/v2/app/manifests/{other}")).send().expect(404);
    client.head(&format!("/v2/app/manifests/{}", image.digest())).send().expect(404);
    client.head("/v2/app/manifests/1.0.0").send().expect(404);
}

#[test]
fn malformed_digests_inside_a_manifest_are_refused() {
    let server = server();
    let client = server.client();
    for digest in ["", "sha256:abc", "latest", "../../../etc/passwd", "md5:d41d8cd98f00b204e9800998ecf8427e"]
    {
        let descriptor = json!({ "mediaType": "application/octet-stream", "digest": digest, "size": 1 });
        for fields in [
            json!({ "config": descriptor }),
            json!({ "layers": [descriptor] }),
            json!({ "subject": descriptor }),
        ] {
            let image = Image::of("inside").with(fields);
            let put = client.put_manifest("app", "1.0.0", OCI_MANIFEST, &image.manifest);
            put.expect_error(400, &["MANIFEST_INVALID", "DIGEST_INVALID"]);
        }
    }
    client.head("/v2/app/manifests/1.0.0").send().expect(404);
    client.still_serves();
}
