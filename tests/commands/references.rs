//! Which version a reference means, and the name that it is saved under.

use chartroom_test_support::{ChartBuilder, OCI_INDEX, OCI_MANIFEST, TestServer, index};

use crate::desk::Desk;
use crate::server;

/// A server with these versions of `charts/webapp`.
fn with(versions: &[&str]) -> (TestServer, Desk) {
    let server = server();
    for version in versions {
        ChartBuilder::new("webapp", version).build().push(&server.client(), "charts/webapp");
    }
    let desk = Desk::at(server.addr());
    (server, desk)
}

/// Pulls, and gives the name of the one file that came.
#[track_caller]
fn pulled(desk: &Desk, wish: &str) -> String {
    desk.folder("out");
    desk.remote(&format!("pull REGISTRY/charts/webapp{wish} -d out"));
    let names = desk.names("out");
    std::fs::remove_dir_all(desk.path("out")).unwrap();
    assert_eq!(names.len(), 1, "{wish}: {names:?}");
    names[0].clone()
}

#[test]
fn any_reference_leads_to_a_version() {
    let (_server, desk) = with(&["0.9.0", "1.0.0", "1.1.0", "1.2.3+build.5", "2.0.0-rc.1"]);
    for (wish, file) in [
        ("", "webapp-1.2.3+build.5.tgz"),
        (":1.0.0", "webapp-1.0.0.tgz"),
        (":1.0.0 --version 1.0.0", "webapp-1.0.0.tgz"),
        (":1.2.3+build.5", "webapp-1.2.3+build.5.tgz"),
        (":1.2.3_build.5", "webapp-1.2.3+build.5.tgz"),
        (":1.2.3+build.5 --version 1.2.3+build.5", "webapp-1.2.3+build.5.tgz"),
        (" --version 1.2.3+build.5", "webapp-1.2.3+build.5.tgz"),
        (" --version ^1", "webapp-1.2.3+build.5.tgz"),
        (" --version '>=0.9 <1.1'", "webapp-1.0.0.tgz"),
        (" --version <1", "webapp-0.9.0.tgz"),
        (" --devel", "webapp-2.0.0-rc.1.tgz"),
        (" --devel --version ~1.1", "webapp-1.1.0.tgz"),
        (":latest", "webapp-1.2.3+build.5.tgz"),
        (" --version latest", "webapp-1.2.3+build.5.tgz"),
    ] {
        assert_eq!(pulled(&desk, wish), file, "{wish}");
    }
}

#[test]
fn any_tag_can_be_pulled_and_latest_is_one_where_it_is_there() {
    let (server, desk) = with(&["1.0.0", "2.0.0"]);
    let client = server.client();
    let old = client.manifest("charts/webapp", "1.0.0").expect(200);
    for tag in ["stable", "latest", "v1", "sha-0123abc"] {
        client.put_manifest("charts/webapp", tag, OCI_MANIFEST, &old.body).expect(201);
    }
    for tag in ["stable", "latest", "v1", "sha-0123abc"] {
        desk.remote(&format!("pull REGISTRY/charts/webapp:{tag}"));
        let archive = ChartBuilder::new("webapp", "1.0.0").build().archive;
        assert_eq!(desk.read(&format!("webapp-{tag}.tgz")), archive, "{tag}");
    }
    let shown = desk.remote("show chart REGISTRY/charts/webapp:latest");
    assert!(shown.stdout.contains("version: 1.0.0"), "{shown:?}");
}

#[test]
fn a_digest_pins_a_version() {
    let (server, desk) = with(&["1.0.0", "2.0.0"]);
    let digest = |tag: &str| server.client().manifest("charts/webapp", tag).expect(200).digest();
    let (one, two) = (digest("1.0.0"), digest("2.0.0"));
    assert_eq!(pulled(&desk, &format!("@{one}")), format!("webapp@sha256-{}.tgz", one.hex()));
    assert_eq!(pulled(&desk, &format!(":1.0.0@{one}")), "webapp-1.0.0.tgz");
    assert_eq!(pulled(&desk, &format!("@{one} --version 1.0.0")), "webapp-1.0.0.tgz");
    // A tag that is gone does not matter; one that leads elsewhere does.
    assert_eq!(pulled(&desk, &format!(":gone@{one}")), "webapp-gone.tgz");
    let run = desk.fails(&format!("pull REGISTRY/charts/webapp:1.0.0@{two} --plain-http"));
    assert!(run.stderr.contains("chart reference digest mismatch"), "{run:?}");
    for digest in ["sha256:00", "sha256:", "md5:0123", &two.to_string().to_uppercase()] {
        desk.fails(&format!("pull REGISTRY/charts/webapp@{digest} --plain-http"));
    }
}

#[test]
fn what_is_not_there_is_said_in_helms_words() {
    let (_server, desk) = with(&["1.0.0"]);
    let fails = |wish: &str| desk.fails(&format!("pull REGISTRY/charts/{wish} --plain-http")).stderr;
    assert!(
        fails("webapp:1.0.0 --version 1.0.1")
            .contains("chart reference and version mismatch: 1.0.1 is not 1.0.0")
    );
    assert!(
        fails("webapp --version ^9")
            .contains("could not locate a version matching provided version string ^9")
    );
    assert!(fails("webapp --version '>>1'").contains("improper constraint: \">>1\""));
    for wish in
        ["webapp:stable", "nothing", "nothing --version 1.0.0", "nothing --version ^1", "nothing:latest"]
    {
        let stderr = fails(wish);
        assert!(stderr.contains("hint: "), "{wish}: {stderr}");
    }
}

#[test]
fn a_version_that_is_not_there_is_not_found_as_scripts_know_it() {
    let (_server, desk) = with(&["1.0.0"]);
    let run = desk.fails("pull REGISTRY/charts/webapp --version 9.9.9 --plain-http");
    let reference = format!("{}/charts/webapp:9.9.9: not found", desk.host());
    assert!(run.stderr.contains(&reference), "{run:?}");
}

#[test]
fn several_charts_are_pulled_by_one_command() {
    let (server, desk) = with(&["1.0.0"]);
    ChartBuilder::new("other", "1.0.0").build().push(&server.client(), "charts/other");
    let run = desk.remote("pull REGISTRY/charts/webapp REGISTRY/charts/other");
    assert_eq!(run.stdout.matches("Pulled: ").count(), 2, "{run:?}");
    assert_eq!(desk.names(""), ["other-1.0.0.tgz", "webapp-1.0.0.tgz"]);
    desk.folder("out");
    desk.remote("fetch REGISTRY/charts/webapp --destination out");
    assert_eq!(desk.names("out"), ["webapp-1.0.0.tgz"]);
    let run = desk.fails("pull REGISTRY/charts/webapp -d missing --plain-http");
    assert!(run.stderr.contains("missing"), "{run:?}");
}

#[test]
fn an_index_stands_for_the_last_chart_in_it() {
    let (server, desk) = with(&["1.0.0", "2.0.0"]);
    let charts = ["1.0.0", "2.0.0"].map(|version| ChartBuilder::new("webapp", version).build());
    let both = index(&charts.each_ref().map(chartroom_test_support::Chart::descriptor));
    let client = server.client();
    let digest = client.put_manifest("charts/webapp", "all", OCI_INDEX, &both).expect(201).digest();
    let run = desk.remote("pull REGISTRY/charts/webapp:all");
    assert!(run.stdout.contains(&format!("Digest: {digest}\n")), "{run:?}");
    assert_eq!(desk.read("webapp-all.tgz"), charts[1].archive);
}
