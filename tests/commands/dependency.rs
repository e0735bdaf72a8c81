//! `chartroom dependency`, beside `helm dependency`: the same words, the same files, the same lock.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;

use chartroom_test_support::{ChartBuilder, Client, Website};

use crate::distribution::{Distribution, PASSWORD, USER};
use crate::server;
use crate::twins::Twins;

const WEB: [&str; 6] = ["0.9.0", "1.0.0", "1.1.0", "1.2.0-rc.1", "1.2.0", "2.0.0"];

/// A website with an index of `web` and `db`, below `charts/`.
pub(crate) fn website() -> Website {
    let website = Website::start();
    let mut charts: Vec<_> = WEB.iter().map(|version| ChartBuilder::new("web", version)).collect();
    charts.push(ChartBuilder::new("db", "0.1.0"));
    for chart in charts {
        let chart = chart.field("description", "Größe").build();
        website.put(&format!("charts/{}-{}.tgz", chart.name, chart.version), &chart.archive);
    }
    let folder = website.folder().join("charts");
    let index = chartroom_chart_repository::index_folder(&folder, "").unwrap();
    website.put("charts/index.yaml", index.to_yaml().unwrap());
    website
}

/// The same charts in a registry.
pub(crate) fn fill(registry: SocketAddr) {
    let client = Client::new(registry);
    for version in WEB {
        ChartBuilder::new("web", version).build().push(&client, "charts/web");
    }
    ChartBuilder::new("db", "0.1.0").build().push(&client, "charts/db");
}

/// A `Chart.yaml` with these dependencies, each a name, a version and a repository.
pub(crate) fn chart(twins: &Twins, name: &str, dependencies: &[(&str, &str, &str)]) {
    let list: String = dependencies
        .iter()
        .map(|(name, version, repository)| {
            format!("- name: {name}\n  version: '{version}'\n  repository: '{repository}'\n")
        })
        .collect();
    twins.write(
        &format!("{name}/Chart.yaml"),
        &format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\ndependencies:\n{list}"),
    );
}

fn from_registry(registry: SocketAddr) {
    let Some(twins) = Twins::at(registry, website()) else { return };
    fill(registry);
    let charts = "REGISTRY/charts";
    chart(&twins, "app", &[("web", "^1", charts), ("db", "0.1.0", charts)]);
    twins.same("dependency list app");
    let updated = twins.same("dependency update app --plain-http");
    assert!(updated.stdout.contains("Downloading web from repo oci://"), "{updated:?}");
    assert_eq!(twins.ours.names("app/charts"), ["db-0.1.0.tgz", "web-1.2.0.tgz"]);
    twins.same("dependency list app");
    // Nothing has changed: the lock stays as it is, with its time.
    let lock = twins.ours.read("app/Chart.lock");
    twins.same("dependency update app --plain-http");
    assert_eq!(twins.ours.read("app/Chart.lock"), lock);
    twins.each(|desk| fs::remove_dir_all(desk.path("app/charts")).unwrap());
    twins.same("dep build app --plain-http");

    chart(&twins, "app", &[("web", "~1.0", charts), ("db", "0.1.0", charts)]);
    twins.same("dependency list app");
    twins.same("dependency build app --plain-http");
    twins.same("dependencies up ./app/ --plain-http");
    assert_eq!(twins.ours.names("app/charts"), ["db-0.1.0.tgz", "web-1.0.0.tgz"]);

    chart(&twins, "none", &[("web", "7.0.0", charts)]);
    let failed =
        twins.both_fail("dependency update none --plain-http", "could not download REGISTRY/charts/web: ");
    assert!(failed.stdout.starts_with("Saving 1 charts\nDownloading web from repo oci://"), "{failed:?}");
    chart(&twins, "range", &[("web", "^7", charts)]);
    let failed = twins.both_fail(
        "dependency update range --plain-http",
        "could not download REGISTRY/charts/web: could not locate a version matching provided version string ^7",
    );
    assert!(failed.stderr.contains("hint: the newest versions are 2.0.0, 1.2.0"), "{failed:?}");
    chart(&twins, "nowhere", &[("nope", "^1", charts)]);
    twins.both_fail(
        "dependency update nowhere --plain-http",
        "could not retrieve list of tags for repository REGISTRY/charts: ",
    );
    // Helm leaves an empty folder behind.
    twins.each(|desk| {
        ["none/charts", "range/charts"].iter().for_each(|path| drop(fs::remove_dir(desk.path(path))))
    });
    for version in ["latest", ""] {
        chart(&twins, "word", &[("web", version, charts)]);
        twins.same("dependency update word --plain-http");
        twins.same("dependency list word");
    }
}

#[test]
fn charts_come_from_our_own_registry() {
    let server = server();
    from_registry(server.addr());
    server.client().still_serves();
}

#[test]
fn packaging_can_bring_them_along() {
    let server = server();
    let Some(twins) = Twins::at(server.addr(), website()) else { return };
    fill(server.addr());
    chart(&twins, "app", &[("web", "^1", "REGISTRY/charts"), ("db", "*", "WEBSITE/charts")]);
    twins.same("package app");
    let packaged = twins.same("package app --dependency-update --plain-http");
    assert!(packaged.stdout.starts_with("Pulled: ") && !packaged.stdout.contains("Saving"), "{packaged:?}");
    assert!(twins.ours.exists("app/Chart.lock"));
    twins.same("package -u app --plain-http");
}

#[test]
fn charts_come_from_docker_registry() {
    let Some(registry) = Distribution::open() else { return };
    from_registry(registry.addr());
}

#[test]
fn a_registry_with_accounts_gets_the_login_and_a_classic_repository_does_not() {
    let Some(registry) = Distribution::with_accounts() else { return };
    let Some(twins) = Twins::at(registry.addr(), website()) else { return };
    let login = format!("--plain-http --username {USER} --password '{PASSWORD}'");
    for version in ["1.0.0", "1.2.0"] {
        let archive = ChartBuilder::new("web", version).build().archive;
        twins.ours.write(&format!("web-{version}.tgz"), archive);
        twins.ours.ok(&format!("push web-{version}.tgz REGISTRY/charts {login}"));
        fs::remove_file(twins.ours.path(&format!("web-{version}.tgz"))).unwrap();
    }
    chart(&twins, "app", &[("web", "^1", "REGISTRY/charts"), ("db", "*", "WEBSITE/charts")]);
    twins.both_fail(
        "dependency update app --plain-http",
        "could not retrieve list of tags for repository REGISTRY/charts: ",
    );
    twins.website.visits();
    twins.same(&format!("dependency update app {login}"));
    assert!(twins.website.visits().iter().all(|visit| visit.field("Authorization").is_none()));
    twins.each(|desk| fs::remove_dir_all(desk.path("app/charts")).unwrap());
    twins.same("repo add main WEBSITE/charts");
    twins.same(&format!("dependency build app {login}"));
}

#[test]
fn charts_come_from_a_classic_repository_without_a_name() {
    let Some(twins) = Twins::alone(website()) else { return };
    let charts = "WEBSITE/charts";
    chart(&twins, "app", &[("web", "^1", charts), ("db", "0.1.0", charts), ("web", "0.9.0", charts)]);
    // Two names for the two versions of one chart.
    twins.each(|desk| {
        let text =
            desk.text("app/Chart.yaml").replace("  version: '0.9.0'\n", "  version: '0.9.0'\n  alias: old\n");
        desk.write("app/Chart.yaml", text);
    });
    let updated = twins.same("dependency update app");
    assert!(
        updated.stdout.starts_with("Getting updates for unmanaged Helm repositories...\n"),
        "{updated:?}"
    );
    assert_eq!(twins.ours.names("app/charts"), ["db-0.1.0.tgz", "web-0.9.0.tgz", "web-1.2.0.tgz"]);
    twins.same("dependency list app");
    let built = twins.same("dependency build app");
    assert!(built.stderr.contains("hint: helm repo add NAME http://"), "{built:?}");
    // Nothing is downloaded twice: not the index, and not the archives that it gives digests of.
    twins.website.visits();
    twins.ours.as_helm("dependency update app --skip-refresh");
    assert!(twins.website.visits().is_empty());
    fs::remove_dir_all(twins.ours.path(".helm/cache/content")).unwrap();
    twins.ours.as_helm("dependency update app --skip-refresh");
    let targets = twins.website.targets();
    assert_eq!(targets, ["/charts/db-0.1.0.tgz", "/charts/web-0.9.0.tgz", "/charts/web-1.2.0.tgz"]);
    twins.same("dependency update app --skip-refresh");
    twins.each(|desk| fs::remove_dir_all(desk.path(".helm/cache")).unwrap());
    twins.same("dependency update app --skip-refresh");

    chart(&twins, "twice", &[("web", "^1", charts), ("web", "^1", charts)]);
    twins.each(|desk| {
        let text =
            desk.text("twice/Chart.yaml").replacen("  version: '^1'\n", "  version: '^1'\n  alias: a\n", 1);
        desk.write("twice/Chart.yaml", text);
    });
    let updated = twins.same("dependency update twice");
    assert!(updated.stdout.contains("Already downloaded web from repo"), "{updated:?}");

    for (name, version) in [("web", "^7"), ("nope", "^1"), ("web", "bad")] {
        chart(&twins, "wrong", &[(name, version, charts), ("db", "^7", charts)]);
        twins.same("dependency update wrong");
    }
    for repository in ["ftp://a/b", "/abs/path", "rel/path", "@nope", "alias:nope", "stable"] {
        chart(&twins, "wrong", &[("web", "1.0.0", repository)]);
        twins.same("dependency update wrong");
    }
    chart(&twins, "wrong", &[("web", "1.0.0", "WEBSITE/nothing")]);
    twins.same("dependency update wrong");
}

#[test]
fn charts_come_from_a_classic_repository_with_a_name() {
    let Some(twins) = Twins::alone(website()) else { return };
    let again = Website::start();
    let nested = ChartBuilder::new("other", "1.0.0").build();
    again.put("deep/archives/other-1.0.0.tgz", &nested.archive);
    again.put(
        "deep/index.yaml",
        "apiVersion: v1\nentries:\n  other:\n  - name: other\n    version: 1.0.0\n    urls: [archives/other-1.0.0.tgz]\n",
    );
    twins.same("repo add main WEBSITE/charts/");
    twins.same(&format!("repo add second {}/deep", again.url()));
    chart(&twins, "app", &[("web", "^1", "@main"), ("db", "*", "alias:main"), ("other", "1.0", "@second")]);
    twins.same("dependency list app");
    twins.same_in_any_order("dependency update app");
    twins.same_in_any_order("dependency build app");
    twins.same("dependency build app --skip-refresh");
    chart(&twins, "url", &[("web", "~1.1.0", "WEBSITE/charts")]);
    twins.same_in_any_order("dependency update url");
    assert!(twins.ours.text("url/Chart.lock").contains("version: 1.1.0"));
    // A version that the repository has no more.
    twins.website.put("charts/index.yaml", "apiVersion: v1\nentries:\n  web: []\n");
    twins.same_in_any_order("dependency build url");
}

#[test]
fn charts_come_from_folders() {
    let Some(twins) = Twins::alone(Website::start()) else { return };
    let own = |path: &str, version: &str| {
        let name = path.rsplit('/').next().unwrap();
        twins.write(
            &format!("{path}/Chart.yaml"),
            &format!("apiVersion: v2\nname: {name}\nversion: {version}\n"),
        );
    };
    own("lib", "0.1.0");
    chart(&twins, "app", &[("lib", "0.1.x", "file://../lib"), ("vendored", "0.1.x", "")]);
    twins.same("dependency update app");
    own("app/charts/vendored", "0.1.0");
    for line in ["list app", "update app", "list app", "build app"] {
        twins.same(&format!("dependency {line}"));
    }
    assert_eq!(twins.ours.names("app/charts"), ["lib-0.1.0.tgz", "vendored", "vendored/Chart.yaml"]);
    own("app/charts/vendored", "0.2.0");
    for line in ["list app", "build app"] {
        twins.same(&format!("dependency {line}"));
    }
    own("app/charts/vendored", "0.1.0");
    own("lib", "0.2.0");
    twins.same("dependency update app");
    twins.same("dependency build app");
    chart(&twins, "gone", &[("lib", "*", "file://../nope")]);
    twins.same("dependency update gone");
    twins.same("dependency build gone");
    // What is in charts/ and wanted by nobody goes, if it is an archive.
    chart(&twins, "rest", &[("other", "*", "file://../lib")]);
    own("rest/charts/folder", "0.1.0");
    let stray = ChartBuilder::new("stray", "1.0.0").build();
    twins.put("rest/charts/stray-1.0.0.tgz", &stray.archive);
    twins.put("rest/charts/stray-1.0.0.tgz.prov", b"x");
    for line in ["list rest", "update rest", "list rest"] {
        twins.same(&format!("dependency {line}"));
    }
    assert!(!twins.ours.exists("rest/charts/stray-1.0.0.tgz"));
}

#[test]
fn each_status_is_helms() {
    let Some(twins) = Twins::alone(Website::start()) else { return };
    let long = "a-long-name-".repeat(8);
    let wanted = ["web", "db", "mis", "nest", "br[ack", "gone", long.trim_end_matches('-')];
    let wanted: Vec<_> =
        wanted.iter().map(|name| (*name, if *name == "nest" { "bad" } else { "~1" }, "")).collect();
    chart(&twins, "app", &wanted);
    let put = |file: &str, name: &str, version: &str| {
        let archive = ChartBuilder::new(name, version).build().archive;
        twins.put(&format!("app/charts/{file}"), &archive);
    };
    put("web-1.0.0.tgz", "web", "1.0.0");
    put("db-0.1.0.tgz", "db", "0.1.0");
    put("nest-1.0.0.tgz", "nest", "1.0.0");
    twins.same("dependency list app");
    put("web-1.1.0.tgz", "web", "1.1.0");
    put("mis-1.tgz", "other", "1.0.0");
    twins.same("dep ls ./app/");
    put("web-admin-1.0.0.tgz", "web-admin", "1.0.0");
    twins.each(|desk| fs::remove_file(desk.path("app/charts/web-1.1.0.tgz")).unwrap());
    for width in ["10", "3", "0", "12"] {
        twins.same(&format!("dependency list app --max-col-width {width}"));
    }
    twins.each(|desk| {
        fs::rename(desk.path("app/charts/web-1.0.0.tgz"), desk.path("app/charts/web.tgz")).unwrap()
    });
    twins.same("dependency list app");
    twins.put("app/charts/db-0.1.0.tgz", b"\x1f\x8b\x08junk");
    twins.same("dependency list app");
    twins.each(|desk| fs::remove_dir_all(desk.path("app/charts")).unwrap());
    twins.each(|desk| desk.folder("app/charts/empty"));
    twins.same("dependency list app");
    twins.write("app/charts/empty/x", "");
    twins.same("dependency list app");
    for line in ["list nosuch", "update nosuch", "update app/Chart.yaml", "list app --max-col-width x"] {
        twins.same(&format!("dependency {line}"));
    }
    twins.write("none/Chart.yaml", "apiVersion: v2\nname: none\nversion: 0.1.0\n");
    twins.write("empty/Chart.yaml", "apiVersion: v2\nname: empty\nversion: 0.1.0\ndependencies: []\n");
    for line in ["list none", "update none", "build none", "list empty", "update empty"] {
        twins.same(&format!("dependency {line}"));
    }
}

#[test]
fn charts_of_helm_2_keep_their_files() {
    let server = server();
    let Some(twins) = Twins::at(server.addr(), Website::start()) else { return };
    fill(server.addr());
    twins.write("old/Chart.yaml", "apiVersion: v1\nname: old\nversion: 0.1.0\n");
    let requirements = |version: &str| {
        let text =
            format!("dependencies:\n- name: web\n  version: {version}\n  repository: REGISTRY/charts\n");
        twins.write("old/requirements.yaml", &text);
    };
    requirements("^1");
    for line in ["list old", "update old --plain-http", "build old --plain-http"] {
        twins.same(&format!("dependency {line}"));
    }
    assert!(twins.ours.exists("old/requirements.lock") && !twins.ours.exists("old/Chart.lock"));
    requirements("~2");
    twins.same("dependency build old --plain-http");
    twins.same("dependency list old");
}

#[test]
fn what_stands_in_the_way_is_told() {
    let server = server();
    let Some(twins) = Twins::at(server.addr(), Website::start()) else { return };
    fill(server.addr());
    chart(&twins, "app", &[("web", "^1", "REGISTRY/charts")]);
    twins.write("app/charts", "a file");
    twins.same("dependency update app --plain-http");
    twins.each(|desk| {
        fs::remove_file(desk.path("app/charts")).unwrap();
        desk.write("real.lock", "dependencies: []\n");
        symlink("../real.lock", desk.path("app/Chart.lock")).unwrap();
    });
    twins.same_in_any_order("dependency update app --plain-http");
    assert!(fs::symlink_metadata(twins.ours.path("app/Chart.lock")).unwrap().is_symlink());
    assert_eq!(twins.ours.text("real.lock"), "dependencies: []\n");
}
