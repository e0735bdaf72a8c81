//! Linking, mounting and unlinking blobs.

use chartroom_oci::{Algorithm, Digest, RepositoryName};
use jiff::Timestamp;

use super::samples::{Outcome, at, digest, image, link, repository};
use crate::{BlobLink, BlobRecord, Catalog, Deleted, Page, Result};

/// A blob belongs to the repositories that link it, and to no other.
pub async fn blobs(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let (blob, wide) = (digest("blob"), Digest::of(Algorithm::Sha512, b"wide"));
    assert_eq!(catalog.blob(&ours, &blob).await?, None);
    assert_eq!(catalog.blob_record(&blob).await?, None);
    assert_eq!(catalog.unlink_blob(&ours, &blob, false, at(0)).await?, Deleted::UnknownRepository);

    catalog.link_blob(&ours, &blob, 1 << 40, None, at(0)).await?;
    catalog.link_blob(&ours, &wide, 0, None, at(0)).await?;
    assert_eq!(
        catalog.blob(&ours, &blob).await?,
        Some(BlobLink { size: 1 << 40, unreferenced_since: Some(at(0)) })
    );
    assert_eq!(
        catalog.blob(&ours, &wide).await?,
        Some(BlobLink { size: 0, unreferenced_since: Some(at(0)) })
    );
    assert_eq!(catalog.blob_record(&blob).await?, Some(BlobRecord { digest: blob, size: 1 << 40 }));
    assert_eq!(catalog.blob(&theirs, &blob).await?, None, "nobody else's");
    assert_eq!(catalog.tags(&theirs, None, 10).await?, None, "asking makes no repository");
    assert_eq!(catalog.tags(&ours, None, 10).await?, Some(Page { items: vec![], more: false }));

    // Again, and elsewhere.
    catalog.link_blob(&ours, &blob, 1 << 40, None, at(1)).await?;
    catalog.link_blob(&theirs, &blob, 1 << 40, None, at(2)).await?;
    assert_eq!(since(catalog, &ours, &blob).await?, Some(at(1)), "grace begins anew");
    assert_eq!(since(catalog, &theirs, &blob).await?, Some(at(2)));

    assert_eq!(catalog.unlink_blob(&ours, &digest("other"), false, at(3)).await?, Deleted::Missing);
    assert_eq!(catalog.unlink_blob(&ours, &blob, true, at(3)).await?, Deleted::Yes);
    assert_eq!(catalog.unlink_blob(&ours, &blob, false, at(3)).await?, Deleted::Missing);
    assert_eq!(catalog.blob(&ours, &blob).await?, None);
    assert!(catalog.blob(&theirs, &blob).await?.is_some());
    assert!(catalog.blob_record(&blob).await?.is_some());

    // Unlinked everywhere, it is still recorded, because its bytes are still there.
    assert_eq!(catalog.unlink_blob(&theirs, &blob, false, at(4)).await?, Deleted::Yes);
    assert_eq!(catalog.blob_record(&blob).await?, Some(BlobRecord { digest: blob, size: 1 << 40 }));
    assert!(!catalog.mount_blob(&ours, &blob, None, at(5)).await?, "what nobody links can't be mounted");

    // A blob that a manifest refers to can be taken out all the same, and come back.
    let push = image(&wide, &[blob])?;
    link(catalog, &ours, &blob, at(6)).await?;
    assert!(catalog.put_manifest(&ours, push, at(6)).await?.missing.is_empty());
    assert_eq!(catalog.unlink_blob(&ours, &blob, false, at(7)).await?, Deleted::Yes);
    link(catalog, &ours, &blob, at(8)).await?;
    assert_eq!(since(catalog, &ours, &blob).await?, None);
    Ok(())
}

/// A blob is in its grace period exactly while no manifest of its repository refers to it.
pub async fn grace_periods(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let (config, shared, own) = (digest("config"), digest("shared"), digest("own"));
    for blob in [&config, &shared, &own] {
        link(catalog, &ours, blob, at(0)).await?;
        link(catalog, &theirs, blob, at(0)).await?;
    }

    assert!(catalog.touch_blob(&ours, &own, at(5)).await?);
    assert_eq!(since(catalog, &ours, &own).await?, Some(at(5)));
    assert_eq!(since(catalog, &theirs, &own).await?, Some(at(0)), "of one repository only");
    assert!(catalog.touch_blob(&ours, &own, at(4)).await?);
    link(catalog, &ours, &own, at(3)).await?;
    assert_eq!(since(catalog, &ours, &own).await?, Some(at(5)), "a straggler shortens nothing");
    assert!(!catalog.touch_blob(&ours, &digest("other"), at(5)).await?);
    assert!(!catalog.touch_blob(&repository("new")?, &own, at(5)).await?);
    assert_eq!(catalog.tags(&repository("new")?, None, 10).await?, None, "touching makes no repository");

    let first = image(&config, &[shared])?;
    let second = image(&own, &[shared, shared])?;
    let (first_digest, second_digest) = (first.digest, second.digest);
    catalog.put_manifest(&ours, first, at(10)).await?;
    assert_eq!(since(catalog, &ours, &config).await?, None);
    assert_eq!(since(catalog, &ours, &shared).await?, None);
    assert_eq!(since(catalog, &ours, &own).await?, Some(at(5)), "not named by it");
    assert_eq!(since(catalog, &theirs, &config).await?, Some(at(0)), "not this repository's");
    assert!(catalog.touch_blob(&ours, &config, at(11)).await?);
    assert_eq!(since(catalog, &ours, &config).await?, None, "touching begins no grace period");
    link(catalog, &ours, &config, at(11)).await?;
    assert_eq!(since(catalog, &ours, &config).await?, None, "nor does linking");
    assert!(catalog.mount_blob(&ours, &config, Some(&theirs), at(11)).await?);
    assert_eq!(since(catalog, &ours, &config).await?, None, "nor does mounting");

    catalog.put_manifest(&ours, second, at(12)).await?;
    assert_eq!(catalog.delete_manifest(&ours, &first_digest, false, at(20)).await?, Deleted::Yes);
    assert_eq!(since(catalog, &ours, &config).await?, Some(at(20)));
    assert_eq!(since(catalog, &ours, &shared).await?, None, "the other manifest refers to it");
    assert_eq!(catalog.delete_manifest(&ours, &second_digest, false, at(30)).await?, Deleted::Yes);
    assert_eq!(since(catalog, &ours, &shared).await?, Some(at(30)));
    assert_eq!(since(catalog, &ours, &own).await?, Some(at(30)));
    assert_eq!(since(catalog, &ours, &config).await?, Some(at(20)), "has been in it before");

    // A manifest may come before its blobs.
    let (early, late) = (repository("early")?, digest("late"));
    catalog.put_manifest(&early, image(&late, &[])?, at(40)).await?;
    link(catalog, &early, &late, at(41)).await?;
    assert_eq!(since(catalog, &early, &late).await?, None);
    Ok(())
}

/// Mounting links what is linked elsewhere.
pub async fn mounts(catalog: &dyn Catalog) -> Outcome {
    let (from, to) = (repository("from")?, repository("to")?);
    let blob = digest("blob");
    assert!(!catalog.mount_blob(&to, &blob, None, at(0)).await?);
    assert!(!catalog.mount_blob(&to, &blob, Some(&from), at(0)).await?);
    assert_eq!(catalog.tags(&to, None, 10).await?, None, "a mount in vain makes no repository");

    link(catalog, &from, &blob, at(0)).await?;
    assert!(!catalog.mount_blob(&to, &blob, Some(&repository("other")?), at(1)).await?);
    assert_eq!(catalog.blob(&to, &blob).await?, None);
    assert!(catalog.mount_blob(&to, &blob, Some(&from), at(1)).await?);
    assert_eq!(catalog.blob(&to, &blob).await?, Some(BlobLink { size: 7, unreferenced_since: Some(at(1)) }));
    assert!(catalog.mount_blob(&to, &blob, Some(&from), at(2)).await?, "twice");
    assert_eq!(since(catalog, &to, &blob).await?, Some(at(2)));
    assert_eq!(since(catalog, &from, &blob).await?, Some(at(0)), "the source is left alone");
    assert!(catalog.mount_blob(&to, &blob, Some(&to), at(3)).await?, "from itself");

    // Each link stands on its own.
    assert_eq!(catalog.unlink_blob(&from, &blob, false, at(4)).await?, Deleted::Yes);
    assert!(catalog.blob(&to, &blob).await?.is_some());
    assert!(catalog.mount_blob(&from, &blob, None, at(5)).await?, "from anywhere");
    assert_eq!(since(catalog, &from, &blob).await?, Some(at(5)));
    Ok(())
}

async fn since(
    catalog: &dyn Catalog,
    repository: &RepositoryName,
    digest: &Digest,
) -> Result<Option<Timestamp>> {
    Ok(catalog.blob(repository, digest).await?.and_then(|link| link.unreferenced_since))
}
