//! `chartroom push` of more than one archive, of folders, and with a tag.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chartroom_test_support::ChartBuilder;

use crate::desk::{Desk, finish};
use crate::front::{Answer, Front};
use crate::{charts, server};

#[test]
fn archives_and_folders_are_pushed_by_one_command() {
    let server = server();
    let desk = Desk::at(server.addr());
    charts::plain(&desk, "charts/one", "1.0.0", "a: 1\n");
    charts::rich(&desk, "charts/two", "2.0.0");
    desk.write("three-3.0.0.tgz", ChartBuilder::new("three", "3.0.0").build().archive);
    let line = "push charts/one charts/two three-3.0.0.tgz REGISTRY/team";
    let first = desk.remote(line);
    assert_eq!(first.stderr, "3 pushed, 0 unchanged, 0 failed\n");
    let client = server.client();
    let mut expected = String::new();
    for (name, tag) in [("one", "1.0.0"), ("two", "2.0.0"), ("three", "3.0.0")] {
        let digest = client.manifest(&format!("team/{name}"), tag).expect(200).digest();
        expected.push_str(&format!("Pushed: {}/team/{name}:{tag}\nDigest: {digest}\n", desk.host()));
    }
    assert_eq!(first.stdout, expected);

    let second = desk.remote(line);
    assert_eq!(second.stderr, "0 pushed, 3 unchanged, 0 failed\n");
    assert_eq!(second.stdout, expected.replace("Pushed: ", "Unchanged: "));

    // Only what is new goes out.
    charts::plain(&desk, "charts/one", "1.1.0", "a: 1\n");
    let third = desk.remote(line);
    assert_eq!(third.stderr, "1 pushed, 2 unchanged, 0 failed\n");
    assert_eq!(client.tags("team/one"), ["1.0.0", "1.1.0"]);
}

#[test]
fn other_content_under_a_version_that_is_there_is_an_error_and_the_rest_is_pushed() {
    let server = server();
    let desk = Desk::at(server.addr());
    let client = server.client();
    charts::plain(&desk, "charts/one", "1.0.0", "a: 1\n");
    desk.remote("push charts/one REGISTRY/team");
    let before = client.manifest("team/one", "1.0.0").expect(200).digest();
    charts::plain(&desk, "charts/one", "1.0.0", "a: 2\n");
    charts::plain(&desk, "charts/two", "1.0.0", "a: 1\n");
    charts::plain(&desk, "charts/zero", "1.0.0", "a: 1\n");

    let run = desk.run("push charts/zero charts/one charts/two REGISTRY/team --plain-http");
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(run.stderr.contains("2 pushed, 0 unchanged, 1 failed\n"), "{run:?}");
    assert!(run.stderr.contains("Error: "), "{run:?}");
    assert!(run.stderr.contains("charts/one: ") && run.stderr.contains("1.0.0"), "{run:?}");
    assert_eq!(client.manifest("team/one", "1.0.0").expect(200).digest(), before);
    client.manifest("team/two", "1.0.0").expect(200);
    client.manifest("team/zero", "1.0.0").expect(200);

    // A single folder is as careful; a single archive replaces, as with Helm.
    desk.fails("push charts/one REGISTRY/team --plain-http");
    assert_eq!(client.manifest("team/one", "1.0.0").expect(200).digest(), before);
    desk.ok("package charts/one");
    desk.remote("push one-1.0.0.tgz REGISTRY/team");
    assert_ne!(client.manifest("team/one", "1.0.0").expect(200).digest(), before);
}

#[test]
fn files_that_were_only_touched_are_the_same_content() {
    let server = server();
    let desk = Desk::at(server.addr());
    charts::rich(&desk, "charts/one", "1.0.0");
    let first = desk.remote("push charts/one REGISTRY/team");
    // As a checkout leaves them that was made anew.
    for file in ["Chart.yaml", "values.yaml", "templates/configmap.yaml"] {
        desk.set_modified(&format!("charts/one/{file}"), charts::MODIFIED + 86_400);
    }
    let second = desk.remote("push charts/one REGISTRY/team");
    assert_eq!(second.stdout, first.stdout.replace("Pushed: ", "Unchanged: "));
    desk.write("charts/one/values.yaml", "replicas: 2\n");
    let run = desk.fails("push charts/one REGISTRY/team --plain-http");
    assert!(run.stderr.contains("already there with other content"), "{run:?}");
}

#[test]
fn json_is_all_there_is_on_the_standard_output() {
    let server = server();
    let desk = Desk::at(server.addr());
    let client = server.client();
    charts::plain(&desk, "charts/one", "1.0.0", "a: 1\n");
    charts::plain(&desk, "charts/two", "2.0.0+b", "a: 1\n");
    desk.remote("push charts/one REGISTRY/team");
    let run = desk.remote("push charts/one charts/two REGISTRY/team -o json");
    let digest = |name: &str, tag: &str| {
        client.manifest(&format!("team/{name}"), tag).expect(200).digest().to_string()
    };
    let host = desk.host();
    assert_eq!(
        run.json(),
        serde_json::json!({
            "charts": [
                {
                    "name": "one", "version": "1.0.0", "status": "unchanged",
                    "reference": format!("{host}/team/one:1.0.0"), "digest": digest("one", "1.0.0"),
                },
                {
                    "name": "two", "version": "2.0.0+b", "status": "pushed",
                    "reference": format!("{host}/team/two:2.0.0_b"), "digest": digest("two", "2.0.0_b"),
                },
            ],
            "failed": [],
        })
    );

    charts::plain(&desk, "charts/one", "1.0.0", "a: 2\n");
    let run = desk.run("push charts/one charts/two REGISTRY/team -o json --plain-http");
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    let json = run.json();
    assert_eq!(json["charts"].as_array().unwrap().len(), 1, "{json}");
    assert_eq!(json["failed"].as_array().unwrap().len(), 1, "{json}");
    assert!(run.stderr.contains("Error: "), "{run:?}");

    desk.ok("package charts/two");
    let run = desk.remote("push two-2.0.0+b.tgz REGISTRY/single --output json");
    assert_eq!(run.json()["charts"][0]["status"], "pushed");
}

#[test]
fn a_tag_is_added_beside_the_version() {
    let server = server();
    let desk = Desk::at(server.addr());
    let client = server.client();
    charts::plain(&desk, "webapp", "1.0.0", "a: 1\n");
    desk.ok("package webapp");
    desk.remote("push webapp-1.0.0.tgz REGISTRY/charts/webapp:stable");
    assert_eq!(client.tags("charts/webapp"), ["1.0.0", "stable"]);
    let digest = |tag: &str| client.manifest("charts/webapp", tag).expect(200).digest();
    assert_eq!(digest("stable"), digest("1.0.0"));

    // It moves, and comes to what is there already.
    charts::plain(&desk, "webapp", "1.1.0", "a: 1\n");
    desk.remote("push webapp REGISTRY/charts/webapp:stable");
    assert_eq!(digest("stable"), digest("1.1.0"));
    desk.remote("push webapp REGISTRY/charts/webapp:newest");
    assert_eq!(digest("newest"), digest("1.1.0"));
    assert_ne!(digest("newest"), digest("1.0.0"));
    assert_eq!(client.tags("charts/webapp"), ["1.0.0", "1.1.0", "newest", "stable"]);
}

#[test]
fn a_tag_is_for_one_chart_of_the_right_name() {
    let server = server();
    let desk = Desk::at(server.addr());
    charts::plain(&desk, "webapp", "1.0.0", "");
    charts::plain(&desk, "other", "1.0.0", "");
    for line in [
        "push webapp other REGISTRY/charts/webapp:stable",
        "push other REGISTRY/charts/webapp:stable",
        "push webapp REGISTRY/webapp:not/a/tag",
        "push webapp REGISTRY/charts/webapp:-x",
        "push webapp REGISTRY/charts/webapp@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    ] {
        desk.fails(&format!("{line} --plain-http"));
    }
    let known = server.client().get("/v2/_catalog").send().expect(200).json();
    assert_eq!(known["repositories"], serde_json::json!([]));
}

#[test]
fn a_chart_may_stand_at_the_top_of_a_registry() {
    let server = server();
    let desk = Desk::at(server.addr());
    charts::plain(&desk, "webapp", "1.0.0", "");
    for remote in ["REGISTRY", "REGISTRY/"] {
        desk.remote(&format!("push webapp {remote}"));
    }
    desk.remote("push webapp REGISTRY/charts/");
    let known = server.client().get("/v2/_catalog").send().expect(200).json();
    assert_eq!(known["repositories"], serde_json::json!(["charts/webapp", "webapp"]));
}

#[test]
fn the_time_zone_does_not_change_a_manifest() {
    let server = server();
    let desk = Desk::at(server.addr());
    charts::plain(&desk, "webapp", "1.0.0", "a: 1\n");
    desk.ok("package webapp");
    desk.set_modified("webapp-1.0.0.tgz", 1_700_000_000);
    let mut digests = Vec::new();
    for zone in ["UTC", "Asia/Tokyo", "America/St_Johns"] {
        let mut command = desk.command("push webapp-1.0.0.tgz REGISTRY/charts --plain-http");
        assert!(finish(command.env("TZ", zone), b"").status.success());
        let manifest = server.client().manifest("charts/webapp", "1.0.0").expect(200);
        let annotations = &manifest.json()["annotations"];
        assert_eq!(annotations["org.opencontainers.image.created"], "2023-11-14T22:13:20Z", "{zone}");
        digests.push(manifest.digest());
    }
    assert!(digests.iter().all(|digest| *digest == digests[0]));
}

#[test]
fn the_same_push_succeeds_twice_where_tags_are_immutable() {
    let server = server();
    let puts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&puts);
    // As Amazon and Harbor do it: the same digest is a change, too.
    let front = Front::start(server.addr(), move |seen| {
        let put = seen.line.starts_with("PUT ") && seen.line.contains("/manifests/");
        if put && counted.fetch_add(1, Ordering::SeqCst) > 0 {
            let body = r#"{"errors":[{"code":"TAG_INVALID","message":"the tag is immutable"}]}"#;
            return Answer::Own(400, String::new(), body.to_owned());
        }
        Answer::Pass
    });
    let desk = Desk::at(front.addr());
    desk.write("webapp-1.0.0.tgz", ChartBuilder::new("webapp", "1.0.0").build().archive);
    desk.set_modified("webapp-1.0.0.tgz", charts::MODIFIED);
    let first = desk.remote("push webapp-1.0.0.tgz REGISTRY/charts");
    assert_eq!(desk.remote("push webapp-1.0.0.tgz REGISTRY/charts"), first);
    assert_eq!(puts.load(Ordering::SeqCst), 1);
    // Another manifest under the tag is what it forbids.
    desk.set_modified("webapp-1.0.0.tgz", charts::MODIFIED + 60);
    let run = desk.fails("push webapp-1.0.0.tgz REGISTRY/charts --plain-http");
    assert!(run.stderr.contains("immutable"), "{run:?}");
}
