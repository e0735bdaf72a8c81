//! What is removed, when, and what is left alone.

use super::*;

#[tokio::test]
async fn an_empty_registry() {
    assert!(Data::new().collect().await.is_empty());
}

#[tokio::test]
async fn what_a_manifest_refers_to_stays() {
    let data = Data::new();
    let blob = data.push_blob("layer", hours_ago(5)).await;
    data.push_manifest(&blob).await;
    data.age(&data.file(&blob));
    assert!(data.collect().await.is_empty());
    assert!(data.file(&blob).exists());
}

#[tokio::test]
async fn what_nothing_refers_to_leaves_its_repository_and_then_the_disk() {
    let data = Data::new();
    let fresh = data.push_blob("fresh", Timestamp::now()).await;
    let old = data.push_blob("old", hours_ago(2)).await;

    assert_eq!(data.collect().await, Collected { links: 1, ..Collected::default() });
    assert!(data.catalog.blob(&repository(), &old).await.unwrap().is_none());
    assert!(data.catalog.blob(&repository(), &fresh).await.unwrap().is_some());
    assert!(data.file(&old).exists(), "another repository may still mount it");
    assert!(data.collect().await.is_empty());
}

#[tokio::test]
async fn what_is_in_no_repository_is_removed() {
    let data = Data::new();
    let (kept, removed) =
        (data.push_blob("kept", Timestamp::now()).await, data.push_blob("old", hours_ago(5)).await);
    data.catalog.unlink_blob(&repository(), &kept, false, Timestamp::now()).await.unwrap();
    data.catalog.unlink_blob(&repository(), &removed, false, hours_ago(2)).await.unwrap();

    assert_eq!(data.collect().await, Collected { blobs: 1, blob_bytes: 3, ..Collected::default() });
    assert!(data.file(&kept).exists());
    assert!(!data.file(&removed).exists());
    assert!(data.catalog.blob_record(&removed).await.unwrap().is_none());
}

#[tokio::test]
async fn without_a_grace_period_everything_goes_at_once() {
    let data = Data::new();
    let blob = data.push_blob("blob", Timestamp::now()).await;
    let collector = data.collector_with("[gc]\ngrace = \"0s\"");
    let collected = collector.run(&Lifecycle::new()).await;
    assert_eq!(collected, Collected { links: 1, blobs: 1, blob_bytes: 4, ..Collected::default() });
    assert!(!data.file(&blob).exists());
}

#[tokio::test]
async fn a_blob_whose_file_is_gone_is_no_obstacle() {
    let data = Data::new();
    let blob = data.push_blob("gone", hours_ago(5)).await;
    data.catalog.unlink_blob(&repository(), &blob, false, hours_ago(2)).await.unwrap();
    fs::remove_file(data.file(&blob)).unwrap();
    assert_eq!(data.collect().await, Collected { blobs: 1, blob_bytes: 4, ..Collected::default() });
}

#[tokio::test]
async fn files_that_belong_to_nothing_are_removed_once_they_are_old() {
    let data = Data::new();
    let (old, fresh) = (data.store("old").await, data.store("fresh").await);
    data.age(&data.file(&old));
    assert_eq!(data.collect().await, Collected { orphans: 1, orphan_bytes: 3, ..Collected::default() });
    assert!(!data.file(&old).exists());
    assert!(data.file(&fresh).exists());
}

#[tokio::test]
async fn more_than_one_batch() {
    let data = Data::new();
    for number in 0..BATCH + 10 {
        let content = number.to_string();
        let digest = Digest::sha256(content.as_bytes());
        // Without their files: this is about the catalog, and a thousand syncs take their time.
        data.catalog.link_blob(&repository(), &digest, 1, None, hours_ago(5)).await.unwrap();
    }
    let collected = data.collector_with("[gc]\ngrace = \"0s\"").run(&Lifecycle::new()).await;
    let all = BATCH as u64 + 10;
    assert_eq!(collected, Collected { links: all, blobs: all, blob_bytes: all, ..Collected::default() });
}

#[tokio::test]
async fn uploads_that_nobody_continues_expire() {
    let data = Data::new();
    let (old, fresh) = (data.begin_upload(hours_ago(48)).await, data.begin_upload(hours_ago(1)).await);
    assert_eq!(data.collect().await, Collected { uploads: 1, ..Collected::default() });
    assert!(!data.upload_file(&old.to_string()).exists());
    assert!(data.upload_file(&fresh.to_string()).exists());
    assert!(!data.catalog.has_upload(old).await.unwrap());
}

#[tokio::test]
async fn upload_files_without_a_session_are_removed_once_they_are_old() {
    let data = Data::new();
    let living = data.upload_file(&data.begin_upload(Timestamp::now()).await.to_string());
    data.age(&living);
    let [old, temporary, fresh] =
        [UploadId::random().to_string(), "put-0-0-0".to_owned(), UploadId::random().to_string()]
            .map(|name| data.upload_file(&name));
    for file in [&old, &temporary, &fresh] {
        fs::write(file, "abc").unwrap();
    }
    data.age(&old);
    data.age(&temporary);

    assert_eq!(data.collect().await, Collected { upload_files: 2, ..Collected::default() });
    assert!(!old.exists() && !temporary.exists());
    assert!(fresh.exists() && living.exists());
}

#[tokio::test]
async fn one_failure_does_not_keep_the_rest_from_being_removed() {
    let data = Data::new();
    let mut blobs = Vec::new();
    for content in ["a", "b", "c"] {
        let blob = data.push_blob(content, hours_ago(5)).await;
        data.catalog.unlink_blob(&repository(), &blob, false, hours_ago(2)).await.unwrap();
        blobs.push(blob);
    }
    // A folder where a file should be can't be removed as a file.
    let stuck = data.file(&blobs[1]);
    fs::remove_file(&stuck).unwrap();
    fs::create_dir_all(stuck.join("inside")).unwrap();

    let collected = data.collect().await;
    assert_eq!((collected.blobs, collected.errors), (2, 1));
    assert!(!data.file(&blobs[0]).exists() && !data.file(&blobs[2]).exists());
}

#[tokio::test]
async fn a_process_that_stops_is_not_held_up() {
    let data = Data::new();
    data.push_blob("old", hours_ago(5)).await;
    let lifecycle = Lifecycle::new();
    lifecycle.drain();
    assert!(data.collector().run(&lifecycle).await.is_empty());
}

#[tokio::test]
async fn a_preview_says_what_would_go_and_touches_nothing() {
    let data = Data::new();
    let unreferenced = data.push_blob("unreferenced", hours_ago(5)).await;
    let unlinked = data.push_blob("unlinked", hours_ago(5)).await;
    data.catalog.unlink_blob(&repository(), &unlinked, false, hours_ago(2)).await.unwrap();
    let orphaned = data.store("orphaned").await;
    data.age(&data.file(&orphaned));
    data.push_blob("fresh", Timestamp::now()).await;
    let temporary = data.upload_file("put-0-0-0");
    fs::write(&temporary, "").unwrap();
    data.age(&temporary);

    // As `chartroom gc --dry-run` looks at it, beside a server.
    let catalog = SqliteCatalog::open_read_only(&data.folder.path().join("catalog.sqlite")).unwrap();
    let beside =
        Data { folder: tempfile::tempdir().unwrap(), catalog: Arc::new(catalog), blobs: data.blobs.clone() };
    let preview = beside.collector().preview().await.unwrap();

    let removals: Vec<_> =
        preview.removals.iter().map(|removal| (removal.digest, removal.size, removal.why)).collect();
    assert_eq!(
        removals,
        [(unreferenced, 12, Why::Unreferenced), (unlinked, 8, Why::Unlinked), (orphaned, 8, Why::Orphaned),]
    );
    assert_eq!((preview.upload_files, preview.more), (1, false));
    assert!(data.file(&orphaned).exists() && temporary.exists());
}

/// While pushes and collections race, with no grace period at all, a blob that a repository has is
/// there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_linked_blob_is_there_whatever_is_being_collected() {
    let data = Arc::new(Data::new());
    let collecting = tokio::spawn({
        let data = Arc::clone(&data);
        async move {
            let collector = data.collector_with("[gc]\ngrace = \"0s\"");
            let lifecycle = Lifecycle::new();
            let mut collected = 0;
            loop {
                let run = collector.run(&lifecycle).await;
                assert_eq!(run.errors, 0);
                collected += run.blobs + run.orphans;
                if collected >= 50 {
                    return;
                }
            }
        }
    });
    let mut round = 0_u32;
    while !collecting.is_finished() {
        // Few enough blobs that both sides meet.
        let content = format!("blob {}", round % 3);
        let digest = Digest::sha256(content.as_bytes());
        let lock = data.catalog.lock_blob(&digest).await.unwrap();
        data.push_blob(&content, Timestamp::now()).await;
        drop(lock);
        if round.is_multiple_of(2) {
            tokio::task::yield_now().await;
        }
        let _lock = data.catalog.lock_blob(&digest).await.unwrap();
        if data.catalog.blob(&repository(), &digest).await.unwrap().is_some() {
            assert!(data.file(&digest).exists(), "round {round}");
        }
        round += 1;
    }
    collecting.await.unwrap();
}

#[tokio::test]
async fn the_schedule_runs_soon_and_again_and_ends_with_the_process() {
    let data = Data::new();
    data.push_blob("old", hours_ago(5)).await;
    let lifecycle = Lifecycle::new();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let interval = Duration::from_millis(20);
    let running = spawn(data.collector(), interval, lifecycle.clone(), move |collected| {
        tell.send(collected.links).unwrap();
    });
    assert_eq!(told.recv().await, Some(1));
    assert_eq!(told.recv().await, Some(0));
    lifecycle.drain();
    tokio::time::timeout(Duration::from_secs(5), running).await.unwrap().unwrap();
}
