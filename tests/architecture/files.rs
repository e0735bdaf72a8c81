//! How files are named, and how each begins.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace;

/// Names that say nothing: what is in such a file belongs where it is used, or has a name.
const EMPTY_NAMES: [&str; 9] =
    ["util", "utils", "common", "manager", "helper", "helpers", "misc", "shared", "types"];

/// All files and folders of the project's own source.
fn entries() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = ["crates", "tests", "xtask"].map(|folder| workspace().join(folder)).to_vec();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path.clone());
            }
            found.push(path);
        }
    }
    found
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

#[test]
fn names_say_what_is_inside() {
    for path in entries() {
        let stem = path.file_stem().expect("a name").to_string_lossy().to_lowercase();
        assert!(!EMPTY_NAMES.contains(&stem.as_str()), "{} needs a name", path.display());
    }
}

#[test]
fn every_file_says_in_its_first_line_what_it_is_for() {
    let mut files = 0;
    for path in entries().into_iter().filter(|path| is_rust(path)) {
        let text = fs::read_to_string(&path).expect("a source file can be read");
        let first = text.lines().next().unwrap_or_default();
        let said = first.strip_prefix("//! ").is_some_and(|rest| !rest.trim().is_empty());
        assert!(said, "{} begins with {first:?}, not with //! and what it is for", path.display());
        files += 1;
    }
    assert!(files > 50, "only {files} files were found");
}

#[test]
fn every_crate_says_what_it_is() {
    for entry in fs::read_dir(workspace().join("crates")).expect("crates/") {
        let manifest = entry.expect("an entry").path().join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("a crate has a Cargo.toml");
        assert!(text.contains("\ndescription = "), "{} has no description", manifest.display());
        assert!(text.contains("[lints]\nworkspace = true"), "{} has its own lints", manifest.display());
    }
}
