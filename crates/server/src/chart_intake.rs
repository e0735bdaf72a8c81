//! Looks at a chart when its manifest arrives: reads its metadata, and says what is odd.

use chartroom_catalog::{ChartArchive, ChartRecord};
use chartroom_chart::{Metadata, Version, looks_like_version};
use chartroom_oci::{Descriptor, Manifest, MediaType, RepositoryName, Tag};
use jiff::Timestamp;

use crate::Error;
use crate::endpoints::blobs::{Small, read_small};
use crate::registry::Shared;

/// What was found out about a manifest.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    /// What the catalog will keep; `None` for what is no chart, or one that can't be read.
    pub(crate) record: Option<ChartRecord>,
    /// What whoever pushes should know.
    pub(crate) warnings: Vec<String>,
}

/// Examines a manifest that is about to be pushed under some tags.
///
/// A chart whose config or archive is not in the repository is refused: nobody could use it. What is
/// merely inconsistent is refused under `charts.strict` and warned about otherwise.
pub(crate) async fn examine(
    shared: &Shared,
    repository: &RepositoryName,
    manifest: &Manifest,
    tags: &[Tag],
    now: Timestamp,
) -> Result<Intake, Error> {
    let Some(config) = manifest.config.as_ref().filter(|_| manifest.is_chart()) else {
        return Ok(Intake::default());
    };
    let mut warnings = Vec::new();
    let archive = layer(manifest, &[MediaType::HELM_CHART, MediaType::HELM_CHART_LEGACY]);
    match archive {
        None => warnings.push("the chart's manifest has no layer with the chart's archive".to_owned()),
        Some(archive) if shared.catalog.blob(repository, &archive.digest).await?.is_none() => {
            return Err(Error::ChartBlobMissing(repository.clone(), archive.digest));
        }
        Some(_) => {}
    }
    let metadata = match metadata(shared, repository, config).await? {
        Ok(metadata) => {
            disagreements(&metadata, repository, tags, &mut warnings);
            Some(metadata)
        }
        Err(reason) => {
            warnings.push(reason);
            None
        }
    };
    if shared.rules.strict_charts && !warnings.is_empty() {
        return Err(Error::InvalidChart(warnings.join("; ")));
    }
    let record = metadata.map(|metadata| ChartRecord {
        metadata,
        archive: archive.map(|layer| ChartArchive { digest: layer.digest, size: layer.size }),
        provenance: layer(manifest, &[MediaType::HELM_PROVENANCE]).is_some(),
        created: created(manifest).unwrap_or(now),
    });
    Ok(Intake { record, warnings })
}

/// The first layer of one of these types. Helm sorts layers by digest, so its place says nothing.
fn layer<'a>(manifest: &'a Manifest, types: &[MediaType]) -> Option<&'a Descriptor> {
    manifest.layers.iter().find(|layer| types.contains(&layer.media_type))
}

fn created(manifest: &Manifest) -> Option<Timestamp> {
    manifest.annotations.get("org.opencontainers.image.created")?.parse().ok()
}

/// Reads the config; the inner error is a sentence about the chart.
async fn metadata(
    shared: &Shared,
    repository: &RepositoryName,
    config: &Descriptor,
) -> Result<Result<Metadata, String>, Error> {
    let limit = Metadata::MAX_CONFIG as u64;
    Ok(match read_small(shared, repository, &config.digest, limit).await? {
        Small::Whole(bytes) => Metadata::from_config(&bytes).map_err(|error| error.to_string()),
        Small::TooLarge => Err("the chart's metadata is larger than 1 MiB and was not read".to_owned()),
        Small::Unknown => return Err(Error::ChartBlobMissing(repository.clone(), config.digest)),
    })
}

/// Says where name, version, repository and tags disagree.
fn disagreements(metadata: &Metadata, repository: &RepositoryName, tags: &[Tag], warnings: &mut Vec<String>) {
    let Metadata { name, version, .. } = metadata;
    if name != repository.last_component() {
        warnings.push(format!(
            "the chart's name is {name}, the repository's last part is {}; Helm looks for a chart under its name",
            repository.last_component()
        ));
    }
    let parsed = version.parse::<Version>();
    if let Err(error) = &parsed {
        warnings.push(format!("the chart's version {error}; Helm will not find it when it lists versions"));
    }
    for tag in tags {
        if let Ok(tagged) = Version::from_tag(tag.as_str()) {
            if !parsed.as_ref().is_ok_and(|version| *version == tagged) {
                warnings.push(format!("the tag is {tag}, the chart's version is {version}"));
            }
        } else if looks_like_version(tag.as_str()) {
            warnings.push(format!(
                "the tag {tag} is not strict SemVer; Helm will not find it when it lists versions"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn warnings(name: &str, version: &str, repository: &str, tags: &[&str]) -> usize {
        let metadata = Metadata { name: name.to_owned(), version: version.to_owned(), ..Metadata::default() };
        let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        let mut warnings = Vec::new();
        disagreements(&metadata, &repository.parse().unwrap(), &tags, &mut warnings);
        warnings.len()
    }

    #[test]
    fn what_agrees_gives_no_warning() {
        assert_eq!(warnings("webapp", "1.2.3", "charts/webapp", &["1.2.3"]), 0);
        assert_eq!(warnings("webapp", "1.2.3+b.5", "charts/webapp", &["1.2.3_b.5", "stable", "latest"]), 0);
        assert_eq!(warnings("webapp", "1.2.3", "webapp", &[]), 0);
    }

    #[test]
    fn each_disagreement_gives_one() {
        assert_eq!(warnings("webapp", "1.2.3", "charts/web", &["1.2.3"]), 1);
        assert_eq!(warnings("webapp", "1.2.3", "charts/webapp", &["1.2.4"]), 1);
        assert_eq!(warnings("webapp", "1.2.3", "charts/webapp", &["v1.2.3"]), 1);
        assert_eq!(warnings("webapp", "1.2", "charts/webapp", &[]), 1);
        assert_eq!(warnings("webapp", "v1.2.3", "charts/web", &["1.2.3"]), 3);
    }
}
