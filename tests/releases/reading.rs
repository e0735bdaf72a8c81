//! `status`, `history` and `get` of releases that stock Helm has made.

use chartroom_test_support::Peer;

use crate::desk::Desk;

/// Lines that print the same wherever they are printed.
const STILL: [&str; 29] = [
    "history RELEASE",
    "history RELEASE -o json",
    "history RELEASE -o yaml",
    "history RELEASE --max 2",
    "history RELEASE --max 0",
    "history RELEASE --max -1",
    "history RELEASE --show-rollback-revision",
    "get all RELEASE",
    "get all RELEASE --revision 1",
    "get all RELEASE --template '{{.Release.Name}} {{.Release.Info.Status}} {{.Release.Version}}'",
    "get all RELEASE --template '{{range .Release.Hooks}}{{.Name}} {{.Events}} {{.Weight}}{{end}}'",
    "get all RELEASE --template '{{.Release.Chart.Metadata.Name}} {{.Release.Config}} {{.Release.Labels}}'",
    "get all RELEASE --template '{{.Release.Nope}}'",
    "get all RELEASE --template '{{.Release'",
    "get hooks RELEASE",
    "get manifest RELEASE",
    "get manifest RELEASE --revision 99",
    "get metadata RELEASE",
    "get metadata RELEASE --revision 1",
    "get metadata RELEASE -o json",
    "get metadata RELEASE -o yaml",
    "get notes RELEASE",
    "get values RELEASE",
    "get values RELEASE --all",
    "get values RELEASE -o json",
    "get values RELEASE --all -o json",
    "get values RELEASE -o yaml",
    "get values RELEASE --revision -1",
    "status RELEASE --revision 99",
];

#[test]
fn what_helm_has_made_is_shown_as_helm_shows_it() {
    let Some(desk) = Desk::new() else { return };
    desk.chart();
    desk.write("bare/Chart.yaml", "apiVersion: v2\nname: bare\nversion: 1.0.0\n");
    desk.write(
        "bare/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{.Release.Name}}-x'}\n",
    );
    desk.stock("install full web --set name=x --set o.p=q<r -l team=blue");
    desk.stock("upgrade full web --set name=y --description 'several\nlines of words'");
    desk.stock("rollback full 1");
    desk.stock("install bare bare");
    desk.stock("install byclient web --server-side=false");
    for release in ["full", "bare", "byclient", "nosuch", "BAD"] {
        for line in STILL {
            desk.same(&line.replace("RELEASE", release));
        }
        // Kinds come in any order from Helm, and ages grow.
        desk.compared(&format!("status {release}"), unordered);
    }
    if let Some(old) = Peer::find("helm-3") {
        desk.with(&old, "install three web --set a=1");
        for line in STILL {
            desk.same(&line.replace("RELEASE", "three"));
        }
        desk.compared("status three", unordered);
    }
}

#[test]
fn status_shows_each_object_for_programs() {
    let Some(desk) = Desk::new() else { return };
    desk.chart();
    desk.stock("install full web");
    for format in ["json", "yaml"] {
        // A list of pods has the state of the whole cluster as its version.
        desk.compared(&format!("status full -o {format}"), |text| {
            let pods = text.find("PodList").map_or(text.len(), |at| at);
            let (before, pods) = text.split_at(pods);
            let digits = |letter: char| letter.is_ascii_digit();
            let at = pods.find("resourceVersion").map_or(pods.len(), |at| at);
            let (between, version) = pods.split_at(at);
            format!("{before}{between}{}", version.replacen(digits, "", 6))
        });
    }
    // What is gone is left out.
    desk.server.delete(&format!("/api/v1/namespaces/{}/configmaps/full-cm", desk.namespace));
    desk.compared("status full", unordered);
}

/// The lines in the order of the alphabet, without ages.
fn unordered(text: &str) -> String {
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split_whitespace().collect();
            match cells.split_last() {
                Some((last, rest))
                    if last.ends_with('s') && last.starts_with(|l: char| l.is_ascii_digit()) =>
                {
                    rest.join(" ")
                }
                _ => line.to_owned(),
            }
        })
        .collect();
    lines.sort();
    lines.join("\n")
}
