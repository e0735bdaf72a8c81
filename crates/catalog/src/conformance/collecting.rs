//! Reclaiming blobs.

use chartroom_oci::RepositoryName;

use super::samples::{Outcome, at, digest, image, link, repository};
use crate::{BlobRecord, Catalog, Collectable, Deleted};

/// What nothing refers to is unlinked when its grace period is over, and nothing else.
pub async fn collecting(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let (used, early, late, shared) = (digest("used"), digest("early"), digest("late"), digest("shared"));
    for blob in [&used, &early, &shared] {
        link(catalog, &ours, blob, at(0)).await?;
    }
    link(catalog, &ours, &late, at(10)).await?;
    link(catalog, &theirs, &shared, at(10)).await?;
    catalog.put_manifest(&ours, image(&used, &[])?, at(1)).await?;

    let would = |digest, repository: Option<&RepositoryName>| Collectable {
        digest,
        size: 7,
        repository: repository.cloned(),
    };
    assert_eq!(catalog.collectable(at(-1), 10).await?, []);
    let mut found = catalog.collectable(at(0), 10).await?;
    found.sort_by_key(|found| found.digest);
    let mut expected = vec![would(early, Some(&ours)), would(shared, Some(&ours))];
    expected.sort_by_key(|found| found.digest);
    assert_eq!(found, expected, "a grace period that started at the cutoff is over");
    assert_eq!(catalog.collectable(at(0), 1).await?.len(), 1);
    assert_eq!(catalog.collectable(at(0), 0).await?, []);

    assert_eq!(catalog.unlink_unreferenced(at(-1), 10, at(20)).await?, []);
    assert_eq!(catalog.unlink_unreferenced(at(0), 0, at(20)).await?, []);
    let mut unlinked = catalog.unlink_unreferenced(at(0), 1, at(20)).await?;
    assert_eq!(unlinked.len(), 1);
    unlinked.extend(catalog.unlink_unreferenced(at(0), 10, at(20)).await?);
    unlinked.sort();
    let mut expected = vec![(ours.clone(), early), (ours.clone(), shared)];
    expected.sort();
    assert_eq!(unlinked, expected);
    assert_eq!(catalog.unlink_unreferenced(at(0), 10, at(20)).await?, []);
    assert_eq!(catalog.blob(&ours, &early).await?, None);
    assert!(catalog.blob(&ours, &used).await?.is_some());
    assert!(catalog.blob(&ours, &late).await?.is_some());
    assert!(catalog.blob(&theirs, &shared).await?.is_some());

    // Only what nobody links any more counts as unlinked, from that moment on.
    assert_eq!(catalog.unlinked_blobs(at(19), None, 10).await?, []);
    assert_eq!(catalog.unlinked_blobs(at(20), None, 10).await?, [BlobRecord { digest: early, size: 7 }]);
    assert_eq!(catalog.collectable(at(9), 10).await?, [], "unlinked since then only");
    assert_eq!(catalog.unlink_unreferenced(at(10), 10, at(30)).await?.len(), 2);
    assert_eq!(catalog.unlinked_blobs(at(25), None, 10).await?.len(), 1);
    let mut expected = [early, late, shared];
    expected.sort();
    let digests: Vec<_> =
        catalog.unlinked_blobs(at(30), None, 10).await?.iter().map(|blob| blob.digest).collect();
    assert_eq!(digests, expected);
    assert_eq!(catalog.unlinked_blobs(at(30), None, 2).await?.len(), 2);
    let rest = catalog.unlinked_blobs(at(30), Some(&expected[1]), 2).await?;
    assert_eq!(rest, [BlobRecord { digest: expected[2], size: 7 }]);
    let found = catalog.collectable(at(30), 10).await?;
    assert!(found.len() == 3 && found.iter().all(|found| found.repository.is_none()));
    assert_eq!(catalog.collectable(at(30), 2).await?.len(), 2);

    // A touch in time saves a blob.
    link(catalog, &ours, &digest("touched"), at(40)).await?;
    assert!(catalog.touch_blob(&ours, &digest("touched"), at(45)).await?);
    assert_eq!(catalog.unlink_unreferenced(at(44), 10, at(50)).await?, []);

    // A deleted manifest gives its blobs a new grace period.
    let manifest = image(&used, &[])?.digest;
    assert_eq!(catalog.delete_manifest(&ours, &manifest, false, at(60)).await?, Deleted::Yes);
    assert_eq!(catalog.unlink_unreferenced(at(59), 10, at(60)).await?.len(), 1, "the touched one");
    assert_eq!(catalog.unlink_unreferenced(at(60), 10, at(60)).await?, [(ours, used)]);
    Ok(())
}

/// A blob is forgotten only if nobody has linked it for long enough.
pub async fn forgetting(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let blob = digest("blob");
    assert!(!catalog.forget_blob(&blob, at(100)).await?, "never known");
    link(catalog, &ours, &blob, at(0)).await?;
    assert!(!catalog.forget_blob(&blob, at(100)).await?, "linked");
    assert_eq!(catalog.unlink_blob(&ours, &blob, false, at(10)).await?, Deleted::Yes);
    assert!(!catalog.forget_blob(&blob, at(9)).await?, "too early");

    // Linked again in between, it starts over.
    link(catalog, &theirs, &blob, at(11)).await?;
    assert!(!catalog.forget_blob(&blob, at(100)).await?);
    assert_eq!(catalog.unlinked_blobs(at(100), None, 10).await?, []);
    assert_eq!(catalog.unlink_blob(&theirs, &blob, false, at(20)).await?, Deleted::Yes);
    assert!(!catalog.forget_blob(&blob, at(19)).await?);
    assert!(catalog.blob_record(&blob).await?.is_some());
    assert!(catalog.forget_blob(&blob, at(20)).await?);
    assert!(!catalog.forget_blob(&blob, at(20)).await?, "twice");
    assert_eq!(catalog.blob_record(&blob).await?, None);
    assert_eq!(catalog.unlinked_blobs(at(100), None, 10).await?, []);

    // Two links, of which one goes.
    link(catalog, &ours, &blob, at(30)).await?;
    assert!(catalog.mount_blob(&theirs, &blob, Some(&ours), at(30)).await?);
    assert_eq!(catalog.unlink_blob(&ours, &blob, false, at(31)).await?, Deleted::Yes);
    assert!(!catalog.forget_blob(&blob, at(100)).await?);
    assert!(catalog.blob(&theirs, &blob).await?.is_some());
    Ok(())
}
