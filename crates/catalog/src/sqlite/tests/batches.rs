//! How changes share commits.

use std::pin::pin;
use std::sync::mpsc;

use futures_util::FutureExt;
use futures_util::future::{Either, ready, select};

use crate::conformance::samples::{any_image, at, chart, digest, has, link, repository};
use crate::sqlite::SqliteCatalog;
use crate::{Answer, Catalog, Error, Result, UploadId};

use super::{Fresh, fresh};

/// Keeps the writer busy until the sender is dropped.
async fn hold(catalog: &SqliteCatalog) -> (Answer<'_, ()>, mpsc::Sender<()>) {
    let (release, held) = mpsc::channel::<()>();
    let (started, running) = tokio::sync::oneshot::channel();
    let holding = catalog.durable(move |_| {
        let _ = started.send(());
        let _ = held.recv();
        Ok(())
    });
    let holding = begin(holding);
    running.await.unwrap();
    (holding, release)
}

/// Polls a change once, which is when it is handed to the writer.
fn begin<'a, T: Send + 'a>(change: Answer<'a, T>) -> Answer<'a, T> {
    match select(change, ready(())).now_or_never().unwrap() {
        Either::Left((answer, _)) => Box::pin(ready(answer)),
        Either::Right(((), change)) => change,
    }
}

#[tokio::test]
async fn what_waits_together_is_committed_together() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    let before = test.commits();
    let (held, release) = hold(&test.catalog).await;
    let put = |number: usize| {
        let push = any_image(&number.to_string()).unwrap();
        begin(test.catalog.put_manifest(&ours, push, at(0)))
    };
    let puts: Vec<_> = (0..600).map(put).collect();
    drop(release);
    held.await.unwrap();
    for put in puts {
        assert!(put.await.unwrap().created);
    }
    assert_eq!(test.commits(), (before.0 + 3, before.1), "601 changes, at most 256 together");
}

#[tokio::test]
async fn a_change_that_fails_takes_no_other_with_it() {
    let test = fresh();
    let charts = repository("charts").unwrap();
    let version = |name: &str| chart(name, "1.0.0").unwrap().tagged(&["1.0.0"]).unwrap().immutable();
    for first_fails in [true, false] {
        let (held, release) = hold(&test.catalog).await;
        let mut puts = Vec::new();
        for number in 0..20 {
            let name = format!("{first_fails} {number}");
            let put = version(&name);
            puts.push((put.digest, begin(test.catalog.put_manifest(&charts, put, at(0)))));
            let image = any_image(&name).unwrap();
            puts.push((image.digest, begin(test.catalog.put_manifest(&charts, image, at(0)))));
        }
        drop(release);
        held.await.unwrap();
        for (place, (digest, put)) in puts.into_iter().enumerate() {
            let answer = put.await;
            let fails = place % 2 == 0 && (place > 0 || !first_fails);
            assert_eq!(matches!(answer, Err(Error::Immutable { .. })), fails, "{place}: {answer:?}");
            assert_eq!(has(&test.catalog, &charts, &digest).await.unwrap(), !fails);
        }
    }
    assert_eq!(test.catalog.self_check().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn relaxed_changes_do_not_wait_for_the_disk() {
    let test = fresh();
    let level = || {
        |change: &mut super::super::Change<'_>| -> Result<u32> {
            change.execute("INSERT OR REPLACE INTO probe VALUES (1, abs(random()))", [])?;
            Ok(change.query_row("PRAGMA synchronous", [], |row| row.get(0))?)
        }
    };
    let before = test.commits();
    assert_eq!(test.catalog.relaxed(level()).await.unwrap(), 1, "NORMAL");
    assert_eq!(test.catalog.relaxed(level()).await.unwrap(), 1, "NORMAL");
    assert_eq!(test.catalog.durable(level()).await.unwrap(), 2, "FULL");
    assert_eq!(test.commits(), (before.0 + 1, before.1 + 2));

    // One durable change makes the whole batch durable.
    let (held, release) = hold(&test.catalog).await;
    let relaxed = begin(test.catalog.relaxed(level()));
    let durable = begin(test.catalog.durable(level()));
    drop(release);
    held.await.unwrap();
    assert_eq!((relaxed.await.unwrap(), durable.await.unwrap()), (2, 2));
    assert_eq!(test.commits(), (before.0 + 2, before.1 + 2));
}

#[tokio::test]
async fn the_operations_that_may_be_relaxed_are() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    let upload = crate::Upload {
        id: UploadId::random(),
        owner: "user:anna".to_owned(),
        algorithm: chartroom_oci::Algorithm::Sha256,
        offset: 0,
        state: vec![],
        touched_at: at(0),
    };
    let before = test.commits();
    test.catalog.begin_upload(&ours, upload.clone()).await.unwrap();
    test.catalog.save_upload(upload.clone()).await.unwrap();
    test.catalog.check().await.unwrap();
    // Beginning alone writes nothing.
    assert_eq!(test.commits(), (before.0, before.1 + 2));
    test.catalog.link_blob(&ours, &digest("blob"), 7, Some(upload.id), at(0)).await.unwrap();
    assert_eq!(test.commits(), (before.0 + 1, before.1 + 2));
    test.catalog.touch_blob(&ours, &digest("blob"), at(1)).await.unwrap();
    assert_eq!(test.commits(), (before.0 + 1, before.1 + 3));
}

#[tokio::test]
async fn there_is_room_for_any_number_of_uploads_without_bytes() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    let mut ids = Vec::new();
    for _ in 0..5000 {
        let upload = crate::Upload {
            id: UploadId::random(),
            owner: "user:anna".to_owned(),
            algorithm: chartroom_oci::Algorithm::Sha256,
            offset: 0,
            state: vec![],
            touched_at: at(0),
        };
        ids.push(upload.id);
        test.catalog.begin_upload(&ours, upload).await.unwrap();
    }
    for id in ids {
        assert!(test.catalog.upload(&ours, id).await.unwrap().is_some());
        assert!(test.catalog.cancel_upload(&ours, id).await.unwrap());
        assert!(!test.catalog.has_upload(id).await.unwrap());
    }
}

#[tokio::test]
async fn nobody_needs_to_wait_for_the_answer() {
    let Fresh { catalog, folder } = fresh();
    let ours = repository("ours").unwrap();
    let push = any_image("a").unwrap();
    {
        let (held, release) = hold(&catalog).await;
        drop(begin(catalog.put_manifest(&ours, push.clone(), at(0))));
        drop(begin(link_later(&catalog)));
        drop(release);
        drop(held);
    }
    // Closing waits for what was begun.
    drop(catalog);
    let catalog = SqliteCatalog::open(&folder.path().join("catalog.sqlite")).unwrap();
    assert!(has(&catalog, &ours, &push.digest).await.unwrap());
    assert!(catalog.blob_record(&digest("later")).await.unwrap().is_some());
}

fn link_later(catalog: &SqliteCatalog) -> Answer<'_, ()> {
    Box::pin(async move { link(catalog, &repository("ours").unwrap(), &digest("later"), at(0)).await })
}

#[tokio::test]
async fn an_answer_can_be_read_at_once() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    for number in 0..200 {
        let push = any_image(&number.to_string()).unwrap();
        let digest = push.digest;
        let before = test.catalog.epoch(&ours).await.unwrap();
        test.catalog.put_manifest(&ours, push, at(0)).await.unwrap();
        assert_ne!(test.catalog.epoch(&ours).await.unwrap(), before);
        assert!(has(&test.catalog, &ours, &digest).await.unwrap());
    }
    let mut unfinished = pin!(test.catalog.self_check());
    // A long read that nobody waits for is no hindrance.
    let _ = select(unfinished.as_mut(), ready(())).await;
    assert!(test.catalog.tags(&ours, None, 1).await.unwrap().is_some());
}
