//! Manifests.

use chartroom_oci::{Algorithm, Digest, MediaType, Reference};
use serde_json::json;

use super::samples::{
    Outcome, all_tags, any_image, at, descriptor, digest, has, image, image_manifest, index, link, push,
    repository, resolve, tag,
};
use crate::{Catalog, Deleted, Pushed, StoredManifest};

/// A manifest comes out as it went in, by digest and by tag.
pub async fn manifests(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let push = any_image("image")?.tagged(&["1.0", "latest"])?;
    let stored = StoredManifest {
        digest: push.digest,
        media_type: MediaType::OCI_MANIFEST,
        bytes: push.bytes.clone(),
    };
    let by_digest = Reference::Digest(push.digest);
    assert_eq!(catalog.manifest(&ours, &by_digest).await?, None);

    assert!(catalog.put_manifest(&ours, push, at(0)).await?.created);
    assert_eq!(catalog.manifest(&ours, &by_digest).await?, Some(stored.clone()));
    assert_eq!(catalog.manifest(&ours, &Reference::Tag(tag("1.0")?)).await?, Some(stored.clone()));
    assert_eq!(catalog.manifest(&ours, &Reference::Tag(tag("latest")?)).await?, Some(stored));
    assert_eq!(catalog.manifest(&ours, &Reference::Tag(tag("Latest")?)).await?, None, "tags have case");
    assert_eq!(catalog.manifest(&theirs, &by_digest).await?, None);
    assert_eq!(catalog.manifest(&theirs, &Reference::Tag(tag("latest")?)).await?, None);

    // The same content under another algorithm is another manifest.
    let mut wide = any_image("image")?;
    wide.digest = Digest::of(Algorithm::Sha512, &wide.bytes);
    let by_wide = Reference::Digest(wide.digest);
    assert!(catalog.put_manifest(&ours, wide.tagged(&["wide"])?, at(1)).await?.created);
    assert_eq!(
        catalog.manifest(&ours, &by_wide).await?.map(|found| found.digest.algorithm()),
        Some(Algorithm::Sha512)
    );
    assert!(has(catalog, &ours, &any_image("image")?.digest).await?);

    // A type that is not known, and bytes that are not tidy.
    let mut odd = super::samples::push(&"application/x.odd+json".parse()?, &json!({ "a": 1 }))?;
    odd.bytes = bytes::Bytes::from_static(b" {\n\t\"a\" : 1 } ");
    odd.digest = Digest::sha256(&odd.bytes);
    let (by_odd, bytes) = (Reference::Digest(odd.digest), odd.bytes.clone());
    assert!(catalog.put_manifest(&ours, odd, at(1)).await?.created);
    let found = catalog.manifest(&ours, &by_odd).await?;
    assert_eq!(
        found.map(|found| (found.media_type.to_string(), found.bytes)),
        Some(("application/x.odd+json".to_owned(), bytes))
    );

    // As large as registries take them.
    let mut manifest = image_manifest(&digest("config"), &[]);
    manifest["annotations"] = json!({ "long": "x".repeat(4 << 20) });
    let large = super::samples::push(&MediaType::OCI_MANIFEST, &manifest)?;
    let (by_large, bytes) = (Reference::Digest(large.digest), large.bytes.clone());
    catalog.put_manifest(&ours, large, at(1)).await?;
    assert_eq!(catalog.manifest(&ours, &by_large).await?.map(|found| found.bytes), Some(bytes));
    Ok(())
}

/// Putting what is there moves tags and otherwise changes little.
pub async fn pushing_again(catalog: &dyn Catalog) -> Outcome {
    let ours = repository("ours")?;
    let (one, two) = (any_image("one")?, any_image("two")?);
    let (first, second) = (one.digest, two.digest);
    assert!(catalog.put_manifest(&ours, one.clone().tagged(&["a", "b"])?, at(0)).await?.created);
    assert!(!catalog.put_manifest(&ours, one.clone(), at(1)).await?.created);
    assert_eq!(all_tags(catalog, &ours).await?, ["a", "b"], "no tags leave the tags alone");
    assert!(catalog.put_manifest(&ours, two.clone().tagged(&["b", "c", "c"])?, at(1)).await?.created);
    assert_eq!(resolve(catalog, &ours, "a").await?, Some(first));
    assert_eq!(resolve(catalog, &ours, "b").await?, Some(second));
    assert_eq!(resolve(catalog, &ours, "c").await?, Some(second));
    assert!(!catalog.put_manifest(&ours, one.tagged(&["b"])?, at(2)).await?.created);
    assert_eq!(resolve(catalog, &ours, "b").await?, Some(first));
    assert_eq!(all_tags(catalog, &ours).await?, ["a", "b", "c"]);

    // The type of the last push is served, and what an earlier one protected stays so.
    let (config, layer) = (digest("config"), digest("layer"));
    link(catalog, &ours, &config, at(3)).await?;
    link(catalog, &ours, &layer, at(3)).await?;
    let manifest = image_manifest(&config, &[layer]);
    let image = image(&config, &[layer])?;
    let (reference, digest) = (Reference::Digest(image.digest), image.digest);
    catalog.put_manifest(&ours, image, at(3)).await?;
    let other: MediaType = "application/x.other+json".parse()?;
    assert!(!catalog.put_manifest(&ours, push(&other, &manifest)?, at(4)).await?.created);
    assert_eq!(catalog.manifest(&ours, &reference).await?.map(|found| found.media_type), Some(other));
    assert_eq!(catalog.blob(&ours, &layer).await?.map(|link| link.unreferenced_since), Some(None));
    assert_eq!(catalog.delete_manifest(&ours, &digest, false, at(5)).await?, Deleted::Yes);
    assert_eq!(catalog.blob(&ours, &layer).await?.map(|link| link.unreferenced_since), Some(Some(at(5))));
    Ok(())
}

/// What a manifest names and the repository lacks is told, and nothing else.
pub async fn missing_content(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let (config, layer, foreign) = (digest("config"), digest("layer"), digest("foreign"));
    link(catalog, &theirs, &layer, at(0)).await?;

    let mut manifest = image_manifest(&config, &[layer, layer, config]);
    let foreign_type = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    if let Some(layers) = manifest["layers"].as_array_mut() {
        layers.push(descriptor(foreign_type, &foreign));
    }
    manifest["subject"] = descriptor(MediaType::OCI_MANIFEST.as_str(), &digest("subject"));
    let image = push(&MediaType::OCI_MANIFEST, &manifest)?;
    let missing = catalog.put_manifest(&ours, image.clone(), at(1)).await?;
    assert_eq!(missing, Pushed { created: true, missing: vec![config, layer] }, "each once, in order");
    assert!(has(catalog, &ours, &image.digest).await?, "missing blobs are no error");

    // A layer that registries need not hold is kept like any other if it is held.
    link(catalog, &ours, &foreign, at(1)).await?;
    assert_eq!(catalog.blob(&ours, &foreign).await?.map(|link| link.unreferenced_since), Some(None));

    link(catalog, &ours, &layer, at(1)).await?;
    assert_eq!(catalog.put_manifest(&ours, image.clone(), at(2)).await?.missing, [config]);
    link(catalog, &ours, &config, at(1)).await?;
    assert_eq!(catalog.put_manifest(&ours, image.clone(), at(2)).await?.missing, []);

    let other = any_image("other")?;
    let list = index(&[image.digest, other.digest, image.digest])?;
    assert_eq!(catalog.put_manifest(&ours, list.clone(), at(3)).await?.missing, [other.digest]);
    assert_eq!(
        catalog.put_manifest(&theirs, list.clone(), at(3)).await?.missing,
        [image.digest, other.digest]
    );
    catalog.put_manifest(&ours, other, at(4)).await?;
    assert_eq!(catalog.put_manifest(&ours, list, at(4)).await?.missing, []);

    // Build caches are kept as an index that lists blobs.
    let cache = index(&[layer])?;
    assert_eq!(catalog.put_manifest(&ours, cache, at(5)).await?.missing, []);
    Ok(())
}

/// A deleted manifest takes its tags with it and leaves everything else.
pub async fn deleting_manifests(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let (one, two) = (any_image("one")?, any_image("two")?);
    let (first, second) = (one.digest, two.digest);
    assert_eq!(catalog.delete_manifest(&ours, &first, false, at(0)).await?, Deleted::UnknownRepository);
    catalog.put_manifest(&ours, one.clone().tagged(&["a", "b"])?, at(0)).await?;
    catalog.put_manifest(&theirs, one.clone().tagged(&["a"])?, at(0)).await?;
    catalog.put_manifest(&ours, two.tagged(&["c"])?, at(0)).await?;
    let list = index(&[first, second])?;
    catalog.put_manifest(&ours, list.clone(), at(0)).await?;

    assert_eq!(catalog.delete_manifest(&ours, &digest("other"), false, at(1)).await?, Deleted::Missing);
    assert_eq!(catalog.delete_manifest(&ours, &first, false, at(1)).await?, Deleted::Yes);
    assert_eq!(catalog.delete_manifest(&ours, &first, false, at(1)).await?, Deleted::Missing);
    assert!(!has(catalog, &ours, &first).await?);
    assert_eq!(all_tags(catalog, &ours).await?, ["c"]);
    assert!(has(catalog, &ours, &list.digest).await?, "an index outlives what it lists");
    assert_eq!(resolve(catalog, &theirs, "a").await?, Some(first));

    assert!(catalog.put_manifest(&ours, one, at(2)).await?.created, "it was forgotten");
    assert_eq!(all_tags(catalog, &ours).await?, ["c"]);
    Ok(())
}
