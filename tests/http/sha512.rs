//! SHA-512: pushed, read, tagged and remembered as such.

use chartroom_oci::{Algorithm, Digest};
use chartroom_test_support::{Image, OCI_MANIFEST, encode};

use crate::server;

fn sha512(content: &[u8]) -> Digest {
    Digest::of(Algorithm::Sha512, content)
}

#[test]
fn a_blob_can_be_pushed_under_sha512_in_every_way() {
    let server = server();
    let client = server.client();
    let readable = |content: &[u8]| {
        let got = client.blob("app", &sha512(content)).expect(200);
        assert_eq!((got.digest(), got.body.as_slice()), (sha512(content), content));
        let head = client.head(&format!("/v2/app/blobs/{}", sha512(content))).send().expect(200);
        assert_eq!(head.content_length(), content.len() as u64);
    };

    let digest = encode(&sha512(b"post").to_string());
    let target = format!("/v2/app/blobs/uploads/?digest={digest}");
    assert_eq!(client.post(&target).body("post").send().expect(201).digest(), sha512(b"post"));
    readable(b"post");

    // The algorithm is only named at the end.
    let location = client.begin_upload("app");
    let location = client.patch(&location).body("pa").send().expect(202).location().to_owned();
    assert_eq!(
        client.finish_upload(&location, &sha512(b"patch"), b"tch").expect(201).digest(),
        sha512(b"patch")
    );
    readable(b"patch");

    // The algorithm is named at the start.
    let begun = client.post("/v2/app/blobs/uploads/?digest-algorithm=sha512").send().expect(202);
    let location = client.patch(begun.location()).body("ann").send().expect(202).location().to_owned();
    client.finish_upload(&location, &sha512(b"announced"), b"ounced").expect(201);
    readable(b"announced");
}

#[test]
fn an_algorithm_that_is_not_known_is_refused_at_the_start() {
    let server = server();
    let client = server.client();
    for algorithm in ["md5", "sha384", "SHA256", "", "sha256%00"] {
        let target = format!("/v2/app/blobs/uploads/?digest-algorithm={algorithm}");
        client.post(&target).send().expect_error(400, &["DIGEST_INVALID"]);
    }
    client.post("/v2/app/blobs/uploads/?digest-algorithm=sha256").send().expect(202);
}

#[test]
fn a_wrong_sha512_is_a_mismatch() {
    let server = server();
    let client = server.client();
    let location = client.begin_upload("app");
    client.finish_upload(&location, &sha512(b"other"), b"content").expect_error(400, &["DIGEST_INVALID"]);
    client.head(&format!("/v2/app/blobs/{}", sha512(b"content"))).send().expect(404);
    client.head(&format!("/v2/app/blobs/{}", sha512(b"other"))).send().expect(404);
}

#[test]
fn a_tag_remembers_the_algorithm_it_was_pushed_under() {
    let server = server();
    let client = server.client();
    let image = Image::of("remembered");
    client.push_image("app", "plain", &image);
    let digest = sha512(&image.manifest);
    let tagged = format!("{digest}?tag=long");
    let put = client.put_manifest("app", &tagged, OCI_MANIFEST, &image.manifest).expect(201);
    assert_eq!(put.digest(), digest);
    assert_eq!(client.manifest("app", "long").expect(200).digest(), digest);
    assert_eq!(client.head("/v2/app/manifests/long").send().expect(200).digest(), digest);
    assert_eq!(client.manifest("app", "plain").expect(200).digest(), image.digest());
    assert_eq!(client.manifest("app", &digest.to_string()).expect(200).body, image.manifest);
    // Each of the two is deleted for itself.
    client.delete(&format!("/v2/app/manifests/{digest}")).send().expect(202);
    client.manifest("app", "long").expect_error(404, &["MANIFEST_UNKNOWN"]);
    client.manifest("app", "plain").expect(200);
}

#[test]
fn a_manifest_may_refer_to_blobs_by_sha512() {
    let mut server = server();
    let client = server.client();
    let layer = b"a layer named by its long digest";
    let location = client.begin_upload("app");
    client.finish_upload(&location, &sha512(layer), layer).expect(201);
    let image = Image::of("mixed");
    let image = image.with(serde_json::json!({ "layers": [{
        "mediaType": "application/octet-stream",
        "digest": sha512(layer).to_string(),
        "size": layer.len(),
    }]}));
    client.push_blob("app", &image.config);
    client.put_manifest("app", "1.0.0", OCI_MANIFEST, &image.manifest).expect(201);
    server.restart();
    let client = server.client();
    assert_eq!(client.blob("app", &sha512(layer)).expect(200).body, layer);
    assert_eq!(client.manifest("app", "1.0.0").expect(200).body, image.manifest);
}
