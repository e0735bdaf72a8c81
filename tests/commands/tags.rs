//! `chartroom tags`.

use chartroom_test_support::{ChartBuilder, Image, OCI_MANIFEST, TestServer};

use crate::desk::Desk;
use crate::server;

/// A server with versions, a floating tag, a deprecated chart and an image in one repository.
fn mixed() -> (TestServer, Desk) {
    let server = server();
    let client = server.client();
    let chart = |version: &str| {
        let app_version = format!("app-{version}");
        ChartBuilder::new("webapp", version).field("appVersion", app_version).field("description", "Größe")
    };
    for version in ["1.9.0", "1.10.0", "2.0.0-rc.1", "1.2.3+build.5"] {
        chart(version).build().push(&client, "charts/webapp");
    }
    chart("0.1.0").field("deprecated", true).build().push(&client, "charts/webapp");
    let stable = client.manifest("charts/webapp", "1.9.0").expect(200).body;
    client.put_manifest("charts/webapp", "stable", OCI_MANIFEST, &stable).expect(201);
    client.push_image("charts/webapp", "image", &Image::of("no chart"));
    let desk = Desk::at(server.addr());
    (server, desk)
}

#[test]
fn versions_come_newest_first_and_other_tags_after_them() {
    let (_server, desk) = mixed();
    let short = desk.remote("tags REGISTRY/charts/webapp --short");
    assert_eq!(short.stdout, "2.0.0-rc.1\n1.10.0\n1.9.0\n1.2.3+build.5\n0.1.0\nimage\nstable\n");
    assert_eq!(short.stderr, "");
    let table = desk.remote("tags REGISTRY/charts/webapp").stdout;
    let tags = table.lines().map(|line| line.split_whitespace().next().unwrap()).collect::<Vec<_>>();
    assert_eq!(tags, ["TAG", "2.0.0-rc.1", "1.10.0", "1.9.0", "1.2.3_build.5", "0.1.0", "image", "stable"]);
    let row = |tag: &str| table.lines().find(|line| line.starts_with(tag)).unwrap();
    assert!(
        row("1.2.3_build.5").contains("1.2.3+build.5") && row("1.10.0").contains("app-1.10.0"),
        "{table}"
    );
    assert!(row("0.1.0").ends_with("deprecated") && !row("1.10.0").contains("deprecated"), "{table}");
    // What a floating tag stands for.
    assert!(row("stable").contains("1.9.0"), "{table}");
}

#[test]
fn a_range_leaves_out_the_rest() {
    let (_server, desk) = mixed();
    for (range, expected) in [
        ("^1", "1.10.0\n1.9.0\n1.2.3+build.5\n"),
        ("'>=1.9 <1.10'", "1.9.0\n"),
        ("'>0.0.0-0'", "2.0.0-rc.1\n1.10.0\n1.9.0\n1.2.3+build.5\n0.1.0\n"),
        ("^9", ""),
    ] {
        let run = desk.remote(&format!("tags REGISTRY/charts/webapp --short --version {range}"));
        assert_eq!(run.stdout, expected, "{range}");
    }
}

#[test]
fn json_tells_what_is_known_of_each_tag() {
    let (server, desk) = mixed();
    let json = desk.remote("tags REGISTRY/charts/webapp -o json").json();
    assert_eq!(json, desk.remote("tags REGISTRY/charts/webapp --json").json());
    assert_eq!(json["repository"], format!("oci://{}/charts/webapp", desk.host()));
    let tags = json["tags"].as_array().unwrap();
    let entry = |tag: &str| tags.iter().find(|entry| entry["tag"] == tag).unwrap();
    let digest = |tag: &str| server.client().manifest("charts/webapp", tag).expect(200).digest().to_string();
    assert_eq!(
        *entry("1.2.3_build.5"),
        serde_json::json!({
            "tag": "1.2.3_build.5",
            "version": "1.2.3+build.5",
            "appVersion": "app-1.2.3+build.5",
            "description": "Größe",
            "created": "2026-01-02T03:04:05Z",
            "deprecated": false,
            "digest": digest("1.2.3_build.5"),
        })
    );
    assert_eq!(entry("0.1.0")["deprecated"], true);
    assert_eq!(
        (&entry("stable")["version"], &entry("stable")["digest"]),
        (&"1.9.0".into(), &digest("1.9.0").into())
    );
    let image = entry("image");
    assert_eq!((image["version"].as_str(), image["digest"].as_str()), (None, Some(digest("image").as_str())));
}

#[test]
fn a_long_list_is_read_to_its_end() {
    let server = server();
    let client = server.client();
    let chart = ChartBuilder::new("webapp", "0.0.0").build();
    chart.push(&client, "charts/webapp");
    let target = chart.digests().manifest;
    let numbers = (1..1_200).collect::<Vec<_>>();
    for some in numbers.chunks(10) {
        let query = some.iter().map(|number| format!("tag=0.0.{number}")).collect::<Vec<_>>().join("&");
        let target = format!("{target}?{query}");
        client.put_manifest("charts/webapp", &target, OCI_MANIFEST, &chart.manifest).expect(201);
    }
    let desk = Desk::at(server.addr());
    let listed = desk.remote("tags REGISTRY/charts/webapp --short").stdout;
    let expected = (0..1_200).rev().map(|number| format!("0.0.{number}\n")).collect::<String>();
    assert!(listed == expected, "{} lines", listed.lines().count());
    // Ranges see all pages, too.
    let shown = desk.remote("show chart REGISTRY/charts/webapp --version '>0.0.1'");
    assert!(shown.stderr.contains(":0.0.1199\n"), "{shown:?}");
}

#[test]
fn tags_of_signatures_are_no_versions() {
    let server = server();
    let client = server.client();
    let digest = ChartBuilder::new("webapp", "1.0.0").build().push(&client, "charts/webapp").manifest;
    let companions = ["", ".sig", ".att", ".sbom"].map(|kind| format!("sha256-{}{kind}", digest.hex()));
    for tag in &companions {
        client.push_image("charts/webapp", tag, &Image::of(tag));
    }
    client.push_image("charts/webapp", "sha256-something-else", &Image::of("x"));
    let desk = Desk::at(server.addr());
    let listed = desk.remote("tags REGISTRY/charts/webapp --short").stdout;
    assert_eq!(listed, "1.0.0\nsha256-something-else\n");
    let listed = desk.remote("tags REGISTRY/charts/webapp --json").json();
    assert_eq!(listed["tags"].as_array().unwrap().len(), 2, "{listed}");
}
