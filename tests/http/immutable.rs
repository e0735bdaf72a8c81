//! `charts.immutable_versions`: a chart version that is there stays what it is, whatever route
//! somebody takes to change it.

use chartroom_test_support::{
    Chart, ChartBuilder, Client, Image, OCI_INDEX, OCI_MANIFEST, TestServer, index,
};

use crate::{server, server_with};

const IMMUTABLE: &str = "[charts]\nimmutable_versions = true\n";
const REPOSITORY: &str = "charts/webapp";

fn version(version: &str, description: &str) -> Chart {
    ChartBuilder::new("webapp", version).field("description", description).build()
}

/// A server that has version 1.0.0, and another chart that claims to be it, with its blobs there.
fn with_first() -> (TestServer, Chart, Chart) {
    let server = server_with(IMMUTABLE);
    let (first, second) = (version("1.0.0", "first"), version("1.0.0", "second"));
    first.push(&server.client(), REPOSITORY);
    second.push_blobs(&server.client(), REPOSITORY);
    (server, first, second)
}

#[track_caller]
fn is_still(client: &Client, tag: &str, chart: &Chart) {
    assert_eq!(client.manifest(REPOSITORY, tag).expect(200).body, chart.manifest);
    for blob in chart.blobs() {
        assert_eq!(client.blob(REPOSITORY, &chartroom_oci::Digest::sha256(blob)).expect(200).body, blob);
    }
}

#[test]
fn a_version_can_not_be_pushed_anew_by_tag() {
    let (server, first, second) = with_first();
    let client = server.client();
    let answer = client.put_manifest(REPOSITORY, "1.0.0", OCI_MANIFEST, &second.manifest);
    let answer = answer.expect_error(403, &["DENIED"]);
    assert!(answer.text().contains("1.0.0"), "{}", answer.text());
    is_still(&client, "1.0.0", &first);
    client.manifest(REPOSITORY, &second.digests().manifest.to_string()).expect(404);
}

#[test]
fn the_refusal_names_the_version_as_the_chart_does() {
    let server = server_with(IMMUTABLE);
    let (first, second) = (version("1.0.0+build.5", "first"), version("1.0.0+build.5", "second"));
    first.push(&server.client(), REPOSITORY);
    second.push_blobs(&server.client(), REPOSITORY);
    let answer = server.client().put_manifest(REPOSITORY, "1.0.0_build.5", OCI_MANIFEST, &second.manifest);
    let answer = answer.expect_error(403, &["DENIED"]);
    assert!(answer.text().contains("version 1.0.0+build.5 is already there"), "{}", answer.text());
}

#[test]
fn a_version_can_not_be_pushed_anew_with_a_tag_parameter() {
    let (server, first, second) = with_first();
    let client = server.client();
    let digest = second.digests().manifest;
    for query in ["tag=1.0.0", "tag=other&tag=1.0.0", "tag=1.0.0&tag=other"] {
        let target = format!("{digest}?{query}");
        let answer = client.put_manifest(REPOSITORY, &target, OCI_MANIFEST, &second.manifest);
        answer.expect_error(403, &["DENIED"]);
    }
    is_still(&client, "1.0.0", &first);
    assert_eq!(client.tags(REPOSITORY), ["1.0.0"]);
    client.manifest(REPOSITORY, &digest.to_string()).expect(404);
    // By its digest alone it may come, and then still not be tagged.
    client.put_manifest(REPOSITORY, &digest.to_string(), OCI_MANIFEST, &second.manifest).expect(201);
    let answer = client.put_manifest(REPOSITORY, "1.0.0", OCI_MANIFEST, &second.manifest);
    answer.expect_error(403, &["DENIED"]);
    is_still(&client, "1.0.0", &first);
}

#[test]
fn a_version_can_not_be_replaced_by_something_that_is_no_chart() {
    let (server, first, _) = with_first();
    let client = server.client();
    let image = Image::of("image");
    let answer = client.put_manifest(REPOSITORY, "1.0.0", OCI_MANIFEST, &image.manifest);
    answer.expect_error(403, &["DENIED"]);
    let answer = client.put_manifest(REPOSITORY, "1.0.0", OCI_INDEX, &index(&[first.descriptor()]));
    answer.expect_error(403, &["DENIED"]);
    // The same bytes under another digest algorithm are another digest.
    let sha512 = chartroom_oci::Digest::of(chartroom_oci::Algorithm::Sha512, &first.manifest);
    let target = format!("{sha512}?tag=1.0.0");
    let answer = client.put_manifest(REPOSITORY, &target, OCI_MANIFEST, &first.manifest);
    answer.expect_error(403, &["DENIED"]);
    is_still(&client, "1.0.0", &first);
}

#[test]
fn a_version_can_not_be_deleted_by_tag_or_digest() {
    let (server, first, _) = with_first();
    let client = server.client();
    let digest = first.digests().manifest;
    client.delete(&format!("/v2/{REPOSITORY}/manifests/1.0.0")).send().expect_error(403, &["DENIED"]);
    client.delete(&format!("/v2/{REPOSITORY}/manifests/{digest}")).send().expect_error(403, &["DENIED"]);
    is_still(&client, "1.0.0", &first);
}

#[test]
fn the_blobs_of_a_version_can_not_be_deleted() {
    let (server, first, second) = with_first();
    let client = server.client();
    for blob in first.blobs() {
        let digest = chartroom_oci::Digest::sha256(blob);
        client.delete(&format!("/v2/{REPOSITORY}/blobs/{digest}")).send().expect_error(403, &["DENIED"]);
    }
    is_still(&client, "1.0.0", &first);
    // Those of nothing can, and so can the same blobs elsewhere.
    let config = second.digests().config;
    client.delete(&format!("/v2/{REPOSITORY}/blobs/{config}")).send().expect(202);
    let copy = client.push_blob("elsewhere", &first.archive);
    client.delete(&format!("/v2/elsewhere/blobs/{copy}")).send().expect(202);
    is_still(&client, "1.0.0", &first);
}

#[test]
fn the_very_same_version_may_come_again() {
    let (server, first, _) = with_first();
    let client = server.client();
    let again = first.push(&client, REPOSITORY);
    let target = format!("{}?tag=1.0.0&tag=stable", again.manifest);
    client.put_manifest(REPOSITORY, &target, OCI_MANIFEST, &first.manifest).expect(201);
    client.put_manifest(REPOSITORY, "1.0.0", OCI_MANIFEST, &first.manifest).expect(201);
    is_still(&client, "1.0.0", &first);
}

#[test]
fn a_floating_tag_moves_freely() {
    let (server, first, _) = with_first();
    let client = server.client();
    let next = version("1.1.0", "next");
    next.push(&client, REPOSITORY);
    for tag in ["stable", "latest", "1.x", "v1"] {
        for chart in [&first, &next, &first] {
            client.put_manifest(REPOSITORY, tag, OCI_MANIFEST, &chart.manifest).expect(201);
            is_still(&client, tag, chart);
        }
        client.delete(&format!("/v2/{REPOSITORY}/manifests/{tag}")).send().expect(202);
    }
    is_still(&client, "1.0.0", &first);
    is_still(&client, "1.1.0", &next);
}

#[test]
fn a_manifest_with_a_version_stays_even_if_it_has_other_tags() {
    let (server, first, _) = with_first();
    let client = server.client();
    client.put_manifest(REPOSITORY, "stable", OCI_MANIFEST, &first.manifest).expect(201);
    let digest = first.digests().manifest;
    client.delete(&format!("/v2/{REPOSITORY}/manifests/{digest}")).send().expect_error(403, &["DENIED"]);
    is_still(&client, "stable", &first);
    is_still(&client, "1.0.0", &first);
}

#[test]
fn versions_with_build_metadata_and_pre_releases_are_versions() {
    let server = server_with(IMMUTABLE);
    let client = server.client();
    for name in ["1.2.3+build.5", "2.0.0-rc.1", "2.0.0-rc.1+b"] {
        let (first, second) = (version(name, "first"), version(name, "second"));
        first.push(&client, REPOSITORY);
        second.push_blobs(&client, REPOSITORY);
        let answer = client.put_manifest(REPOSITORY, &first.tag(), OCI_MANIFEST, &second.manifest);
        answer.expect_error(403, &["DENIED"]);
        let target = format!("/v2/{REPOSITORY}/manifests/{}", first.tag());
        client.delete(&target).send().expect_error(403, &["DENIED"]);
        is_still(&client, &first.tag(), &first);
    }
}

#[test]
fn what_is_no_chart_moves_and_goes() {
    let server = server_with(IMMUTABLE);
    let client = server.client();
    client.push_image("images/app", "1.0.0", &Image::of("one"));
    client.push_image("images/app", "1.0.0", &Image::of("two"));
    client.delete("/v2/images/app/manifests/1.0.0").send().expect(202);
    client.delete(&format!("/v2/images/app/manifests/{}", Image::of("two").digest())).send().expect(202);
}

#[test]
fn the_rule_holds_after_a_restart_for_versions_from_before() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let builder = || TestServer::builder(env!("CARGO_BIN_EXE_chartroom")).data(&data);
    let (first, second) = (version("1.0.0", "first"), version("1.0.0", "second"));
    {
        let free = builder().start();
        second.push(&free.client(), REPOSITORY);
        first.push(&free.client(), REPOSITORY);
    }
    let mut server = builder().config(IMMUTABLE).start();
    for _ in 0..2 {
        let client = server.client();
        let answer = client.put_manifest(REPOSITORY, "1.0.0", OCI_MANIFEST, &second.manifest);
        answer.expect_error(403, &["DENIED"]);
        client.delete(&format!("/v2/{REPOSITORY}/manifests/1.0.0")).send().expect_error(403, &["DENIED"]);
        is_still(&client, "1.0.0", &first);
        server.restart();
    }
}

#[test]
fn of_many_that_push_one_version_at_once_only_one_wins() {
    let server = server_with(IMMUTABLE);
    let charts = (0..6).map(|number| version("1.0.0", &format!("by {number}"))).collect::<Vec<_>>();
    for chart in &charts {
        chart.push_blobs(&server.client(), REPOSITORY);
    }
    let statuses = std::thread::scope(|scope| {
        let push = |chart: &Chart| {
            let client = server.client();
            let manifest = chart.manifest.clone();
            scope.spawn(move || client.put_manifest(REPOSITORY, "1.0.0", OCI_MANIFEST, &manifest).status)
        };
        let pushes = charts.iter().map(push).collect::<Vec<_>>();
        pushes.into_iter().map(|push| push.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 5, "{statuses:?}");
    let winner = statuses.iter().position(|status| *status == 201).unwrap();
    is_still(&server.client(), "1.0.0", &charts[winner]);
}

#[test]
fn versions_may_change_where_nobody_said_otherwise() {
    let server = server();
    let client = server.client();
    version("1.0.0", "first").push(&client, REPOSITORY);
    version("1.0.0", "second").push(&client, REPOSITORY);
    client.delete(&format!("/v2/{REPOSITORY}/manifests/1.0.0")).send().expect(202);
}
