//! What says something about a manifest.

use std::collections::BTreeMap;

use chartroom_oci::{Digest, MediaType};
use serde_json::json;

use super::samples::{Outcome, any_image, at, descriptor, digest, index, push, referrer, repository};
use crate::{Catalog, Deleted, Page, Referrer, Result};

/// Referrers are listed by digest, page by page, of all artifact types or of one.
pub async fn referrers(catalog: &dyn Catalog) -> Outcome {
    let (ours, theirs) = (repository("ours")?, repository("theirs")?);
    let subject = any_image("subject")?.digest;
    let nothing = Page { items: vec![], more: false };
    assert_eq!(catalog.referrers(&ours, &subject, None, None, 10).await?, nothing);

    // They may come before their subject.
    let (mut signatures, mut all) = (Vec::new(), Vec::new());
    for number in 0..7 {
        let kind = if number % 2 == 0 { "application/x.signature" } else { "application/x.sbom" };
        let push = referrer(&format!("referrer {number}"), kind, &subject)?;
        if number % 2 == 0 {
            signatures.push(push.digest);
        }
        all.push(push.digest);
        catalog.put_manifest(&ours, push, at(number)).await?;
    }
    catalog.put_manifest(&ours, any_image("subject")?, at(10)).await?;
    catalog
        .put_manifest(&ours, referrer("elsewhere", "application/x.sbom", &digest("other"))?, at(10))
        .await?;
    catalog.put_manifest(&theirs, referrer("theirs", "application/x.sbom", &subject)?, at(10)).await?;
    all.sort();
    signatures.sort();

    for limit in 1..=8 {
        assert_eq!(walk(catalog, &subject, None, limit).await?, all, "pages of {limit}");
        let filter = Some("application/x.signature");
        assert_eq!(walk(catalog, &subject, filter, limit).await?, signatures, "pages of {limit}, one type");
    }
    assert_eq!(catalog.referrers(&ours, &subject, None, Some(&all[6]), 5).await?, nothing);
    assert_eq!(catalog.referrers(&ours, &subject, Some("application/x"), None, 5).await?, nothing);
    assert!(catalog.referrers(&ours, &subject, None, None, 0).await?.more);
    assert!(!catalog.referrers(&ours, &subject, None, None, 7).await?.more);

    // What is told of each.
    let push_one = referrer("referrer 0", "application/x.signature", &subject)?;
    let page = catalog.referrers(&ours, &subject, None, None, 10).await?;
    let told = page.items.into_iter().find(|referrer| referrer.digest == push_one.digest);
    let annotations = [("name", "referrer 0"), ("and", "more")];
    assert_eq!(
        told,
        Some(Referrer {
            media_type: MediaType::OCI_MANIFEST,
            digest: push_one.digest,
            size: push_one.bytes.len() as u64,
            artifact_type: Some("application/x.signature".to_owned()),
            annotations: annotations.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        })
    );

    // The config's type stands in for a missing artifact type; an index has neither.
    let lone = any_image("lone")?.digest;
    let subject_of = descriptor(MediaType::OCI_MANIFEST.as_str(), &lone);
    let image = json!({
        "schemaVersion": 2,
        "config": descriptor("application/x.config", &digest("config")),
        "layers": [],
        "subject": subject_of,
    });
    let list = json!({ "schemaVersion": 2, "manifests": [], "subject": subject_of });
    catalog.put_manifest(&ours, push(&MediaType::OCI_MANIFEST, &image)?, at(11)).await?;
    catalog.put_manifest(&ours, push(&MediaType::OCI_INDEX, &list)?, at(11)).await?;
    catalog.put_manifest(&ours, index(&[lone])?, at(11)).await?;
    let told = catalog.referrers(&ours, &lone, None, None, 10).await?.items;
    let told: BTreeMap<_, _> = told
        .iter()
        .map(|told| (told.media_type.as_str(), (told.artifact_type.as_deref(), told.annotations.len())))
        .collect();
    let expected = [
        (MediaType::OCI_MANIFEST.as_str(), (Some("application/x.config"), 0)),
        (MediaType::OCI_INDEX.as_str(), (None, 0)),
    ];
    assert_eq!(told, expected.into());

    assert_eq!(catalog.delete_manifest(&ours, &all[0], false, at(12)).await?, Deleted::Yes);
    assert_eq!(walk(catalog, &subject, None, 10).await?, all[1..]);
    assert_eq!(catalog.delete_manifest(&ours, &subject, false, at(12)).await?, Deleted::Yes);
    assert_eq!(walk(catalog, &subject, None, 10).await?, all[1..], "they outlive their subject");
    Ok(())
}

async fn walk(
    catalog: &dyn Catalog,
    subject: &Digest,
    artifact_type: Option<&str>,
    limit: usize,
) -> std::result::Result<Vec<Digest>, Box<dyn std::error::Error + Send + Sync>> {
    let ours = repository("ours")?;
    let mut walked: Vec<Digest> = Vec::new();
    loop {
        let page: Result<_> = catalog.referrers(&ours, subject, artifact_type, walked.last(), limit).await;
        let page = page?;
        assert!(page.items.len() == limit || !page.more, "a page that is not the last is full");
        walked.extend(page.items.iter().map(|referrer| referrer.digest));
        if !page.more {
            return Ok(walked);
        }
    }
}
