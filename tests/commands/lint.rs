//! `chartroom lint`, beside `helm lint`.

use chartroom_test_support::Peer;

use crate::HELM;
use crate::desk::Desk;

/// Charts of all kinds: good ones, one with a warning, ones with errors, one with subcharts, and none.
fn charts(desk: &Desk) {
    let chart = |name: &str, more: &str| {
        format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\nicon: https://a.example/i.svg\n{more}")
    };
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"{{ .Release.Name }}{{ .Values.x }}\"}\ndata: {ns: \"{{ .Release.Namespace }}\"}\n";
    desk.write("good/Chart.yaml", chart("good", ""));
    desk.write("good/values.yaml", "x: ''\n");
    desk.write("good/values.schema.json", "{\"properties\": {\"x\": {\"type\": \"string\"}}}");
    desk.write("good/templates/config.yaml", config);
    desk.write("info/Chart.yaml", "apiVersion: v2\nname: info\nversion: 0.1.0\n");
    desk.write("info/templates/config.yaml", config);
    desk.write("warning/Chart.yaml", chart("warning", "surprise: 1\n"));
    desk.write("warning/values.yaml", "x: ''\n");
    desk.write(
        "warning/templates/old.yaml",
        "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: A}\n",
    );
    desk.write("error/Chart.yaml", chart("error", ""));
    desk.write("error/values.yaml", "x: [\n");
    desk.write("error/templates/config.yaml", config);
    let needs = "dependencies: [{name: one, version: '*', repository: ''}, {name: two, version: '*', repository: ''}]\n";
    desk.write("parent/Chart.yaml", chart("parent", needs));
    desk.write("parent/values.yaml", "");
    desk.write("parent/templates/a.yaml", config);
    desk.write("parent/charts/one/Chart.yaml", chart("one", "type: library\n"));
    desk.write("parent/charts/one/charts/inner/Chart.yaml", "name: inner\nversion: 1\n");
    desk.write("two/Chart.yaml", chart("two", ""));
    desk.write("two/values.yaml", "");
    desk.write("two/templates/a.yaml", "  kind: x\n");
    desk.ok("package two -d parent/charts");
    desk.ok("package good warning -d packed");
    desk.write("empty/x", "");
    desk.write("packed/broken.tgz", "no archive");
    desk.write("values.yaml", "x: 5\n");
}

#[test]
fn charts_are_looked_at_as_helm_does() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    charts(&desk);
    for line in [
        "lint good",
        "lint ./good/",
        "lint info",
        "lint info --quiet",
        "lint good --quiet",
        "lint warning",
        "lint warning --strict",
        "lint warning --quiet",
        "lint warning --strict --quiet",
        "lint warning --kube-version 1.20",
        "lint warning --kube-version nonsense",
        "lint error",
        "lint nosuch",
        "lint empty",
        "lint nosuch --quiet",
        "lint good info warning error nosuch",
        "lint good info warning error nosuch --quiet --strict",
        "lint good good",
        "lint parent",
        "lint parent --with-subcharts",
        "lint ./parent --with-subcharts --quiet",
        "lint parent good --with-subcharts --strict",
        "lint packed/good-0.1.0.tgz",
        "lint packed/warning-0.1.0.tgz packed/good-0.1.0.tgz",
        "lint packed/nosuch.tgz",
        "lint packed/broken.tgz",
        "lint good --set x=1",
        "lint good --set x=1 --skip-schema-validation",
        "lint good --set-string x=1",
        "lint good --set x",
        "lint good -f values.yaml",
        "lint good -f nosuch.yaml",
        "lint good -f values.yaml --set-literal x=a,b",
        "lint good --namespace Upper",
        "lint good info --set y.z=null,y.w=1",
    ] {
        let (ours, theirs) = (desk.run(line), desk.try_helm(&helm, line));
        assert_eq!(ours.status.code(), theirs.status.code(), "{line}: {ours:?}\n{theirs:?}");
        assert_eq!(ours.stdout, theirs.stdout, "{line}");
        assert_eq!(ours.stderr, theirs.stderr, "{line}");
    }
}

/// What is in the folder of an archive that is looked at has a path that nobody chose.
#[test]
fn archives_are_unpacked_somewhere() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    let chart =
        "apiVersion: v2\nname: c\nversion: 0.1.0\ndependencies: [{name: d, version: '*', repository: ''}]\n";
    desk.write("c/Chart.yaml", chart);
    desk.write("c/charts/d/Chart.yaml", "apiVersion: v2\nname: d\nversion: 0.1.0\n");
    desk.write("c/values.yaml", "");
    desk.ok("package c");
    desk.write("c/Chart.yaml", chart.replace("name: d", "name: e"));
    let line = "lint c-0.1.0.tgz c";
    let (ours, theirs) = (desk.run(line), desk.try_helm(&helm, line));
    assert_eq!(ours.stdout, theirs.stdout, "{line}");
    assert!(ours.stdout.contains("chart metadata is missing these dependencies: d"), "{ours:?}");
    assert_eq!(ours.stderr, theirs.stderr, "{line}");
}

#[test]
fn a_schema_makes_no_requests() {
    let desk = Desk::alone();
    charts(&desk);
    let reference = format!("{{\"$ref\": \"http://{}/x\"}}", desk.host());
    desk.write("good/values.schema.json", reference);
    let run = desk.run("lint good");
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(run.stdout.contains("schemas are not fetched from the network"), "{run:?}");
}
