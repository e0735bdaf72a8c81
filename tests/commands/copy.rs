//! `chartroom copy`.

use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use chartroom_oci::{Algorithm, Digest, Digester};
use chartroom_test_support::{
    ChartBuilder, Client, Image, OCI_INDEX, OCI_MANIFEST, Peer, RandomReader, TestServer, index, with_query,
};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::distribution::Distribution;
use crate::front::{Answer, Front};
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

/// Tags something as cosign does: by the digest of what it belongs to, and its kind.
fn tag_for(client: &Client, repository: &str, of: &Digest, kind: &str) -> Image {
    let image = Image::of(&format!("the {kind} of {of}"));
    client.push_image(repository, &format!("sha256-{}.{kind}", of.hex()), &image);
    image
}

#[test]
fn what_cosign_tagged_goes_along() {
    let (source, target, desk) = two();
    let (from, to) = (source.client(), target.client());
    let digest = ChartBuilder::new("webapp", "1.0.0").build().push(&from, "charts/webapp").manifest;
    let signature = tag_for(&from, "charts/webapp", &digest, "sig");
    tag_for(&from, "charts/webapp", &digest, "att");
    let sbom = tag_for(&from, "charts/webapp", &digest, "sbom");
    // The SBOM is signed, too.
    tag_for(&from, "charts/webapp", &sbom.digest(), "sig");
    // What belongs to something else stays.
    tag_for(&from, "charts/webapp", &Digest::sha256(b"something else"), "sig");
    let line = format!("copy oci://{}/charts/webapp:1.0.0 REGISTRY", source.addr());
    let run = desk.remote(&format!("{line}/mirror/webapp --from-plain-http -o json")).json();
    let mut wanted = ["sig", "att", "sbom"].map(|kind| format!("sha256-{}.{kind}", digest.hex())).to_vec();
    wanted.push(format!("sha256-{}.sig", sbom.digest().hex()));
    wanted.sort();
    let mut told: Vec<_> =
        run["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_owned()).collect();
    told.sort();
    assert_eq!(told, wanted);
    wanted.insert(0, "1.0.0".to_owned());
    assert_eq!(to.tags("mirror/webapp"), wanted);
    let signed = format!("sha256-{}.sig", digest.hex());
    assert_eq!(to.manifest("mirror/webapp", &signed).expect(200).body, signature.manifest);
    desk.remote(&format!("{line}/bare/webapp --from-plain-http --no-referrers"));
    assert_eq!(to.tags("bare/webapp"), ["1.0.0"]);
}

#[test]
fn what_was_done_is_told_to_programs() {
    let (source, _target, desk) = two();
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    let digest = chart.push(&source.client(), "charts/webapp").manifest;
    let signature = attach(&source.client(), "charts/webapp", &chart.descriptor(), "a signature");
    let line = format!("copy oci://{}/charts/webapp:1.0.0", source.addr());
    let run = desk.remote(&format!("{line} REGISTRY/mirror/webapp:stable --from-plain-http -o json"));
    assert_eq!(run.stderr, "");
    let wanted = json!({
        "reference": format!("{}/mirror/webapp:stable", desk.host()),
        "digest": digest.to_string(),
        "manifests": [digest.to_string(), signature.digest().to_string()],
        "tags": [],
        "blobs": { "sent": 4, "linked": 0, "unchanged": 0 },
    });
    assert_eq!(run.json(), wanted);
    let again = desk.remote(&format!("{line} REGISTRY/mirror/webapp:stable --from-plain-http -o json"));
    assert_eq!(again.json()["blobs"], json!({ "sent": 0, "linked": 0, "unchanged": 4 }));
    // Within one registry nothing is sent.
    let within = desk
        .remote("copy REGISTRY/mirror/webapp:stable REGISTRY/other/webapp --from-plain-http --output=json");
    assert_eq!(within.json()["blobs"], json!({ "sent": 0, "linked": 4, "unchanged": 0 }));
    assert_eq!(within.json()["reference"], format!("{}/other/webapp:stable", desk.host()));
}

#[test]
fn a_referrer_that_is_gone_does_not_keep_the_chart_back() {
    let (source, target, desk) = two();
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    let digest = chart.push(&source.client(), "charts/webapp").manifest;
    let gone = attach(&source.client(), "charts/webapp", &chart.descriptor(), "a signature").digest();
    let front = Front::start(source.addr(), move |seen| {
        if seen.line.contains(&gone.to_string()) {
            return Answer::Own(404, String::new(), String::new());
        }
        Answer::Pass
    });
    let line = format!("copy oci://{}/charts/webapp:1.0.0 REGISTRY/charts/webapp", front.addr());
    let run = desk.remote(&format!("{line} --from-plain-http"));
    assert!(run.stderr.contains(&format!("WARNING: {gone} is listed")), "{run:?}");
    assert_eq!(target.client().manifest("charts/webapp", "1.0.0").expect(200).digest(), digest);
    assert_eq!(referrers(&target.client(), "charts/webapp", &digest), Vec::<String>::new());
}

#[test]
fn a_digest_is_no_place_to_copy_to() {
    let (source, _target, desk) = two();
    let digest =
        ChartBuilder::new("webapp", "1.0.0").build().push(&source.client(), "charts/webapp").manifest;
    let from = format!("copy oci://{}/charts/webapp:1.0.0", source.addr());
    let run = desk.fails(&format!("{from} REGISTRY/charts/webapp@{digest} --from-plain-http --plain-http"));
    assert!(run.stderr.contains("digest"), "{run:?}");
}

/// How large the blob is that is copied in little memory, and how little that is, in a build without
/// optimisation.
const LARGE: u64 = 200 << 20;
const PEAK: u64 = 60 << 20;

/// Puts a chart into a registry whose archive is as large as that; gives the archive's digest. Nobody
/// holds it in memory.
fn push_large(client: &Client) -> Digest {
    let random = || RandomReader::new(7, LARGE);
    let mut digester = Digester::new(Algorithm::Sha256);
    let mut buffer = vec![0; 1 << 20];
    let mut reader = random();
    while let Ok(length @ 1..) = reader.read(&mut buffer) {
        digester.update(&buffer[..length]);
    }
    let digest = digester.finish();
    let location = client.begin_upload("charts/large");
    let target = with_query(&location, "digest", &digest.to_string());
    let put = client.put(&target).content_type("application/octet-stream");
    put.reader(LARGE, random()).send().expect(201);
    let chart = ChartBuilder::new("large", "1.0.0").build();
    client.push_blob("charts/large", &chart.config);
    let mut manifest = serde_json::from_slice::<Value>(&chart.manifest).unwrap();
    manifest["layers"][0]["digest"] = digest.to_string().into();
    manifest["layers"][0]["size"] = LARGE.into();
    let manifest = manifest.to_string();
    client.put_manifest("charts/large", "1.0.0", OCI_MANIFEST, manifest.as_bytes()).expect(201);
    digest
}

/// Runs a command, which must succeed; gives the most memory that it had resident while it ran.
fn peak_of(mut command: Command) -> u64 {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let path = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let status = fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kibibytes.unwrap_or(0) * 1024);
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return peak;
        }
        std::thread::yield_now();
    }
}

fn a_large_chart_goes_to(target: SocketAddr) {
    let source = server();
    let client = source.client().with_timeout(std::time::Duration::from_secs(120));
    let digest = push_large(&client);
    let desk = Desk::at(target);
    let line = format!("copy oci://{}/charts/large:1.0.0 REGISTRY/charts/large", source.addr());
    let peak = peak_of(desk.command(&format!("{line} --from-plain-http --plain-http")));
    assert!(peak > 1 << 20 && peak < PEAK, "{peak} bytes");
    let there = Client::new(target).head(&format!("/v2/charts/large/blobs/{digest}")).send().expect(200);
    assert_eq!(there.header("Content-Length"), Some(LARGE.to_string().as_str()));
}

#[test]
fn a_large_chart_goes_to_our_own_registry_in_little_memory() {
    let target = server();
    a_large_chart_goes_to(target.addr());
}

#[test]
fn a_large_chart_goes_to_docker_registry_in_little_memory() {
    let Some(target) = Distribution::open() else { return };
    a_large_chart_goes_to(target.addr());
}

#[test]
fn a_source_that_breaks_off_is_read_on() {
    let (source, target, desk) = two();
    let chart = ChartBuilder::new("webapp", "1.0.0").padding(3_000_000).build();
    let archive = chart.push(&source.client(), "charts/webapp").archive;
    let cuts = AtomicUsize::new(0);
    let front = Front::start(source.addr(), move |seen| {
        let blob = seen.line.starts_with("GET") && seen.line.contains(&archive.to_string());
        if blob && cuts.fetch_add(1, Ordering::SeqCst) < 2 {
            return Answer::Cut(1_000_000);
        }
        Answer::Pass
    });
    let line = format!("copy oci://{}/charts/webapp:1.0.0 REGISTRY/charts/webapp", front.addr());
    desk.remote(&format!("{line} --from-plain-http"));
    let ranges = front.seen(&archive.to_string());
    assert_eq!(ranges.iter().filter(|seen| seen.header("Range").is_some()).count(), 2, "{ranges:?}");
    assert_eq!(target.client().blob("charts/webapp", &archive).expect(200).body, chart.archive);
}
