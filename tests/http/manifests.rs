//! Manifests: stored, served and deleted, byte for byte.

use chartroom_oci::Digest;
use chartroom_test_support::{Image, OCI_INDEX, OCI_MANIFEST, index, manifest_of};
use serde_json::json;

use crate::{nowhere, server};

#[test]
fn a_manifest_comes_back_with_everything_that_clients_check() {
    let server = server();
    let client = server.client();
    let image = Image::of("manifest");
    for blob in image.blobs() {
        client.push_blob("app", blob);
    }
    let digest = image.digest();
    let put = client.put_manifest("app", "1.0.0", OCI_MANIFEST, &image.manifest).expect(201);
    assert_eq!((put.digest(), put.content_length()), (digest, 0));
    assert_eq!(client.get(put.location()).send().expect(200).body, image.manifest);
    for reference in ["1.0.0", &digest.to_string()] {
        let target = format!("/v2/app/manifests/{reference}");
        let got = client.get(&target).send().expect(200);
        assert_eq!(got.body, image.manifest);
        for answer in [got, client.head(&target).send().expect(200)] {
            assert_eq!(answer.content_length(), image.manifest.len() as u64);
            assert_eq!(answer.need("Content-Type"), OCI_MANIFEST);
            assert_eq!(answer.digest(), digest);
            assert_eq!(answer.need("ETag"), format!("\"{digest}\""));
            assert_eq!(answer.header("Content-Encoding"), None);
        }
    }
}

#[test]
fn bytes_are_kept_as_they_came() {
    let server = server();
    let client = server.client();
    let image = Image::of("bytes");
    for blob in image.blobs() {
        client.push_blob("app", blob);
    }
    // Unknown fields, odd spacing, escapes, an order of its own, a number that floats can't hold.
    let text = String::from_utf8(image.manifest.clone()).unwrap();
    let odd =
        text.replacen('{', "\n\t{  \"zzz\" : [1.0, 12345678901234567890, \"\\u003c\"],\r\n ", 1) + "\n ";
    let odd = odd.into_bytes();
    client.put_manifest("app", "odd", OCI_MANIFEST, &odd).expect(201);
    let got = client.manifest("app", "odd").expect(200);
    assert_eq!(got.content_length(), odd.len() as u64);
    assert_eq!(got.body, odd);
}

#[test]
fn the_type_asked_for_changes_nothing() {
    let server = server();
    let client = server.client();
    let image = Image::of("accept");
    client.push_image("app", "1.0.0", &image);
    for accept in
        ["*/*", OCI_MANIFEST, OCI_INDEX, "application/vnd.docker.distribution.manifest.v2+json", "text/html"]
    {
        let got = client.get("/v2/app/manifests/1.0.0").header("Accept", accept).send().expect(200);
        assert_eq!(got.need("Content-Type"), OCI_MANIFEST, "{accept}");
        assert_eq!(got.body, image.manifest);
    }
    let plain = client.get("/v2/app/manifests/1.0.0").header("Accept-Encoding", "gzip").send().expect(200);
    assert_eq!(plain.header("Content-Encoding"), None);
}

#[test]
fn dockers_types_are_served_as_they_came() {
    let server = server();
    let client = server.client();
    for (reference, media_type) in [
        ("image", "application/vnd.docker.distribution.manifest.v2+json"),
        ("list", "application/vnd.docker.distribution.manifest.list.v2+json"),
    ] {
        let image = Image::of("docker");
        let body = if reference == "image" {
            for blob in image.blobs() {
                client.push_blob("app", blob);
            }
            image.with(json!({ "mediaType": media_type })).manifest
        } else {
            json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": [] }).to_string().into_bytes()
        };
        client.put_manifest("app", reference, media_type, &body).expect(201);
        let got = client.manifest("app", reference).expect(200);
        assert_eq!((got.need("Content-Type"), &got.body), (media_type, &body));
    }
}

#[test]
fn a_manifest_of_3_9_megabytes_is_taken() {
    let mut server = server();
    let client = server.client();
    let image = Image::of("large");
    let annotations = (0..390).map(|number| (format!("example.test/{number:03}"), json!("x".repeat(10_000))));
    let annotations = serde_json::Value::Object(annotations.collect());
    let large = image.with(json!({ "annotations": annotations }));
    assert!(large.manifest.len() > 3_900_000);
    client.push_image("app", "large", &large);
    assert_eq!(client.manifest("app", "large").expect(200).body, large.manifest);
    server.restart();
    let client = server.client();
    assert_eq!(client.manifest("app", &large.digest().to_string()).expect(200).body, large.manifest);
    let head = client.head("/v2/app/manifests/large").send().expect(200);
    assert_eq!(head.content_length(), large.manifest.len() as u64);
}

#[test]
fn a_tag_can_be_moved_and_the_old_manifest_stays() {
    let server = server();
    let client = server.client();
    let (old, new) = (Image::of("old"), Image::of("new"));
    client.push_image("app", "latest", &old);
    client.push_image("app", "latest", &new);
    assert_eq!(client.manifest("app", "latest").expect(200).digest(), new.digest());
    assert_eq!(client.manifest("app", &old.digest().to_string()).expect(200).body, old.manifest);
}

#[test]
fn a_deleted_tag_is_gone_at_once_and_its_manifest_is_not() {
    let server = server();
    let client = server.client();
    let image = Image::of("tagged");
    client.push_image("app", "one", &image);
    client.push_image("app", "two", &image);
    client.delete("/v2/app/manifests/one").send().expect(202);
    client.manifest("app", "one").expect_error(404, &["MANIFEST_UNKNOWN"]);
    client.head("/v2/app/manifests/one").send().expect(404);
    client.delete("/v2/app/manifests/one").send().expect_error(404, &["MANIFEST_UNKNOWN"]);
    assert_eq!(client.tags("app"), ["two"]);
    client.manifest("app", "two").expect(200);
    client.manifest("app", &image.digest().to_string()).expect(200);
}

#[test]
fn a_deleted_manifest_takes_its_tags_with_it() {
    let server = server();
    let client = server.client();
    let (image, other) = (Image::of("tagged"), Image::of("other"));
    client.push_image("app", "one", &image);
    client.push_image("app", "two", &image);
    client.push_image("app", "three", &other);
    client.push_image("elsewhere", "one", &image);
    let target = format!("/v2/app/manifests/{}", image.digest());
    client.delete(&target).send().expect(202);
    client.get(&target).send().expect_error(404, &["MANIFEST_UNKNOWN"]);
    client.manifest("app", "one").expect_error(404, &["MANIFEST_UNKNOWN"]);
    client.manifest("app", "two").expect_error(404, &["MANIFEST_UNKNOWN"]);
    client.delete(&target).send().expect_error(404, &["MANIFEST_UNKNOWN"]);
    assert_eq!(client.tags("app"), ["three"]);
    client.manifest("elsewhere", "one").expect(200);
    // And it can come back.
    client.push_image("app", "one", &image);
    assert_eq!(client.manifest("app", "one").expect(200).body, image.manifest);
}

#[test]
fn a_manifest_that_is_not_there_is_unknown() {
    let server = server();
    let client = server.client();
    client.push_image("app", "1.0.0", &Image::of("present"));
    for repository in ["app", "never/existed"] {
        for reference in ["2.0.0", &nowhere()] {
            let target = format!("/v2/{repository}/manifests/{reference}");
            client.get(&target).send().expect_error(404, &["MANIFEST_UNKNOWN", "NAME_UNKNOWN"]);
            client.delete(&target).send().expect_error(404, &["MANIFEST_UNKNOWN", "NAME_UNKNOWN"]);
            client.head(&target).send().expect(404);
        }
    }
    client.manifest("app", "2.0.0").expect_error(404, &["MANIFEST_UNKNOWN"]);
}

#[test]
fn what_a_manifest_names_need_not_be_there() {
    let server = server();
    let client = server.client();
    let sparse = Image::of("sparse");
    client.put_manifest("app", "image", OCI_MANIFEST, &sparse.manifest).expect(201);
    assert_eq!(client.manifest("app", "image").expect(200).body, sparse.manifest);
    let body = index(&[sparse.descriptor(), Image::of("missing").descriptor()]);
    client.put_manifest("app", "index", OCI_INDEX, &body).expect(201);
    assert_eq!(client.manifest("app", "index").expect(200).body, body);
    // What comes later completes it.
    for blob in sparse.blobs() {
        let digest = client.push_blob("app", blob);
        client.blob("app", &digest).expect(200);
    }
}

#[test]
fn unusual_manifests_are_manifests() {
    let server = server();
    let client = server.client();
    let config = b"{}".to_vec();
    client.push_blob("app", &config);
    let empty_index = index(&[]);
    let no_layers = manifest_of(&config, &[]).to_string().into_bytes();
    let mut artifact = manifest_of(&config, &[]);
    artifact["artifactType"] = "application/vnd.example.thing".into();
    artifact["config"]["data"] = "e30=".into();
    artifact["subject"] = Image::of("no such subject").descriptor();
    let mut foreign = manifest_of(&config, &[]);
    foreign["layers"] = json!([{
        "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "digest": nowhere(),
        "size": 123,
        "urls": ["https://example.test/layer"],
    }]);
    let custom = json!({ "anything": ["at", "all"] }).to_string().into_bytes();
    for (tag, media_type, body) in [
        ("empty-index", OCI_INDEX, empty_index),
        ("no-layers", OCI_MANIFEST, no_layers),
        ("artifact", OCI_MANIFEST, artifact.to_string().into_bytes()),
        ("foreign", OCI_MANIFEST, foreign.to_string().into_bytes()),
        ("custom", "application/vnd.example.manifest.v1+json", custom),
    ] {
        client.put_manifest("app", tag, media_type, &body).expect(201);
        let got = client.manifest("app", tag).expect(200);
        assert_eq!((got.need("Content-Type"), &got.body), (media_type, &body), "{tag}");
        assert_eq!(got.digest(), Digest::sha256(&body), "{tag}");
    }
}

#[test]
fn putting_the_same_again_is_fine() {
    let server = server();
    let client = server.client();
    let image = Image::of("again");
    for _ in 0..3 {
        client.push_image("app", "1.0.0", &image);
        client.push_image("app", &image.digest().to_string(), &image);
    }
    assert_eq!(client.tags("app"), ["1.0.0"]);
}
