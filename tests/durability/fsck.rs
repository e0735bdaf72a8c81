//! `chartroom fsck` finds what is wrong, and `chartroom gc` what is not needed.

use std::fs;
use std::path::{Path, PathBuf};

use chartroom_oci::Digest;
use chartroom_test_support::{Image, TestServer};

use crate::builder;

/// A stopped server with an image in it.
fn stopped() -> (TestServer, Image) {
    let mut server = builder().start();
    let image = Image::of("checked");
    server.client().push_image("app", "1.0.0", &image);
    assert!(server.terminate().success());
    (server, image)
}

fn run(server: &TestServer, arguments: &[&str]) -> (bool, String) {
    let data = server.data().to_string_lossy().into_owned();
    let (status, said) = server.command(&[arguments, &["--data", &data]].concat());
    assert!(matches!(status.code(), Some(0 | 1)), "{status}: {said}");
    (status.success(), said)
}

/// The file that holds a blob.
fn file_of(server: &TestServer, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    let path = server.data().join(format!("blobs/{}/{}/{hex}/data", digest.algorithm(), &hex[..2]));
    assert!(path.is_file(), "{} is not there", path.display());
    path
}

#[test]
fn what_is_intact_is_said_to_be() {
    let (server, _) = stopped();
    let (clean, said) = run(&server, &["fsck"]);
    assert!(clean, "{said}");
}

#[test]
fn a_damaged_blob_is_found_and_can_be_moved_aside_and_pushed_again() {
    let (mut server, image) = stopped();
    let digest = Digest::sha256(&image.layers[0]);
    let path = file_of(&server, &digest);
    let mut bytes = fs::read(&path).unwrap();
    bytes[0] ^= 1;
    replace(&path, &bytes);
    let (clean, said) = run(&server, &["fsck"]);
    assert!(!clean && said.contains(&digest.to_string()), "{said}");
    // Looking changes nothing.
    assert!(path.is_file());
    let (_, said) = run(&server, &["fsck", "--quarantine"]);
    assert!(said.contains(&digest.to_string()), "{said}");
    assert!(!path.exists());
    server.restart();
    let client = server.client();
    client.blob("app", &digest).expect_error(404, &["BLOB_UNKNOWN"]);
    client.push_blob("app", &image.layers[0]);
    assert_eq!(client.blob("app", &digest).expect(200).body, image.layers[0]);
    assert!(server.terminate().success());
    let (clean, said) = run(&server, &["fsck"]);
    assert!(clean, "{said}");
}

#[test]
fn a_blob_that_was_cut_short_or_lost_is_found() {
    for lost in [false, true] {
        let (server, image) = stopped();
        let digest = Digest::sha256(&image.config);
        let path = file_of(&server, &digest);
        if lost {
            fs::remove_file(&path).unwrap();
        } else {
            let bytes = fs::read(&path).unwrap();
            replace(&path, &bytes[..bytes.len() - 1]);
        }
        let (clean, said) = run(&server, &["fsck"]);
        assert!(!clean && said.contains(&digest.to_string()), "{said}");
    }
}

/// Blob files are read-only, so that nobody changes one by accident.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_blob_is_not_served_as_if_it_were_whole() {
    let (mut server, image) = stopped();
    let digest = Digest::sha256(&image.layers[0]);
    let path = file_of(&server, &digest);
    replace(&path, b"short");
    server.restart();
    let client = server.client();
    let answer = client.get(&format!("/v2/app/blobs/{digest}")).try_send();
    // An error, or a connection that breaks; never a 200 with other bytes than were promised.
    if let Ok(answer) = answer {
        assert!(answer.status >= 500, "{}", answer.describe());
    }
    client.still_serves();
}

#[test]
fn what_nothing_refers_to_is_shown_before_it_is_removed() {
    let mut server = builder().start();
    let client = server.client();
    let image = Image::of("kept");
    client.push_image("app", "1.0.0", &image);
    let orphan = client.push_blob("app", b"nothing refers to this");
    assert!(server.terminate().success());
    // Still in its grace period.
    let (_, said) = run(&server, &["gc", "--dry-run"]);
    assert!(!said.contains(&orphan.to_string()), "{said}");
    let config = server.data().parent().unwrap().join("gc.toml");
    fs::write(&config, "[gc]\ngrace = \"0s\"\n").unwrap();
    let config = config.to_string_lossy().into_owned();
    let (done, said) = run(&server, &["gc", "--dry-run", "--config", &config]);
    assert!(done && said.contains(&orphan.to_string()), "{said}");
    let path = file_of(&server, &orphan);
    let (done, said) = run(&server, &["gc", "--config", &config]);
    assert!(done, "{said}");
    assert!(!path.exists(), "{said}");
    for blob in image.blobs() {
        file_of(&server, &Digest::sha256(blob));
    }
    server.restart();
    server.client().blob("app", &orphan).expect_error(404, &["BLOB_UNKNOWN"]);
    server.client().manifest("app", "1.0.0").expect(200);
    let (clean, said) = run(&server, &["fsck"]);
    assert!(clean, "{said}");
}

#[test]
fn gc_keeps_its_hands_off_a_folder_that_a_server_uses() {
    let server = builder().start();
    let (done, said) = run(&server, &["gc"]);
    assert!(!done && said.contains(&server.pid().to_string()), "{said}");
    let (done, said) = run(&server, &["gc", "--dry-run"]);
    assert!(done, "{said}");
}
