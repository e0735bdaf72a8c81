//! Blobs: stored, read in whole and in part, listed, checked, removed.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use chartroom_blobs::{BlobBody, BlobStore, Error, Verdict};
use chartroom_oci::{Algorithm, Digest};
use http_body::Body;
use http_body_util::BodyExt;
use proptest::prelude::*;

struct Folder {
    store: BlobStore,
    folder: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { store: BlobStore::open(folder.path()).unwrap(), folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.path().join(format!("blobs/{}/{}/{hex}/data", digest.algorithm(), &hex[..2]))
    }

    async fn put(&self, content: &[u8]) -> Digest {
        let digest = Digest::sha256(content);
        self.store.put(&digest, Bytes::copy_from_slice(content)).await.unwrap();
        digest
    }

    /// Every file below a folder, for "nothing is left behind".
    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let into = if entry.file_type().unwrap().is_dir() { &mut folders } else { &mut files };
                into.push(entry.path());
            }
        }
        files
    }
}

/// Bytes that repeat nowhere near a buffer's size, so that a shifted read shows.
fn content(len: usize) -> Vec<u8> {
    (0..len as u32).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 11).to_le_bytes()).take(len).collect()
}

async fn collect(body: BlobBody) -> io::Result<Bytes> {
    Ok(body.collect().await?.to_bytes())
}

#[tokio::test]
async fn what_is_put_can_be_read_and_lies_where_the_layout_says() {
    let folder = Folder::new();
    for len in [0, 1, 20_000, 300_000] {
        let content = content(len);
        let digest = folder.put(&content).await;
        assert_eq!(fs::read(folder.data(&digest)).unwrap(), content);
        let blob = folder.store.blob(&digest).await.unwrap().unwrap();
        assert_eq!(blob.size(), len as u64);
        assert_eq!(blob.bytes().await.unwrap(), content);
    }
    assert!(folder.files("uploads").is_empty());
    assert!(folder.store.blob(&Digest::sha256(b"never stored")).await.unwrap().is_none());
}

#[tokio::test]
async fn sha512_blobs_have_a_folder_of_their_own() {
    let folder = Folder::new();
    let digest = Digest::of(Algorithm::Sha512, b"chart");
    folder.store.put(&digest, "chart".into()).await.unwrap();
    assert!(folder.data(&digest).starts_with(folder.path().join("blobs/sha512")));
    assert_eq!(folder.store.verify(&digest, 5).await.unwrap(), Verdict::Intact);
}

#[tokio::test]
async fn content_under_a_wrong_digest_is_refused_and_leaves_nothing() {
    let folder = Folder::new();
    let wrong = Digest::sha256(b"something else");
    match folder.store.put(&wrong, "content".into()).await.unwrap_err() {
        Error::DigestMismatch { expected, found } => {
            assert_eq!(expected, wrong);
            assert_eq!(*found, Digest::sha256(b"content"));
        }
        other => panic!("{other}"),
    }
    assert!(folder.files("").is_empty());
}

#[tokio::test]
async fn putting_again_heals_a_damaged_blob() {
    let folder = Folder::new();
    let digest = folder.put(b"content").await;
    fs::write(folder.data(&digest), "c0ntent").unwrap();
    folder.put(b"content").await;
    assert_eq!(folder.store.verify(&digest, 7).await.unwrap(), Verdict::Intact);
    assert_eq!(folder.files("").len(), 1);
}

#[tokio::test]
async fn a_failed_put_leaves_nothing_and_an_old_blob_as_it_was() {
    let folder = Folder::new();
    let digest = Digest::sha256(b"content");
    // A folder in the place of the file can't be renamed over.
    fs::create_dir_all(folder.data(&digest).join("in the way")).unwrap();
    let error = folder.store.put(&digest, "content".into()).await.unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert!(folder.files("").is_empty());
    assert!(folder.data(&digest).join("in the way").is_dir());
}

#[tokio::test]
async fn many_may_put_the_same_blob_at_once() {
    let folder = Folder::new();
    let content = Bytes::from(content(50_000));
    let digest = Digest::sha256(&content);
    let all: Vec<_> = (0..16)
        .map(|n| {
            let (store, content) = (folder.store.clone(), content.clone());
            tokio::spawn(async move {
                if n % 4 == 3 {
                    store.remove(&digest).await.map(drop)
                } else {
                    store.put(&digest, content).await
                }
            })
        })
        .collect();
    for one in all {
        one.await.unwrap().unwrap();
    }
    folder.store.put(&digest, content).await.unwrap();
    assert_eq!(folder.store.verify(&digest, 50_000).await.unwrap(), Verdict::Intact);
    assert_eq!(folder.files("").len(), 1);
}

#[tokio::test]
async fn a_put_that_nobody_waits_for_any_more_leaves_nothing_half_done() {
    let folder = Folder::new();
    for n in 0..50_u32 {
        let content = n.to_string();
        let digest = Digest::sha256(content.as_bytes());
        let put = folder.store.put(&digest, content.into());
        tokio::select! {
            biased;
            outcome = put => outcome.unwrap(),
            () = tokio::task::yield_now() => {}
        }
    }
    let patience = Instant::now();
    while folder.store.walk(None, 100).await.unwrap().len() < 50 {
        assert!(patience.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(folder.files("uploads").is_empty());
}

#[tokio::test]
async fn folders_that_were_cleared_away_by_hand_are_made_again() {
    let folder = Folder::new();
    let digest = folder.put(b"content").await;
    let shelf = folder.data(&digest).ancestors().nth(2).unwrap().to_owned();
    fs::remove_dir_all(shelf).unwrap();
    folder.put(b"content").await;
    assert_eq!(folder.store.verify(&digest, 7).await.unwrap(), Verdict::Intact);
}

#[tokio::test]
async fn a_store_that_is_opened_again_has_what_it_had() {
    let folder = Folder::new();
    let digest = folder.put(b"content").await;
    let again = BlobStore::open(folder.path()).unwrap();
    assert!(again.blob(&digest).await.unwrap().is_some());
    again.check().await.unwrap();
    assert!(folder.files("uploads").is_empty());
}

#[tokio::test]
async fn a_store_can_be_opened_neither_in_a_file_nor_checked_without_its_folder() {
    let folder = Folder::new();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(BlobStore::open(&file), Err(Error::Io { .. })));
    fs::remove_dir(folder.path().join("uploads")).unwrap();
    assert!(folder.store.check().await.is_err());
}

#[tokio::test]
async fn a_body_says_its_length_before_and_while_it_is_read() {
    let folder = Folder::new();
    let content = content(3_000_000);
    let digest = folder.put(&content).await;
    let mut body = folder.store.blob(&digest).await.unwrap().unwrap().stream(5..2_999_999);
    let mut left = 2_999_994;
    let mut read = Vec::new();
    while !body.is_end_stream() {
        assert_eq!(body.size_hint().exact(), Some(left));
        let data = body.frame().await.unwrap().unwrap().into_data().unwrap();
        left -= data.len() as u64;
        read.extend_from_slice(&data);
    }
    assert_eq!(left, 0);
    assert!(body.frame().await.is_none());
    assert_eq!(read, content[5..2_999_999]);
}

#[tokio::test]
async fn a_blob_that_is_removed_can_be_read_to_its_end() {
    let folder = Folder::new();
    let content = content(2_000_000);
    let digest = folder.put(&content).await;
    let mut body = folder.store.blob(&digest).await.unwrap().unwrap().stream(0..2_000_000);
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(folder.store.remove(&digest).await.unwrap());
    let rest = collect(body).await.unwrap();
    assert_eq!([first, rest].concat(), content);
}

#[tokio::test]
async fn a_file_cut_short_under_a_reader_is_an_error_and_never_a_short_body() {
    let folder = Folder::new();
    let digest = folder.put(&content(2_000_000)).await;
    let blob = folder.store.blob(&digest).await.unwrap().unwrap();
    let other = folder.store.blob(&digest).await.unwrap().unwrap();
    fs::File::options().write(true).open(folder.data(&digest)).unwrap().set_len(1_000_000).unwrap();
    let mut body = blob.stream(0..2_000_000);
    let mut read = 0;
    let error = loop {
        match body.frame().await.unwrap() {
            Ok(frame) => read += frame.into_data().unwrap().len(),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert!(read < 1_000_001);
    assert!(body.frame().await.is_none());
    assert!(matches!(other.bytes().await, Err(Error::Io { .. })));
}

#[tokio::test]
async fn a_range_beyond_the_end_ends_in_an_error() {
    let folder = Folder::new();
    for len in [10, 1_000_000] {
        let digest = folder.put(&content(len as usize)).await;
        for range in [len - 1..len + 1, len + 5..len + 6, 0..u64::MAX] {
            let blob = folder.store.blob(&digest).await.unwrap().unwrap();
            let body = blob.stream(range.clone());
            assert_eq!(body.size_hint().exact(), Some(range.end - range.start));
            assert_eq!(collect(body).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}

#[tokio::test]
async fn verifying_tells_the_kinds_of_damage_apart() {
    let folder = Folder::new();
    let digest = folder.put(b"content").await;
    let verify = |size| folder.store.verify(&digest, size);
    assert_eq!(verify(7).await.unwrap(), Verdict::Intact);
    assert_eq!(verify(8).await.unwrap(), Verdict::WrongSize { found: 7 });
    fs::write(folder.data(&digest), "CONTENT").unwrap();
    assert_eq!(verify(7).await.unwrap(), Verdict::WrongDigest { found: Digest::sha256(b"CONTENT") });
    fs::write(folder.data(&digest), "").unwrap();
    assert_eq!(verify(7).await.unwrap(), Verdict::WrongSize { found: 0 });
    fs::remove_file(folder.data(&digest)).unwrap();
    assert_eq!(verify(7).await.unwrap(), Verdict::Missing);
}

#[tokio::test]
async fn a_removed_blob_leaves_no_folder_of_its_own() {
    let folder = Folder::new();
    let digest = folder.put(b"content").await;
    assert!(folder.store.remove(&digest).await.unwrap());
    let home = folder.data(&digest).parent().unwrap().to_owned();
    assert!(!home.exists());
    assert!(home.parent().unwrap().exists());
    assert!(!folder.store.remove(&digest).await.unwrap());
}

#[tokio::test]
async fn a_quarantined_blob_is_gone_for_readers_but_not_for_the_operator() {
    let folder = Folder::new();
    let digest = folder.put(b"content").await;
    for damage in ["first damage", "second damage"] {
        fs::write(folder.data(&digest), damage).unwrap();
        assert!(folder.store.quarantine(&digest).await.unwrap());
        assert!(folder.store.blob(&digest).await.unwrap().is_none());
        assert!(folder.store.walk(None, 10).await.unwrap().is_empty());
        let aside = folder.path().join(format!("quarantine/sha256-{}", digest.hex()));
        assert_eq!(fs::read_to_string(aside).unwrap(), damage);
        folder.put(b"content").await;
    }
    folder.store.remove(&digest).await.unwrap();
    assert!(!folder.store.quarantine(&digest).await.unwrap());
}

#[tokio::test]
async fn walking_pages_through_everything_in_order_and_passes_over_strangers() {
    let folder = Folder::new();
    let before = SystemTime::now() - Duration::from_secs(5);
    let mut all = Vec::new();
    for n in 0..300_u32 {
        let algorithm = if n % 10 == 0 { Algorithm::Sha512 } else { Algorithm::Sha256 };
        let content = n.to_string();
        let digest = Digest::of(algorithm, content.as_bytes());
        folder.store.put(&digest, content.clone().into()).await.unwrap();
        all.push((digest, content.len() as u64));
    }
    all.sort();
    let blobs = folder.path().join("blobs");
    let misplaced = format!("sha256/00/{}", "f".repeat(64));
    for stranger in ["sha256/zz", "sha256/00/notes", "md5/00", misplaced.as_str()] {
        fs::create_dir_all(blobs.join(stranger)).unwrap();
        fs::write(blobs.join(stranger).join("data"), "?").unwrap();
    }
    // Folders without a file, as a crash may leave them.
    fs::create_dir_all(blobs.join(format!("sha256/00/{}", "0".repeat(64)))).unwrap();
    for limit in [1, 7, 299, 300, 1000] {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = folder.store.walk(after.as_ref(), limit).await.unwrap();
            assert!(page.len() <= limit);
            assert!(page.iter().all(|blob| blob.modified > before));
            seen.extend(page.iter().map(|blob| (blob.digest, blob.size)));
            after = page.last().map(|blob| blob.digest);
            if page.len() < limit {
                break;
            }
        }
        assert_eq!(seen, all, "limit {limit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_range_is_the_slice_of_the_content(
        len in prop_oneof![0_usize..5, 65_500..65_600_usize, 262_100..262_200_usize, 0..2_500_000_usize],
        ranges in proptest::collection::vec(any::<[proptest::sample::Index; 2]>(), 1..5),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let folder = Folder::new();
            let content = content(len);
            let digest = folder.put(&content).await;
            for range in ranges {
                let (a, b) = (range[0].index(len + 1), range[1].index(len + 1));
                let (start, end) = (a.min(b), a.max(b));
                let blob = folder.store.blob(&digest).await.unwrap().unwrap();
                let body = blob.stream(start as u64..end as u64);
                prop_assert_eq!(body.size_hint().exact(), Some((end - start) as u64));
                prop_assert!(collect(body).await.unwrap() == content[start..end]);
            }
            Ok(())
        })?;
    }
}
