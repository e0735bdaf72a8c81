//! Charts.

use chartroom_oci::RepositoryName;

use super::samples::{Outcome, any_image, at, chart, chart_record, repository, tag};
use crate::{Catalog, ChartVersion, Deleted, Page, Result};

/// Charts are known with their tags and what was read of them, as long as they have a tag.
pub async fn charts(catalog: &dyn Catalog) -> Outcome {
    let ours = repository("charts/webapp")?;
    assert_eq!(catalog.chart_versions(&ours).await?, []);
    assert_eq!(list(catalog, None, 10).await?, (vec![], false));

    let (old, new) = (chart("webapp", "0.9.0")?, chart("webapp", "1.2.3+build.5")?);
    let (old_digest, new_digest) = (old.digest, new.digest);
    catalog.put_manifest(&ours, new.clone().tagged(&["stable", "1.2.3_build.5"])?, at(1)).await?;
    catalog.put_manifest(&ours, old.clone().tagged(&["0.9.0"])?, at(2)).await?;
    catalog.put_manifest(&ours, chart("webapp", "untagged")?, at(3)).await?;
    catalog.put_manifest(&ours, any_image("image")?.tagged(&["image"])?, at(3)).await?;
    let mut unread = chart("webapp", "unread")?.tagged(&["unread"])?;
    unread.chart = None;
    catalog.put_manifest(&ours, unread, at(3)).await?;

    let old_version = ChartVersion {
        digest: old_digest,
        tags: vec![tag("0.9.0")?],
        record: chart_record("webapp", "0.9.0"),
        pushed_at: at(2),
    };
    let new_version = ChartVersion {
        digest: new_digest,
        tags: vec![tag("1.2.3_build.5")?, tag("stable")?],
        record: chart_record("webapp", "1.2.3+build.5"),
        pushed_at: at(1),
    };
    assert_eq!(versions(catalog, &ours).await?, [old_version.clone(), new_version.clone()]);
    assert!(versions(catalog, &repository("other")?).await?.is_empty());

    // What is read anew replaces what was read; the time of the push stays.
    let mut again = old.clone();
    let mut record = chart_record("webapp", "0.9.0");
    record.provenance = true;
    record.archive = None;
    record.created = at(-5);
    record.metadata.description = None;
    again.chart = Some(record.clone());
    catalog.put_manifest(&ours, again, at(9)).await?;
    assert_eq!(versions(catalog, &ours).await?[0], ChartVersion { record, ..old_version.clone() });
    // A push of which nothing could be read takes nothing away.
    catalog.put_manifest(&ours, old.clone(), at(9)).await?;
    let mut silent = old;
    silent.chart = None;
    catalog.put_manifest(&ours, silent, at(9)).await?;
    assert_eq!(versions(catalog, &ours).await?[0], old_version);

    // In other repositories, in byte order and pages.
    for name in ["charts/api", "charts-old/api", "charts/webapp/sub"] {
        catalog.put_manifest(&repository(name)?, chart("api", "1.0.0")?.tagged(&["1.0.0"])?, at(4)).await?;
    }
    catalog
        .put_manifest(&repository("charts/image")?, any_image("image")?.tagged(&["1.0.0"])?, at(4))
        .await?;
    catalog.put_manifest(&repository("charts/untagged")?, chart("api", "1.0.0")?, at(4)).await?;
    let all = ["charts-old/api", "charts/api", "charts/webapp", "charts/webapp/sub"].map(str::to_owned);
    assert_eq!(list(catalog, None, 10).await?, (all.to_vec(), false));
    assert_eq!(list(catalog, None, 4).await?, (all.to_vec(), false));
    assert_eq!(list(catalog, None, 3).await?, (all[..3].to_vec(), true));
    assert_eq!(list(catalog, Some("charts/api"), 1).await?, (vec![all[2].clone()], true));
    assert_eq!(list(catalog, Some("charts/b"), 9).await?, (all[2..].to_vec(), false));
    assert_eq!(list(catalog, None, 0).await?, (vec![], true));

    // Tags go, and with the last one the chart.
    assert_eq!(catalog.delete_tag(&ours, &tag("stable")?, false).await?, Deleted::Yes);
    assert_eq!(versions(catalog, &ours).await?[1].tags, [tag("1.2.3_build.5")?]);
    assert_eq!(catalog.delete_tag(&ours, &tag("1.2.3_build.5")?, false).await?, Deleted::Yes);
    assert_eq!(versions(catalog, &ours).await?.len(), 1);
    assert_eq!(catalog.delete_manifest(&ours, &old_digest, false, at(5)).await?, Deleted::Yes);
    assert_eq!(versions(catalog, &ours).await?, []);
    assert_eq!(list(catalog, Some("charts/api"), 9).await?, (vec![all[3].clone()], false));
    Ok(())
}

/// The charts of a repository by version, because they come in no particular order.
async fn versions(catalog: &dyn Catalog, repository: &RepositoryName) -> Result<Vec<ChartVersion>> {
    let mut versions = catalog.chart_versions(repository).await?;
    versions.sort_by(|a, b| a.record.metadata.version.cmp(&b.record.metadata.version));
    Ok(versions)
}

async fn list(catalog: &dyn Catalog, after: Option<&str>, limit: usize) -> Result<(Vec<String>, bool)> {
    let Page { items, more } = catalog.chart_repositories(after, limit).await?;
    Ok((items.iter().map(RepositoryName::to_string).collect(), more))
}
