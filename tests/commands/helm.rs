//! Both ways with stock Helm: what the one made and pushed, the other reads, to the byte.

use chartroom_test_support::{ChartBuilder, OCI_MANIFEST, Peer, TestServer};
use serde_json::json;

use crate::desk::Desk;
use crate::{HELM, charts, server};

fn setup() -> Option<(Peer, TestServer, Desk)> {
    let helm = Peer::find(HELM)?;
    let server = server();
    let desk = Desk::at(server.addr());
    Some((helm, server, desk))
}

#[test]
fn helm_pulls_shows_and_renders_what_was_pushed_here() {
    let Some((helm, _server, desk)) = setup() else { return };
    charts::rich(&desk, "webapp", "1.2.3");
    desk.ok("package webapp");
    desk.remote("push webapp-1.2.3.tgz REGISTRY/charts");
    desk.folder("out");
    desk.helm(&helm, "pull REGISTRY/charts/webapp --version 1.2.3 -d out --plain-http");
    assert_eq!(desk.read("out/webapp-1.2.3.tgz"), desk.read("webapp-1.2.3.tgz"));
    let remote = |line: &str| desk.helm(&helm, &format!("{line} --plain-http")).stdout;
    let local = |line: &str| desk.helm(&helm, line).stdout;
    assert_eq!(remote("show all REGISTRY/charts/webapp"), local("show all webapp"));
    let rendered = remote("template app REGISTRY/charts/webapp --include-crds");
    assert_eq!(rendered, local("template app webapp --include-crds"));
    assert!(rendered.contains("name: app-db") && rendered.contains("figs.example.com"), "{rendered}");
    // A folder that was pushed without packaging it first is the same to Helm.
    desk.remote("push webapp REGISTRY/folders");
    assert_eq!(remote("template app REGISTRY/folders/webapp --include-crds"), rendered);
}

#[test]
fn what_helm_pushed_is_pulled_byte_for_byte() {
    let Some((helm, server, desk)) = setup() else { return };
    charts::rich(&desk, "webapp", "1.2.3");
    for version in ["1.2.3", "1.3.0-rc.1", "1.3.0+build.7"] {
        desk.helm(&helm, &format!("package webapp --version {version}"));
        desk.helm(&helm, &format!("push webapp-{version}.tgz REGISTRY/charts --plain-http"));
        desk.folder("ours");
        desk.folder("theirs");
        let line = format!("pull REGISTRY/charts/webapp --version {version} --plain-http -d");
        let ours = desk.ok(&format!("{line} ours"));
        let theirs = desk.helm(&helm, &format!("{line} theirs"));
        assert!(theirs.stdout.starts_with(&ours.stdout), "{ours:?}\n{theirs:?}");
        assert_eq!(
            desk.read(&format!("ours/webapp-{version}.tgz")),
            desk.read(&format!("webapp-{version}.tgz"))
        );
    }
    desk.same("ours", "theirs");
    assert_eq!(desk.modes("ours"), desk.modes("theirs"));
    // By digest, too, and under the same name.
    let digest = server.client().manifest("charts/webapp", "1.2.3").digest();
    let line = format!("pull REGISTRY/charts/webapp@{digest} --plain-http -d");
    let ours = desk.ok(&format!("{line} ours"));
    let theirs = desk.helm(&helm, &format!("{line} theirs"));
    assert_eq!(ours.stdout, theirs.stdout);
    desk.same("ours", "theirs");
}

#[test]
fn unpacking_leaves_the_files_that_helm_leaves() {
    let Some((helm, _server, desk)) = setup() else { return };
    charts::rich(&desk, "webapp", "1.2.3");
    desk.helm(&helm, "package webapp");
    desk.helm(&helm, "push webapp-1.2.3.tgz REGISTRY/charts --plain-http");
    desk.folder("ours");
    desk.folder("theirs");
    let line = "pull REGISTRY/charts/webapp --version 1.2.3 --plain-http --untar";
    desk.ok(&format!("{line} -d ours"));
    desk.helm(&helm, &format!("{line} -d theirs"));
    desk.same("ours", "theirs");
    desk.ok(&format!("{line} -d ours --untardir deep"));
    desk.helm(&helm, &format!("{line} -d theirs --untardir deep"));
    desk.same("ours", "theirs");
    assert_eq!(desk.modes("ours"), desk.modes("theirs"));
    // What is there already stays as it is.
    desk.write("ours/webapp/values.yaml", "mine: true\n");
    assert!(!desk.try_helm(&helm, &format!("{line} -d ours")).status.success());
    desk.fails(&format!("{line} -d ours"));
    assert_eq!(desk.text("ours/webapp/values.yaml"), "mine: true\n");
}

#[test]
fn the_manifest_of_an_archive_is_the_one_that_helm_makes() {
    let Some((helm, server, desk)) = setup() else { return };
    charts::rich(&desk, "rich", "2.0.0");
    desk.helm(&helm, "package rich");
    let mut archives = vec!["rich-2.0.0.tgz".to_owned()];
    let mut add = |chart: ChartBuilder| {
        let chart = chart.build();
        let file = format!("{}-{}.tgz", chart.name, chart.version);
        desk.write(&file, &chart.archive);
        if let Some(provenance) = &chart.provenance {
            desk.write(&format!("{file}.prov"), provenance);
        }
        archives.push(file);
    };
    add(ChartBuilder::new("plain", "0.1.0"));
    add(ChartBuilder::new("build", "1.2.3+build.5"));
    add(ChartBuilder::new("lenient", "v1.2"));
    add(ChartBuilder::new("signed", "1.0.0").provenance());
    add(ChartBuilder::new("signed-too", "1.0.1").provenance());
    add(ChartBuilder::new("odd", "1.0.0")
        .field("description", "<a> & \"b\" \\ \u{2028} \u{1f6a2} 日本語")
        .field("home", "https://example.com/?a=1&b=2")
        .field("sources", json!(["https://one.example", "https://two.example"]))
        .field("keywords", json!(["a", "", "c"]))
        .field("maintainers", json!([{"name": "A"}, {"email": "b@example.com"}, {"name": "C", "email": "c@x", "url": "https://c"}]))
        .field("appVersion", json!("1.10"))
        .field("deprecated", json!(true))
        .field("kubeVersion", ">=1.25.0-0 <2")
        .field("annotations", json!({"z": "1", "a": "<", "org.opencontainers.image.url": "https://other", "org.opencontainers.image.title": "no", "empty": ""}))
        .field("dependencies", json!([{"name": "d", "version": "1.x", "repository": "oci://x.example/y", "alias": "e", "condition": "e.on", "tags": ["t"], "import-values": ["data", {"child": "a", "parent": "b"}]}])));
    add(ChartBuilder::new("dated", "1.0.0")
        .field("annotations", json!({"org.opencontainers.image.created": "2020-02-02T02:02:02Z"})));

    let client = server.client();
    let manifest = |repository: &str, tag: &str| {
        let target = format!("/v2/{repository}/manifests/{tag}");
        client.get(&target).header("Accept", OCI_MANIFEST).send().expect(200)
    };
    for file in archives {
        desk.set_modified(&file, 1_700_000_000);
        let theirs = desk.helm(&helm, &format!("push {file} REGISTRY/theirs --plain-http"));
        let ours = desk.remote(&format!("push {file} REGISTRY/ours"));
        let words = |run: &str| run.replace("/theirs/", "/ours/");
        assert!(words(&theirs.stdout).starts_with(&ours.stdout), "{ours:?}\n{theirs:?}");
        let stem = file.trim_end_matches(".tgz");
        let name = ["signed-too"].into_iter().find(|name| stem.starts_with(name));
        let name = name.unwrap_or_else(|| stem.split('-').next().unwrap());
        let tag = stem[name.len() + 1..].replace('+', "_");
        let (ours, theirs) =
            (manifest(&format!("ours/{name}"), &tag), manifest(&format!("theirs/{name}"), &tag));
        assert_eq!(ours.text(), theirs.text(), "{file}");
        assert_eq!(ours.digest(), theirs.digest(), "{file}");
        let config = theirs.json()["config"]["digest"].as_str().unwrap().parse().unwrap();
        client.blob(&format!("ours/{name}"), &config).expect(200);
    }
}

#[test]
fn a_provenance_file_travels_both_ways() {
    let Some((helm, server, desk)) = setup() else { return };
    let chart = ChartBuilder::new("webapp", "1.0.0").provenance().build();
    desk.write("webapp-1.0.0.tgz", &chart.archive);
    desk.write("webapp-1.0.0.tgz.prov", chart.provenance.as_ref().unwrap());
    desk.remote("push webapp-1.0.0.tgz REGISTRY/ours");
    desk.helm(&helm, "push webapp-1.0.0.tgz REGISTRY/theirs --plain-http");
    let known = server.client().get("/api/v1/charts/ours/webapp").send().expect(200).json();
    assert_eq!(known["versions"][0]["provenance"], true);
    desk.folder("ours");
    desk.folder("theirs");
    desk.remote("pull REGISTRY/theirs/webapp --version 1.0.0 --prov -d ours");
    desk.helm(&helm, "pull REGISTRY/ours/webapp --version 1.0.0 --prov -d theirs --plain-http");
    assert_eq!(desk.names("ours"), ["webapp-1.0.0.tgz", "webapp-1.0.0.tgz.prov"]);
    desk.same("ours", "theirs");
    assert_eq!(&desk.read("ours/webapp-1.0.0.tgz.prov"), chart.provenance.as_ref().unwrap());

    // Without --prov it stays where it is; a chart that has none says so, and comes.
    desk.folder("bare");
    desk.remote("pull REGISTRY/ours/webapp --version 1.0.0 -d bare");
    ChartBuilder::new("other", "1.0.0").build().push(&server.client(), "ours/other");
    let pulled = desk.remote("pull REGISTRY/ours/other --version 1.0.0 --prov -d bare");
    assert!(pulled.both().contains("WARNING: "), "{pulled:?}");
    assert_eq!(desk.names("bare"), ["other-1.0.0.tgz", "webapp-1.0.0.tgz"]);
}
