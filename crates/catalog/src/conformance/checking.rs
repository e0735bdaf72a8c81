//! Checking, and what is done about damage.

use super::samples::{
    Outcome, any_image, at, chart, chart_blobs, digest, image, index, link, referrer, repository,
};
use crate::{BlobRecord, Catalog, Deleted};

/// A catalog that was used in every way finds nothing wrong with itself.
pub async fn checking(catalog: &dyn Catalog) -> Outcome {
    catalog.check().await?;
    assert_eq!(catalog.self_check().await?, [""; 0]);
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let (config, archive) = chart_blobs("webapp", "1.0.0");
    for blob in [&config, &archive, &digest("loose"), &digest("unlinked")] {
        link(catalog, &ours, blob, at(0)).await?;
    }
    let version = chart("webapp", "1.0.0")?;
    let digest_of_version = version.digest;
    catalog.put_manifest(&ours, version.clone().tagged(&["1.0.0", "stable"])?, at(1)).await?;
    assert!(catalog.mount_blob(&theirs, &archive, None, at(1)).await?);
    catalog.put_manifest(&theirs, version, at(1)).await?;
    catalog.put_manifest(&ours, any_image("incomplete")?, at(1)).await?;
    catalog.put_manifest(&ours, index(&[digest_of_version, digest("none")])?, at(1)).await?;
    catalog.put_manifest(&ours, referrer("signature", "application/x", &digest_of_version)?, at(1)).await?;
    catalog.unlink_blob(&ours, &digest("unlinked"), false, at(2)).await?;
    assert_eq!(catalog.self_check().await?, [""; 0]);

    assert_eq!(catalog.delete_manifest(&ours, &digest_of_version, false, at(3)).await?, Deleted::Yes);
    catalog.unlink_unreferenced(at(3), 100, at(3)).await?;
    catalog.forget_blob(&digest("unlinked"), at(3)).await?;
    catalog.quarantine_blob(&archive).await?;
    assert_eq!(catalog.self_check().await?, [""; 0]);
    catalog.check().await?;
    Ok(())
}

/// Everything that is recorded can be walked through.
pub async fn records(catalog: &dyn Catalog) -> Outcome {
    assert_eq!(catalog.blob_records(None, 10).await?, []);
    assert!(catalog.manifest_records(None, 10).await?.is_empty());
    let mut blobs = Vec::new();
    let mut manifests = Vec::new();
    for name in ["a", "a-b", "a/b", "b"] {
        let repository = repository(name)?;
        for number in 0..5 {
            let blob = digest(&format!("{name} {number}"));
            link(catalog, &repository, &blob, at(0)).await?;
            let push = image(&blob, &[])?;
            blobs.push(BlobRecord { digest: blob, size: 7 });
            manifests.push((repository.clone(), push.digest, push.bytes.clone()));
            catalog.put_manifest(&repository, push, at(0)).await?;
        }
    }
    let unlinked = digest("unlinked");
    link(catalog, &repository("a")?, &unlinked, at(0)).await?;
    catalog.unlink_blob(&repository("a")?, &unlinked, false, at(0)).await?;
    blobs.push(BlobRecord { digest: unlinked, size: 7 });
    blobs.sort_by_key(|blob| blob.digest);
    manifests.sort();

    assert_eq!(catalog.blob_records(None, 0).await?, []);
    assert!(catalog.manifest_records(None, 0).await?.is_empty());
    for limit in [1, 2, 4, 5, 6, 19, 20, 21, 100] {
        let mut walked: Vec<BlobRecord> = Vec::new();
        loop {
            let page = catalog.blob_records(walked.last().map(|blob| &blob.digest), limit).await?;
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            walked.extend(page);
        }
        assert_eq!(walked, blobs, "{limit} at a time");

        let mut walked = Vec::new();
        let mut after = None;
        loop {
            let page = catalog.manifest_records(after.as_ref(), limit).await?;
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            after = Some((last.repository.clone(), last.digest));
            walked.extend(page.into_iter().map(|record| (record.repository, record.digest, record.bytes)));
        }
        assert_eq!(walked, manifests, "{limit} at a time");
    }
    Ok(())
}

/// A damaged blob is taken out everywhere, and can come back.
pub async fn quarantine(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs, others) = (repository("ours")?, repository("theirs")?, repository("others")?);
    let blob = digest("blob");
    assert!(catalog.quarantine_blob(&blob).await?.is_empty(), "never known");
    link(catalog, &theirs, &blob, at(0)).await?;
    link(catalog, &ours, &blob, at(0)).await?;
    link(catalog, &others, &digest("other"), at(0)).await?;
    let push = image(&blob, &[])?;
    catalog.put_manifest(&ours, push.clone().tagged(&["latest"])?, at(0)).await?;

    let mut named = catalog.quarantine_blob(&blob).await?;
    named.sort();
    assert_eq!(named, [ours.clone(), theirs.clone()]);
    assert_eq!(catalog.blob(&ours, &blob).await?, None);
    assert_eq!(catalog.blob(&theirs, &blob).await?, None);
    assert_eq!(catalog.blob_record(&blob).await?, None);
    assert!(!catalog.forget_blob(&blob, at(100)).await?);
    assert!(catalog.quarantine_blob(&blob).await?.is_empty());

    // The manifest stays, incomplete, until the blob is pushed again.
    assert_eq!(catalog.put_manifest(&ours, push.clone(), at(1)).await?.missing, [blob]);
    link(catalog, &ours, &blob, at(1)).await?;
    assert_eq!(catalog.blob(&ours, &blob).await?.map(|link| link.unreferenced_since), Some(None));
    assert_eq!(catalog.put_manifest(&ours, push, at(1)).await?.missing, []);

    // One that nobody links is forgotten, too.
    catalog.unlink_blob(&others, &digest("other"), false, at(2)).await?;
    assert!(catalog.quarantine_blob(&digest("other")).await?.is_empty());
    assert_eq!(catalog.blob_record(&digest("other")).await?, None);
    Ok(())
}
