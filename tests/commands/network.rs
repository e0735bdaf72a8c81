//! What networks do: break off, refuse for a moment, listen in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chartroom_test_support::ChartBuilder;

use crate::desk::Desk;
use crate::distribution::{Distribution, PASSWORD, USER};
use crate::front::{Answer, Front};
use crate::{charts, server};

#[test]
fn a_download_that_was_cut_is_resumed() {
    let server = server();
    let chart = ChartBuilder::new("webapp", "1.0.0").padding(3_000_000).build();
    let archive = chart.push(&server.client(), "charts/webapp").archive;
    let blob = format!("/blobs/{archive}");
    let wanted = blob.clone();
    let cuts = AtomicUsize::new(0);
    let front = Front::start(server.addr(), move |seen| {
        if seen.line.contains(&wanted) && cuts.fetch_add(1, Ordering::SeqCst) < 2 {
            return Answer::Cut(1_000_000);
        }
        Answer::Pass
    });
    let desk = Desk::at(front.addr());
    desk.remote("pull REGISTRY/charts/webapp:1.0.0");
    assert!(desk.read("webapp-1.0.0.tgz") == chart.archive);
    let requests = front.seen(&blob);
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert_eq!(requests[0].header("Range"), None);
    for request in &requests[1..] {
        let range = request.header("Range").unwrap_or_else(|| panic!("{request:?}"));
        let start = range.strip_prefix("bytes=").and_then(|range| range.split('-').next()).unwrap();
        assert!(start.parse::<u64>().unwrap() > 900_000, "{request:?}");
    }
    assert_eq!(desk.names(""), ["webapp-1.0.0.tgz"]);
}

#[test]
fn content_that_is_not_what_its_digest_says_is_not_kept() {
    let server = server();
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    let archive = chart.push(&server.client(), "charts/webapp").archive;
    let blob = format!("/blobs/{archive}");
    let forged = ChartBuilder::new("webapp", "1.0.1").build().archive.len();
    let front = Front::start(server.addr(), move |seen| {
        if seen.line.contains(&blob) {
            return Answer::Own(200, String::new(), "x".repeat(forged));
        }
        Answer::Pass
    });
    let desk = Desk::at(front.addr());
    for line in ["pull REGISTRY/charts/webapp:1.0.0", "show all REGISTRY/charts/webapp:1.0.0"] {
        let run = desk.fails(&format!("{line} --plain-http"));
        assert!(run.stderr.contains("hint: "), "{run:?}");
    }
}

/// A front whose registry is busy for the first few requests that this is part of.
fn busy(server: std::net::SocketAddr, what: &'static str, times: usize) -> Front {
    let count = Arc::new(AtomicUsize::new(0));
    Front::start(server, move |seen| {
        if seen.line.contains(what) && count.fetch_add(1, Ordering::SeqCst) < times {
            return Answer::Own(503, "Retry-After: 0\r\n".to_owned(), "busy".to_owned());
        }
        Answer::Pass
    })
}

#[test]
fn a_registry_that_is_busy_for_a_moment_is_asked_again() {
    let server = server();
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    chart.push(&server.client(), "charts/webapp");
    // With Helm, options of TLS turn this off.
    for flags in ["", "--insecure-skip-tls-verify"] {
        let front = busy(server.addr(), "/manifests/1.0.0", 2);
        let desk = Desk::at(front.addr());
        let run = desk.remote(&format!("pull REGISTRY/charts/webapp:1.0.0 {flags}"));
        assert_eq!(desk.read("webapp-1.0.0.tgz"), chart.archive);
        assert_eq!(run.stderr.matches("trying again").count(), 2, "{run:?}");
        assert_eq!(run.stdout.lines().count(), 2, "{run:?}");
        assert_eq!(front.seen("/manifests/1.0.0").len(), 3);
    }
}

#[test]
fn an_upload_to_a_busy_registry_is_tried_again() {
    let server = server();
    for what in ["POST /v2/charts/webapp/blobs/uploads/", "PUT /v2/charts/webapp/manifests/"] {
        let front = busy(server.addr(), what, 1);
        let desk = Desk::at(front.addr());
        charts::plain(&desk, "webapp", if what.starts_with("POST") { "1.0.0" } else { "1.1.0" }, "a: 1\n");
        desk.remote("push webapp REGISTRY/charts");
        assert!(front.seen(what).len() >= 2);
    }
    assert_eq!(server.client().tags("charts/webapp"), ["1.0.0", "1.1.0"]);
}

#[test]
fn debug_shows_the_requests_and_no_password() {
    let Some(registry) = Distribution::with_accounts() else { return };
    let desk = Desk::at(registry.addr());
    charts::plain(&desk, "webapp", "1.0.0", "");
    let login = format!("registry login HOST --plain-http -u {USER} --password-stdin --debug");
    let mut runs = vec![desk.run_with_input(&login, PASSWORD.as_bytes())];
    runs.push(desk.remote("push webapp REGISTRY/charts --debug"));
    runs.push(desk.remote("pull REGISTRY/charts/webapp:1.0.0 --debug"));
    runs.push(desk.run(&format!(
        "pull REGISTRY/charts/none --username {USER} --password '{PASSWORD}' --plain-http --debug"
    )));
    for run in &runs {
        assert!(run.stderr.contains(&format!("http://{}/v2/", desk.host())), "{run:?}");
        // The password, and the two together as Basic has them.
        for secret in [PASSWORD, "ZGV2OmNvcnJlY3QgaG9yc2U"] {
            assert!(!run.both().contains(secret), "{run:?}");
        }
    }
    assert!(runs[2].stderr.contains("GET ") && runs[2].stderr.contains("200"), "{:?}", runs[2]);
    assert_eq!(runs[2].stdout.lines().count(), 2, "{:?}", runs[2]);
}

#[test]
fn debug_shows_no_token() {
    const TOKEN: &str = "a-token-that-nobody-may-see";
    let server = server();
    ChartBuilder::new("webapp", "1.0.0").build().push(&server.client(), "charts/webapp");
    let front = Front::start(server.addr(), |seen| {
        let host = seen.header("Host").unwrap();
        if seen.line.contains(" /token") {
            let headers = "Content-Type: application/json\r\n".to_owned();
            return Answer::Own(200, headers, format!("{{\"token\":\"{TOKEN}\"}}"));
        }
        if seen.header("Authorization") == Some(&format!("Bearer {TOKEN}")) {
            return Answer::Pass;
        }
        let challenge =
            format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"test\"\r\n");
        Answer::Own(401, challenge, String::new())
    });
    let desk = Desk::at(front.addr());
    let run =
        desk.remote("pull REGISTRY/charts/webapp:1.0.0 --username dev --password s3cret-password --debug");
    assert!(run.stderr.contains("/token"), "{run:?}");
    // Basic's form of the two, without what depends on where it ends.
    for secret in [TOKEN, "s3cret-password", "ZGV2OnMzY3JldC1wYXNzd29y"] {
        assert!(!run.both().contains(secret), "{run:?}");
    }
    assert!(front.seen("/token").iter().all(|seen| !seen.line.contains("s3cret")));
}

#[test]
fn nobody_there_and_the_wrong_scheme_are_told_apart() {
    let desk = Desk::alone();
    charts::plain(&desk, "webapp", "1.0.0", "");
    for line in [
        "pull REGISTRY/charts/webapp:1.0.0 --plain-http",
        "pull REGISTRY/charts/webapp:1.0.0",
        "tags REGISTRY/charts/webapp",
        "push webapp REGISTRY/charts",
        "registry login HOST -u dev -p x",
    ] {
        let run = desk.fails(line);
        assert!(run.stderr.contains("hint: check the registry's name and port"), "{line}: {run:?}");
    }

    let server = server();
    let desk = Desk::at(server.addr());
    for line in [
        "pull REGISTRY/charts/webapp:1.0.0",
        "show all REGISTRY/charts/webapp",
        "tags REGISTRY/charts/webapp",
    ] {
        let run = desk.fails(line);
        assert!(run.stderr.contains("hint: ") && run.stderr.contains("plain HTTP"), "{line}: {run:?}");
    }
}
