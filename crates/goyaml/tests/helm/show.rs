//! Typed reading and writing: `helm show chart` prints Chart.yaml after it was in a struct.

use std::collections::BTreeMap;

use chartroom_goyaml as goyaml;
use serde::{Deserialize, Serialize};

use super::ask::Helm;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    version: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    maintainers: Vec<Maintainer>,
    api_version: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    app_version: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    deprecated: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
    #[serde(default, rename = "type", skip_serializing_if = "String::is_empty")]
    kind: String,
}

#[derive(Serialize, Deserialize)]
struct Maintainer {
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    email: String,
}

const CHARTS: &[&str] = &[
    "apiVersion: v2\nname: a\nversion: 1.0.0\n",
    "APIVERSION: v2\nName: a\nVERSION: 1.0.0\nappversion: 1.10\ntype: application\nunknown: [1]\n",
    "apiVersion: v2\nname: a\nversion: 1.0.0\nappVersion: 0x10\nkeywords: [1, 1.5, yes, ~, 1e21, 1e6, 0644, 2001-01-01]\n",
    "apiVersion: v2\nname: a\nversion: 1.0.0\nkeywords:\nmaintainers: ~\nannotations:\ndeprecated: on\ndescription:\n",
    "apiVersion: v2\nname: a\nversion: 1.0.0\nannotations: {x: y, n: 1, 1: 2, yes: no, big: 12345678901234567890, f: 1234567.0, z: ~}\n",
    "apiVersion: v2\nname: a\nversion: 1.0.0\nmaintainers: [{name: yes, EMAIL: a@b}, {email: c, name: 'd: e'}]\ndescription: >-\n  folded\n  text\n\n",
    "apiVersion: v2\nname: a\nname: b\nversion: 1.0.0\nappVersion: '1.10'\ndescription: \"😀\"\n",
];

#[test]
fn like_helm_show_chart() {
    let Some(helm) = Helm::find() else { return };
    for chart in CHARTS {
        helm.write("shown/Chart.yaml", chart);
        let shown = helm.run(&["show", "chart", "shown"]);
        let metadata: Metadata = goyaml::from_str(chart).unwrap();
        assert_eq!(goyaml::to_string(&metadata).unwrap() + "\n", shown, "{chart}");
    }
}

#[test]
fn like_values_files() {
    let Some(helm) = Helm::find() else { return };
    let values = "a: 1_000\nb: 0644\nc: [yes, 1.0, 1e21, ~]\nd: {x: &x [1, 2], y: *x}\ne: |\n  text\n12: 9007199254740993\n";
    helm.write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n");
    helm.write("chart/templates/a.yaml", "{{ .Values | toYaml }}");
    helm.write("values.yaml", values);
    let printed = helm.run(&["template", "chart", "--values", "values.yaml"]);
    let value = super::as_go_holds_it(goyaml::decode(values).unwrap());
    assert!(printed.contains(&goyaml::encode(&value).unwrap()), "{printed}");
}
