//! `chartroom copy`.

use chartroom_oci::Digest;
use chartroom_test_support::{ChartBuilder, Client, Image, OCI_INDEX, Peer, TestServer, index};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::distribution::Distribution;
use crate::server;

/// A source, a target, and a desk whose `REGISTRY` is the target.
fn two() -> (TestServer, TestServer, Desk) {
    let (source, target) = (server(), server());
    let desk = Desk::at(target.addr());
    (source, target, desk)
}

/// Refers to a manifest, as a signature does; gives what it is known by.
fn attach(client: &Client, repository: &str, subject: &Value, text: &str) -> Image {
    let image = Image::of(text).with(json!({
        "subject": subject,
        "artifactType": "application/vnd.example.signature",
    }));
    client.push_image(repository, &image.digest().to_string(), &image);
    image
}

fn referrers(client: &Client, repository: &str, digest: &Digest) -> Vec<String> {
    let answer = client.get(&format!("/v2/{repository}/referrers/{digest}")).send().expect(200).json();
    let manifests = answer["manifests"].as_array().unwrap();
    manifests.iter().map(|manifest| manifest["digest"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_chart_goes_to_another_registry_with_all_that_refers_to_it() {
    let (source, target, desk) = two();
    let from = source.client();
    let to = target.client();
    let chart = ChartBuilder::new("webapp", "1.2.3+build.5").provenance().padding(100_000).build();
    let digest = chart.push(&from, "charts/webapp").manifest;
    let signature = attach(&from, "charts/webapp", &chart.descriptor(), "a signature");
    let sbom = attach(&from, "charts/webapp", &chart.descriptor(), "an SBOM");
    // The signature of a signature goes along as well.
    let deeper = attach(&from, "charts/webapp", &signature.descriptor(), "a signature of the signature");

    let line = format!("copy oci://{}/charts/webapp:1.2.3+build.5", source.addr());
    let run = desk.remote(&format!("{line} REGISTRY/mirror/webapp --from-plain-http"));
    assert_eq!(
        run.stdout,
        format!("Copied: {}/mirror/webapp:1.2.3_build.5\nDigest: {digest}\n", desk.host())
    );
    assert_eq!(to.manifest("mirror/webapp", "1.2.3_build.5").expect(200).body, chart.manifest);
    let mut copied = referrers(&to, "mirror/webapp", &digest);
    copied.sort();
    let mut expected = [&signature, &sbom].map(|image| image.digest().to_string());
    expected.sort();
    assert_eq!(copied, expected);
    assert_eq!(referrers(&to, "mirror/webapp", &signature.digest()), [deeper.digest().to_string()]);
    assert_eq!(to.tags("mirror/webapp"), ["1.2.3_build.5"]);

    desk.remote("pull REGISTRY/mirror/webapp --prov");
    assert_eq!(desk.read("webapp-1.2.3+build.5.tgz"), chart.archive);
    assert_eq!(Some(desk.read("webapp-1.2.3+build.5.tgz.prov")), chart.provenance);

    // A second time there is nothing to do, and that is fine; without referrers, none come.
    desk.remote(&format!("{line} REGISTRY/mirror/webapp --from-plain-http"));
    desk.remote(&format!("{line} REGISTRY/bare/webapp:stable --from-plain-http --no-referrers"));
    assert_eq!(referrers(&to, "bare/webapp", &digest), Vec::<String>::new());
    assert_eq!(to.tags("bare/webapp"), ["stable"]);
}

#[test]
fn an_index_goes_with_its_charts() {
    let (source, target, desk) = two();
    let charts = ["1.0.0", "2.0.0"].map(|version| ChartBuilder::new("webapp", version).build());
    for chart in &charts {
        chart.push(&source.client(), "charts/webapp");
    }
    let both = index(&charts.each_ref().map(chartroom_test_support::Chart::descriptor));
    source.client().put_manifest("charts/webapp", "all", OCI_INDEX, &both).expect(201);
    attach(&source.client(), "charts/webapp", &charts[0].descriptor(), "a signature");
    let line = format!("copy oci://{}/charts/webapp:all REGISTRY/charts/webapp", source.addr());
    desk.remote(&format!("{line} --from-plain-http"));
    let to = target.client();
    assert_eq!(to.manifest("charts/webapp", "all").expect(200).body, both);
    for chart in &charts {
        let digest = chart.digests().manifest;
        assert_eq!(to.manifest("charts/webapp", &digest.to_string()).expect(200).body, chart.manifest);
        to.blob("charts/webapp", &chart.digests().archive).expect(200);
    }
    assert_eq!(referrers(&to, "charts/webapp", &charts[0].digests().manifest).len(), 1);
}

#[test]
fn the_newest_version_a_range_and_a_digest_can_be_copied() {
    let (source, target, desk) = two();
    let mut digests = Vec::new();
    for version in ["1.0.0", "1.5.0", "2.0.0"] {
        let chart = ChartBuilder::new("webapp", version).build();
        digests.push(chart.push(&source.client(), "charts/webapp").manifest);
    }
    let copy = |from: &str, to: &str| {
        let line =
            format!("copy oci://{}/charts/webapp{from} REGISTRY/{to} --from-plain-http", source.addr());
        desk.remote(&line)
    };
    copy("", "newest/webapp");
    assert_eq!(target.client().tags("newest/webapp"), ["2.0.0"]);
    copy(":1.5.0", "same/webapp:chosen");
    assert_eq!(target.client().manifest("same/webapp", "chosen").expect(200).digest(), digests[1]);
    copy(&format!("@{}", digests[0]), "pinned/webapp");
    let pinned = target.client().manifest("pinned/webapp", &digests[0].to_string());
    assert_eq!(pinned.expect(200).digest(), digests[0]);
}

#[test]
fn a_registry_without_referrers_keeps_them_under_a_tag() {
    let Some(registry) = Distribution::open() else { return };
    let source = server();
    let desk = Desk::at(registry.addr());
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    let digest = chart.push(&source.client(), "charts/webapp").manifest;
    let signature = attach(&source.client(), "charts/webapp", &chart.descriptor(), "a signature");
    let line = format!("copy oci://{}/charts/webapp:1.0.0 REGISTRY/charts/webapp", source.addr());
    desk.remote(&format!("{line} --from-plain-http"));
    let client = Client::new(registry.addr());
    let fallback = format!("/v2/charts/webapp/manifests/sha256-{}", digest.hex());
    let listed = client.get(&fallback).header("Accept", OCI_INDEX).send().expect(200).json();
    assert_eq!(listed["manifests"][0]["digest"], signature.digest().to_string());
    assert_eq!(listed["manifests"][0]["artifactType"], "application/vnd.example.signature");

    // And from there back to one that has them.
    let back = server();
    let line = format!("copy REGISTRY/charts/webapp:1.0.0 oci://{}/charts/webapp", back.addr());
    desk.remote(&format!("{line} --from-plain-http"));
    assert_eq!(referrers(&back.client(), "charts/webapp", &digest), [signature.digest().to_string()]);
}

#[test]
fn what_oras_attached_goes_along() {
    let Some(oras) = Peer::find("oras") else { return };
    let (source, target, desk) = two();
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    let digest = chart.push(&source.client(), "charts/webapp").manifest;
    oras.write("sbom.json", "{\"packages\":[]}");
    let subject = format!("{}/charts/webapp:1.0.0", source.addr());
    let kind = "application/vnd.example.sbom";
    oras.ok(&["attach", "--plain-http", "--artifact-type", kind, &subject, "sbom.json:application/json"]);
    let line = format!("copy oci://{subject} REGISTRY/charts/webapp --from-plain-http");
    desk.remote(&line);
    let subject = format!("{}/charts/webapp:1.0.0", target.addr());
    let found = oras.ok(&["discover", "--plain-http", "--format", "json", &subject]).stdout;
    assert!(found.contains(kind), "{found}");
    assert_eq!(
        referrers(&target.client(), "charts/webapp", &digest),
        referrers(&source.client(), "charts/webapp", &digest)
    );
}

#[test]
fn what_is_not_there_is_not_copied() {
    let (source, target, desk) = two();
    ChartBuilder::new("webapp", "1.0.0").build().push(&source.client(), "charts/webapp");
    let from = format!("oci://{}", source.addr());
    for (from, to) in [
        (format!("{from}/charts/webapp:9.9.9"), "REGISTRY/charts/webapp"),
        (format!("{from}/charts/nothing"), "REGISTRY/charts/webapp"),
        (format!("{from}/charts/webapp:1.0.0"), "REGISTRY/Charts/Webapp"),
        (format!("{from}/charts/webapp:1.0.0"), "REGISTRY"),
        (format!("{from}/charts/webapp:1.0.0"), "HOST/charts/webapp"),
        ("webapp-1.0.0.tgz".to_owned(), "REGISTRY/charts/webapp"),
    ] {
        desk.fails(&format!("copy {from} {to} --from-plain-http --plain-http"));
    }
    let known = target.client().get("/v2/_catalog").send().expect(200).json();
    assert_eq!(known["repositories"], json!([]));
}
