//! Downloads: through connections that break, and from registries that lie.

use std::sync::atomic::{AtomicUsize, Ordering};

use chartroom_oci::{Algorithm, Digest, Digester};
use chartroom_registry_client::{Error, Partial};

use crate::script::{Reply, Request, Script};
use crate::support::{anonymous, with_options};

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 31 / 7) as u8).collect()
}

/// The first byte that a request wants.
fn start(request: &Request) -> Option<usize> {
    let range = request.header("range")?;
    range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().ok()
}

pub fn ranged(request: &Request, blob: &[u8]) -> Reply {
    match start(request) {
        Some(at) => Reply::new(206)
            .header("Content-Range", format!("bytes {at}-{}/{}", blob.len() - 1, blob.len()))
            .body(&blob[at..]),
        None => Reply::new(200).body(blob),
    }
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_broke() {
    let blob = content(100_000);
    let digest = Digest::sha256(&blob);
    for cut in [0, 1, 12_345, 99_999] {
        let served = blob.clone();
        let count = AtomicUsize::new(0);
        let script = Script::start(move |request| {
            let reply = ranged(request, &served);
            if count.fetch_add(1, Ordering::SeqCst) == 0 { reply.cut_after(cut) } else { reply }
        });
        let setup = anonymous();
        let mut out = Vec::new();
        let size =
            setup.repository(&script.host(), "a").copy_blob(&digest, Some(100_000), &mut out).await.unwrap();
        assert!(size == 100_000 && out == blob, "{cut}");
        let requests = script.requests();
        assert_eq!(requests.len(), 2);
        // What arrived before the cut is not asked for again.
        assert_eq!(start(&requests[1]).unwrap_or(0), cut);
        assert_eq!(setup.clock.waits().len(), 1);
        let progress = setup.diary.progress.lock().unwrap();
        assert_eq!(progress.last().map(|last| (last.done, last.total)), Some((100_000, Some(100_000))));
    }
}

#[tokio::test]
async fn a_registry_without_ranges_sends_all_again() {
    let blob = content(50_000);
    let digest = Digest::sha256(&blob);
    let served = blob.clone();
    let count = AtomicUsize::new(0);
    let script = Script::start(move |_| {
        let reply = Reply::new(200).body(served.clone());
        if count.fetch_add(1, Ordering::SeqCst) < 3 { reply.cut_after(20_000) } else { reply }
    });
    let mut out = Vec::new();
    anonymous().repository(&script.host(), "a").copy_blob(&digest, None, &mut out).await.unwrap();
    assert_eq!(out, blob);
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test]
async fn a_resumption_that_goes_on_elsewhere_is_refused() {
    let blob = content(1000);
    let digest = Digest::sha256(&blob);
    for range in ["bytes 0-999/1000", "bytes 501-999/1000", "bytes 500-999/1001", "garbage"] {
        let served = blob.clone();
        let script = Script::start(move |request| match start(request) {
            None => Reply::new(200).body(served.clone()).cut_after(500),
            Some(_) => Reply::new(206).header("Content-Range", range).body(&served[500..]),
        });
        let error = anonymous().repository(&script.host(), "a").blob(&digest, 5000).await.unwrap_err();
        assert!(matches!(error, Error::Protocol { .. } | Error::SizeMismatch { .. }), "{range}: {error:?}");
    }
}

#[tokio::test]
async fn a_lying_blob_is_found_out() {
    let digest = Digest::sha256(b"right");
    let script = Script::start(|_| Reply::new(200).body("wrong"));
    let repository = anonymous().repository(&script.host(), "a");
    assert!(matches!(repository.blob(&digest, 99).await, Err(Error::DigestMismatch { .. })));
    let mut reader = repository.open_blob(&digest, Some(5)).await.unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap(), "wrong");
    assert!(matches!(reader.next().await, Err(Error::DigestMismatch { .. })));
    // A size that is not the one that was promised.
    for size in [4, 6] {
        let error = repository.open_blob(&digest, Some(size)).await.unwrap_err();
        assert!(matches!(error, Error::SizeMismatch { found: 5, .. }), "{error:?}");
    }
    assert!(matches!(repository.blob(&digest, 4).await, Err(Error::TooLarge { limit: 4, .. })));
    // Another digest in the header.
    let script = Script::start(|_| {
        Reply::new(200).header("Docker-Content-Digest", Digest::sha256(b"x").to_string()).body("right")
    });
    let error = anonymous().repository(&script.host(), "a").blob(&digest, 99).await.unwrap_err();
    assert!(matches!(error, Error::DigestMismatch { .. }), "{error:?}");
}

#[tokio::test]
async fn a_download_of_another_run_is_taken_up() {
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
        let blob = content(10_000);
        let digest = Digest::of(algorithm, &blob);
        let served = blob.clone();
        let script = Script::start(move |request| ranged(request, &served));
        let repository = anonymous().repository(&script.host(), "a");
        for offset in [1, 4321, 9_999, 10_000] {
            let mut digester = Digester::new(algorithm);
            digester.update(&blob[..offset]);
            let partial = Partial { offset: offset as u64, digester };
            let reader = repository.resume_blob(&digest, Some(10_000), partial).await.unwrap();
            let mut out = blob[..offset].to_vec();
            assert_eq!(reader.copy_to(&mut out).await.unwrap(), 10_000);
            assert_eq!(out, blob);
        }
        assert!(script.requests().iter().all(|request| start(request).is_some()));
        assert_eq!(script.requests().len(), 3, "a complete one needs no request");
        // What is on the disk is not what it should be.
        let partial = Partial { offset: 5, digester: Digester::new(algorithm) };
        let reader = repository.resume_blob(&digest, Some(10_000), partial).await.unwrap();
        assert!(matches!(reader.copy_to(&mut Vec::new()).await, Err(Error::DigestMismatch { .. })));
    }
}

#[tokio::test]
async fn a_server_that_never_gets_anywhere_is_given_up() {
    let blob = content(1000);
    let digest = Digest::sha256(&blob);
    let script = Script::start(move |request| ranged(request, &blob).cut_after(0));
    let setup = anonymous();
    let error = setup.repository(&script.host(), "a").blob(&digest, 5000).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert_eq!(script.requests().len(), 6);
    assert_eq!(setup.clock.waits().len(), 5);
}

#[tokio::test]
async fn one_that_always_gets_a_little_further_is_given_up_in_the_end() {
    let blob = content(100_000);
    let digest = Digest::sha256(&blob);
    let script = Script::start(move |request| ranged(request, &blob).cut_after(1));
    let error = anonymous().repository(&script.host(), "a").blob(&digest, 1 << 20).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(script.requests().len() <= 60);
}

#[tokio::test]
async fn whether_a_blob_is_there() {
    let script = Script::start(|request| match request.path() {
        path if path.starts_with("/v2/here/") => Reply::new(200).header("Content-Length", "7"),
        path if path.starts_with("/v2/gone/") => Reply::new(404),
        _ => Reply::new(307).header(
            "Location",
            format!(
                "http://localhost:{}/signed",
                request.header("host").unwrap().rsplit(':').next().unwrap()
            ),
        ),
    });
    let setup = anonymous();
    let digest = Digest::sha256(b"x");
    assert_eq!(setup.repository(&script.host(), "here").head_blob(&digest).await.unwrap().size, Some(7));
    assert!(setup.repository(&script.host(), "gone").head_blob(&digest).await.unwrap_err().is_not_found());
    // A place that signs addresses for GET refuses HEAD.
    let store = Script::start(|_| Reply::new(403));
    let target = format!("http://{}/signed", store.other_name());
    let script = Script::start(move |_| Reply::new(307).header("Location", target.clone()));
    let head = setup.repository(&script.host(), "moved").head_blob(&digest).await.unwrap();
    assert_eq!(head.size, None);
}

#[tokio::test]
async fn an_empty_blob_is_a_blob() {
    let script = Script::start(|_| Reply::new(200));
    let repository = anonymous().repository(&script.host(), "a");
    assert!(repository.blob(&Digest::sha256(b""), 0).await.unwrap().is_empty());
    let mut out = Vec::new();
    assert_eq!(repository.copy_blob(&Digest::sha256(b""), Some(0), &mut out).await.unwrap(), 0);
}

#[tokio::test]
async fn many_at_once_are_no_more_than_allowed() {
    let blob = content(1000);
    let digest = Digest::sha256(&blob);
    let script = Script::start(move |request| ranged(request, &blob));
    let setup = with_options(
        std::sync::Arc::new(chartroom_registry_client::StaticCredential::anonymous()),
        |options| {
            options.parallelism = 1;
        },
    );
    let repository = setup.repository(&script.host(), "a");
    // None waits for another for ever, also where one reads while another writes.
    let reader = repository.open_blob(&digest, None).await.unwrap();
    let all = futures_util::future::join_all((0..8).map(|_| repository.blob(&digest, 5000))).await;
    assert!(all.into_iter().all(|blob| blob.is_ok()));
    reader.copy_to(&mut Vec::new()).await.unwrap();
}
