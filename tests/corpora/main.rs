//! Feeds the fuzz targets everything in `fuzz/corpus`.

mod charts;
mod targets;

use std::fs;
use std::path::Path;

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut count = 0;
    for entry in entries {
        let path =
            entry.map(|entry| entry.path()).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        target(&bytes);
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}

#[test]
fn manifests() {
    replay("manifest", targets::manifest);
}

#[test]
fn names() {
    replay("names", targets::names);
}

#[test]
fn routes() {
    replay("route", targets::route);
}

#[test]
fn metadata() {
    replay("metadata", targets::metadata);
}

#[test]
fn archives() {
    replay("archive", targets::archive);
}

#[test]
fn yaml() {
    replay("yaml", targets::yaml);
}

#[test]
fn provenance_files() {
    replay("provenance", targets::provenance);
}

#[test]
fn keyrings() {
    replay("keyring", targets::keyring);
}

#[test]
fn constraints() {
    replay("constraint", targets::constraint);
}

#[test]
fn templates() {
    replay("gotemplate", targets::gotemplate);
}

#[test]
fn indexes() {
    replay("index", targets::index);
}

#[test]
fn schemas() {
    replay("schema", charts::schema);
}

#[test]
fn templates_of_charts() {
    replay("chart_template", charts::chart_template);
}

#[test]
fn patterns() {
    replay("pattern", charts::pattern);
}
