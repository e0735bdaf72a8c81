//! Dependencies and charts of classic repositories that are verified before they are used, beside Helm.

use chartroom_test_support::{ChartBuilder, Client, Gnupg, Website};

use crate::dependency::chart;
use crate::desk::Desk;
use crate::server;
use crate::twins::Twins;

const SIGNER: &str = "Jane Doe <jane@example.com>";

/// `web` 1.0.0 with a signature and `db` 0.1.0 without one, in the registry and on the website.
fn filled(twins: &Twins) -> Option<Gnupg> {
    let gnupg = Gnupg::find()?;
    gnupg.key(SIGNER, "rsa2048", "sign", "0", &[]);
    gnupg.key("Stranger", "rsa2048", "sign", "0", &[]);
    let desk = Desk::at(twins.ours.host().parse().unwrap());
    desk.write("secret.gpg", gnupg.secret("", &[SIGNER]));
    desk.write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    desk.ok("package web --sign --key Jane --keyring secret.gpg");
    desk.remote("push web-1.0.0.tgz REGISTRY/charts");
    let bare = ChartBuilder::new("db", "0.1.0").build();
    bare.push(&Client::new(twins.ours.host().parse().unwrap()), "charts/db");
    let website = &twins.website;
    for file in ["web-1.0.0.tgz", "web-1.0.0.tgz.prov"] {
        website.put(file, desk.read(file));
    }
    website.put("db-0.1.0.tgz", &bare.archive);
    let index = chartroom_chart_repository::index_folder(website.folder(), "").unwrap();
    website.put("index.yaml", index.to_yaml().unwrap());
    twins.put("trusted.gpg", &gnupg.public(&[SIGNER]));
    twins.put("stranger.gpg", &gnupg.public(&["Stranger"]));
    Some(gnupg)
}

/// Runs a line on both. Helm has a word too many on each provenance file, and leaves `charts/` empty.
#[track_caller]
fn same(twins: &Twins, line: &str) {
    let (ours, theirs) = twins.run(line);
    let mut stdout = theirs.stdout.clone();
    while let Some(at) = stdout.find("Could not verify") {
        let length = stdout[at..].find("(Skipping)").unwrap() + "(Skipping)".len();
        stdout.replace_range(at..at + length, "");
    }
    assert_eq!(ours.status.code(), theirs.status.code(), "{line}\n{ours:#?}\n{theirs:#?}");
    assert_eq!(ours.stdout, stdout, "{line}\n{ours:#?}\n{theirs:#?}");
    assert_eq!(ours.stderr, theirs.stderr, "{line}\n{ours:#?}\n{theirs:#?}");
    assert_eq!(ours.status.success(), twins.ours.exists("app/Chart.lock"), "{line}");
}

#[test]
fn dependencies_are_verified_when_that_is_asked_for() {
    let server = server();
    let Some(twins) = Twins::at(server.addr(), Website::start()) else { return };
    let Some(_gnupg) = filled(&twins) else { return };
    for repository in ["REGISTRY/charts", "WEBSITE"] {
        twins.each(|desk| drop(std::fs::remove_dir_all(desk.path("app"))));
        chart(&twins, "app", &[("web", "1.0.0", repository)]);
        let update = "dependency update app --plain-http --verify --keyring";
        same(&twins, &format!("{update} nosuch.gpg"));
        same(&twins, &format!("{update} stranger.gpg"));
        same(&twins, &format!("{update} trusted.gpg"));
        assert_eq!(twins.ours.names("app/charts"), ["web-1.0.0.tgz"]);
    }
    twins.run("repo add main WEBSITE");
    same(&twins, "dependency build app --skip-refresh --verify --keyring trusted.gpg");
    // What has no signature can't be updated so, but built.
    for repository in ["REGISTRY/charts", "WEBSITE"] {
        twins.each(|desk| drop(std::fs::remove_dir_all(desk.path("app"))));
        chart(&twins, "app", &[("db", "0.1.0", repository)]);
        same(&twins, "dependency update app --skip-refresh --plain-http --verify --keyring trusted.gpg");
        same(&twins, "dependency update app --skip-refresh --plain-http");
        same(&twins, "dependency build app --skip-refresh --plain-http --verify --keyring trusted.gpg");
    }
}

#[test]
fn charts_of_classic_repositories_are_verified_when_that_is_asked_for() {
    let server = server();
    let Some(twins) = Twins::at(server.addr(), Website::start()) else { return };
    let Some(_gnupg) = filled(&twins) else { return };
    twins.same("repo add main WEBSITE");
    for chart in ["main/web", "web --repo WEBSITE", "WEBSITE/web-1.0.0.tgz"] {
        twins.same(&format!("pull {chart} --verify --keyring trusted.gpg"));
        twins.same(&format!("show chart {chart} --verify --keyring trusted.gpg"));
    }
    for line in
        ["pull main/web --verify --keyring stranger.gpg", "pull main/db --verify --keyring trusted.gpg"]
    {
        let (ours, theirs) = twins.run(line);
        assert_eq!((ours.status.code(), &ours.stderr), (theirs.status.code(), &theirs.stderr), "{line}");
    }
    // Helm keeps what could not be verified.
    twins.each(|desk| drop(std::fs::remove_file(desk.path("db-0.1.0.tgz"))));
    twins.same("show chart main/web --verify --keyring stranger.gpg");
    twins.same("show chart web-1.0.0.tgz --verify --keyring trusted.gpg");
}
