//! Blobs on their way from one registry to another, through connections that break on either side.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chartroom_oci::Digest;
use chartroom_registry_client::{Direction, Error, Item, PushOptions, Pushed};

use crate::blobs::ranged;
use crate::script::{Reply, Request, Script};
use crate::support::anonymous;
use crate::uploads::Sessions;

const MIB: usize = 1 << 20;

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 31 / 7) as u8).collect()
}

/// A target that works as the specification says, and what it holds.
fn target() -> (Script, Arc<Mutex<Sessions>>) {
    let sessions = Arc::new(Mutex::new(Sessions::default()));
    let script = Script::start({
        let sessions = Arc::clone(&sessions);
        move |request| sessions.lock().unwrap().answer(request)
    });
    (script, sessions)
}

async fn relay(
    source: &Script,
    target: &Script,
    blob: &[u8],
    options: &PushOptions,
) -> Result<Pushed, Error> {
    let (from, to) = (anonymous(), anonymous());
    let to = to.repository(&target.host(), "a");
    let digest = Digest::sha256(blob);
    from.repository(&source.host(), "b").relay_blob(&digest, blob.len() as u64, &to, options).await
}

#[tokio::test]
async fn blobs_of_all_sizes_pass_through() {
    for len in [0, 1, 70_000, 3_000_000] {
        let blob = content(len);
        let served = blob.clone();
        let source = Script::start(move |request| ranged(request, &served));
        let (script, sessions) = target();
        let pushed = relay(&source, &script, &blob, &PushOptions::default()).await.unwrap();
        assert_eq!(pushed, Pushed::Uploaded);
        assert!(sessions.lock().unwrap().stored.as_deref() == Some(&*blob), "{len}");
        assert_eq!(source.requests().len(), 1);
        // A second time there is nothing to read.
        assert_eq!(relay(&source, &script, &blob, &PushOptions::default()).await.unwrap(), Pushed::Existed);
        assert_eq!(source.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_source_that_breaks_off_is_read_on() {
    let blob = content(2_000_000);
    let served = blob.clone();
    let count = AtomicUsize::new(0);
    let source = Script::start(move |request| {
        let reply = ranged(request, &served);
        if count.fetch_add(1, Ordering::SeqCst) < 2 { reply.cut_after(700_000) } else { reply }
    });
    let (script, sessions) = target();
    relay(&source, &script, &blob, &PushOptions::default()).await.unwrap();
    assert!(sessions.lock().unwrap().stored.as_deref() == Some(&*blob));
    let starts = source.requests().iter().map(start).collect::<Vec<_>>();
    assert_eq!(starts, [None, Some(700_000), Some(1_400_000)]);
    // The target has seen one upload.
    assert_eq!((script.count("POST"), script.count("PUT"), script.count("PATCH")), (1, 1, 0));
}

/// The first byte that a request wants.
fn start(request: &Request) -> Option<usize> {
    let range = request.header("range")?;
    range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().ok()
}

#[tokio::test]
async fn an_upload_that_breaks_goes_on_and_little_is_read_twice() {
    let blob = content(40 * MIB);
    let served = blob.clone();
    let source = Script::start(move |request| ranged(request, &served));
    let sessions = Arc::new(Mutex::new(Sessions::default()));
    let broken = Mutex::new(false);
    let at = 35 * MIB + 17;
    let script = Script::reluctant(
        {
            let sessions = Arc::clone(&sessions);
            let blob = blob.clone();
            move |request| {
                if request.method != "PUT" || std::mem::replace(&mut *broken.lock().unwrap(), true) {
                    return None;
                }
                // It kept what came.
                sessions.lock().unwrap().received = blob[..at].to_vec();
                Some(at)
            }
        },
        {
            let sessions = Arc::clone(&sessions);
            move |request| sessions.lock().unwrap().answer(request)
        },
    );
    relay(&source, &script, &blob, &PushOptions::default()).await.unwrap();
    assert!(sessions.lock().unwrap().stored.as_deref() == Some(&*blob));
    assert_eq!(script.count("PATCH"), 1);
    let requests = source.requests();
    assert_eq!(requests.len(), 2);
    // Not from the beginning, and not so late that the digest would be unknown.
    let again = start(&requests[1]).unwrap();
    assert!((16 * MIB..=at).contains(&again), "{again}");
}

#[tokio::test]
async fn what_is_not_what_it_should_be_never_becomes_whole() {
    let blob = content(1_000_000);
    let mut forged = blob.clone();
    forged[999_999] ^= 1;
    let source = Script::start(move |request| ranged(request, &forged));
    // A target that would believe anything.
    let script = Script::start(|request| match request.method.as_str() {
        "HEAD" => Reply::new(404),
        "POST" => Reply::new(202).header("Location", "/v2/a/blobs/uploads/1"),
        _ => Reply::new(201),
    });
    let error = relay(&source, &script, &blob, &PushOptions::default()).await.unwrap_err();
    assert!(matches!(error, Error::DigestMismatch { .. }), "{error:?}");
    assert_eq!(script.count("PUT"), 0, "no PUT came to its end: {:?}", script.lines());
}

#[tokio::test]
async fn a_blob_that_is_not_there_begins_nothing() {
    let source = Script::start(|_| Reply::new(404));
    let (script, _) = target();
    let error = relay(&source, &script, b"hello", &PushOptions::default()).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    assert_eq!(script.count("POST"), 0);
    // One of another size than the manifest says is none either.
    let source = Script::start(|_| Reply::new(200).body("hello and more"));
    let error = relay(&source, &script, b"hello", &PushOptions::default()).await.unwrap_err();
    assert!(matches!(error, Error::SizeMismatch { .. }), "{error:?}");
    assert_eq!(script.count("POST"), 0);
}

#[tokio::test]
async fn what_can_be_linked_is_not_read() {
    let source = Script::start(|_| Reply::new(500));
    let script =
        Script::start(|request| Reply::new(if request.target.contains("?mount=") { 201 } else { 404 }));
    let options = PushOptions { mount_from: vec!["b".parse().unwrap()], ..PushOptions::default() };
    assert_eq!(relay(&source, &script, b"hello", &options).await.unwrap(), Pushed::Mounted);
    assert!(source.requests().is_empty());
}

#[tokio::test]
async fn the_errors_of_the_source_and_of_the_target_are_told_apart() {
    let blob = content(300_000);
    // The source breaks off and then denies.
    let served = blob.clone();
    let count = AtomicUsize::new(0);
    let source = Script::start(move |request| match count.fetch_add(1, Ordering::SeqCst) {
        0 => ranged(request, &served).cut_after(100_000),
        _ => Reply::new(403).json(r#"{"errors":[{"code":"DENIED","message":"no more"}]}"#),
    });
    let (script, sessions) = target();
    let error = relay(&source, &script, &blob, &PushOptions::default()).await.unwrap_err();
    assert!(matches!(&error, Error::Denied(answer) if answer.to_string().contains("no more")), "{error:?}");
    assert!(sessions.lock().unwrap().stored.is_none());

    let served = blob.clone();
    let source = Script::start(move |request| ranged(request, &served));
    let script = Script::start(|request| match request.method.as_str() {
        "HEAD" => Reply::new(404),
        _ => Reply::new(403).json(r#"{"errors":[{"code":"DENIED","message":"not here"}]}"#),
    });
    let error = relay(&source, &script, &blob, &PushOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("not here"), "{error:?}");
}

#[tokio::test]
async fn one_client_does_not_wait_for_itself() {
    let (script, _) = target();
    let setup = anonymous();
    let (from, to) = (setup.repository(&script.host(), "b"), setup.repository(&script.host(), "a"));
    let refused = from.relay_blob(&Digest::sha256(b"x"), 1, &to, &PushOptions::default()).await;
    assert!(refused.is_err());
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn both_directions_report_how_far_they_are() {
    let blob = content(3 * MIB);
    let served = blob.clone();
    let source = Script::start(move |request| ranged(request, &served));
    let (script, _) = target();
    let (from, to) = (anonymous(), anonymous());
    let (one, other) = (from.repository(&source.host(), "b"), to.repository(&script.host(), "a"));
    let digest = Digest::sha256(&blob);
    one.relay_blob(&digest, blob.len() as u64, &other, &PushOptions::default()).await.unwrap();
    for (setup, direction) in [(&from, Direction::Download), (&to, Direction::Upload)] {
        let progress = setup.diary.progress.lock().unwrap();
        assert!(progress.iter().all(|one| one.direction == direction && one.item == Item::Blob(digest)));
        assert!(progress.len() > 10);
        assert_eq!(progress.last().map(|last| last.done), Some(blob.len() as u64));
    }
}
