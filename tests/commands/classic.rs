//! Charts of classic repositories where commands take a chart: `repository/chart`, `--repo`, whole
//! addresses, beside Helm.

use chartroom_test_support::{ChartBuilder, Instead, Visit, Website};

use crate::dependency::website;
use crate::desk::{self, Desk};
use crate::twins::Twins;

#[test]
fn charts_are_found_by_name_by_repository_and_by_address() {
    let Some(twins) = Twins::alone(website()) else { return };
    twins.same("repo add main WEBSITE/charts");
    for chart in [
        "main/web",
        "main/web --version '^1'",
        "main/web --version 1.0",
        "main/web --version 9",
        "main/web --version bad",
        "main/web --devel",
        "main/nope",
        "nope/web",
        "web --repo WEBSITE/charts",
        "web --repo WEBSITE/charts --version '~1.1'",
        "web --repo WEBSITE/charts --devel",
        "web --repo WEBSITE/charts --version 9",
        "nope --repo WEBSITE/charts",
        "web --repo http://127.0.0.1:1",
        "web --repo WEBSITE/nothing",
        "WEBSITE/charts/db-0.1.0.tgz",
        "WEBSITE/charts/nope.tgz",
        "WEBSITE",
        "ftp://a/b/c",
        "web",
    ] {
        twins.same(&format!("pull {chart}"));
        twins.same(&format!("show chart {chart}"));
    }
    twins.each(|desk| {
        desk.folder("x");
        desk.folder("y");
    });
    for line in [
        "pull main/web main/db -d x",
        "pull main/web main/nope main/db -d y",
        "pull web --repo WEBSITE/charts --untar",
        "pull main/web --untar",
        "pull main/db --untar --untardir deep",
        "pull ./main",
        "show chart ./nodir",
        "show chart /nodir",
        "show chart nodir",
        "show all main/web",
        "show chart ' main/web '",
        "show values ./web",
    ] {
        twins.same(line);
    }
    // A folder of this machine goes before a repository.
    twins.write("main/web/Chart.yaml", "apiVersion: v2\nname: mine\nversion: 0.1.0\n");
    let shown = twins.same("show chart main/web");
    assert!(shown.stdout.contains("name: mine"), "{shown:?}");
}

#[test]
fn who_means_a_registry_is_told_how_to_say_so() {
    let Some(twins) = Twins::alone(Website::start()) else { return };
    let host = twins.ours.host();
    for (line, place) in [
        (format!("pull {host}/charts/web"), format!("{host}/charts/web")),
        (format!("show chart {host}/charts/web"), format!("{host}/charts/web")),
        (format!("pull http://{host}/charts/web"), format!("{host}/charts/web")),
    ] {
        let run = twins.ours.as_helm(&line);
        let hint = format!("hint: for a chart in a registry, begin with oci://: oci://{place}\n");
        assert!(run.stderr.ends_with(&hint), "{line}: {run:?}");
    }
    let run = twins.same("pull some/web");
    assert!(!run.stderr.contains("hint"), "{run:?}");
}

#[test]
fn a_login_goes_to_its_own_server_only() {
    let guarded = |visit: &Visit| {
        let open = visit.field("Authorization") == Some("Basic dTpw");
        (!open).then(|| Instead::status("401 Unauthorized"))
    };
    let other = Website::with(guarded);
    other.put("web-1.0.0.tgz", ChartBuilder::new("web", "1.0.0").build().archive);
    let home = Website::with(guarded);
    let index = format!(
        "apiVersion: v1\nentries:\n  web:\n  - name: web\n    version: 1.0.0\n    urls: ['{}/web-1.0.0.tgz']\n",
        other.url()
    );
    home.put("index.yaml", index);
    let Some(twins) = Twins::alone(home) else { return };
    twins.same("repo add r WEBSITE --username u --password p");
    twins.same("pull r/web");
    twins.same("pull web --repo WEBSITE");
    // Helm shows it to the other server, too.
    let run =
        twins.ours.as_helm(&format!("pull web --repo {} --username u --password p", twins.website.url()));
    assert!(run.stderr.contains("401 Unauthorized"), "{run:?}");
    let visits = other.visits();
    assert_eq!(visits.last().unwrap().field("Authorization"), None);
    // What it knows of `r` goes before the flag there.
    twins.same("repo remove r");
    twins.same("pull web --repo WEBSITE --username u --password p --pass-credentials");
    twins.same("repo add r WEBSITE --username u --password p --pass-credentials --force-update");
    twins.same("pull r/web");
    // An address that an index names in full has the login of its repository.
    let address = format!("{}/web-1.0.0.tgz", other.url());
    twins.same(&format!("pull {address}"));
    twins.same("repo remove r");
    twins.same(&format!("pull {address}"));
    twins.same(&format!("pull {address} --username u --password p"));
}

#[test]
fn a_provenance_file_comes_along() {
    let website = website();
    let chart = ChartBuilder::new("signed", "1.0.0").provenance().build();
    website.put("signed-1.0.0.tgz", &chart.archive);
    website.put("signed-1.0.0.tgz.prov", chart.provenance.unwrap());
    website.put("bare-1.0.0.tgz", &chart.archive);
    let Some(twins) = Twins::alone(website) else { return };
    twins.same("pull WEBSITE/signed-1.0.0.tgz --prov");
    assert!(twins.ours.exists("signed-1.0.0.tgz.prov"));
    let bare = twins.same("pull WEBSITE/bare-1.0.0.tgz --prov");
    assert!(bare.stdout.starts_with("WARNING: Verification not found for "), "{bare:?}");
}

#[test]
fn an_archive_that_is_not_the_one_of_the_index_is_told() {
    let website = website();
    website.put("charts/web-2.0.0.tgz", ChartBuilder::new("web", "2.0.0").padding(100).build().archive);
    let Some(twins) = Twins::alone(website) else { return };
    twins.same("repo add main WEBSITE/charts");
    let (ours, theirs) = twins.run("pull main/web");
    assert!(ours.status.success() && theirs.status.success(), "{ours:?}\n{theirs:?}");
    assert!(ours.stderr.starts_with("level=WARN msg=\"the chart's archive is not the one"), "{ours:?}");
    twins.same_files("pull main/web");
}

#[test]
fn an_archive_that_an_index_names_by_its_digest_is_downloaded_once() {
    let website = website();
    let desk = Desk::alone();
    desk.ok(&format!("repo add main {}/charts", website.url()));
    website.visits();
    let archives = || {
        let mut targets = website.targets();
        targets.retain(|target| target.ends_with(".tgz"));
        targets
    };
    desk.ok("pull main/web");
    assert_eq!(archives(), ["/charts/web-2.0.0.tgz"]);
    let first = desk.read("web-2.0.0.tgz");
    for line in ["pull main/web -d again", "show chart main/web", "template main/web"] {
        desk.folder("again");
        desk.ok(line);
        assert!(archives().is_empty(), "{line}");
    }
    assert_eq!(desk.read("again/web-2.0.0.tgz"), first);
    // What somebody put in its place is not believed.
    let digest = chartroom_oci::Digest::sha256(&first).hex();
    let kept = format!("{}/content/{}/{digest}.chart", desk::CACHE, &digest[..2]);
    assert_eq!(desk.read(&kept), first);
    desk.write(&kept, "planted");
    desk.ok("pull main/web -d again");
    assert_eq!(archives().len(), 1);
    assert_eq!(desk.read("again/web-2.0.0.tgz"), first);
    assert_eq!(desk.read(&kept), first);
    // What is not what the index says is not kept.
    let other = ChartBuilder::new("web", "2.0.0").padding(100).build().archive;
    std::fs::remove_file(desk.path(&kept)).unwrap();
    website.put("charts/web-2.0.0.tgz", other);
    for _ in 0..2 {
        desk.ok("pull main/web -d again");
        assert_eq!(archives().len(), 1);
    }
    assert!(!desk.exists(&kept));
}
