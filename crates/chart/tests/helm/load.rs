//! What Helm refuses to load.

use std::fs;
use std::os::unix::fs::symlink;

use chartroom_chart::{Chart, Limits, Warning};

use crate::{Folder, helm};

/// Charts that Helm doesn't load, by a file that is wrong in them. The texts are compared.
const BROKEN: [(&str, &str); 58] = [
    ("Chart.yaml", "apiVersion: v2\nversion: 1.0.0\n"),
    ("Chart.yaml", ""),
    ("Chart.yaml", "apiVersion: v2\nname: .\nversion: 1.0.0\n"),
    ("Chart.yaml", "apiVersion: v2\nname: ..\nversion: 1.0.0\n"),
    ("Chart.yaml", "apiVersion: v2\nname: ../x\nversion: 1.0.0\n"),
    ("Chart.yaml", "apiVersion: v2\nname: \"a\\tb/c\"\nversion: 1.0.0\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: a.b\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.2.3.4\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: \"1.0.0\\n\"\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ntype: service\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nmaintainers: [null]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nmaintainers:\n-\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [null]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: a}, {name: a}]\n"),
    (
        "Chart.yaml",
        "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: a}, {name: b, alias: a}]\n",
    ),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: a, alias: a.b}]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: [c]\nversion: 1.0.0\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nkeywords: a\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndeprecated: 'yes'\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nannotations: {a: {b: c}}\n"),
    ("Chart.yaml", "- a\n"),
    ("Chart.yaml", "a: b: c\n"),
    ("Chart.yaml", "a: \t- b\n"),
    ("Chart.yaml", "\u{1}"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nmaintainers: [{name: [a]}]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nmaintainers: [a]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nmaintainers: a\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: c, tags: a}]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: {a: b}\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nkeywords: [[a]]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nannotations: [a]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: c, enabled: 1}]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: c, import-values: a}]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nName: [a]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: c, tags: [[a]]}]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [3]\n"),
    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\nmaintainers: [[a]]\n"),
    ("Chart.yaml", "3\n"),
    ("Chart.lock", "generated: [a]\n"),
    ("Chart.lock", "dependencies: a\n"),
    ("Chart.lock", "x\n"),
    ("Chart.lock", "digest: {}\n"),
    ("requirements.yaml", "dependencies: a\n"),
    ("requirements.yaml", "a: b: c\n"),
    ("requirements.lock", "digest: {}\n"),
    (".helmignore", "a/**\n"),
    (".helmignore", "[a\n"),
    (".helmignore", "!a.txt\n"),
    ("charts/sub/values.yaml", ""),
    ("charts/sub/Chart.yaml", "name: sub\n"),
    ("charts/sub.tgz", "junk"),
    ("charts/sub.tgz", "junk that is longer than a header"),
    ("values.yaml", "a: [\n"),
    ("values.yaml", "- a\n"),
    ("Chart.lock", "generated: yesterday\n"),
    ("charts/README.md", "hello"),
    ("charts/sub.tgz/Chart.yaml", "name: sub\nversion: 1.0.0\n"),
];

#[test]
fn helms_errors_are_ours() {
    let Some(helm) = helm() else { return };
    let mut differences = Vec::new();
    for (number, (file, content)) in BROKEN.into_iter().enumerate() {
        let name = format!("c{number}");
        let mut folder = Folder::new(helm.home().join(&name));
        folder.file("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n").file(file, content);
        let helms = helm.fails(&["show", "chart", &name]).stderr;
        let helms: String = helms.split_inclusive('\n').filter(|line| !line.starts_with("level=")).collect();
        let ours = match Chart::open(&folder.path, &Limits::default()) {
            Ok(_) => "nothing".to_owned(),
            Err(error) => format!("Error: {error}\n"),
        };
        if ours != helms {
            differences.push(format!("{file} {content:?}\n  helm: {helms}  ours: {ours}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn links_are_followed_and_reported() {
    let Some(helm) = helm() else { return };
    let mut elsewhere = Folder::new(helm.home().join("elsewhere"));
    elsewhere.file("inner/a.yaml", "a: 1\n").file("LICENSE", "free");
    let mut folder = Folder::new(helm.home().join("c"));
    folder.file("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    symlink("../elsewhere/inner", folder.path.join("templates")).unwrap();
    symlink("../elsewhere/LICENSE", folder.path.join("LICENSE")).unwrap();
    let chart = folder.chart();
    assert_eq!(chart.templates()[0].name, "templates/a.yaml");
    assert_eq!(&chart.files()[0].data[..], b"free");
    assert!(matches!(chart.warnings(), [Warning::SymbolicLink { .. }, Warning::SymbolicLink { .. }]));
    helm.ok(&["show", "chart", "c"]);

    symlink("nowhere", folder.path.join("broken")).unwrap();
    let helms = helm.fails(&["show", "chart", "c"]).stderr;
    let ours = Chart::open(&folder.path, &Limits::default()).unwrap_err();
    let last = helms.trim_end().rsplit('\n').next().unwrap();
    assert!(ours.to_string().ends_with("broken: no such file or directory"), "{ours}");
    assert!(last.starts_with("Error: error evaluating symlink "), "{last}");
    fs::remove_file(folder.path.join("broken")).unwrap();

    symlink(".", folder.path.join("loop")).unwrap();
    let error = Chart::open(&folder.path, &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("too many links"), "{error}");
}

#[test]
fn what_is_no_chart_is_told_apart() {
    let Some(helm) = helm() else { return };
    let mut folder = Folder::new(helm.home().join("files"));
    folder
        .file("values.yaml", "a: 1\n")
        .file("junk.tgz", "junk")
        .file("text.tgz", "text ".repeat(200))
        .file("empty.tgz", "")
        .file("zip.tgz", "PK\x03\x04 ")
        .file("cut.tgz", [0x1f, 0x8b, 8]);
    for name in ["values.yaml", "junk.tgz", "text.tgz", "empty.tgz", "zip.tgz", "cut.tgz", "missing.tgz"] {
        let path = folder.path.join(name);
        let helms = helm.fails(&["show", "chart", &path.to_string_lossy()]).stderr;
        let ours = format!("Error: {}\n", Chart::open(&path, &Limits::default()).unwrap_err());
        match name {
            // To Helm, it may also be a chart of a repository.
            "missing.tgz" => assert!(ours.contains("missing.tgz: no such file or directory"), "{ours}"),
            _ => assert_eq!(ours, helms),
        }
    }
}
