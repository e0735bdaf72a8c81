//! `chartroom create` and `chartroom package`.

use std::fs;

use chartroom_test_support::Peer;

use crate::desk::{Desk, finish};
use crate::{HELM, charts};

#[test]
fn a_created_chart_pleases_helms_linter() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    desk.folder("charts");
    for name in ["webapp", "charts/with-dash", "a1"] {
        let created = desk.ok(&format!("create {name}"));
        assert_eq!(created.stdout, format!("Creating {name}\n"));
        assert_eq!(created.stderr, "");
        let linted = desk.helm(&helm, &format!("lint --strict {name}"));
        assert!(linted.stdout.contains("0 chart(s) failed"), "{linted:?}");
        desk.helm(&helm, &format!("template app {name}"));
    }
}

#[test]
fn a_created_chart_renders_with_everything_turned_on() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    desk.ok("create webapp");
    let all = "--set ingress.enabled=true,httpRoute.enabled=true,autoscaling.enabled=true \
               --set autoscaling.targetMemoryUtilizationPercentage=70,ingress.className=nginx \
               --set ingress.tls[0].secretName=certificate,ingress.tls[0].hosts[0]=webapp.example.com \
               --set resources.requests.cpu=50m,image.tag=1.2.3,serviceAccount.name=runner";
    let rendered = desk.helm(&helm, &format!("template app webapp {all}")).stdout;
    for kind in
        ["Deployment", "Service", "ServiceAccount", "Ingress", "HTTPRoute", "HorizontalPodAutoscaler", "Pod"]
    {
        assert!(rendered.contains(&format!("kind: {kind}\n")), "{kind}: {rendered}");
    }
    desk.helm(&helm, &format!("lint --strict webapp {all}"));
    // Its schema finds what is misspelt.
    assert!(!desk.try_helm(&helm, "template app webapp --set replicaCount=many").status.success());
}

#[test]
fn a_starter_is_filled_in() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    charts::plain(&desk, "starter", "0.3.0", "name: <CHARTNAME>\n");
    desk.write("starter/templates/name.yaml", "# <CHARTNAME>\n");
    let starter = desk.path("starter");
    let line = |name: &str| format!("create {name} --starter '{}'", starter.display());
    desk.folder("ours");
    desk.folder("theirs");
    desk.ok(&line("ours/mine"));
    desk.helm(&helm, &line("theirs/mine"));
    desk.same("ours", "theirs");
}

#[test]
fn helm_reads_what_was_packaged_here() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    charts::rich(&desk, "webapp", "1.2.3");
    desk.ok("package webapp -d made/here");
    let archive = "made/here/webapp-1.2.3.tgz";
    assert_eq!(
        desk.helm(&helm, &format!("show all {archive}")).stdout,
        desk.helm(&helm, "show all webapp").stdout
    );
    desk.helm(&helm, &format!("lint {archive}"));
    assert_eq!(
        desk.helm(&helm, &format!("template app {archive} --include-crds")).stdout,
        desk.helm(&helm, "template app webapp --include-crds").stdout
    );
    // The files in it are those that Helm packs.
    desk.helm(&helm, "package webapp -d theirs");
    let listing = |archive: &str| {
        let mut tar = std::process::Command::new("tar");
        tar.arg("-tvzf").arg(desk.path(archive)).env("TZ", "UTC");
        finish(&mut tar, b"").stdout
    };
    assert_eq!(listing(archive), listing("theirs/webapp-1.2.3.tgz"));
}

#[test]
fn the_same_files_make_the_same_archive() {
    let desk = Desk::alone();
    charts::rich(&desk, "webapp", "1.2.3");
    charts::plain(&desk, "webapp/charts/another", "0.1.0", "a: 1\n");
    for folder in ["one", "two"] {
        desk.ok(&format!("package webapp -d {folder}"));
    }
    assert!(desk.contents("one") == desk.contents("two"));
    // Another time of the files makes another archive, unless SOURCE_DATE_EPOCH says which to take.
    let dated = |folder: &str| {
        let mut command = desk.command(&format!("package webapp -d {folder}"));
        command.env("SOURCE_DATE_EPOCH", "1500000000");
        assert!(finish(&mut command, b"").status.success());
        desk.read(&format!("{folder}/webapp-1.2.3.tgz"))
    };
    let before = dated("three");
    desk.set_modified("webapp/values.yaml", charts::MODIFIED + 100);
    desk.ok("package webapp -d four");
    assert!(desk.contents("one") != desk.contents("four"));
    assert!(before == dated("five"));
    assert!(before != desk.read("one/webapp-1.2.3.tgz"));

    let mut command = desk.command("package webapp -d six");
    command.env("SOURCE_DATE_EPOCH", "soon");
    let run = finish(&mut command, b"");
    assert!(run.status.code() == Some(1) && run.stderr.contains("Error: "), "{run:?}");
    assert!(!desk.exists("six"));
}

#[test]
fn versions_are_given_on_the_command_line() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    charts::rich(&desk, "webapp", "1.2.3");
    charts::plain(&desk, "other", "0.1.0", "");
    desk.ok("package webapp other --version 4.5.6+x --app-version 7 -d out");
    assert_eq!(desk.names("out"), ["other-4.5.6+x.tgz", "webapp-4.5.6+x.tgz"]);
    desk.helm(&helm, "package webapp --version 4.5.6+x --app-version 7 -d theirs");
    assert_eq!(
        desk.helm(&helm, "show chart out/webapp-4.5.6+x.tgz").stdout,
        desk.helm(&helm, "show chart theirs/webapp-4.5.6+x.tgz").stdout
    );
    // The folder stays as it was.
    assert!(desk.text("webapp/Chart.yaml").contains("version: 1.2.3"));
}

#[test]
fn what_can_not_be_packaged_leaves_nothing() {
    let desk = Desk::alone();
    charts::plain(&desk, "webapp", "1.2.3", "");
    desk.write("empty/values.yaml", "a: 1\n");
    desk.write("broken/Chart.yaml", "name: [\n");
    desk.write("unversioned/Chart.yaml", "apiVersion: v2\nname: unversioned\n");
    desk.write("escaping/Chart.yaml", "apiVersion: v2\nname: ../escaping\nversion: 1.0.0\n");
    desk.write(
        "needy/Chart.yaml",
        "apiVersion: v2\nname: needy\nversion: 1.0.0\ndependencies:\n- name: x\n  version: 1\n",
    );
    for line in [
        "package nothing",
        "package empty",
        "package broken",
        "package unversioned",
        "package escaping",
        "package needy",
        "package webapp --version one",
        "package webapp/Chart.yaml",
        "package",
        "create",
        "create nowhere/webapp",
    ] {
        // Helm, too, says what it is about to create.
        let run = if line.starts_with("create n") { desk.run(line) } else { desk.fails(line) };
        assert_eq!(run.status.code(), Some(1), "{line}: {run:?}");
        assert!(run.stderr.contains("Error: "), "{line}: {run:?}");
    }
    assert!(!desk.exists("nowhere"));
    fs::create_dir(desk.path("file.tgz")).unwrap();
    desk.fails("package file.tgz");
}
