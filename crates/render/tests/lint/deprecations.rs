//! Deprecated APIs.

use crate::{Case, check};

/// Every API that Helm has ever said it of, and some more.
const KINDS: &str = include_str!("../data/lint/kinds.txt");

#[test]
fn deprecations() {
    let objects: String = KINDS
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(version, kind)| {
            format!("---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nx: matchLabels\n")
        })
        .collect();
    let case = |version: &str| {
        let case = Case::good_but(&format!("Kubernetes {version}"), &[("c/templates/all.yaml", &objects)]);
        if version.is_empty() { case } else { case.with("--kube-version", version) }
    };
    let versions = [
        "",
        "1.7",
        "1.8",
        "1.9",
        "1.16",
        "1.19",
        "1.21.5",
        "v1.25.0",
        "1.29.1-gke.1",
        "1.33",
        "1.36",
        "1.38",
        "2.0.0",
    ];
    check("deprecations.golden", &versions.map(case));
}
