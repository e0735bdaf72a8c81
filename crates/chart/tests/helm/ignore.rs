//! `.helmignore`, rule by rule: what Helm leaves out of the archive, we leave out.

use std::fs;

use chartroom_chart::{Chart, Limits};

use crate::{Folder, helm};

const FILES: [&str; 16] = [
    "a.txt",
    "b.md",
    "a/a.txt",
    "a/b/a.txt",
    "a/b/c.md",
    "b/a.txt",
    "docs/x.md",
    "docs/sub/x.md",
    "x/docs/y",
    "[x]",
    "*star",
    "!bang",
    "#hash",
    ".dot",
    "templates/.dot",
    "templates/a.yaml",
];

const RULES: [&str; 40] = [
    "",
    "*.txt",
    "/*.txt",
    "a/*.txt",
    "a/*/a.txt",
    "/a/a.txt",
    "a",
    "a/",
    "/a/",
    "a/b/",
    "b/",
    "docs",
    "docs/*",
    "docs/*/*",
    "*/docs",
    "*.md\n!a.txt",
    "!docs/",
    "# *.txt",
    "  a.txt  ",
    "a.tx?",
    "?.txt",
    "[ab].txt",
    "[^a].txt",
    "[a-b].*",
    "\\[x]",
    "\\*star",
    "*star",
    "\\!bang",
    "!bang",
    "\\#hash",
    ".*",
    ".dot",
    "templates",
    "templates/",
    "templates/*",
    "*/*",
    "*",
    "a.txt/",
    "\u{feff}a.txt\r\nb.md\r",
    "./a.txt",
];

#[test]
fn each_rule_leaves_out_what_it_leaves_out_in_helm() {
    let Some(helm) = helm() else { return };
    for (number, rules) in RULES.into_iter().enumerate() {
        let name = format!("c{number}");
        let mut folder = Folder::new(helm.home().join(&name));
        for file in FILES {
            folder.file(file, "");
        }
        folder.file("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n").file(".helmignore", rules);
        let outcome = helm.run(&["package", &name, "--destination", &format!("out{number}")]);
        let ours = Chart::open(&folder.path, &Limits::default());
        if !outcome.status.success() {
            assert_eq!(format!("Error: {}\n", ours.unwrap_err()), outcome.stderr, "{rules:?}");
            continue;
        }
        let archive = fs::File::open(helm.home().join(format!("out{number}/c-1.0.0.tgz"))).unwrap();
        let helms = Chart::from_archive(archive, &Limits::default()).unwrap();
        let names = |chart: &Chart| {
            let mut names: Vec<_> = chart.raw().iter().map(|file| file.name.clone()).collect();
            names.sort();
            names
        };
        assert_eq!(names(&ours.unwrap()), names(&helms), "{rules:?}");
    }
}
