//! Epochs.

use chartroom_oci::RepositoryName;

use super::samples::{Outcome, any_image, at, chart, digest, link, repository, tag};
use crate::{Answer, Catalog, Deleted, Error, Result};

/// Every change to a repository changes its epoch, for whoever was answered; reading does not.
pub async fn epochs(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let blob = digest("blob");
    let push = any_image("image")?.tagged(&["latest"])?;
    let image = push.digest;

    let epoch = catalog.epoch(&ours).await?;
    assert_eq!(catalog.epoch(&ours).await?, epoch, "an epoch that was read twice");

    moves(catalog, &ours, catalog.link_blob(&ours, &blob, 7, None, at(0))).await?;
    assert!(moves(catalog, &ours, catalog.touch_blob(&ours, &blob, at(1))).await?);
    assert!(moves(catalog, &theirs, catalog.mount_blob(&theirs, &blob, Some(&ours), at(1))).await?);
    moves(catalog, &ours, catalog.put_manifest(&ours, push.clone(), at(1))).await?;
    moves(catalog, &ours, catalog.put_manifest(&ours, push.clone().tagged(&["other"])?, at(1))).await?;
    let latest = tag("latest")?;
    assert_eq!(moves(catalog, &ours, catalog.delete_tag(&ours, &latest, false)).await?, Deleted::Yes);
    let deletion = catalog.delete_manifest(&ours, &image, false, at(2));
    assert_eq!(moves(catalog, &ours, deletion).await?, Deleted::Yes);
    assert_eq!(moves(catalog, &ours, catalog.unlink_blob(&ours, &blob, false, at(2))).await?, Deleted::Yes);

    let unlinking = catalog.unlink_unreferenced(at(1), 10, at(3));
    assert_eq!(moves(catalog, &theirs, unlinking).await?, [(theirs.clone(), blob)]);
    link(catalog, &ours, &blob, at(4)).await?;
    assert_eq!(moves(catalog, &ours, catalog.quarantine_blob(&blob)).await?, std::slice::from_ref(&ours));

    // Nothing of this changes anything.
    let version = chart("webapp", "1.0.0")?.tagged(&["1.0.0"])?;
    catalog.put_manifest(&ours, version, at(5)).await?;
    let epoch = catalog.epoch(&ours).await?;
    catalog.tags(&ours, None, 10).await?;
    catalog.blob(&ours, &blob).await?;
    assert!(!catalog.touch_blob(&ours, &blob, at(6)).await?);
    assert!(!catalog.mount_blob(&ours, &blob, None, at(6)).await?);
    assert_eq!(catalog.delete_tag(&ours, &latest, false).await?, Deleted::Missing);
    let other = chart("other", "1.0.0")?.tagged(&["1.0.0"])?.immutable();
    assert!(matches!(catalog.put_manifest(&ours, other, at(6)).await, Err(Error::Immutable { .. })));
    assert_eq!(catalog.epoch(&ours).await?, epoch);
    Ok(())
}

async fn moves<T>(catalog: &dyn Catalog, repository: &RepositoryName, change: Answer<'_, T>) -> Result<T> {
    let before = catalog.epoch(repository).await?;
    let answer = change.await?;
    assert_ne!(before, catalog.epoch(repository).await?, "the epoch of {repository} stayed");
    Ok(answer)
}
