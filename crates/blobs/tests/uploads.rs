//! Uploads: written in pieces, interrupted, resumed, committed.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use bytes::Bytes;
use chartroom_blobs::{BlobStore, Error, Verdict};
use chartroom_oci::{Algorithm, Digest, Digester};
use proptest::prelude::*;

const ID: &str = "d3b07384-d113-4ec6-a5c0-0123456789ab";

fn store() -> (BlobStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (BlobStore::open(folder.path()).unwrap(), folder)
}

fn new_digester() -> Digester {
    Digester::new(Algorithm::Sha256)
}

fn content(len: usize) -> Vec<u8> {
    (0..len as u32).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 11).to_le_bytes()).take(len).collect()
}

#[tokio::test]
async fn an_upload_becomes_a_blob() {
    let (store, folder) = store();
    for len in [0, 1, 20_000, 3_000_000] {
        let content = Bytes::from(content(len));
        let mut writer = store.upload(ID, 0, new_digester()).await.unwrap();
        writer.write(content.clone()).await.unwrap();
        assert_eq!(writer.offset(), len as u64);
        let (size, digest) = writer.finish().await.unwrap();
        assert_eq!((size, digest), (len as u64, Digest::sha256(&content)));
        store.commit_upload(ID, &digest).await.unwrap();
        assert_eq!(store.blob(&digest).await.unwrap().unwrap().bytes().await.unwrap(), content);
        assert!(matches!(store.commit_upload(ID, &digest).await, Err(Error::UploadLost)));
    }
    assert_eq!(fs::read_dir(folder.path().join("uploads")).unwrap().count(), 0);
}

#[tokio::test]
async fn an_interrupted_upload_goes_on_after_its_checkpoint() {
    let (store, folder) = store();
    let content = content(2_000_000);
    let mut writer = store.upload(ID, 0, new_digester()).await.unwrap();
    writer.write(Bytes::copy_from_slice(&content[..900_000])).await.unwrap();
    let (offset, digester) = writer.checkpoint().await.unwrap();
    assert_eq!(offset, 900_000);
    let saved = digester.save();
    // Lost with the connection, some of it already on the disk.
    writer.write(Bytes::from(vec![0xee; 1_000_000])).await.unwrap();
    drop(writer);
    drop(store);

    let store = BlobStore::open(folder.path()).unwrap();
    let digester = Digester::restore(Algorithm::Sha256, &saved).unwrap();
    let mut writer = store.upload(ID, offset, digester).await.unwrap();
    assert_eq!(writer.offset(), offset);
    writer.write(Bytes::copy_from_slice(&content[900_000..])).await.unwrap();
    let (size, digest) = writer.finish().await.unwrap();
    assert_eq!((size, digest), (2_000_000, Digest::sha256(&content)));
    store.commit_upload(ID, &digest).await.unwrap();
    assert_eq!(store.verify(&digest, size).await.unwrap(), Verdict::Intact);
}

#[tokio::test]
async fn an_upload_that_is_shorter_than_acknowledged_or_gone_is_lost() {
    let (store, folder) = store();
    let resume = || store.upload(ID, 10, new_digester());
    assert!(matches!(resume().await, Err(Error::UploadLost)));
    fs::write(folder.path().join("uploads").join(ID), "123456789").unwrap();
    assert!(matches!(resume().await, Err(Error::UploadLost)));
    let digest = Digest::sha256(b"");
    store.discard_upload(ID).await.unwrap();
    assert!(matches!(store.commit_upload(ID, &digest).await, Err(Error::UploadLost)));
    let again = store.rehash_upload(ID, Algorithm::Sha512, 1).await;
    assert!(matches!(again, Err(Error::UploadLost)));
    assert!(store.blob(&digest).await.unwrap().is_none());
}

#[tokio::test]
async fn starting_over_drops_what_was_there() {
    let (store, _folder) = store();
    for text in ["a longer first attempt", "second"] {
        let mut writer = store.upload(ID, 0, new_digester()).await.unwrap();
        writer.write(text.into()).await.unwrap();
        assert_eq!(writer.finish().await.unwrap(), (text.len() as u64, Digest::sha256(text.as_bytes())));
    }
    let digest = Digest::sha256(b"second");
    store.commit_upload(ID, &digest).await.unwrap();
    assert_eq!(store.verify(&digest, 6).await.unwrap(), Verdict::Intact);
}

#[tokio::test]
async fn committing_heals_a_damaged_blob_and_its_age_starts_anew() {
    let (store, folder) = store();
    let digest = Digest::sha256(b"content");
    store.put(&digest, "content".into()).await.unwrap();
    let hex = digest.hex();
    fs::write(folder.path().join(format!("blobs/sha256/{}/{hex}/data", &hex[..2])), "damage").unwrap();

    let mut writer = store.upload(ID, 0, new_digester()).await.unwrap();
    writer.write("content".into()).await.unwrap();
    writer.finish().await.unwrap();
    let file = fs::File::options().write(true).open(folder.path().join("uploads").join(ID)).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    store.commit_upload(ID, &digest).await.unwrap();
    assert_eq!(store.verify(&digest, 7).await.unwrap(), Verdict::Intact);
    let age = store.walk(None, 1).await.unwrap()[0].modified.elapsed().unwrap();
    assert!(age.as_secs() < 60, "{age:?}");
}

#[tokio::test]
async fn an_upload_can_be_hashed_again_in_another_algorithm() {
    let (store, _folder) = store();
    let content = Bytes::from(content(1_000_000));
    let mut writer = store.upload(ID, 0, new_digester()).await.unwrap();
    writer.write(content.clone()).await.unwrap();
    let (size, _) = writer.finish().await.unwrap();
    let digest = store.rehash_upload(ID, Algorithm::Sha512, size).await.unwrap().finish();
    assert_eq!(digest, Digest::of(Algorithm::Sha512, &content));
    let part = store.rehash_upload(ID, Algorithm::Sha256, 1000).await.unwrap().finish();
    assert_eq!(part, Digest::sha256(&content[..1000]));
    let beyond = store.rehash_upload(ID, Algorithm::Sha256, size + 1).await;
    assert!(matches!(beyond, Err(Error::UploadLost)));
    store.commit_upload(ID, &digest).await.unwrap();
    assert_eq!(store.verify(&digest, size).await.unwrap(), Verdict::Intact);
}

#[tokio::test]
async fn two_never_write_to_the_same_upload() {
    let (store, _folder) = store();
    let mut writer = store.upload(ID, 0, new_digester()).await.unwrap();
    writer.write("content".into()).await.unwrap();
    writer.checkpoint().await.unwrap();
    let digest = Digest::sha256(b"content");
    let (other, commit) = tokio::join!(store.upload(ID, 0, new_digester()), store.commit_upload(ID, &digest));
    assert!(matches!(other, Err(Error::UploadBusy)));
    assert!(matches!(commit, Err(Error::UploadBusy)));
    // Nothing was cut off meanwhile.
    assert_eq!(writer.finish().await.unwrap(), (7, digest));
    store.commit_upload(ID, &digest).await.unwrap();
    assert_eq!(store.verify(&digest, 7).await.unwrap(), Verdict::Intact);
}

#[tokio::test]
async fn who_waits_for_an_upload_gets_it_when_its_writer_lets_go() {
    let (store, _folder) = store();
    let writer = store.upload(ID, 0, new_digester()).await.unwrap();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.upload(ID, 0, new_digester()).await.map(drop) }
    });
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    drop(writer);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn uploads_and_left_overs_are_listed_and_discarded_and_strangers_left_alone() {
    let (store, folder) = store();
    let uploads = folder.path().join("uploads");
    drop(store.upload(ID, 0, new_digester()).await.unwrap());
    for name in ["put-1f-2e-0", "notes.txt", ".hidden"] {
        fs::write(uploads.join(name), "").unwrap();
    }
    fs::create_dir(uploads.join("ab")).unwrap();
    let mut listed = store.uploads().await.unwrap();
    listed.sort();
    let names: Vec<_> = listed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [ID, "put-1f-2e-0"]);
    for (name, modified) in &listed {
        assert!(modified.elapsed().unwrap_or_default().as_secs() < 60);
        store.discard_upload(name).await.unwrap();
        store.discard_upload(name).await.unwrap();
    }
    assert!(store.uploads().await.unwrap().is_empty());
    assert_eq!(fs::read_dir(&uploads).unwrap().count(), 3);
}

#[tokio::test]
async fn nothing_but_an_id_is_taken_for_one() {
    let (store, folder) = store();
    let digest = Digest::sha256(b"");
    for id in ["", "..", "../blobs", "put-0", "/etc/passwd", "ABC"] {
        assert!(matches!(store.upload(id, 0, new_digester()).await, Err(Error::UploadId)), "{id}");
        assert!(matches!(store.commit_upload(id, &digest).await, Err(Error::UploadId)), "{id}");
        let again = store.rehash_upload(id, Algorithm::Sha256, 0).await;
        assert!(matches!(again, Err(Error::UploadId)), "{id}");
    }
    assert!(matches!(store.discard_upload("../blobs").await, Err(Error::UploadId)));
    assert!(folder.path().join("blobs").exists());
}

/// Set in the process that is to run out of space.
const FULL: &str = "CHARTROOM_TEST_FULL_FOLDER";

/// The largest file that process may write, in the 512-byte units of `ulimit -f`.
const UNITS: u64 = 2001;

#[tokio::test]
async fn an_upload_that_ran_out_of_space_goes_on_when_there_is_some_again() {
    if let Some(folder) = std::env::var_os(FULL) {
        return run_out_of_space(&PathBuf::from(folder)).await;
    }
    let (store, folder) = store();
    // A limit on the size of files stands in for a full disk. A shell can set
    // one; its signal is ignored, so that the write fails as on a full disk.
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\"", &UNITS.to_string()])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "an_upload_that_ran_out_of_space_goes_on_when_there_is_some_again"])
        .env(FULL, folder.path())
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));

    let content = content(3_000_000);
    let state = fs::read(folder.path().join("state")).unwrap();
    let digester = Digester::restore(Algorithm::Sha256, &state).unwrap();
    let offset = UNITS * 512;
    let mut writer = store.upload(ID, offset, digester).await.unwrap();
    writer.write(Bytes::copy_from_slice(&content[offset as usize..])).await.unwrap();
    assert_eq!(writer.finish().await.unwrap(), (3_000_000, Digest::sha256(&content)));
}

/// The part of the test above that runs under the limit.
async fn run_out_of_space(folder: &Path) {
    let store = BlobStore::open(folder).unwrap();
    let content = Bytes::from(content(3_000_000));
    let put = store.put(&Digest::sha256(&content), content.clone()).await;
    assert!(matches!(put, Err(Error::StorageFull)), "{put:?}");
    assert!(store.uploads().await.unwrap().is_empty());
    assert!(store.walk(None, 1).await.unwrap().is_empty());

    let mut writer = store.upload(ID, 0, new_digester()).await.unwrap();
    let mut frames = content.chunks(10_000).map(Bytes::copy_from_slice);
    let failed = loop {
        if let Err(error) = writer.write(frames.next().unwrap()).await {
            break error;
        }
    };
    assert!(matches!(failed, Error::StorageFull), "{failed}");
    let further = writer.write(frames.next().unwrap()).await;
    assert!(matches!(further, Err(Error::StorageFull)), "{further:?}");
    let (offset, digester) = writer.checkpoint().await.unwrap();
    assert_eq!((offset, writer.offset()), (UNITS * 512, offset));
    assert!(matches!(writer.finish().await, Err(Error::StorageFull)));
    fs::write(folder.join("state"), digester.save()).unwrap();
}

/// One thing that happens to an upload.
#[derive(Clone, Debug)]
enum Step {
    Write(usize),
    Checkpoint,
    /// The connection ends, and the upload is resumed at its last checkpoint.
    Drop,
    /// The same while a write is under way.
    DropMidway(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_usize..2000).prop_map(Step::Write),
        4 => (0_usize..1_500_000).prop_map(Step::Write),
        2 => Just(Step::Checkpoint),
        1 => Just(Step::Drop),
        1 => (500_000_usize..3_000_000).prop_map(Step::DropMidway),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happens_on_the_way_the_digest_is_that_of_the_content(
        steps in proptest::collection::vec(step(), 0..16),
        wide in any::<bool>(),
    ) {
        let algorithm = if wide { Algorithm::Sha512 } else { Algorithm::Sha256 };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (store, _folder) = store();
            let content = content(4_000_000);
            let piece = |at: u64, len: usize| {
                let at = at as usize;
                Bytes::copy_from_slice(&content[at..(at + len).min(content.len())])
            };
            let mut saved = (0, Digester::new(algorithm));
            let mut writer = store.upload(ID, 0, saved.1.clone()).await.unwrap();
            for step in steps {
                match step {
                    Step::Write(len) => writer.write(piece(writer.offset(), len)).await.unwrap(),
                    Step::Checkpoint => {
                        saved = writer.checkpoint().await.unwrap();
                        prop_assert_eq!(saved.0, writer.offset());
                    }
                    Step::Drop => {
                        drop(writer);
                        writer = store.upload(ID, saved.0, saved.1.clone()).await.unwrap();
                    }
                    Step::DropMidway(len) => {
                        let bytes = piece(writer.offset(), len);
                        tokio::select! {
                            biased;
                            outcome = writer.write(bytes) => outcome.unwrap(),
                            () = tokio::task::yield_now() => {}
                        }
                        // The writer itself can be gone on with ...
                        saved = writer.checkpoint().await.unwrap();
                        prop_assert_eq!(saved.0, writer.offset());
                        // ... and so can the file.
                        let bytes = Bytes::from(vec![0xee; len]);
                        tokio::select! {
                            biased;
                            outcome = writer.write(bytes) => outcome.unwrap(),
                            () = tokio::task::yield_now() => {}
                        }
                        drop(writer);
                        writer = store.upload(ID, saved.0, saved.1.clone()).await.unwrap();
                    }
                }
            }
            let offset = writer.offset();
            let (size, digest) = writer.finish().await.unwrap();
            prop_assert_eq!(size, offset);
            prop_assert_eq!(digest, Digest::of(algorithm, &content[..size as usize]));
            store.commit_upload(ID, &digest).await.unwrap();
            prop_assert_eq!(store.verify(&digest, size).await.unwrap(), Verdict::Intact);
            Ok(())
        })?;
    }
}
