//! skopeo, and with it the library that podman, buildah and CRI-O share.

use chartroom_test_support::{Image, Peer};

use crate::{server, words};

#[test]
fn an_image_is_copied_in_and_out_listed_inspected_and_deleted() {
    let Some(skopeo) = Peer::find("skopeo") else { return };
    let server = server();
    let client = server.client();
    let registry = format!("docker://{}", server.addr());
    let run = |line: &str| skopeo.ok(&words(&line.replace("REGISTRY", &registry))).stdout;
    let image = Image::runnable("skopeo");
    image.write_layout(&skopeo.home().join("in"), "1.0.0");

    run("copy --dest-tls-verify=false --preserve-digests oci:in:1.0.0 REGISTRY/library/app:1.0.0");
    assert_eq!(client.manifest("library/app", "1.0.0").expect(200).body, image.manifest);
    run("copy --dest-tls-verify=false --preserve-digests oci:in:1.0.0 REGISTRY/library/app:latest");
    let listed = run("list-tags --tls-verify=false REGISTRY/library/app");
    let listed = serde_json::from_str::<serde_json::Value>(&listed).unwrap();
    assert_eq!(listed["Tags"], serde_json::json!(["1.0.0", "latest"]));
    let inspected = run("inspect --tls-verify=false REGISTRY/library/app:1.0.0");
    let inspected = serde_json::from_str::<serde_json::Value>(&inspected).unwrap();
    assert_eq!(inspected["Digest"], image.digest().to_string());
    assert_eq!(inspected["Labels"]["text"], "skopeo");
    let raw = run("inspect --tls-verify=false --raw REGISTRY/library/app:1.0.0");
    assert_eq!(raw.as_bytes(), image.manifest);

    run(&format!("copy --src-tls-verify=false REGISTRY/library/app@{} dir:out", image.digest()));
    assert_eq!(skopeo.read("out/manifest.json"), image.manifest);
    assert_eq!(
        skopeo.read(&format!("out/{}", chartroom_oci::Digest::sha256(&image.layers[0]).hex())),
        image.layers[0]
    );

    // From one repository to another, where it can take blobs over by mounting.
    run(
        "copy --src-tls-verify=false --dest-tls-verify=false REGISTRY/library/app:1.0.0 REGISTRY/other/app:1.0.0",
    );
    assert_eq!(client.manifest("other/app", "1.0.0").expect(200).body, image.manifest);

    run("delete --tls-verify=false REGISTRY/library/app:1.0.0");
    client.manifest("library/app", "1.0.0").expect(404);
    let gone = skopeo.fails(&words(&format!("inspect --tls-verify=false {registry}/library/app:1.0.0")));
    assert!(gone.stderr.contains("unknown"), "{}", gone.stderr);
    client.manifest("other/app", "1.0.0").expect(200);
}

#[test]
fn an_image_is_converted_to_dockers_format_on_its_way() {
    let Some(skopeo) = Peer::find("skopeo") else { return };
    let server = server();
    let registry = format!("docker://{}", server.addr());
    Image::runnable("docker format").write_layout(&skopeo.home().join("in"), "1.0.0");
    let line = format!("copy --dest-tls-verify=false --format v2s2 oci:in:1.0.0 {registry}/app:1.0.0");
    skopeo.ok(&words(&line));
    let stored = server.client().manifest("app", "1.0.0").expect(200);
    assert_eq!(stored.need("Content-Type"), "application/vnd.docker.distribution.manifest.v2+json");
    skopeo.ok(&words(&format!("copy --src-tls-verify=false {registry}/app:1.0.0 dir:out")));
    assert_eq!(skopeo.read("out/manifest.json"), stored.body);
}

#[test]
fn a_chart_is_copied_between_registries() {
    let Some(skopeo) = Peer::find("skopeo") else { return };
    let (from, to) = (server(), server());
    let chart = chartroom_test_support::ChartBuilder::new("webapp", "1.0.0").provenance().build();
    chart.push(&from.client(), "charts/webapp");
    let line = format!(
        "copy --preserve-digests --src-tls-verify=false --dest-tls-verify=false docker://{}/charts/webapp:1.0.0 \
         docker://{}/charts/webapp:1.0.0",
        from.addr(),
        to.addr()
    );
    skopeo.ok(&words(&line));
    let copied = to.client().manifest("charts/webapp", "1.0.0").expect(200);
    assert_eq!(copied.body, chart.manifest);
    let known = to.client().get("/api/v1/charts/charts/webapp").send().expect(200).json();
    assert_eq!(known["versions"][0]["provenance"], true);
}
