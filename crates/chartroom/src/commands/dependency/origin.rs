//! Where a dependency comes from, and getting the newest indexes of the repositories among them.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, anyhow};
use chartroom_chart::Dependency;
use chartroom_chart_repository::{Entry, Error, Index, IndexCache, address};

use super::Job;
use crate::commands::repo::{Named, refresh};
use crate::failure::Hinted;
use crate::remote::{self, Classic};

/// Where a dependency comes from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// It is a folder in `charts/` already.
    Vendored,
    /// A folder of this machine.
    Folder,
    /// A registry.
    Registry,
    /// A classic repository.
    Classic(Box<Entry>),
}

/// The classic repositories that a chart's dependencies can come from.
pub(super) struct Repositories {
    pub(super) classic: Classic,
    /// Those that have names.
    named: Vec<Entry>,
    /// The indexes that were read, by the names of the repositories.
    indexes: HashMap<String, Index>,
}

impl Repositories {
    pub(super) fn new(job: &Job<'_>) -> Result<Self> {
        let classic = Classic::over(job.connection);
        let named = classic.repositories()?.repositories;
        Ok(Self { classic, named, indexes: HashMap::new() })
    }

    /// Where each dependency comes from. Names of repositories in them become addresses.
    ///
    /// Unlike Helm, which goes by the names of charts, two dependencies of one name may come from
    /// different repositories.
    pub(super) fn origins(&self, job: &Job<'_>, dependencies: &mut [Dependency]) -> Result<Vec<Origin>> {
        let mut origins = Vec::new();
        let mut missing = Vec::new();
        for dependency in dependencies {
            let repository = dependency.repository.clone();
            origins.push(if repository.is_empty() {
                Origin::Vendored
            } else if repository.starts_with("file://") {
                dependency.local_path(&job.chart)?;
                job.detail(&format!("Repository from local path: {repository}"))?;
                Origin::Folder
            } else if repository.starts_with("oci://") {
                Origin::Registry
            } else if let Some(entry) = self.named.iter().find(|entry| entry.is_meant_by(&repository)) {
                if repository.starts_with('@') || repository.starts_with("alias:") {
                    dependency.repository.clone_from(&entry.url);
                }
                Origin::Classic(Box::new(entry.clone()))
            } else if repository.starts_with('/') || !address::scheme(&repository)?.is_empty() {
                let name = IndexCache::unmanaged_name(&repository);
                Origin::Classic(Box::new(Entry { name, url: repository, ..Entry::default() }))
            } else {
                missing.push(repository);
                Origin::Vendored
            });
        }
        if missing.is_empty() { Ok(origins) } else { Err(undefined(&missing)) }
    }

    /// That the addresses of classic repositories are those of repositories with names, as a lock may
    /// be followed only then.
    pub(super) fn must_have_names(&self, dependencies: &[Dependency]) -> Result<()> {
        let known = |url: &str| {
            let url = url.strip_suffix('/').unwrap_or(url);
            self.named.iter().any(|entry| address::equal(&entry.url, url))
        };
        let classic = dependencies
            .iter()
            .map(|dependency| dependency.repository.as_str())
            .filter(|url| !(url.is_empty() || url.starts_with("file://") || url.starts_with("oci://")));
        let missing: Vec<&str> = classic.filter(|url| !known(url)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let names = missing.join(", ");
        let first = missing.first().copied().unwrap_or_default();
        let error =
            anyhow!("no repository definition for {names}. Please add the missing repos via 'helm repo add'");
        Err(Hinted::new(error, format!("chartroom repo add NAME {first}")).into())
    }

    /// Gets the newest indexes of the repositories without names that are needed.
    pub(super) async fn refresh_unnamed(&mut self, job: &Job<'_>, origins: &[Origin]) -> Result<()> {
        let mut seen = HashSet::new();
        let mut unnamed = Vec::new();
        for origin in origins {
            if let Origin::Classic(entry) = origin
                && self.named.iter().all(|named| named.name != entry.name)
                && seen.insert(entry.url.trim_end_matches('/').to_owned())
            {
                unnamed.push(Entry::clone(entry));
            }
        }
        if unnamed.is_empty() {
            return Ok(());
        }
        (job.say)("Getting updates for unmanaged Helm repositories...")?;
        self.refresh(job, &unnamed, Named::ByUrl).await
    }

    /// Gets the newest indexes of all repositories with names, as Helm does.
    pub(super) async fn refresh_named(&mut self, job: &Job<'_>) -> Result<()> {
        // Of several names for one address, the last counts.
        let mut named: Vec<Entry> = Vec::new();
        for entry in &self.named {
            let url = entry.url.trim_end_matches('/');
            named.retain(|known| known.url.trim_end_matches('/') != url);
            named.push(entry.clone());
        }
        if named.is_empty() {
            return Ok(());
        }
        (job.say)("Hang tight while we grab the latest from your chart repositories...")?;
        self.refresh(job, &named, Named::ByName).await?;
        Ok((job.say)("Update Complete. ⎈Happy Helming!⎈")?)
    }

    async fn refresh(&mut self, job: &Job<'_>, entries: &[Entry], named: Named) -> Result<()> {
        for entry in entries {
            address::web(&entry.url)?;
        }
        let Classic { web, cache, .. } = &self.classic;
        for (entry, index) in refresh(web, cache, entries, named, &job.say).await? {
            if let Some(index) = index {
                self.indexes.insert(entry.name.clone(), index);
            }
        }
        Ok(())
    }

    /// The index of a repository: the one that just came, or the one that is here.
    pub(super) fn index(&mut self, entry: &Entry) -> Result<&Index, Error> {
        if !self.indexes.contains_key(&entry.name) {
            let read = remote::load(&self.classic.cache, &entry.name)?;
            self.indexes.insert(entry.name.clone(), read.index);
        }
        // It is there now.
        self.indexes.get(&entry.name).ok_or(Error::EmptyIndex)
    }
}

/// What to say of repositories that are neither addresses nor names.
fn undefined(missing: &[String]) -> anyhow::Error {
    let names = missing.join(", ");
    let mut text = format!("no repository definition for {names}. Please add them via 'helm repo add'");
    let is_word = |repository: &&String| {
        !(repository.contains("//") || repository.starts_with('@') || repository.starts_with("alias:"))
    };
    if missing.iter().any(|repository| is_word(&repository)) {
        text.push_str(
            "\nNote that repositories must be URLs or aliases. For example, to refer to the \"example\"\nrepository, use \"https://charts.example.com/\" or \"@example\" instead of\n\"example\". Don't forget to add the repo, too ('helm repo add').",
        );
    }
    anyhow!(text)
}
