//! A chart's whole way, on each kind of registry: made, pushed, listed, shown, pulled, copied.

use std::net::SocketAddr;

use chartroom_oci::Digest;
use chartroom_test_support::Client;

use crate::desk::Desk;
use crate::distribution::Distribution;
use crate::{charts, server};

#[test]
fn a_chart_goes_its_whole_way_on_our_own_registry() {
    let server = server();
    whole_way(server.addr());
    server.client().still_serves();
}

#[test]
fn a_chart_goes_its_whole_way_on_docker_registry() {
    let Some(registry) = Distribution::open() else { return };
    whole_way(registry.addr());
}

fn whole_way(registry: SocketAddr) {
    let desk = Desk::at(registry);
    let client = Client::new(registry);
    let host = desk.host();

    assert_eq!(desk.ok("create webapp").stdout, "Creating webapp\n");
    let packaged = desk.ok("package webapp");
    let path = desk.path("webapp-0.1.0.tgz");
    assert_eq!(packaged.stdout, format!("Successfully packaged chart and saved it to: {}\n", path.display()));
    assert_eq!(packaged.stderr, "");

    let pushed = desk.remote("push webapp-0.1.0.tgz REGISTRY/charts");
    let digest = client.manifest_digest("charts/webapp", "0.1.0");
    assert_eq!(pushed.stdout, format!("Pushed: {host}/charts/webapp:0.1.0\nDigest: {digest}\n"));
    assert_eq!(pushed.stderr, "");

    desk.folder("out");
    let pulled = desk.remote("pull REGISTRY/charts/webapp --version 0.1.0 -d out");
    assert_eq!(pulled.stdout, format!("Pulled: {host}/charts/webapp:0.1.0\nDigest: {digest}\n"));
    assert_eq!(pulled.stderr, "");
    assert_eq!(desk.names("out"), ["webapp-0.1.0.tgz"]);
    assert_eq!(desk.read("out/webapp-0.1.0.tgz"), desk.read("webapp-0.1.0.tgz"));

    let shown = desk.remote("show values REGISTRY/charts/webapp");
    assert_eq!(shown.stdout, format!("{}\n", desk.text("webapp/values.yaml")));
    assert_eq!(shown.stderr, format!("Pulled: {host}/charts/webapp:0.1.0\nDigest: {digest}\n"));

    let listed = desk.remote("tags REGISTRY/charts/webapp --json").json();
    assert_eq!(listed["repository"], format!("oci://{host}/charts/webapp"));
    assert_eq!(listed["tags"][0]["version"], "0.1.0");
    assert_eq!(listed["tags"][0]["digest"], digest.to_string());

    let copied =
        desk.remote("copy REGISTRY/charts/webapp:0.1.0 REGISTRY/archive/webapp:stable --from-plain-http");
    assert_eq!(copied.stdout, format!("Copied: {host}/archive/webapp:stable\nDigest: {digest}\n"));
    assert_eq!(client.manifest_digest("archive/webapp", "stable"), digest);

    desk.remote("pull REGISTRY/archive/webapp:stable --untar --untardir tree");
    // All but Chart.yaml, which is written anew, and empty folders, for which archives have no place.
    let files = |folder: &str| {
        let mut files = desk.contents(folder);
        files.retain(|name, content| name != "Chart.yaml" && !content.is_empty());
        files
    };
    assert!(files("tree/webapp").contains_key("templates/deployment.yaml"));
    assert_eq!(files("tree/webapp"), files("webapp"));

    // The same again, of a folder with everything in it: what is there is left alone.
    charts::rich(&desk, "charts/shop", "1.2.3+build.5");
    let first = desk.remote("push charts/shop REGISTRY/charts");
    assert!(first.stdout.starts_with(&format!("Pushed: {host}/charts/shop:1.2.3_build.5\n")), "{first:?}");
    let second = desk.remote("push charts/shop REGISTRY/charts");
    assert!(second.stdout.starts_with("Unchanged: "), "{second:?}");
    assert_eq!(first.stdout.lines().last(), second.stdout.lines().last());
}

/// What all registries answer alike.
trait ManifestDigest {
    fn manifest_digest(&self, repository: &str, tag: &str) -> Digest;
}

impl ManifestDigest for Client {
    #[track_caller]
    fn manifest_digest(&self, repository: &str, tag: &str) -> Digest {
        // Others give no manifest that nobody asks for by its type.
        let target = format!("/v2/{repository}/manifests/{tag}");
        let answer = self.get(&target).header("Accept", chartroom_test_support::OCI_MANIFEST).send();
        Digest::sha256(&answer.expect(200).body)
    }
}
