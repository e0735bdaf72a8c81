//! What is in a chart's folder, and what isn't: dependencies, `crds/`, `templates/`.

use crate::{Case, check};

const SUB: &str = "apiVersion: v2\nname: s\nversion: 0.1.0\n";
const CRD: &str =
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b}\n";

#[test]
fn folders() {
    let root =
        |more: &str| format!("apiVersion: v2\nname: c\nversion: 0.1.0\nicon: https://a.example\n{more}\n");
    let with = |name: &str, more: &str, files: &[(&str, &str)]| {
        let chart = root(more);
        let mut all = vec![("c/Chart.yaml", &chart[..])];
        all.extend_from_slice(files);
        Case::good_but(name, &all)
    };
    let needs = "dependencies: [{name: s, version: '*', repository: ''}]";
    let cases = [
        Case::good_but("good", &[]),
        Case::new("nothing", &[]),
        Case::new("only Chart.yaml", &[("c/Chart.yaml", SUB)]),
        Case::good_but("Chart.yaml is a folder", &[("c/Chart.yaml", "(folder)")]),
        Case::good_but("values.yaml is a folder", &[("c/values.yaml", "(folder)")]),
        Case::new("no templates", &[("c/Chart.yaml", SUB), ("c/values.yaml", "")]),
        Case::new(
            "templates is a file",
            &[("c/Chart.yaml", SUB), ("c/values.yaml", ""), ("c/templates", "x")],
        ),
        Case::new(
            "templates is empty",
            &[("c/Chart.yaml", SUB), ("c/values.yaml", ""), ("c/templates", "(folder)")],
        ),
        with("dependency there", needs, &[("c/charts/s/Chart.yaml", SUB)]),
        with("dependency missing", needs, &[]),
        with(
            "dependencies missing",
            "dependencies: [{name: s, version: '*', repository: ''}, {name: t, version: '*', repository: ''}]",
            &[],
        ),
        with("dependency not listed", "", &[("c/charts/s/Chart.yaml", SUB)]),
        with(
            "dependency of another name",
            needs,
            &[("c/charts/t/Chart.yaml", "apiVersion: v2\nname: t\nversion: 0.1.0\n")],
        ),
        with(
            "dependency by alias",
            "dependencies: [{name: s, alias: t, version: '*', repository: ''}]",
            &[("c/charts/s/Chart.yaml", SUB)],
        ),
        with(
            "dependency off",
            "dependencies: [{name: s, version: '*', repository: '', condition: s.on}]",
            &[("c/charts/s/Chart.yaml", SUB), ("c/values.yaml", "s: {on: false}\n")],
        ),
        with("dependency broken", needs, &[("c/charts/s/Chart.yaml", "name: [")]),
        with("dependency without Chart.yaml", needs, &[("c/charts/s/values.yaml", "")]),
        with("a file in charts", "", &[("c/charts/README.md", "x")]),
        with(
            "dependency's values are no table",
            needs,
            &[("c/charts/s/Chart.yaml", SUB), ("c/values.yaml", "s: 5\n")],
        ),
        with(
            "dependency's templates fail",
            needs,
            &[("c/charts/s/Chart.yaml", SUB), ("c/charts/s/templates/a.yaml", "{{ .Values.a.b }}")],
        ),
        with(
            "dependency's templates are strange",
            needs,
            &[
                ("c/charts/s/Chart.yaml", SUB),
                ("c/charts/s/templates/a.json", "x"),
                ("c/charts/s/templates/b.yaml", " a: ["),
            ],
        ),
        with(
            "dependency's schema",
            needs,
            &[("c/charts/s/Chart.yaml", SUB), ("c/charts/s/values.schema.json", "{\"required\": [\"a\"]}")],
        ),
        with(
            "import missing",
            "dependencies: [{name: s, version: '*', repository: '', import-values: [data]}]",
            &[("c/charts/s/Chart.yaml", SUB)],
        ),
        Case::good_but("crds", &[("c/crds/a.yaml", CRD)]),
        Case::good_but("crds is a file", &[("c/crds", "x")]),
        Case::good_but("crds is empty", &[("c/crds", "(folder)")]),
        Case::good_but(
            "crds of another group",
            &[("c/crds/a.yaml", "apiVersion: v1\nkind: CustomResourceDefinition\n")],
        ),
        Case::good_but(
            "crds of another kind",
            &[("c/crds/a.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: Other\n")],
        ),
        Case::good_but(
            "crds with nothing",
            &[("c/crds/a.yaml", ""), ("c/crds/b.yaml", "# x\n"), ("c/crds/c.yaml", "---\n---\n")],
        ),
        Case::good_but("crds, the second wrong", &[("c/crds/a.yaml", &format!("{CRD}---\nkind: x\n"))]),
        Case::good_but("crds broken", &[("c/crds/a.yaml", "a: [\n"), ("c/crds/b.yaml", "kind: x\n")]),
        Case::good_but("crds are templates", &[("c/crds/a.yaml", "{{ .Values.a }}\n")]),
        Case::good_but(
            "crds as JSON",
            &[("c/crds/a.json", "{\"kind\": \"x\"}{\"kind\": \"y\"}"), ("c/crds/b.txt", "no")],
        ),
        Case::good_but(
            "crds as JSON, the third broken",
            &[("c/crds/a.json", "{\"kind\": \"x\"}{\"kind\": \"y\"} z")],
        ),
        Case::good_but("crds as JSON, the second broken", &[("c/crds/a.json", "{\"kind\": \"x\"} z")]),
        Case::good_but("crds as JSON, then YAML", &[("c/crds/a.yaml", "{\"kind\": \"x\"}\n---\nkind: y\n")]),
        Case::good_but("crds as JSON, kind is a number", &[("c/crds/a.json", "{\"kind\": 5}")]),
        Case::good_but("crds that are no objects", &[("c/crds/a.yaml", "- a\n")]),
        Case::good_but("crds that are texts", &[("c/crds/a.yaml", "text\n")]),
        Case::good_but("crds with types", &[("c/crds/a.yaml", "apiVersion: [a]\nkind: x\n")]),
        Case::good_but(
            "crds with types below",
            &[("c/crds/a.yaml", "apiVersion: a\nmetadata: {name: {a: b}}\n")],
        ),
        Case::good_but("crds with metadata that is a text", &[("c/crds/a.yaml", "metadata: text\n")]),
        Case::good_but("crds with a wrong separator", &[("c/crds/a.yaml", "kind: x\n---yes\nkind: y\n")]),
        with(
            "crds of a dependency",
            needs,
            &[
                ("c/charts/s/Chart.yaml", SUB),
                ("c/charts/s/crds/a.yaml", "kind: x\n"),
                ("c/crds/b.yaml", CRD),
            ],
        ),
        with(
            "crds of a dependency only",
            needs,
            &[("c/charts/s/Chart.yaml", SUB), ("c/charts/s/crds/a.yaml", "kind: x\n")],
        ),
        Case::good_but(
            "ignored files",
            &[("c/.helmignore", "templates/good.yaml\n"), ("c/templates/b.json", "{}")],
        ),
        Case::good_but("ignore file broken", &[("c/.helmignore", "a/**\n")]),
        Case::good_but("lock broken", &[("c/Chart.lock", "a: [")]),
        Case::good_but(
            "requirements beside v2",
            &[("c/requirements.yaml", "dependencies: []\n"), ("c/requirements.lock", "dependencies: []\n")],
        ),
    ];
    // Where there is no Chart.yaml, Helm prints another line.
    let cases: Vec<Case> = cases.into_iter().filter(|case| !case.name.is_empty()).collect();
    check("folders.golden", &cases);
}
