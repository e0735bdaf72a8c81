//! Opening, closing, and what is in the files.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chartroom_oci::{Algorithm, Digest};
use rusqlite::{Connection, StatementStatus};

use crate::conformance::samples::{any_image, at, chart, digest, has, link, repository, resolve};
use crate::sqlite::SqliteCatalog;
use crate::{Catalog, Error, Upload, UploadId};

use super::{Fresh, fresh};

#[tokio::test]
async fn everything_is_there_when_it_is_opened_again() {
    let mut test = fresh();
    let ours = repository("charts/webapp").unwrap();
    let upload = Upload {
        id: UploadId::random(),
        owner: "user:anna".to_owned(),
        algorithm: Algorithm::Sha512,
        offset: 9,
        state: vec![1, 2, 3],
        touched_at: at(1),
    };
    let push = chart("webapp", "1.0.0").unwrap().tagged(&["1.0.0", "stable"]).unwrap();
    link(&test.catalog, &ours, &digest("blob"), at(0)).await.unwrap();
    test.catalog.put_manifest(&ours, push.clone(), at(1)).await.unwrap();
    test.catalog.begin_upload(&ours, upload.clone()).await.unwrap();
    assert!(test.catalog.save_upload(upload.clone()).await.unwrap());
    for _ in 0..2 {
        test = test.reopen();
        assert!(test.catalog.blob(&ours, &digest("blob")).await.unwrap().is_some());
        assert_eq!(resolve(&test.catalog, &ours, "stable").await.unwrap(), Some(push.digest));
        assert_eq!(test.catalog.chart_versions(&ours).await.unwrap().len(), 1);
        assert_eq!(test.catalog.upload(&ours, upload.id).await.unwrap(), Some(upload.clone()));
        assert_eq!(test.catalog.self_check().await.unwrap(), [""; 0]);
    }
}

#[tokio::test]
async fn a_clean_close_leaves_one_file() {
    let Fresh { catalog, folder } = fresh();
    catalog.put_manifest(&repository("ours").unwrap(), any_image("a").unwrap(), at(0)).await.unwrap();
    drop(catalog);
    let files: Vec<_> = folder.path().read_dir().unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["catalog.sqlite"]);
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    let push = any_image("a").unwrap();
    test.catalog.put_manifest(&ours, push.clone(), at(0)).await.unwrap();
    link(&test.catalog, &ours, &digest("blob"), at(0)).await.unwrap();
    assert!(test.catalog.touch_blob(&ours, &digest("blob"), at(5)).await.unwrap());

    // What the files are at this moment is what a killed process leaves behind.
    let crashed = tempfile::tempdir().unwrap();
    for file in ["catalog.sqlite", "catalog.sqlite-wal"] {
        std::fs::copy(test.folder.path().join(file), crashed.path().join(file)).unwrap();
    }
    let catalog = SqliteCatalog::open(&crashed.path().join("catalog.sqlite")).unwrap();
    assert!(has(&catalog, &ours, &push.digest).await.unwrap());
    let link = catalog.blob(&ours, &digest("blob")).await.unwrap().unwrap();
    assert_eq!(link.unreferenced_since, Some(at(5)));
}

#[test]
fn the_data_of_a_newer_chartroom_is_refused_and_left_alone() {
    let Fresh { catalog, folder } = fresh();
    drop(catalog);
    let path = folder.path().join("catalog.sqlite");
    Connection::open(&path).unwrap().execute("UPDATE schema_version SET version = 1000", []).unwrap();
    let before = std::fs::read(&path).unwrap();
    for opened in [SqliteCatalog::open(&path), SqliteCatalog::open_read_only(&path)] {
        assert!(matches!(opened.err(), Some(Error::NewerSchema { found: 1000, known: 2 })));
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_catalog_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(&text, "not a database at all, and long enough to be seen as none".repeat(100)).unwrap();
    let foreign = folder.path().join("foreign");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE songs (title)").unwrap();
    for path in [text, foreign] {
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(SqliteCatalog::open(&path).err(), Some(Error::Damaged(_))), "{path:?}");
        assert!(matches!(SqliteCatalog::open_read_only(&path).err(), Some(Error::Damaged(_))), "{path:?}");
        assert!(std::fs::read(&path).unwrap() == before, "{path:?} was changed");
    }
    let none = folder.path().join("no").join("folder");
    assert!(matches!(SqliteCatalog::open(&none).err(), Some(Error::Engine(_))));
    let none = folder.path().join("none");
    assert!(matches!(SqliteCatalog::open_read_only(&none).err(), Some(Error::Engine(_))));
    assert!(!none.exists(), "looking makes no file");
}

#[tokio::test]
async fn looking_on_while_another_process_writes() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    let (one, two) = (any_image("one").unwrap(), any_image("two").unwrap());
    test.catalog.put_manifest(&ours, one.clone(), at(0)).await.unwrap();
    let onlooker = SqliteCatalog::open_read_only(&test.path()).unwrap();
    assert!(has(&onlooker, &ours, &one.digest).await.unwrap());
    test.catalog.put_manifest(&ours, two.clone(), at(0)).await.unwrap();
    assert!(has(&onlooker, &ours, &two.digest).await.unwrap());
    assert_eq!(onlooker.collectable(at(0), 10).await.unwrap(), []);
    assert_eq!(onlooker.self_check().await.unwrap(), [""; 0]);
    assert!(matches!(onlooker.put_manifest(&ours, one.clone(), at(0)).await, Err(Error::Engine(_))));
    assert!(onlooker.check().await.is_err());

    // The writer goes first; then nobody has the files open.
    let Fresh { catalog, folder } = test;
    drop(catalog);
    assert!(has(&onlooker, &ours, &two.digest).await.unwrap());
    drop(onlooker);
    let onlooker = SqliteCatalog::open_read_only(&folder.path().join("catalog.sqlite")).unwrap();
    assert!(has(&onlooker, &ours, &two.digest).await.unwrap());
}

#[tokio::test]
async fn digests_and_times_can_be_read_by_eye() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    let push = chart("webapp", "1.0.0").unwrap().tagged(&["1.0.0"]).unwrap();
    let wide = Digest::of(Algorithm::Sha512, b"wide");
    link(&test.catalog, &ours, &wide, at(1)).await.unwrap();
    test.catalog.put_manifest(&ours, push.clone(), at(2)).await.unwrap();
    let console = Connection::open(test.path()).unwrap();
    let row: (String, String, i64) = console
        .query_row(
            "SELECT repositories.name, digest, unreferenced_since
             FROM repository_blobs JOIN repositories ON repositories.id = repository_id",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert_eq!(row, ("ours".to_owned(), wide.to_string(), at(1).as_millisecond()));
    let row: (String, String, String, bool) = console
        .query_row(
            "SELECT manifests.digest, name, version, deprecated
             FROM charts JOIN manifests ON manifests.id = manifest_id",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    assert_eq!(row, (push.digest.to_string(), "webapp".to_owned(), "1.0.0".to_owned(), false));
}

#[test]
fn the_log_is_kept_short_even_while_somebody_always_reads() {
    let test = fresh();
    let ours = repository("ours").unwrap();
    let done = AtomicBool::new(false);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let log = test.folder.path().join("catalog.sqlite-wal");
    let path = test.path();
    let read = || {
        let mut console = Connection::open(&path).unwrap();
        while !done.load(Ordering::Relaxed) {
            let reading = console.transaction().unwrap();
            reading.query_row("SELECT count(*) FROM tags", [], |_| Ok(())).unwrap();
            std::thread::sleep(Duration::from_millis(3));
        }
    };
    let mut longest = 0;
    std::thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(read)));
        for number in 0..200 {
            let mut push = any_image(&number.to_string()).unwrap();
            push.bytes = vec![b' '; 300_000].into();
            runtime.block_on(test.catalog.put_manifest(&ours, push, at(0))).unwrap();
            longest = longest.max(log.metadata().unwrap().len());
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(longest < 48 << 20, "the log grew to {longest} bytes");
}

#[test]
fn statements_are_compiled_once() {
    let test = fresh();
    let sql = "SELECT bytes FROM repositories JOIN manifests ON repository_id = repositories.id
        WHERE name = ?1 AND digest = ?2";
    let compiled_again = test.catalog.readers.point(|connection| {
        for value in 0..10 {
            connection.prepare_cached(sql)?.exists([value.to_string(), value.to_string()])?;
        }
        Ok(connection.prepare_cached(sql)?.get_status(StatementStatus::RePrepare))
    });
    assert_eq!(compiled_again.unwrap(), 0);
}
