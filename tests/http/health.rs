//! What operators ask: is it alive, is it ready, how is it doing.

use chartroom_test_support::Image;

use crate::server;

#[test]
fn a_running_server_is_alive_and_ready() {
    let server = server();
    let client = server.client();
    for target in ["/healthz", "/readyz"] {
        client.get(target).send().expect(200);
        client.head(target).send().expect(200);
        let refused = client.post(target).send().expect(405);
        assert!(refused.need("Allow").contains("GET"));
    }
}

#[test]
fn metrics_are_in_the_form_that_prometheus_reads() {
    let server = server();
    let client = server.client();
    client.push_image("app", "1.0.0", &Image::of("metrics"));
    client.get("/v2/a-secret-name/tags/list").send().expect(404);
    let metrics = client.get("/metrics").send().expect(200);
    let kind = metrics.need("Content-Type");
    assert!(kind.starts_with("application/openmetrics-text") || kind.starts_with("text/plain"), "{kind}");
    let text = metrics.text();
    assert!(text.lines().any(|line| line.starts_with("# TYPE ")), "{text}");
    assert!(text.lines().any(|line| line.starts_with("chartroom_")), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let value = line.rsplit(' ').next().unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    // Names that clients choose must not become labels: their number has no bound.
    assert!(!text.contains("a-secret-name") && !text.contains("\"app\""), "{text}");
}

#[test]
fn the_number_of_series_does_not_grow_with_what_is_asked() {
    let server = server();
    let client = server.client();
    let series = || client.get("/metrics").send().expect(200).text().lines().count();
    let ask = |number: usize| {
        client.get(&format!("/v2/app{number}/tags/list")).send().expect(404);
        client.get(&format!("/nothing/{number}")).send().expect(404);
        client.request(&format!("BREW{number}"), "/v2/").send().expect(405);
    };
    ask(0);
    // The first look is itself a request that adds its series.
    series();
    let before = series();
    (1..100).for_each(ask);
    assert!(series() <= before + 5, "{before} series became {}", series());
}

#[test]
fn the_front_page_says_what_this_is() {
    let server = server();
    let answer = server.client().get("/").send().expect(200);
    assert!(answer.text().to_lowercase().contains("chartroom"), "{}", answer.text());
}

#[test]
fn what_is_logged_of_a_push_has_the_id_that_the_answer_names() {
    let server = server();
    let client = server.client();
    let image = Image::of("logged");
    let media_type = chartroom_test_support::OCI_MANIFEST;
    let first = client.put_manifest("app", "1.0.0", media_type, &image.manifest).expect(201);
    let second = client.put_manifest("app", "1.0.0", media_type, &image.manifest).expect(201);
    let (first, second) = (first.need("X-Request-Id"), second.need("X-Request-Id"));
    assert!(!first.is_empty() && first != second);
    server.says(first);
    server.says(second);
}
