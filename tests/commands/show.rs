//! `chartroom show`, beside `helm show`.

use chartroom_test_support::Peer;

use crate::desk::Desk;
use crate::{HELM, charts, server};

const PARTS: [&str; 5] = ["chart", "values", "readme", "crds", "all"];

#[test]
fn every_part_is_shown_as_helm_shows_it() {
    let Some(helm) = Peer::find(HELM) else { return };
    let server = server();
    let desk = Desk::at(server.addr());
    charts::rich(&desk, "webapp", "1.2.3+build.5");
    desk.ok("package webapp -d ours");
    desk.helm(&helm, "package webapp -d theirs");
    desk.remote("push ours/webapp-1.2.3+build.5.tgz REGISTRY/ours");
    desk.helm(&helm, "push theirs/webapp-1.2.3+build.5.tgz REGISTRY/theirs --plain-http");
    let sources = [
        "webapp",
        "./webapp/",
        "ours/webapp-1.2.3+build.5.tgz",
        "theirs/webapp-1.2.3+build.5.tgz",
        "REGISTRY/ours/webapp --version 1.2.3+build.5 --plain-http",
        "REGISTRY/theirs/webapp --version 1.2.3+build.5 --plain-http",
    ];
    for source in sources {
        for part in PARTS {
            let line = format!("show {part} {source}");
            let ours = desk.ok(&line);
            let theirs = desk.helm(&helm, &line);
            assert_eq!(ours.stdout, theirs.stdout, "{line}");
            // Helm has a word to say on underscores after it.
            assert!(theirs.stderr.starts_with(&ours.stderr), "{line}: {ours:?}\n{theirs:?}");
            assert_eq!(ours.stderr.is_empty(), !source.contains("REGISTRY"), "{line}: {ours:?}");
        }
    }
}

#[test]
fn a_chart_without_parts_shows_as_little_as_with_helm() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    desk.write("bare/Chart.yaml", "apiVersion: v2\nname: bare\nversion: 0.1.0\n");
    desk.write("old/Chart.yaml", "name: old\nversion: 1\ndescription: 'y'\nappVersion: 1.10\n");
    desk.write("old/values.yaml", "");
    desk.write("old/README.txt", "text\n");
    desk.write("windows/Chart.yaml", "apiVersion: v2\r\nname: windows\r\nversion: 0.1.0\r\n");
    desk.write("windows/values.yaml", "a: 1\r\nb: 2\r\n");
    desk.write("windows/README.md", "# One\r\n");
    desk.write("windows/crds/a.yaml", "kind: CustomResourceDefinition\r\n");
    for chart in ["bare", "old", "windows"] {
        for part in PARTS {
            let line = format!("show {part} {chart}");
            assert_eq!(desk.ok(&line).stdout, desk.helm(&helm, &line).stdout, "{line}");
        }
    }
}

#[test]
fn odd_files_are_shown_as_helm_shows_them() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    desk.write("marked/Chart.yaml", "\u{feff}apiVersion: v2\nname: marked\nversion: 0.1.0\n");
    desk.write("marked/values.yaml", "\u{feff}a: 1\n");
    desk.write("marked/README.md", "\u{feff}# One\n");
    desk.write("marked/crds/a.yaml", "\u{feff}kind: CustomResourceDefinition\n");
    desk.write("crds/Chart.yaml", "apiVersion: v2\nname: crds\nversion: 0.1.0\n");
    desk.write("crds/crds/README.md", "# No CRD\n");
    desk.write("crds/crds/a.json", "{\"kind\": \"CustomResourceDefinition\"}");
    desk.write("crds/crds/b.yml", "\n---\nkind: CustomResourceDefinition\n");
    desk.write("crds/crds/c.YAML", "kind: CustomResourceDefinition\n");
    desk.write("crds/crds/d.yaml", "");
    desk.write("crds/readme.md", "# In small letters\n");
    for chart in ["marked", "crds"] {
        for part in PARTS {
            let line = format!("show {part} {chart}");
            assert_eq!(desk.ok(&line).stdout, desk.helm(&helm, &line).stdout, "{line}");
        }
    }
}

#[test]
fn bytes_that_are_no_utf8_are_shown_as_they_are() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    desk.write("latin/Chart.yaml", "apiVersion: v2\nname: latin\nversion: 0.1.0\n");
    desk.write("latin/README.md", b"# Gr\xf6\xdfe\n");
    desk.write("latin/crds/a.yaml", b"# \xfc\nkind: CustomResourceDefinition\n");
    for part in ["readme", "crds", "all"] {
        let line = format!("show {part} latin");
        let ours = desk.command(&line).output().unwrap();
        let theirs = helm.command(&desk.words(&line)).current_dir(desk.path("")).output().unwrap();
        assert!(theirs.status.success() && ours.status.success(), "{ours:?}");
        assert!(ours.stdout == theirs.stdout, "{line}: {ours:?}\n{theirs:?}");
    }
}

#[test]
fn a_range_shows_the_version_that_helm_would_show() {
    let Some(helm) = Peer::find(HELM) else { return };
    let server = server();
    let desk = Desk::at(server.addr());
    for version in
        ["0.9.0", "1.0.0", "1.1.0", "1.2.0-rc.1", "1.2.0", "2.0.0", "2.1.0-beta.2", "2.1.0-beta.10"]
    {
        let chart = chartroom_test_support::ChartBuilder::new("webapp", version).build();
        chart.push(&server.client(), "charts/webapp");
    }
    let wishes = [
        "",
        "--devel",
        "--version '*'",
        "--version ^1",
        "--version ~1.1",
        "--version 1.x",
        "--version =1.1",
        "--version '>=1, <2'",
        "--version '1.0 - 2.0'",
        "--version '<1 || >1.5'",
        "--version ~2.1.0-0",
        "--version '>0.0.0-0'",
        "--version 1.1.0",
    ];
    for wish in wishes {
        let line = format!("show chart REGISTRY/charts/webapp {wish} --plain-http");
        let (ours, theirs) = (desk.ok(&line), desk.helm(&helm, &line));
        assert_eq!((&ours.stdout, &ours.stderr), (&theirs.stdout, &theirs.stderr), "{wish}");
    }
    for wish in ["^9", "==1.0.0", "1.1", "9.9.9"] {
        let line = format!("show chart REGISTRY/charts/webapp --version {wish} --plain-http");
        assert!(!desk.try_helm(&helm, &line).status.success(), "{wish}");
        desk.fails(&line);
    }
}
