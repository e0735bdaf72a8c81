//! Manifests that are none: broken, ambiguous, too large, of a type that is no type.

use chartroom_test_support::{Client, Image, OCI_INDEX, OCI_MANIFEST, Response};
use serde_json::json;

use crate::{server, server_with};

/// Puts a manifest under the tag `bad`.
#[track_caller]
fn put(client: &Client, media_type: &str, body: &[u8]) -> Response {
    client.put_manifest("app", "bad", media_type, body)
}

/// Checks that nothing came of it.
#[track_caller]
fn nothing_stored(client: &Client) {
    client.head("/v2/app/manifests/bad").send().expect(404);
    client.still_serves();
}

#[test]
fn what_is_no_json_object_is_refused() {
    let server = server();
    let client = server.client();
    let deep = format!(r#"{{"schemaVersion":2,"config":{}"#, "[".repeat(1_000_000));
    let deep_objects = format!(r#"{{"schemaVersion":2,"x":{}"#, r#"{"x":"#.repeat(200_000));
    let closed = format!(r#"{{"schemaVersion":2,"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        &b""[..],
        b" ",
        b"{",
        b"}",
        b"null",
        b"true",
        b"2",
        b"[]",
        b"[{}]",
        b"\"{}\"",
        b"{}x",
        b"{\"schemaVersion\":2,}",
        b"{'schemaVersion':2}",
        b"\xff\xfe{\0}\0",
        b"\xef\xbb\xbf{}",
        b"{\"schemaVersion\":2,\"x\":\"\xff\"}",
        b"{\"schemaVersion\":2,\"x\":\"\\ud800\"}",
        b"schemaVersion: 2",
        b"<manifest/>",
        &[0; 1_000],
        deep.as_bytes(),
        deep_objects.as_bytes(),
        closed.as_bytes(),
    ] {
        for media_type in [OCI_MANIFEST, OCI_INDEX] {
            put(&client, media_type, body).expect_error(400, &["MANIFEST_INVALID"]);
        }
    }
    nothing_stored(&client);
}

#[test]
fn fields_of_the_wrong_type_are_refused() {
    let server = server();
    let client = server.client();
    let image = Image::of("fields");
    for blob in image.blobs() {
        client.push_blob("app", blob);
    }
    let descriptor = image.descriptor();
    let with = |name: &str, value: serde_json::Value| {
        let mut changed = descriptor.clone();
        changed[name] = value;
        changed
    };
    for fields in [
        json!({ "schemaVersion": 1 }),
        json!({ "schemaVersion": "2" }),
        json!({ "schemaVersion": null }),
        json!({ "schemaVersion": 3 }),
        json!({ "schemaVersion": -2 }),
        json!({ "mediaType": 5 }),
        json!({ "config": null }),
        json!({ "config": "x" }),
        json!({ "config": [] }),
        json!({ "config": {} }),
        json!({ "layers": {} }),
        json!({ "layers": "x" }),
        json!({ "layers": [null] }),
        json!({ "layers": [[]] }),
        json!({ "layers": [{}] }),
        json!({ "layers": [with("size", (-1).into())] }),
        json!({ "layers": [with("size", 1.5.into())] }),
        json!({ "layers": [with("size", "1".into())] }),
        json!({ "layers": [with("size", json!(1e30))] }),
        json!({ "layers": [with("digest", 5.into())] }),
        json!({ "layers": [with("mediaType", 5.into())] }),
        json!({ "subject": "x" }),
        json!({ "subject": [] }),
        json!({ "subject": with("size", (-1).into()) }),
        json!({ "artifactType": 5 }),
        json!({ "annotations": [] }),
        json!({ "annotations": { "a": 5 } }),
    ] {
        let image = image.clone().with(fields.clone());
        let answer = put(&client, OCI_MANIFEST, &image.manifest);
        assert_eq!(answer.status, 400, "{fields}: {}", answer.describe());
        answer.expect_error(400, &["MANIFEST_INVALID", "DIGEST_INVALID", "SIZE_INVALID"]);
    }
    let twice = String::from_utf8(image.manifest.clone()).unwrap().replacen('{', r#"{"config":{},"#, 1);
    put(&client, OCI_MANIFEST, twice.as_bytes()).expect_error(400, &["MANIFEST_INVALID"]);
    nothing_stored(&client);
}

#[test]
fn a_manifest_that_could_be_two_things_is_refused() {
    let server = server();
    let client = server.client();
    let image = Image::of("ambiguous");
    for blob in image.blobs() {
        client.push_blob("app", blob);
    }
    let both = image.clone().with(json!({ "manifests": [] }));
    put(&client, OCI_MANIFEST, &both.manifest).expect_error(400, &["MANIFEST_INVALID"]);
    put(&client, OCI_INDEX, &both.manifest).expect_error(400, &["MANIFEST_INVALID"]);
    let both = both.with(json!({ "mediaType": null }));
    put(&client, OCI_MANIFEST, &both.manifest).expect_error(400, &["MANIFEST_INVALID"]);
    put(&client, OCI_INDEX, &both.manifest).expect_error(400, &["MANIFEST_INVALID"]);
    let other = "application/vnd.example.manifest.v1+json";
    put(&client, other, &both.manifest).expect_error(400, &["MANIFEST_INVALID"]);
    nothing_stored(&client);
}

#[test]
fn a_header_and_a_field_that_disagree_on_the_type_are_refused() {
    let server = server();
    let client = server.client();
    let image = Image::of("disagree");
    for media_type in [OCI_INDEX, "application/vnd.docker.distribution.manifest.v2+json", "application/json"]
    {
        put(&client, media_type, &image.manifest).expect_error(400, &["MANIFEST_INVALID"]);
    }
    let index = chartroom_test_support::index(&[]);
    put(&client, OCI_MANIFEST, &index).expect_error(400, &["MANIFEST_INVALID"]);
    nothing_stored(&client);
}

#[test]
fn parameters_of_the_content_type_do_not_matter() {
    let server = server();
    let client = server.client();
    let image = Image::of("parameters");
    for blob in image.blobs() {
        client.push_blob("app", blob);
    }
    for parameters in ["; charset=utf-8", ";charset=\"UTF-8\"", " ; a=b; c=d", ";"] {
        put(&client, &format!("{OCI_MANIFEST}{parameters}"), &image.manifest).expect(201);
        let got = client.manifest("app", "bad").expect(200);
        assert_eq!(got.need("Content-Type"), OCI_MANIFEST);
        client.delete("/v2/app/manifests/bad").send().expect(202);
    }
}

#[test]
fn without_a_content_type_the_manifest_itself_tells() {
    let server = server();
    let client = server.client();
    let image = Image::of("untyped");
    for blob in image.blobs() {
        client.push_blob("app", blob);
    }
    client.put("/v2/app/manifests/typed").body(&image.manifest).send().expect(201);
    assert_eq!(client.manifest("app", "typed").expect(200).need("Content-Type"), OCI_MANIFEST);
    let refused = client.put("/v2/app/manifests/bad").body("{}").send();
    refused.expect_error(400, &["MANIFEST_INVALID"]);
    nothing_stored(&client);
}

#[test]
fn a_content_type_that_is_none_is_refused() {
    let server = server();
    let client = server.client();
    let body = br#"{"schemaVersion":2}"#;
    let long = format!("application/{}", "x".repeat(1_000));
    for media_type in ["x", "/", "a/", "/b", "a/b/c", "*/*", "a b/c", "a/b c", "<script>/x", "é/b", &long] {
        put(&client, media_type, body).expect_error(400, &["MANIFEST_INVALID"]);
    }
    nothing_stored(&client);
}

#[test]
fn a_type_can_not_smuggle_a_header() {
    let server = server();
    let client = server.client();
    for injected in ["application/x\r\nX-Evil: 1", "application/x\nX-Evil: 1", "application/x\0", "a/b\u{85}"]
    {
        let image = Image::of("evil").with(json!({ "mediaType": injected }));
        let answer = client.put("/v2/app/manifests/bad").body(&image.manifest).send();
        assert_eq!(answer.header("X-Evil"), None);
        answer.expect_error(400, &["MANIFEST_INVALID"]);
        let descriptor = json!({ "mediaType": injected, "digest": crate::nowhere(), "size": 1 });
        let image = Image::of("evil").with(json!({ "layers": [descriptor] }));
        put(&client, OCI_MANIFEST, &image.manifest).expect_error(400, &["MANIFEST_INVALID"]);
    }
    nothing_stored(&client);
}

#[test]
fn a_manifest_above_the_limit_is_too_large() {
    let server = server_with("[limits]\nmax_manifest_bytes = \"4MiB\"\n");
    let client = server.client();
    let over = Image::of("over").with(json!({ "padding": "x".repeat(4 << 20) }));
    let codes = ["SIZE_INVALID", "MANIFEST_INVALID"];
    put(&client, OCI_MANIFEST, &over.manifest).expect_error(413, &codes);
    let streamed = client.put("/v2/app/manifests/bad").content_type(OCI_MANIFEST);
    streamed.chunked(over.manifest.as_slice()).send().expect_error(413, &codes);
    // Refused by what it says alone: nothing of it needs to be sent.
    let declared = client.put("/v2/app/manifests/bad").content_type(OCI_MANIFEST);
    let declared = declared.header("Content-Length", "1000000000000").send();
    declared.expect_error(413, &codes);
    // And endless ones end.
    let endless = client.put("/v2/app/manifests/bad").content_type(OCI_MANIFEST);
    endless.chunked(std::io::repeat(b' ')).send().expect_error(413, &codes);
    nothing_stored(&client);
    let image = Image::of("just fits");
    let room = (4 << 20) - image.clone().with(json!({ "padding": "" })).manifest.len();
    let image = image.with(json!({ "padding": "x".repeat(room) }));
    assert_eq!(image.manifest.len(), 4 << 20);
    put(&client, OCI_MANIFEST, &image.manifest).expect(201);
}

#[test]
fn thousands_of_layers_are_no_problem() {
    let server = server();
    let client = server.client();
    let layers = (0..10_000)
        .map(|number| {
            let digest = chartroom_oci::Digest::sha256(format!("{number}").as_bytes()).to_string();
            json!({ "mediaType": "application/octet-stream", "digest": digest, "size": number })
        })
        .collect::<Vec<_>>();
    let image = Image::of("many").with(json!({ "layers": layers }));
    client.push_blob("app", &image.config);
    client.put_manifest("app", "many", OCI_MANIFEST, &image.manifest).expect(201);
    assert_eq!(client.manifest("app", "many").expect(200).body, image.manifest);
}
