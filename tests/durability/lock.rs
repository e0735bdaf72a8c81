//! One folder, one server; and no server on a folder that is not its own.

use std::fs;

use chartroom_test_support::{Image, Refused};
use tempfile::TempDir;

use crate::builder;

#[track_caller]
fn said(refused: &Refused, words: &[&str]) {
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(refused.stderr.lines().any(|line| line.starts_with("Error: ")), "{}", refused.stderr);
    for word in words {
        assert!(refused.stderr.contains(word), "{word:?} is not in {}", refused.stderr);
    }
    assert!(!refused.stderr.contains("panicked"), "{}", refused.stderr);
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut first = builder().data(&data).start();
    first.client().push_image("app", "1.0.0", &Image::of("first"));
    let refused = builder().data(&data).try_start().unwrap_err();
    said(&refused, &[&data.to_string_lossy(), &first.pid().to_string()]);
    first.client().manifest("app", "1.0.0").expect(200);
    // Once the first is gone, however it went, the next may come.
    first.kill();
    let second = builder().data(&data).start();
    second.client().manifest("app", "1.0.0").expect(200);
}

#[test]
fn a_folder_of_a_newer_schema_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut server = builder().data(&data).start();
    server.client().push_image("app", "1.0.0", &Image::of("newer"));
    assert!(server.terminate().success());
    let set = |version: u32| {
        let catalog = rusqlite::Connection::open(data.join("catalog.sqlite")).unwrap();
        catalog.execute("UPDATE schema_version SET version = ?1", [version]).unwrap()
    };
    let known = {
        let catalog = rusqlite::Connection::open(data.join("catalog.sqlite")).unwrap();
        catalog.query_row("SELECT version FROM schema_version", [], |row| row.get::<_, u32>(0)).unwrap()
    };
    set(known + 1);
    let refused = builder().data(&data).try_start().unwrap_err();
    said(&refused, &["newer", &(known + 1).to_string()]);
    set(known);
    let server = builder().data(&data).start();
    server.client().manifest("app", "1.0.0").expect(200);
}

#[test]
fn a_folder_with_other_things_in_it_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("thesis.tex"), "years of work").unwrap();
    let refused = builder().data(folder.path()).try_start().unwrap_err();
    said(&refused, &[&folder.path().to_string_lossy()]);
    let names =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(names, ["thesis.tex"]);
}

#[test]
fn a_folder_that_is_a_file_or_can_not_be_made_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    said(&builder().data(&file).try_start().unwrap_err(), &["file"]);
    said(&builder().data(file.join("below")).try_start().unwrap_err(), &["below"]);
}

#[test]
fn a_catalog_that_is_none_is_refused() {
    for content in [&b"this is no database, but it is long enough to look at"[..], &[0; 8192]] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("catalog.sqlite"), content).unwrap();
        let refused = builder().data(folder.path()).try_start().unwrap_err();
        said(&refused, &[]);
    }
}
