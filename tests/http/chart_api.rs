//! What the registry knows of charts, as its own API tells it.

use chartroom_test_support::{ChartBuilder, Client, Image, OCI_MANIFEST};
use serde_json::{Value, json};

use crate::server;

#[track_caller]
fn charts(client: &Client) -> Vec<Value> {
    let answer = client.get("/api/v1/charts").send().expect(200);
    assert!(answer.need("Content-Type").starts_with("application/json"));
    answer.json()["charts"].as_array().expect("a list").clone()
}

#[track_caller]
fn versions(client: &Client, repository: &str) -> Vec<Value> {
    let answer = client.get(&format!("/api/v1/charts/{repository}")).send().expect(200).json();
    assert_eq!(answer["repository"], repository);
    answer["versions"].as_array().expect("a list").clone()
}

fn names(versions: &[Value]) -> Vec<&str> {
    versions.iter().map(|version| version["version"].as_str().unwrap()).collect()
}

#[test]
fn a_pushed_chart_is_known_with_all_its_metadata() {
    let server = server();
    let client = server.client();
    let chart = ChartBuilder::new("webapp", "1.2.3+build.5")
        .field("appVersion", "2.0")
        .field("description", "A web app <&> \"more\"")
        .field("keywords", json!(["web", "app"]))
        .field("deprecated", true)
        .field("kubeVersion", ">=1.25.0-0")
        .provenance()
        .build();
    let pushed = chart.push(&client, "charts/webapp");
    let listed = versions(&client, "charts/webapp");
    assert_eq!(listed.len(), 1);
    let version = &listed[0];
    for (field, expected) in [
        ("name", json!("webapp")),
        ("version", json!("1.2.3+build.5")),
        ("appVersion", json!("2.0")),
        ("description", json!("A web app <&> \"more\"")),
        ("keywords", json!(["web", "app"])),
        ("deprecated", json!(true)),
        ("kubeVersion", json!(">=1.25.0-0")),
        ("type", json!("application")),
        ("digest", json!(pushed.manifest.to_string())),
        ("archive", json!({ "digest": pushed.archive.to_string(), "size": chart.archive.len() })),
        ("provenance", json!(true)),
        ("tags", json!(["1.2.3_build.5"])),
        ("created", json!("2026-01-02T03:04:05Z")),
    ] {
        assert_eq!(version[field], expected, "{field} of {version}");
    }
    assert!(version["pushed"].as_str().unwrap().ends_with('Z'), "{version}");
}

#[test]
fn charts_are_listed_with_their_newest_version() {
    let server = server();
    let client = server.client();
    assert!(charts(&client).is_empty());
    for version in ["1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1"] {
        ChartBuilder::new("webapp", version).build().push(&client, "charts/webapp");
    }
    ChartBuilder::new("database", "0.1.0").build().push(&client, "charts/database");
    client.push_image("images/webapp", "1.0.0", &Image::of("no chart"));
    let listed = charts(&client);
    let repositories = listed.iter().map(|chart| chart["repository"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(repositories, ["charts/database", "charts/webapp"]);
    assert_eq!((&listed[1]["versions"], &listed[0]["versions"]), (&json!(4), &json!(1)));
    // What Helm would take without being told a version: the newest that is no pre-release.
    assert_eq!(listed[1]["latest"]["version"], "1.10.0");
    assert_eq!(listed[0]["latest"]["version"], "0.1.0");
}

#[test]
fn versions_are_listed_newest_first_by_their_meaning() {
    let server = server();
    let client = server.client();
    for version in ["1.9.0", "1.10.0", "1.10.0-rc.2", "1.10.0-rc.10", "0.1.0", "10.0.0", "2.0.0"] {
        ChartBuilder::new("webapp", version).build().push(&client, "webapp");
    }
    let listed = versions(&client, "webapp");
    assert_eq!(
        names(&listed),
        ["10.0.0", "2.0.0", "1.10.0", "1.10.0-rc.10", "1.10.0-rc.2", "1.9.0", "0.1.0"]
    );
}

#[test]
fn tags_beside_the_version_belong_to_it() {
    let server = server();
    let client = server.client();
    let (one, two) =
        (ChartBuilder::new("webapp", "1.0.0").build(), ChartBuilder::new("webapp", "2.0.0").build());
    one.push(&client, "webapp");
    two.push(&client, "webapp");
    client.put_manifest("webapp", "stable", OCI_MANIFEST, &one.manifest).expect(201);
    let tags = |number: usize| versions(&client, "webapp")[number]["tags"].clone();
    assert_eq!((tags(0), tags(1)), (json!(["2.0.0"]), json!(["1.0.0", "stable"])));
    client.put_manifest("webapp", "stable", OCI_MANIFEST, &two.manifest).expect(201);
    assert_eq!((tags(0), tags(1)), (json!(["2.0.0", "stable"]), json!(["1.0.0"])));
    client.delete("/v2/webapp/manifests/stable").send().expect(202);
    assert_eq!(tags(0), json!(["2.0.0"]));
}

#[test]
fn what_is_deleted_is_no_longer_listed() {
    let mut server = server();
    let client = server.client();
    for version in ["1.0.0", "2.0.0"] {
        ChartBuilder::new("webapp", version).build().push(&client, "webapp");
    }
    client.delete("/v2/webapp/manifests/2.0.0").send().expect(202);
    assert_eq!(names(&versions(&client, "webapp")), ["1.0.0"]);
    assert_eq!(charts(&client)[0]["latest"]["version"], "1.0.0");
    server.restart();
    let client = server.client();
    assert_eq!(names(&versions(&client, "webapp")), ["1.0.0"]);
    client.delete("/v2/webapp/manifests/1.0.0").send().expect(202);
    assert!(charts(&client).is_empty());
}

#[test]
fn a_version_that_is_pushed_anew_is_the_new_one() {
    let server = server();
    let client = server.client();
    ChartBuilder::new("webapp", "1.0.0").field("description", "old").build().push(&client, "webapp");
    ChartBuilder::new("webapp", "1.0.0").field("description", "new").build().push(&client, "webapp");
    let listed = versions(&client, "webapp");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["description"], "new");
}

#[test]
fn an_unsigned_chart_that_says_little_is_shown_as_such() {
    let server = server();
    let client = server.client();
    ChartBuilder::new("plain", "1.0.0").build().push(&client, "plain");
    let version = &versions(&client, "plain")[0];
    assert_eq!((&version["provenance"], &version["deprecated"]), (&json!(false), &json!(false)));
    for field in ["appVersion", "description", "kubeVersion"] {
        assert!(version[field].is_null(), "{field} of {version}");
    }
}

#[test]
fn many_charts_come_in_pages() {
    let server = server();
    let client = server.client();
    for number in 0..25 {
        let name = format!("chart{number:02}");
        ChartBuilder::new(&name, "1.0.0").build().push(&client, &format!("many/{name}"));
    }
    let mut seen = Vec::new();
    let mut next = Some("/api/v1/charts?n=10".to_owned());
    while let Some(target) = next {
        let page = client.get(&target).send().expect(200).json();
        let charts = page["charts"].as_array().unwrap();
        assert!(charts.len() <= 10);
        seen.extend(charts.iter().map(|chart| chart["repository"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(str::to_owned);
        assert!(seen.len() <= 25, "the pages do not end");
    }
    let expected = (0..25).map(|number| format!("many/chart{number:02}")).collect::<Vec<_>>();
    assert_eq!(seen, expected);
}

#[test]
fn what_is_asked_wrongly_is_refused_in_json() {
    let server = server();
    let client = server.client();
    client.push_image("images/webapp", "1.0.0", &Image::of("no chart"));
    for target in [
        "/api/v1/charts/never/existed",
        "/api/v1/charts/images/webapp",
        "/api/v1/charts/",
        "/api/v1/charts/A",
        "/api/v1/charts/..%2f..",
        "/api/v1/charts/%00",
        "/api/v1",
        "/api/v1/",
        "/api/v2/charts",
        "/api/",
    ] {
        let answer = client.get(target).send();
        assert!([400, 404].contains(&answer.status), "{}", answer.describe());
        assert!(answer.need("Content-Type").starts_with("application/json"), "{}", answer.describe());
        answer.json();
    }
    for n in ["x", "-1", ""] {
        client.get(&format!("/api/v1/charts?n={n}")).send().expect(400).json();
    }
    for method in ["POST", "PUT", "DELETE"] {
        client.request(method, "/api/v1/charts").send().expect(405);
    }
    client.still_serves();
}
