//! Chart versions that stay, where that is asked for.

use chartroom_oci::{Digest, MediaType};

use super::samples::{
    Outcome, all_tags, any_image, at, chart, chart_blobs, digest, has, image_manifest, link, push,
    repository, resolve, tag,
};
use crate::{Catalog, Deleted, Error, Result};

/// A chart version can neither be moved nor removed, and everything else can.
pub async fn immutable_versions(catalog: &dyn Catalog) -> Outcome {
    let ours = repository("charts/webapp")?;
    let first = chart("webapp", "1.0.0")?;
    let (one, two) = (first.digest, chart("webapp", "other")?.digest);
    let other = || chart("webapp", "other");
    let tags = ["1.0.0", "1.0.0_build.5", "stable", "v1.0.0", "1.0"];
    catalog.put_manifest(&ours, first.clone().tagged(&tags)?.immutable(), at(0)).await?;

    // Moving.
    for version in ["1.0.0", "1.0.0_build.5"] {
        let answer = catalog.put_manifest(&ours, other()?.tagged(&[version])?.immutable(), at(1)).await;
        refused(answer, version, one);
    }
    let answer =
        catalog.put_manifest(&ours, other()?.tagged(&["stable", "1.0.0", "new"])?.immutable(), at(1)).await;
    refused(answer, "1.0.0", one);
    assert!(!has(catalog, &ours, &two).await?, "a refused push leaves nothing");
    assert_eq!(resolve(catalog, &ours, "stable").await?, Some(one));
    assert_eq!(resolve(catalog, &ours, "new").await?, None);

    // The same again, what is no version, and what is new.
    assert!(!catalog.put_manifest(&ours, first.tagged(&tags)?.immutable(), at(2)).await?.created);
    let push = other()?.tagged(&["stable", "v1.0.0", "1.0", "2.0.0"])?.immutable();
    assert!(catalog.put_manifest(&ours, push, at(2)).await?.created);
    assert_eq!(resolve(catalog, &ours, "stable").await?, Some(two));
    assert_eq!(resolve(catalog, &ours, "1.0.0").await?, Some(one));

    // Removing.
    refused(catalog.delete_tag(&ours, &tag("1.0.0")?, true).await, "1.0.0", one);
    refused(catalog.delete_manifest(&ours, &one, true, at(3)).await, "1.0.0", one);
    assert_eq!(all_tags(catalog, &ours).await?.len(), 6);
    for free in ["stable", "v1.0.0", "1.0"] {
        assert_eq!(catalog.delete_tag(&ours, &tag(free)?, true).await?, Deleted::Yes);
    }
    assert_eq!(catalog.delete_tag(&ours, &tag("3.0.0")?, true).await?, Deleted::Missing);
    assert_eq!(catalog.delete_manifest(&ours, &digest("none"), true, at(3)).await?, Deleted::Missing);

    // A chart without a version.
    let loose = chart("webapp", "loose")?.tagged(&["loose"])?;
    let loose_digest = loose.digest;
    catalog.put_manifest(&ours, loose, at(4)).await?;
    assert_eq!(catalog.delete_manifest(&ours, &loose_digest, true, at(4)).await?, Deleted::Yes);

    // An image's tags move even where they read as versions.
    let images = repository("images/web")?;
    catalog.put_manifest(&images, any_image("a")?.tagged(&["1.0.0"])?.immutable(), at(5)).await?;
    catalog.put_manifest(&images, any_image("b")?.tagged(&["1.0.0"])?.immutable(), at(5)).await?;
    assert_eq!(resolve(catalog, &images, "1.0.0").await?, Some(any_image("b")?.digest));
    assert_eq!(catalog.delete_tag(&images, &tag("1.0.0")?, true).await?, Deleted::Yes);
    assert_eq!(catalog.delete_manifest(&images, &any_image("a")?.digest, true, at(5)).await?, Deleted::Yes);

    // A chart is one by its config's type, even if nothing could be read of it,
    let mut unread = chart("webapp", "3.0.0")?.tagged(&["3.0.0"])?;
    unread.chart = None;
    let unread_digest = unread.digest;
    catalog.put_manifest(&ours, unread, at(6)).await?;
    refused(catalog.delete_tag(&ours, &tag("3.0.0")?, true).await, "3.0.0", unread_digest);
    // and stays one when the same bytes come as something else, which does not disguise it.
    let mut disguised = chart("webapp", "3.0.0")?.immutable();
    disguised.manifest.media_type = "application/x.other+json".parse()?;
    disguised.manifest.config = None;
    disguised.chart = None;
    assert!(!catalog.put_manifest(&ours, disguised.clone(), at(6)).await?.created);
    let served = catalog.manifest(&ours, &"3.0.0".parse()?).await?;
    assert_eq!(served.map(|served| served.media_type), Some(MediaType::OCI_MANIFEST));
    disguised.immutable_versions = false;
    assert!(!catalog.put_manifest(&ours, disguised, at(6)).await?.created);
    refused(catalog.delete_tag(&ours, &tag("3.0.0")?, true).await, "3.0.0", unread_digest);
    Ok(())
}

/// A blob that a chart version stands on stays with it.
pub async fn immutable_blobs(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let (config, archive) = chart_blobs("webapp", "1.0.0");
    for blob in [&config, &archive] {
        link(catalog, &ours, blob, at(0)).await?;
        link(catalog, &theirs, blob, at(0)).await?;
    }
    let push_chart = chart("webapp", "1.0.0")?;
    let digest = push_chart.digest;
    catalog.put_manifest(&ours, push_chart.clone().tagged(&["1.0.0"])?, at(1)).await?;
    catalog.put_manifest(&theirs, push_chart.tagged(&["stable"])?, at(1)).await?;

    let epoch = catalog.epoch(&ours).await?;
    refused(catalog.unlink_blob(&ours, &archive, true, at(2)).await, "1.0.0", digest);
    refused(catalog.unlink_blob(&ours, &config, true, at(2)).await, "1.0.0", digest);
    assert!(catalog.blob(&ours, &archive).await?.is_some());
    assert_eq!(catalog.epoch(&ours).await?, epoch);
    assert_eq!(catalog.unlink_blob(&theirs, &archive, true, at(2)).await?, Deleted::Yes, "no version");
    let shared = image_manifest(&config, &[archive]);
    catalog
        .put_manifest(&theirs, push(&MediaType::OCI_MANIFEST, &shared)?.tagged(&["1.0.0"])?, at(2))
        .await?;
    assert_eq!(catalog.unlink_blob(&theirs, &config, true, at(2)).await?, Deleted::Yes, "no chart");

    assert_eq!(catalog.delete_tag(&ours, &tag("1.0.0")?, false).await?, Deleted::Yes);
    assert_eq!(catalog.unlink_blob(&ours, &archive, true, at(3)).await?, Deleted::Yes, "no version any more");
    Ok(())
}

/// Without that, versions move and go like any tag.
pub async fn mutable_versions(catalog: &dyn Catalog) -> Outcome {
    let ours = repository("ours")?;
    let (one, two) = (chart("webapp", "1.0.0")?, chart("webapp", "1.0.0-again")?);
    let (first, second) = (one.digest, two.digest);
    catalog.put_manifest(&ours, one.tagged(&["1.0.0"])?, at(0)).await?;
    catalog.put_manifest(&ours, two.tagged(&["1.0.0", "2.0.0"])?, at(1)).await?;
    assert_eq!(resolve(catalog, &ours, "1.0.0").await?, Some(second));
    assert_eq!(catalog.delete_tag(&ours, &tag("2.0.0")?, false).await?, Deleted::Yes);
    assert_eq!(catalog.delete_manifest(&ours, &second, false, at(2)).await?, Deleted::Yes);
    assert_eq!(all_tags(catalog, &ours).await?, [""; 0]);
    assert!(has(catalog, &ours, &first).await?);
    Ok(())
}

fn refused<T: std::fmt::Debug>(answer: Result<T>, version: &str, stays_at: Digest) {
    match answer {
        Err(Error::Immutable { tag, existing }) => {
            assert_eq!((tag.as_str(), existing), (version, stays_at));
        }
        other => assert!(matches!(other, Err(Error::Immutable { .. })), "{other:?}"),
    }
}

/// Where tags are to be kept, new ones are added and none is moved, whatever it points at.
pub async fn kept_tags(catalog: &dyn Catalog) -> Outcome {
    let ours = repository("ours")?;
    let keeping = |name: &str, tags: &[&str]| {
        any_image(name)?.tagged(tags).map(|push| crate::Push { keep_tags: true, ..push })
    };
    let (one, two) = (any_image("one")?.digest, any_image("two")?.digest);
    assert!(catalog.put_manifest(&ours, keeping("one", &["a", "b"])?, at(0)).await?.created);
    let answer = catalog.put_manifest(&ours, keeping("two", &["c", "b"])?, at(1)).await;
    assert!(
        matches!(&answer, Err(Error::TagExists { tag, existing }) if tag.as_str() == "b" && *existing == one),
        "{answer:?}"
    );
    assert!(!has(catalog, &ours, &two).await?, "a refused push leaves nothing");
    assert_eq!(resolve(catalog, &ours, "c").await?, None);
    // The same again, another tag, and none at all.
    assert!(!catalog.put_manifest(&ours, keeping("one", &["a", "b", "d"])?, at(2)).await?.created);
    assert!(catalog.put_manifest(&ours, keeping("two", &["c"])?, at(2)).await?.created);
    assert!(catalog.put_manifest(&ours, keeping("three", &[])?, at(2)).await?.created);
    assert_eq!(resolve(catalog, &ours, "b").await?, Some(one));
    // Elsewhere the tag is free.
    let theirs = repository("theirs")?;
    assert!(catalog.put_manifest(&theirs, keeping("two", &["b"])?, at(3)).await?.created);
    Ok(())
}
