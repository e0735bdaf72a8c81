//! What refers to a manifest.

use chartroom_oci::Digest;
use chartroom_test_support::{Client, Image, OCI_INDEX, OCI_MANIFEST, Response, encode, index};
use serde_json::{Value, json};

use crate::{next_page, nowhere, server};

/// Pushes an artifact about `subject`.
#[track_caller]
fn attach(client: &Client, subject: &Image, kind: &str, note: &str) -> (Digest, Response) {
    let artifact = Image::of(note).with(json!({
        "artifactType": kind,
        "subject": subject.descriptor(),
        "annotations": { "note": note },
    }));
    let answer = client.put_manifest("app", &artifact.digest().to_string(), OCI_MANIFEST, &artifact.manifest);
    (artifact.digest(), answer.expect(201))
}

#[track_caller]
fn referrers(answer: &Response) -> Vec<Value> {
    assert_eq!(answer.need("Content-Type"), OCI_INDEX);
    let body = answer.json();
    assert_eq!((&body["schemaVersion"], &body["mediaType"]), (&json!(2), &json!(OCI_INDEX)));
    body["manifests"].as_array().expect("a list, even if empty").clone()
}

fn digests(referrers: &[Value]) -> Vec<String> {
    let mut digests =
        referrers.iter().map(|entry| entry["digest"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    digests.sort();
    digests
}

#[test]
fn nothing_refers_to_what_is_not_there() {
    let server = server();
    let client = server.client();
    client.push_image("app", "1.0.0", &Image::of("lonely"));
    for target in [
        format!("/v2/never/existed/referrers/{}", nowhere()),
        format!("/v2/app/referrers/{}", nowhere()),
        format!("/v2/app/referrers/{}", Image::of("lonely").digest()),
        format!("/v2/app/referrers/sha256:{}", "0".repeat(64)),
        format!("/v2/app/referrers/sha512:{}", "0".repeat(128)),
        format!("/v2/never/existed/referrers/{}?artifactType=x", nowhere()),
    ] {
        let answer = client.get(&target).send().expect(200);
        assert!(referrers(&answer).is_empty(), "{target}");
        assert_eq!(answer.header("Link"), None);
        let head = client.head(&target).send().expect(200);
        assert_eq!(head.content_length(), answer.body.len() as u64);
    }
}

#[test]
fn a_referrer_is_listed_with_all_that_is_asked_of_it() {
    let server = server();
    let client = server.client();
    let subject = Image::of("subject");
    client.push_image("app", "1.0.0", &subject);
    let (digest, put) = attach(&client, &subject, "application/vnd.example.sbom", "one");
    assert_eq!(put.need("OCI-Subject"), subject.digest().to_string());
    let answer = client.get(&format!("/v2/app/referrers/{}", subject.digest())).send().expect(200);
    let listed = referrers(&answer);
    assert_eq!(listed.len(), 1);
    let size = client.manifest("app", &digest.to_string()).expect(200).body.len();
    assert_eq!(
        listed[0],
        json!({
            "mediaType": OCI_MANIFEST,
            "digest": digest.to_string(),
            "size": size,
            "artifactType": "application/vnd.example.sbom",
            "annotations": { "note": "one" },
        })
    );
    assert_eq!(answer.header("OCI-Filters-Applied"), None);
    // In another repository nothing is known of it.
    let other = client.get(&format!("/v2/other/referrers/{}", subject.digest())).send().expect(200);
    assert!(referrers(&other).is_empty());
}

#[test]
fn the_kind_of_a_referrer_is_what_the_specification_says() {
    let server = server();
    let client = server.client();
    let subject = Image::of("subject");
    let plain = Image::of("plain").with(json!({ "subject": subject.descriptor() }));
    client.put_manifest("app", "plain", OCI_MANIFEST, &plain.manifest).expect(201);
    let mut list = serde_json::from_slice::<Value>(&index(&[])).unwrap();
    list["subject"] = subject.descriptor();
    let put = client.put_manifest("app", "list", OCI_INDEX, list.to_string().as_bytes()).expect(201);
    assert_eq!(put.need("OCI-Subject"), subject.digest().to_string());
    let answer = client.get(&format!("/v2/app/referrers/{}", subject.digest())).send().expect(200);
    let listed = referrers(&answer);
    let of = |media_type: &str| listed.iter().find(|entry| entry["mediaType"] == media_type).unwrap();
    assert_eq!(of(OCI_MANIFEST)["artifactType"], "application/vnd.oci.image.config.v1+json");
    assert_eq!(of(OCI_INDEX).get("artifactType"), None);
}

#[test]
fn referrers_can_be_asked_for_by_their_kind() {
    let server = server();
    let client = server.client();
    let subject = Image::of("subject");
    let mut sboms = ["one", "two", "three"]
        .map(|note| attach(&client, &subject, "application/vnd.example.sbom+json", note).0.to_string());
    attach(&client, &subject, "application/vnd.example.signature", "four");
    sboms.sort();
    let target = format!("/v2/app/referrers/{}", subject.digest());
    assert_eq!(referrers(&client.get(&target).send().expect(200)).len(), 4);
    let ask = |kind: &str| client.get(&format!("{target}?artifactType={}", encode(kind))).send().expect(200);
    let answer = ask("application/vnd.example.sbom+json");
    assert_eq!(answer.need("OCI-Filters-Applied"), "artifactType");
    assert_eq!(digests(&referrers(&answer)), sboms);
    for kind in
        ["application/vnd.example.other", "x", "application/vnd.example.sbom", "a/b\r\nX-Evil: 1", "é", "'"]
    {
        let answer = ask(kind);
        assert!(referrers(&answer).is_empty(), "{kind:?}");
        assert_eq!(answer.header("X-Evil"), None);
        assert_eq!(answer.need("OCI-Filters-Applied"), "artifactType");
    }
}

#[test]
fn a_subject_may_come_later_or_go_away() {
    let server = server();
    let client = server.client();
    let subject = Image::of("later");
    let (digest, _) = attach(&client, &subject, "application/vnd.example.sbom", "early");
    let target = format!("/v2/app/referrers/{}", subject.digest());
    assert_eq!(referrers(&client.get(&target).send().expect(200)).len(), 1);
    client.push_image("app", "1.0.0", &subject);
    assert_eq!(referrers(&client.get(&target).send().expect(200)).len(), 1);
    client.delete(&format!("/v2/app/manifests/{}", subject.digest())).send().expect(202);
    assert_eq!(referrers(&client.get(&target).send().expect(200)).len(), 1);
    client.delete(&format!("/v2/app/manifests/{digest}")).send().expect(202);
    assert!(referrers(&client.get(&target).send().expect(200)).is_empty());
}

#[test]
fn a_long_list_of_referrers_comes_in_pages_that_clients_can_hold() {
    let server = server();
    let client = server.client();
    let subject = Image::of("popular");
    let note = "x".repeat(30_000);
    let mut expected = (0..300)
        .map(|number| {
            attach(&client, &subject, "application/vnd.example.sbom", &format!("{number} {note}"))
                .0
                .to_string()
        })
        .collect::<Vec<_>>();
    expected.sort();
    for first in [
        format!("/v2/app/referrers/{}", subject.digest()),
        format!("/v2/app/referrers/{}?artifactType=application%2Fvnd.example.sbom", subject.digest()),
    ] {
        let mut seen = Vec::new();
        let mut next = Some(first.clone());
        let mut pages = 0;
        while let Some(target) = next {
            let answer = client.get(&target).send().expect(200);
            assert!(answer.body.len() <= 4 << 20, "a page of {} bytes", answer.body.len());
            assert_eq!(answer.header("OCI-Filters-Applied").is_some(), first.contains("artifactType"));
            seen.extend(digests(&referrers(&answer)));
            next = next_page(&answer);
            pages += 1;
            assert!(pages < 400, "the pages do not end");
        }
        assert!(pages > 1, "9 MB on one page");
        seen.sort();
        assert_eq!(seen, expected);
    }
}
