//! From the versions that are asked for to those that there are: each dependency with the version that is
//! to be locked.

use anyhow::{Context as _, Result, anyhow, bail};
use chartroom_chart::{Chart, Choice, Constraint, Dependency, Limits, Version};
use chartroom_chart_repository::{Entry, Error};
use chartroom_oci::Tag;
use futures_util::{StreamExt as _, stream};

use super::Job;
use super::origin::{Origin, Repositories};
use crate::remote::{self, Sources};

/// How many lists of tags are asked for at a time.
const AT_A_TIME: usize = 4;

/// Finds the version of each dependency.
pub(super) async fn resolve(
    job: &Job<'_>,
    sources: &Sources<'_>,
    repositories: &mut Repositories,
    requirements: &[Dependency],
    origins: &[Origin],
) -> Result<Vec<Dependency>> {
    let mut listed = listings(sources, requirements, origins).await.into_iter();
    let mut locked = Vec::new();
    let mut unmet = Vec::new();
    for (dependency, origin) in requirements.iter().zip(origins) {
        let constraint: Constraint = dependency.version.parse().map_err(|error| {
            anyhow!("dependency {:?} has an invalid version/constraint format: {error}", dependency.name)
        })?;
        let tags = listed.next().flatten();
        let version = match origin {
            Origin::Vendored => {
                dependency.local_path(&job.chart)?;
                Some(dependency.version.clone())
            }
            Origin::Folder => in_folder(job, dependency, &constraint)?,
            Origin::Registry => Some(in_registry(dependency, tags)?),
            Origin::Classic(entry) => in_index(repositories, entry, dependency, &constraint)?,
        };
        match version {
            Some(version) => locked.push(Dependency {
                name: dependency.name.clone(),
                repository: dependency.repository.clone(),
                version,
                ..Dependency::default()
            }),
            None => unmet.push(format!(
                "{:?} (repository {:?}, version {:?})",
                dependency.name, dependency.repository, dependency.version
            )),
        }
    }
    if !unmet.is_empty() {
        bail!(
            "can't get a valid version for {} subchart(s): {}. Make sure a matching chart version exists in the repo, or change the version constraint in Chart.yaml",
            unmet.len(),
            unmet.join(", ")
        );
    }
    Ok(locked)
}

/// The tags of each dependency that has to be looked for in a registry.
async fn listings(
    sources: &Sources<'_>,
    requirements: &[Dependency],
    origins: &[Origin],
) -> Vec<Option<Result<Vec<Tag>>>> {
    let listings = requirements.iter().zip(origins).map(|(dependency, origin)| async move {
        let sought = matches!(origin, Origin::Registry)
            && Version::coerce(&dependency.version).is_err()
            && dependency.version.parse::<Constraint>().is_ok();
        if sought { Some(list(sources, dependency).await) } else { None }
    });
    stream::iter(listings).buffered(AT_A_TIME).collect().await
}

async fn list(sources: &Sources<'_>, dependency: &Dependency) -> Result<Vec<Tag>> {
    let place = format!("{}/{}", dependency.repository, dependency.name);
    let (_, repository) = remote::locate(sources.client()?, &place)?;
    Ok(repository.tags().await?)
}

/// A version is taken as it is; of a range the newest that there is. Where nothing fits, downloading will
/// tell.
fn in_registry(dependency: &Dependency, tags: Option<Result<Vec<Tag>>>) -> Result<String> {
    let Some(tags) = tags else { return Ok(dependency.version.clone()) };
    let tags = tags.with_context(|| {
        format!("could not retrieve list of tags for repository {}", dependency.repository)
    })?;
    let choice = Choice::matching(&dependency.version)?;
    let picked = choice.pick(tags.iter().map(Tag::as_str), &dependency.repository);
    Ok(picked.map_or_else(|_| dependency.version.clone(), |tag| tag.replace('_', "+")))
}

fn in_folder(job: &Job<'_>, dependency: &Dependency, constraint: &Constraint) -> Result<Option<String>> {
    let path = dependency.local_path(&job.chart)?.unwrap_or_default();
    let chart = Chart::from_directory(&path, &Limits::default())?;
    let fits = Version::coerce(chart.version()).is_ok_and(|version| constraint.matches(&version));
    Ok(fits.then(|| chart.version().to_owned()))
}

fn in_index(
    repositories: &mut Repositories,
    entry: &Entry,
    dependency: &Dependency,
    constraint: &Constraint,
) -> Result<Option<String>> {
    let index = repositories.index(entry).map_err(|error| no_index(entry, &error))?;
    let versions = index
        .entries
        .get(&dependency.name)
        .ok_or_else(|| anyhow!("{} chart not found in repo {}", dependency.name, dependency.repository))?;
    let mut fitting =
        versions.iter().filter(|version| !version.urls.is_empty() && constraint.matches(version.version()));
    Ok(fitting.next().map(|version| version.chart.version.clone()))
}

fn no_index(entry: &Entry, error: &Error) -> anyhow::Error {
    anyhow!("no cached repository for {} found. (try 'helm repo update'): {error}", entry.name)
}
