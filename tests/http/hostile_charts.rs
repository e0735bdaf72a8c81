//! Charts that were made to harm whoever reads them.

use chartroom_oci::Digest;
use chartroom_test_support::{Chart, ChartBuilder, Client, OCI_MANIFEST, Response};
use serde_json::json;

use crate::{server, server_with};

#[track_caller]
fn put(client: &Client, chart: &Chart) -> Response {
    chart.push_blobs(client, "charts/webapp");
    client.put_manifest("charts/webapp", "1.0.0", OCI_MANIFEST, &chart.manifest)
}

/// Configs that can't be read as the metadata of a chart.
fn configs() -> Vec<Vec<u8>> {
    let huge = json!({ "name": "webapp", "version": "1.0.0", "description": "x".repeat(1 << 20) });
    vec![
        huge.to_string().into_bytes(),
        format!(r#"{{"name":"webapp","version":"1.0.0","x":{}"#, "[".repeat(500_000)).into_bytes(),
        b"".to_vec(),
        b"no JSON".to_vec(),
        b"\xff\xfe\0\0".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"\"webapp\"".to_vec(),
        b"{}".to_vec(),
        br#"{"name":"webapp"}"#.to_vec(),
        br#"{"version":"1.0.0"}"#.to_vec(),
        br#"{"name":5,"version":"1.0.0"}"#.to_vec(),
        br#"{"name":"webapp","version":1}"#.to_vec(),
        br#"{"name":"webapp","version":"1.0.0","keywords":"x"}"#.to_vec(),
        br#"{"name":"webapp","version":"1.0.0","keywords":[{}]}"#.to_vec(),
        br#"{"name":"webapp","version":"1.0.0","deprecated":"yes"}"#.to_vec(),
        br#"{"name":"webapp","name":"webapp","version":"1.0.0"}"#.to_vec(),
        br#"{"name":"","version":"1.0.0"}"#.to_vec(),
    ]
}

#[test]
fn a_config_that_can_not_be_read_is_taken_with_a_warning() {
    let server = server();
    let client = server.client();
    for config in configs() {
        let start = String::from_utf8_lossy(&config[..config.len().min(60)]).into_owned();
        let chart = ChartBuilder::new("webapp", "1.0.0").config(config).build();
        let answer = put(&client, &chart).expect(201);
        assert!(!answer.warnings().is_empty(), "{start}: {}", answer.describe());
        assert_eq!(client.manifest("charts/webapp", "1.0.0").expect(200).body, chart.manifest);
        // The chart's own API still answers.
        client.get("/api/v1/charts").send().expect(200).json();
        let versions = client.get("/api/v1/charts/charts/webapp").send();
        assert!([200, 404].contains(&versions.status), "{}", versions.describe());
    }
    client.still_serves();
}

#[test]
fn a_config_that_can_not_be_read_is_refused_where_charts_are_strict() {
    let server = server_with("[charts]\nstrict = true\n");
    let client = server.client();
    for config in configs() {
        let chart = ChartBuilder::new("webapp", "1.0.0").config(config).build();
        put(&client, &chart).expect_error(400, &["MANIFEST_INVALID"]);
        client.manifest("charts/webapp", "1.0.0").expect(404);
    }
    client.still_serves();
}

#[test]
fn odd_but_readable_metadata_is_shown_as_it_is() {
    let server = server();
    let client = server.client();
    let description = "<script>alert(1)</script> \u{202e} \u{0} \r\n é";
    let chart = ChartBuilder::new("webapp", "1.0.0")
        .field("description", description)
        .field("appVersion", "'; DROP TABLE charts; --")
        .field("keywords", json!((0..2_000).map(|number| format!("k{number}")).collect::<Vec<_>>()))
        .build();
    put(&client, &chart).expect(201);
    let answer = client.get("/api/v1/charts/charts/webapp").send().expect(200);
    assert!(answer.need("Content-Type").starts_with("application/json"));
    let version = answer.json()["versions"][0].clone();
    assert_eq!(version["description"], description);
    assert_eq!(version["appVersion"], "'; DROP TABLE charts; --");
    assert_eq!(version["keywords"].as_array().unwrap().len(), 2_000);
}

#[test]
fn deep_metadata_that_nobody_asks_for_is_passed_over() {
    let server = server();
    let client = server.client();
    for (open, close) in [("[", "]"), ("{\"x\":", "}")] {
        let deep = format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
        let config = format!(r#"{{"name":"webapp","version":"1.0.0","x":{deep}}}"#);
        put(&client, &ChartBuilder::new("webapp", "1.0.0").config(config).build()).expect(201);
        client.get("/api/v1/charts/charts/webapp").send().expect(200).json();
    }
    client.still_serves();
}

#[test]
fn a_chart_whose_parts_are_not_there_is_refused() {
    let server = server();
    let client = server.client();
    let chart = ChartBuilder::new("webapp", "1.0.0").provenance().build();
    let answer = client.put_manifest("charts/webapp", "1.0.0", OCI_MANIFEST, &chart.manifest);
    assert!([400, 404].contains(&answer.status), "{}", answer.describe());
    assert_eq!(answer.error_codes(), ["MANIFEST_BLOB_UNKNOWN"]);
    assert!(
        answer.text().contains(&Digest::sha256(&chart.config).to_string())
            || answer.text().contains(&Digest::sha256(&chart.archive).to_string()),
        "{}",
        answer.text()
    );
    client.manifest("charts/webapp", "1.0.0").expect(404);
}

#[test]
fn a_chart_without_an_archive_or_with_strange_layers_is_taken_with_a_warning_at_most() {
    let server = server();
    let client = server.client();
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    chart.push_blobs(&client, "charts/webapp");
    let mut manifest = serde_json::from_slice::<serde_json::Value>(&chart.manifest).unwrap();
    for layers in [json!([]), json!(null), json!([manifest["config"]])] {
        manifest["layers"] = layers.clone();
        let body = manifest.to_string();
        let answer = client.put_manifest("charts/webapp", "1.0.0", OCI_MANIFEST, body.as_bytes()).expect(201);
        assert!(!answer.warnings().is_empty(), "{layers}: {}", answer.describe());
        client.get("/api/v1/charts/charts/webapp").send().expect(200).json();
    }
    let mut manifest = serde_json::from_slice::<serde_json::Value>(&chart.manifest).unwrap();
    manifest["annotations"]["org.opencontainers.image.created"] = "not a time".into();
    let body = manifest.to_string();
    client.put_manifest("charts/webapp", "1.0.0", OCI_MANIFEST, body.as_bytes()).expect(201);
    client.get("/api/v1/charts/charts/webapp").send().expect(200).json();
}

#[test]
fn an_archive_that_is_a_bomb_is_never_opened() {
    let server = server();
    let client = server.client();
    // The archive's bytes are nobody's business at push: whatever they are, they are stored.
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    let bomb = b"\x1f\x8b\x08 not even gzip".to_vec();
    let digest = client.push_blob("charts/webapp", &bomb);
    client.push_blob("charts/webapp", &chart.config);
    let mut manifest = serde_json::from_slice::<serde_json::Value>(&chart.manifest).unwrap();
    manifest["layers"][0]["digest"] = digest.to_string().into();
    manifest["layers"][0]["size"] = bomb.len().into();
    let body = manifest.to_string();
    client.put_manifest("charts/webapp", "1.0.0", OCI_MANIFEST, body.as_bytes()).expect(201);
    assert_eq!(client.blob("charts/webapp", &digest).expect(200).body, bomb);
}
