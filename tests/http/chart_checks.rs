//! Charts whose name, version and tag disagree: taken with a warning, or refused under
//! `charts.strict`.

use chartroom_test_support::{Chart, ChartBuilder, Client, OCI_MANIFEST, Response};

use crate::{server, server_with};

const STRICT: &str = "[charts]\nstrict = true\n";

/// Pushes a chart's blobs, and its manifest under a tag.
#[track_caller]
fn put(client: &Client, repository: &str, tag: &str, chart: &Chart) -> Response {
    chart.push_blobs(client, repository);
    client.put_manifest(repository, tag, OCI_MANIFEST, &chart.manifest)
}

/// Charts with a repository and a tag that do not fit them, and a word that tells why.
fn misfits() -> Vec<(&'static str, &'static str, Chart, &'static str)> {
    let chart = |name: &str, version: &str| ChartBuilder::new(name, version).build();
    vec![
        ("charts/other", "1.0.0", chart("webapp", "1.0.0"), "webapp"),
        ("charts/webapp", "2.0.0", chart("webapp", "1.0.0"), "2.0.0"),
        ("charts/webapp", "1.0.0_build", chart("webapp", "1.0.0"), "1.0.0_build"),
        ("charts/webapp", "v1.0.0", chart("webapp", "1.0.0"), "v1.0.0"),
        ("charts/webapp", "v1.0.0", chart("webapp", "v1.0.0"), "v1.0.0"),
        ("charts/webapp", "1.0", chart("webapp", "1.0"), "1.0"),
        ("charts/webapp", "1", chart("webapp", "1"), "1"),
        ("charts/webapp", "1.0.0.0", chart("webapp", "1.0.0.0"), "1.0.0.0"),
        ("charts/webapp", "01.0.0", chart("webapp", "01.0.0"), "01.0.0"),
        ("charts/webapp", "1.0.0-01", chart("webapp", "1.0.0-01"), "1.0.0-01"),
    ]
}

#[test]
fn what_fits_gives_no_warning() {
    for config in ["", STRICT] {
        let server = server_with(config);
        let client = server.client();
        for version in ["1.0.0", "1.2.3+build.5", "2.0.0-rc.1", "2.0.0-rc.1+b_5".replace('_', "-").as_str()] {
            let chart = ChartBuilder::new("webapp", version).build();
            let answer = put(&client, "charts/webapp", &chart.tag(), &chart).expect(201);
            assert!(answer.warnings().is_empty(), "{}", answer.describe());
            let digest = chart.digests().manifest.to_string();
            let answer = put(&client, "charts/webapp", &digest, &chart).expect(201);
            assert!(answer.warnings().is_empty(), "{}", answer.describe());
        }
    }
}

#[test]
fn a_chart_that_disagrees_with_its_place_is_taken_with_a_warning() {
    for (repository, tag, chart, word) in misfits() {
        let server = server();
        let client = server.client();
        let answer = put(&client, repository, tag, &chart).expect(201);
        let warnings = answer.warnings();
        assert!(warnings.iter().any(|warning| warning.contains(word)), "{word}: {warnings:?}");
        assert_eq!(client.manifest(repository, tag).expect(200).body, chart.manifest);
        server.says(word);
    }
}

#[test]
fn a_chart_that_disagrees_with_its_place_is_refused_where_charts_are_strict() {
    for (repository, tag, chart, word) in misfits() {
        let server = server_with(STRICT);
        let client = server.client();
        let answer = put(&client, repository, tag, &chart).expect_error(400, &["MANIFEST_INVALID"]);
        assert!(answer.text().contains(word), "{}", answer.text());
        client.manifest(repository, tag).expect(404);
        let digest = chart.digests().manifest.to_string();
        client.manifest(repository, &digest).expect(404);
        // Nor by the other way of setting a tag.
        let target = format!("{digest}?tag={tag}");
        let answer = client.put_manifest(repository, &target, OCI_MANIFEST, &chart.manifest);
        answer.expect_error(400, &["MANIFEST_INVALID"]);
        client.manifest(repository, tag).expect(404);
    }
}

#[test]
fn the_setting_can_come_from_the_environment() {
    let builder = chartroom_test_support::TestServer::builder(env!("CARGO_BIN_EXE_chartroom"));
    let server = builder.env("CHARTROOM_CHARTS__STRICT", "true").start();
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    put(&server.client(), "charts/other", "1.0.0", &chart).expect_error(400, &["MANIFEST_INVALID"]);
}

#[test]
fn a_floating_tag_is_no_disagreement() {
    for config in ["", STRICT] {
        let server = server_with(config);
        let client = server.client();
        let chart = ChartBuilder::new("webapp", "1.0.0").build();
        chart.push(&client, "charts/webapp");
        for tag in ["stable", "latest", "prod_eu"] {
            let answer = put(&client, "charts/webapp", tag, &chart).expect(201);
            assert!(answer.warnings().is_empty(), "{}", answer.describe());
        }
    }
}

#[test]
fn what_is_no_chart_is_nobodys_business() {
    let server = server_with(STRICT);
    let client = server.client();
    let image = chartroom_test_support::Image::of("image");
    client.push_image("charts/webapp", "v1", &image);
    let answer = client.put_manifest("charts/webapp", "v1.0", OCI_MANIFEST, &image.manifest).expect(201);
    assert!(answer.warnings().is_empty(), "{}", answer.describe());
}

#[test]
fn a_warning_holds_whatever_a_chart_calls_itself() {
    let server = server();
    let client = server.client();
    let long = "x".repeat(100_000);
    for name in
        ["web\"app", "web\\app", "web\r\nX-Evil: 1", "web\u{0}app", "wéb", "\u{202e}bew", long.as_str()]
    {
        let chart = ChartBuilder::new("webapp", "1.0.0")
            .config(serde_json::json!({ "name": name, "version": "1.0.0", "apiVersion": "v2" }).to_string());
        let chart = chart.build();
        let answer = put(&client, "charts/webapp", "1.0.0", &chart).expect(201);
        assert!(!answer.warnings().is_empty(), "{}", answer.describe());
        assert_eq!(answer.header("X-Evil"), None);
    }
    client.still_serves();
}
