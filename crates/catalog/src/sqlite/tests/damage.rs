//! Full disks, panics and damaged data.

use rusqlite::Connection;

use crate::conformance::samples::{any_image, at, chart, chart_blobs, digest, has, link, repository};
use crate::{Catalog, Error, Result};

use super::fresh;

#[tokio::test]
async fn a_full_disk_is_told_and_survived() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    let large = |name: &str| {
        let mut push = any_image(name).unwrap();
        push.bytes = vec![b' '; 1 << 20].into();
        push
    };
    test.catalog.put_manifest(&ours, large("a"), at(0)).await.unwrap();
    let allow = |pages: u32| {
        test.catalog.relaxed(move |change| {
            let pragma = format!("PRAGMA max_page_count = {pages}");
            Ok(change.query_row(&pragma, [], |row| row.get::<_, u32>(0))?)
        })
    };
    allow(300).await.unwrap();
    for name in ["b", "c"] {
        let answer = test.catalog.put_manifest(&ours, large(name), at(0)).await;
        assert!(matches!(answer, Err(Error::StorageFull)), "{answer:?}");
        assert!(!has(&test.catalog, &ours, &any_image(name).unwrap().digest).await.unwrap());
    }
    // Reading goes on, and so does what needs no room.
    assert!(has(&test.catalog, &ours, &any_image("a").unwrap().digest).await.unwrap());
    link(&test.catalog, &ours, &digest("blob"), at(0)).await.unwrap();
    allow(1_000_000).await.unwrap();
    assert!(test.catalog.put_manifest(&ours, large("b"), at(0)).await.unwrap().created);
    assert_eq!(test.catalog.self_check().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_panic_fails_one_change_only() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    let panics = test.catalog.durable(|change| -> Result<()> {
        change.execute("INSERT INTO repositories (name) VALUES ('never')", [])?;
        panic!("on purpose");
    });
    let push = any_image("a").unwrap();
    let digest = push.digest;
    let (panicked, put) = tokio::join!(panics, test.catalog.put_manifest(&ours, push, at(0)));
    assert!(matches!(panicked, Err(Error::Engine(_))));
    assert!(put.unwrap().created);
    assert!(has(&test.catalog, &ours, &digest).await.unwrap());
    assert_eq!(test.catalog.tags(&repository("never").unwrap(), None, 1).await.unwrap(), None);

    let panics = test.catalog.readers.long(|_| -> Result<()> { panic!("on purpose") });
    assert!(matches!(panics.await, Err(Error::Engine(_))));
    for _ in 0..5 {
        assert!(test.catalog.tags(&ours, None, 1).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn what_does_not_fit_together_is_found() {
    for damage in [
        "UPDATE tags SET repository_id = (SELECT id FROM repositories WHERE name = 'theirs')",
        "UPDATE manifests SET size = size + 1",
        "UPDATE manifest_references SET repository_id = 1000",
        "UPDATE charts SET repository_id = (SELECT id FROM repositories WHERE name = 'theirs')",
        "UPDATE manifests SET is_chart = 0",
        "UPDATE repository_blobs SET unreferenced_since = NULL",
        "UPDATE repository_blobs SET unreferenced_since = 1",
        "UPDATE blobs SET unlinked_since = 1",
        "INSERT INTO blobs (digest, size) VALUES ('sha256:0', 0)",
        "DELETE FROM manifests",
        "DELETE FROM blobs",
    ] {
        let test = fresh();
        let (ours, theirs) = (repository("ours").unwrap(), repository("theirs").unwrap());
        let push = chart("webapp", "1.0.0").unwrap().tagged(&["1.0.0"]).unwrap();
        let (config, _) = chart_blobs("webapp", "1.0.0");
        test.catalog.put_manifest(&ours, push, at(0)).await.unwrap();
        for blob in [config, digest("loose")] {
            link(&test.catalog, &ours, &blob, at(0)).await.unwrap();
        }
        link(&test.catalog, &theirs, &config, at(0)).await.unwrap();
        assert_eq!(test.catalog.self_check().await.unwrap(), [""; 0]);

        let console = Connection::open(test.path()).unwrap();
        console.pragma_update(None, "foreign_keys", false).unwrap();
        assert_ne!(console.execute(damage, []).unwrap(), 0, "{damage}");
        assert_ne!(test.catalog.self_check().await.unwrap(), [""; 0], "{damage}");
    }
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_damage() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    test.catalog.put_manifest(&ours, any_image("a").unwrap().tagged(&["a"]).unwrap(), at(0)).await.unwrap();
    let console = Connection::open(test.path()).unwrap();
    console.execute("UPDATE manifests SET digest = 'sha256:zz'", []).unwrap();
    let answer = test.catalog.manifest(&ours, &"a".parse().unwrap()).await;
    assert!(matches!(answer, Err(Error::Damaged(_))), "{answer:?}");
    console.execute("UPDATE tags SET name = '-'", []).unwrap();
    assert!(matches!(test.catalog.tags(&ours, None, 1).await, Err(Error::Damaged(_))));
}
