//! Many callers at once.

use futures_util::future::{Either, join_all, ready, select, try_join_all};

use super::samples::{
    Outcome, all_tags, any_image, at, chart, digest, has, image, link, repository, resolve,
};
use crate::{Catalog, Error};

/// Operations that run at the same time behave as if one came after the other.
pub async fn concurrency(catalog: &dyn Catalog) -> Outcome {
    const MANY: usize = 60;
    let ours = repository("ours")?;

    // One tag, many pushes: all are kept, one has the tag.
    let mut pushes = Vec::new();
    for number in 0..MANY {
        let unique = format!("own-{number}");
        pushes.push(any_image(&unique)?.tagged(&["latest", &unique])?);
    }
    let digests: Vec<_> = pushes.iter().map(|push| push.digest).collect();
    let answers =
        try_join_all(pushes.into_iter().map(|push| catalog.put_manifest(&ours, push, at(0)))).await?;
    assert!(answers.iter().all(|pushed| pushed.created));
    let latest = resolve(catalog, &ours, "latest").await?;
    assert!(latest.is_some_and(|latest| digests.contains(&latest)));
    for (number, digest) in digests.iter().enumerate() {
        assert_eq!(resolve(catalog, &ours, &format!("own-{number}")).await?, Some(*digest));
    }
    assert_eq!(all_tags(catalog, &ours).await?.len(), MANY + 1);

    // One manifest, many pushes: it is created once.
    let same = any_image("same")?;
    let pushes = (0..MANY).map(|_| catalog.put_manifest(&ours, same.clone(), at(0)));
    let answers = try_join_all(pushes).await?;
    assert_eq!(answers.iter().filter(|pushed| pushed.created).count(), 1);

    // One version, many charts: the first one has it, and those that are refused harm nobody.
    let charts = repository("charts")?;
    let mut pushes = Vec::new();
    for number in 0..MANY {
        pushes.push(chart("webapp", &number.to_string())?.tagged(&["1.0.0"])?.immutable());
        pushes.push(any_image(&number.to_string())?.tagged(&[&format!("image-{number}")])?.immutable());
    }
    let digests: Vec<_> = pushes.iter().map(|push| push.digest).collect();
    let answers = join_all(pushes.into_iter().map(|push| catalog.put_manifest(&charts, push, at(0)))).await;
    let winner = resolve(catalog, &charts, "1.0.0").await?;
    for (place, (answer, digest)) in answers.into_iter().zip(digests).enumerate() {
        let refused = matches!(answer, Err(Error::Immutable { existing, .. }) if Some(existing) == winner);
        let expected = place % 2 == 0 && winner != Some(digest);
        assert_eq!(refused, expected, "{answer:?}");
        assert_eq!(has(catalog, &charts, &digest).await?, !refused);
    }
    assert_eq!(all_tags(catalog, &charts).await?.len(), MANY + 1);

    // Blobs and their manifest in one go, from many pushes that share blobs.
    let shared = digest("shared");
    let races = (0..MANY).map(|number| async move {
        let repository = repository(&format!("shared/{}", number % 7))?;
        let own = digest(&format!("own {number}"));
        link(catalog, &repository, &shared, at(0)).await?;
        link(catalog, &repository, &own, at(0)).await?;
        let pushed = catalog.put_manifest(&repository, image(&own, &[shared])?, at(0)).await?;
        assert!(pushed.created && pushed.missing.is_empty());
        Outcome::Ok(())
    });
    try_join_all(races).await?;
    assert_eq!(catalog.unlink_unreferenced(at(1000), 1000, at(1000)).await?, []);
    assert_eq!(catalog.self_check().await?, [""; 0]);
    Ok(())
}

/// One holder per blob at a time.
pub async fn blob_locks(catalog: &dyn Catalog) -> Outcome {
    let (blob, mut other) = (digest("blob"), digest("other"));
    for number in 0.. {
        // Implementations may let some digests share a lock, told by the first byte.
        if other.as_bytes()[0] != blob.as_bytes()[0] {
            break;
        }
        other = digest(&format!("other {number}"));
    }
    let held = catalog.lock_blob(&blob).await?;
    drop(catalog.lock_blob(&other).await?);
    let Either::Right(((), waiting)) = select(catalog.lock_blob(&blob), ready(())).await else {
        return Err("two hold one blob".into());
    };
    link(catalog, &repository("ours")?, &blob, at(0)).await?;
    drop(held);
    let held = waiting.await?;
    drop(held);
    drop(catalog.lock_blob(&blob).await?);
    Ok(())
}
