//! `chartroom tags`

use anyhow::{Context as _, Result};
use chartroom_chart::{Constraint, Metadata, Version};
use chartroom_cli::{OutputFormat, Tags};
use chartroom_oci::{Digest, Reference, Tag};
use chartroom_registry_client::Repository;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

use super::{Outcome, run_client};
use crate::{output, printer, remote, table};

/// How many manifests are asked for at a time.
pub(super) const AT_A_TIME: usize = 8;

/// One tag, and what is known of what it names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) tag: String,
    /// As `Chart.yaml` has it, with its `+`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
}

#[derive(Serialize)]
struct Listing<'a> {
    repository: String,
    tags: &'a [Entry],
}

/// Lists the versions of a chart.
pub(crate) fn tags(flags: &Tags) -> Result<Outcome> {
    let (name, entries) = run_client(async {
        let client = remote::client(&flags.connection)?;
        let (parts, repository) = remote::locate(&client, &flags.chart)?;
        let constraint = flags.version.as_deref().map(str::parse::<Constraint>).transpose()?;
        let listed = repository.tags().await?;
        let ordered = order(listed, constraint.as_ref());
        let entries: Vec<Entry> = if flags.short {
            ordered.into_iter().map(|(tag, version)| Entry::unknown(&tag, version.as_ref())).collect()
        } else {
            let entries = ordered.into_iter().map(|(tag, version)| examine(&repository, tag, version));
            stream::iter(entries).buffered(AT_A_TIME).try_collect().await?
        };
        anyhow::Ok((format!("oci://{}/{}", parts.host, repository.name()), entries))
    })?;
    let format = if flags.json { OutputFormat::Json } else { flags.output };
    if output::structured(format, &Listing { repository: name, tags: &entries })? {
        return Ok(Outcome::Success);
    }
    if flags.short {
        for entry in &entries {
            printer::result(entry.version.as_deref().unwrap_or(&entry.tag))?;
        }
    } else {
        print(&entries)?;
    }
    Ok(Outcome::Success)
}

/// Whether a tag only says that something belongs to a manifest: the list of what refers to it
/// (`sha256-<hex>`), and cosign's signatures and SBOMs (`sha256-<hex>.sig`).
fn is_companion(tag: &Tag) -> bool {
    let Some((algorithm, rest)) = tag.as_str().split_once('-') else { return false };
    let hex = rest.split('.').next().unwrap_or_default();
    format!("{algorithm}:{hex}").parse::<Digest>().is_ok()
}

/// Versions first, newest first, then the other tags by name; with a range, only what is in it.
pub(super) fn order(tags: Vec<Tag>, constraint: Option<&Constraint>) -> Vec<(Tag, Option<Version>)> {
    let read = tags.into_iter().filter(|tag| !is_companion(tag)).map(|tag| {
        let version = Version::from_tag(tag.as_str()).ok();
        (tag, version)
    });
    let wanted = |version: &Option<Version>| {
        constraint.is_none_or(|range| version.as_ref().is_some_and(|version| range.matches(version)))
    };
    let mut tags: Vec<_> = read.filter(|(_, version)| wanted(version)).collect();
    tags.sort_by(|(one, first), (other, second)| second.cmp(first).then_with(|| one.cmp(other)));
    tags
}

impl Entry {
    fn unknown(tag: &Tag, version: Option<&Version>) -> Self {
        Self {
            tag: tag.to_string(),
            version: version.map(ToString::to_string),
            app_version: None,
            description: None,
            created: None,
            deprecated: None,
            digest: None,
        }
    }
}

/// Asks what a tag names. What is no chart is listed with its digest alone.
pub(super) async fn examine(repository: &Repository, tag: Tag, version: Option<Version>) -> Result<Entry> {
    let mut entry = Entry::unknown(&tag, version.as_ref());
    let fetched = match repository.manifest(&Reference::Tag(tag.clone())).await {
        Ok(fetched) => fetched,
        // Deleted since it was listed.
        Err(error) if error.is_not_found() => return Ok(entry),
        Err(error) => return Err(error).with_context(|| format!("can't fetch {tag}")),
    };
    entry.digest = Some(fetched.digest);
    let Ok(manifest) = remote::chart_of(repository, &fetched).await else {
        return Ok(entry);
    };
    entry.created = manifest.annotations.get("org.opencontainers.image.created").cloned();
    let Some(config) = manifest.config.as_ref().filter(|_| manifest.is_chart()) else {
        return Ok(entry);
    };
    let config = repository.blob(&config.digest, Metadata::MAX_CONFIG as u64).await?;
    if let Ok(metadata) = Metadata::from_config(&config) {
        entry.app_version = metadata.app_version;
        entry.description = metadata.description;
        entry.deprecated = Some(metadata.deprecated);
        if entry.version.is_none() && tag.as_str() != metadata.version {
            // A floating tag: say which version it stands for.
            entry.version = Some(metadata.version);
        }
    }
    Ok(entry)
}

fn print(entries: &[Entry]) -> Result<()> {
    let rows: Vec<[String; 6]> = entries.iter().map(Entry::row).collect();
    let headings = ["TAG", "VERSION", "APP VERSION", "CREATED", "DIGEST", ""];
    Ok(printer::result(&table::render(headings, &rows))?)
}

impl Entry {
    fn row(&self) -> [String; 6] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            self.tag.clone(),
            text(&self.version),
            text(&self.app_version),
            text(&self.created),
            self.digest.map(|digest| digest.to_string()).unwrap_or_default(),
            if self.deprecated == Some(true) { "deprecated".to_owned() } else { String::new() },
        ]
    }
}
