//! What is found wrong, and what comes of it.

use super::*;

impl Data {
    async fn inspect(&self) -> Inspected {
        Inspector::new(Arc::clone(&self.catalog), self.blobs.clone()).run().await.unwrap()
    }

    async fn quarantine(&self) -> Inspected {
        let inspector = Inspector::new(Arc::clone(&self.catalog), self.blobs.clone());
        inspector.with_quarantine().run().await.unwrap()
    }
}

fn problems(inspected: &Inspected) -> Vec<(Kind, Option<Digest>, &str)> {
    let mut problems: Vec<_> = inspected
        .problems
        .iter()
        .map(|problem| (problem.kind, problem.digest, problem.problem.as_str()))
        .collect();
    problems.sort_by_key(|(_, digest, _)| *digest);
    problems
}

#[tokio::test]
async fn all_is_well() {
    let data = Data::new();
    let blob = data.push_blob("layer", Timestamp::now()).await;
    data.push_manifest(&blob).await;
    data.begin_upload(Timestamp::now()).await;
    let inspected = data.inspect().await;
    assert_eq!(problems(&inspected), []);
    assert_eq!((inspected.blobs, inspected.blob_bytes, inspected.manifests), (1, 5, 1));
    assert_eq!((inspected.orphans.len(), inspected.uploads, inspected.abandoned_uploads), (0, 1, 0));
}

#[tokio::test]
async fn every_kind_of_damage_is_found() {
    let data = Data::new();
    let mut blobs = Vec::new();
    for content in ["intact", "missing", "shorter", "changed", "no file"] {
        blobs.push(data.push_blob(content, Timestamp::now()).await);
    }
    let [_, missing, shorter, changed, no_file] = blobs[..] else { panic!("five") };
    fs::remove_file(data.file(&missing)).unwrap();
    data.damage(&shorter, "short");
    data.damage(&changed, "chanted");
    fs::remove_file(data.file(&no_file)).unwrap();
    fs::create_dir(data.file(&no_file)).unwrap();

    let inspected = data.inspect().await;
    let chanted = format!("wrong content: {}", Digest::sha256(b"chanted"));
    let problem = |digest: Digest| {
        inspected.problems.iter().find(|problem| problem.digest == Some(digest)).unwrap().problem.as_str()
    };
    assert_eq!(inspected.problems.len(), 4);
    assert_eq!(problem(missing), "missing");
    assert_eq!(problem(shorter), "wrong size: 5 bytes instead of 7");
    assert_eq!(problem(changed), chanted);
    assert!(problem(no_file).starts_with("wrong size: ") || problem(no_file).starts_with("unreadable: "));
    assert!(inspected.problems.iter().all(|problem| !problem.quarantined));
    assert!(data.catalog.blob_record(&changed).await.unwrap().is_some(), "looking changes nothing");
}

#[tokio::test]
async fn a_quarantined_blob_can_be_pushed_again() {
    let data = Data::new();
    let (damaged, missing) =
        (data.push_blob("layer", Timestamp::now()).await, data.push_blob("other", Timestamp::now()).await);
    data.push_manifest(&damaged).await;
    data.damage(&damaged, "lawyer");
    fs::remove_file(data.file(&missing)).unwrap();

    let inspected = data.quarantine().await;
    assert_eq!(inspected.problems.len(), 2);
    for problem in &inspected.problems {
        assert!(problem.quarantined);
        assert_eq!(problem.repositories, [repository()]);
    }
    assert!(data.catalog.blob(&repository(), &damaged).await.unwrap().is_none());
    let aside = data.folder.path().join("quarantine").join(format!("sha256-{}", damaged.hex()));
    assert_eq!(fs::read(aside).unwrap(), b"lawyer");

    for content in ["layer", "other"] {
        data.push_blob(content, Timestamp::now()).await;
    }
    assert_eq!(problems(&data.inspect().await), []);
}

#[tokio::test]
async fn what_belongs_to_nothing_is_told_but_is_no_problem() {
    let data = Data::new();
    let orphan = data.store("orphan").await;
    fs::write(data.upload_file("put-0-0-0"), "").unwrap();
    let inspected = data.inspect().await;
    assert_eq!(problems(&inspected), []);
    assert_eq!(inspected.orphans, [Orphan { digest: orphan, size: 6 }]);
    assert_eq!((inspected.uploads, inspected.abandoned_uploads), (1, 1));
}

#[tokio::test]
async fn a_damaged_manifest_is_found() {
    let data = Data::new();
    let blob = data.push_blob("layer", Timestamp::now()).await;
    let manifest = data.push_manifest(&blob).await;
    let Data { folder, catalog, blobs } = data;
    drop(catalog);
    // A bit flips on the disk, in a place that no checksum of SQLite guards.
    let path = folder.path().join("catalog.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(15).rposition(|window| window == b"\"schemaVersion\"").unwrap();
    bytes[at + 1] = b'S';
    fs::write(&path, bytes).unwrap();
    let catalog = Arc::new(SqliteCatalog::open(&path).unwrap());
    let data = Data { folder, catalog, blobs };

    let inspected = data.inspect().await;
    assert_eq!(inspected.problems.len(), 1, "{:?}", inspected.problems);
    let problem = &inspected.problems[0];
    assert_eq!((problem.kind, problem.digest), (Kind::Manifest, Some(manifest)));
    assert_eq!(problem.repositories, [repository()]);
    assert!(problem.problem.starts_with("wrong content: sha256:"));
}

#[tokio::test]
async fn a_damaged_catalog_is_a_finding() {
    let data = Data::new();
    data.push_blob("layer", Timestamp::now()).await;
    // The blob is recorded as linked to a repository that is no more.
    let connection = rusqlite::Connection::open(data.folder.path().join("catalog.sqlite")).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM repositories").unwrap();
    let inspected = data.inspect().await;
    assert!(!inspected.problems.is_empty());
    assert!(inspected.problems.iter().all(|problem| problem.kind == Kind::Catalog));
}
