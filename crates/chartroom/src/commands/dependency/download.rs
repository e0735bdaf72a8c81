//! Getting the charts that were resolved: from registries and web servers several at a time, from folders
//! by packaging them. What is done is told in the order of the dependencies, whatever comes first.

use std::collections::HashMap;

use anyhow::{Context as _, Result, anyhow, bail};
use chartroom_chart::{Chart, Constraint, Dependency, Limits, Staging, Version, go_path};
use chartroom_chart_repository::{Entry, Index, address};
use chartroom_oci::Digest;
use chartroom_registry_client::Url;
use futures_util::{StreamExt as _, stream};

use super::origin::{Origin, Repositories};
use super::{Job, Verify};
use crate::commands::package::source_date;
use crate::failure;
use crate::remote::{Classic, Downloaded, Sources, Wanted};

/// How many archives are downloaded at a time.
const AT_A_TIME: usize = 4;

/// Where an archive is.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Place {
    /// The address with the name of the chart, and the version.
    Registry(String, String),
    Web(Box<Target>),
}

/// An archive of a web server.
#[derive(Clone)]
struct Target {
    url: Url,
    repository: Entry,
    /// What the index says of it.
    digest: String,
    /// What it is called if its address doesn't tell.
    file_name: String,
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

impl Eq for Target {}

impl std::hash::Hash for Target {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.url.hash(state);
    }
}

/// An archive that came.
struct Got {
    /// What it is called in `charts/`.
    file_name: String,
    downloaded: Downloaded,
}

impl Place {
    /// What people see of it when it can't be had.
    fn shown(&self) -> String {
        match self {
            Self::Registry(chart, _) => chart.clone(),
            Self::Web(target) => target.url.to_string(),
        }
    }

    async fn get(&self, sources: &Sources<'_>, classic: &Classic, provenance: bool) -> Result<Got> {
        match self {
            Self::Registry(chart, version) => {
                let wanted = Wanted { chart, version: Some(version), devel: false, provenance };
                let downloaded = sources.download(&wanted).await?;
                Ok(Got { file_name: downloaded.file_name(), downloaded })
            }
            Self::Web(target) => {
                let Target { url, repository, digest, .. } = &**target;
                let downloaded = Downloaded::from_web(classic, repository, url, digest, provenance).await?;
                // Only what is called an archive is found in charts/.
                let own = Some(downloaded.file_name()).filter(|name| name.ends_with(".tgz"));
                let file_name = own.unwrap_or_else(|| target.file_name.clone());
                Ok(Got { file_name, downloaded })
            }
        }
    }
}

/// Gets all of them into the staging folder. Versions of folders that are packaged are noted in the list.
/// Gives the digest of each archive that was downloaded.
pub(super) async fn download(
    job: &Job<'_>,
    sources: &Sources<'_>,
    repositories: &mut Repositories,
    locked: &mut [Dependency],
    origins: &[Origin],
    staging: &Staging,
) -> Result<Vec<Option<Digest>>> {
    (job.say)(&format!("Saving {} charts", locked.len()))?;
    let places: Vec<Option<Result<Place>>> = locked
        .iter()
        .zip(origins)
        .map(|(dependency, origin)| match origin {
            Origin::Vendored | Origin::Folder => None,
            Origin::Registry => Some(Ok(Place::Registry(
                format!("{}/{}", dependency.repository, dependency.name),
                dependency.version.clone(),
            ))),
            Origin::Classic(entry) => Some(in_index(repositories, entry, dependency)),
        })
        .collect();
    let saved = save(job, sources, repositories, locked, &places, staging).await;
    if let Err(Failed { error, told: true }) = &saved {
        (job.say)(&format!("Save error occurred:  {}", failure::text(error)))?;
    }
    saved.map_err(|failed| failed.error)
}

/// Why not all could be had, and whether Helm tells so among what it does, too.
struct Failed {
    error: anyhow::Error,
    told: bool,
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { error: error.into(), told: false }
    }
}

fn told(error: anyhow::Error) -> Failed {
    Failed { error, told: true }
}

async fn save(
    job: &Job<'_>,
    sources: &Sources<'_>,
    repositories: &Repositories,
    locked: &mut [Dependency],
    places: &[Option<Result<Place>>],
    staging: &Staging,
) -> Result<Vec<Option<Digest>>, Failed> {
    let classic = &repositories.classic;
    // Each archive once, in order, up to the first that is nowhere.
    let mut wanted: Vec<&Place> = Vec::new();
    for place in places.iter().flatten() {
        let Ok(place) = place else { break };
        if !wanted.contains(&place) {
            wanted.push(place);
        }
    }
    let signed = job.verify.is_some();
    let downloads =
        wanted.into_iter().map(|place| async move { (place, place.get(sources, classic, signed).await) });
    let mut downloads = stream::iter(downloads).buffered(AT_A_TIME);
    let mut here: HashMap<&Place, Got> = HashMap::new();
    let mut digests = Vec::new();
    for (dependency, place) in locked.iter_mut().zip(places) {
        let Dependency { name, repository, .. } = &*dependency;
        let place = match place {
            None if repository.is_empty() => {
                (job.say)(&format!(
                    "Dependency {name} did not declare a repository. Assuming it exists in the charts directory"
                ))?;
                check_vendored(job, dependency)?;
                digests.push(None);
                continue;
            }
            None => {
                job.detail(&format!("Archiving {name} from repo {repository}"))?;
                dependency.version = archive_folder(job, dependency, staging).map_err(told)?;
                digests.push(None);
                continue;
            }
            Some(Err(error)) => return Err(told(anyhow!("could not find : {error}"))),
            Some(Ok(place)) => place,
        };
        if matches!(place, Place::Web(_)) && here.contains_key(place) {
            (job.say)(&format!("Already downloaded {name} from repo {repository}"))?;
        } else {
            (job.say)(&format!("Downloading {name} from repo {repository}"))?;
        }
        while !here.contains_key(place) {
            let Some((place, got)) = downloads.next().await else { break };
            let got = got.with_context(|| format!("could not download {}", place.shown())).map_err(told)?;
            here.insert(place, got);
        }
        let Some(got) = here.get(place) else { continue };
        if let Some(announcement) = got.downloaded.announcement() {
            (job.announce)(&announcement)?;
        }
        verify(job, &got.downloaded, place)
            .with_context(|| format!("could not download {}", place.shown()))
            .map_err(told)?;
        staging.add(&got.file_name, got.downloaded.archive())?;
        digests.push(Some(Digest::sha256(got.downloaded.archive())));
    }
    Ok(digests)
}

/// Verifies an archive by its provenance file, if that is asked for.
fn verify(job: &Job<'_>, downloaded: &Downloaded, place: &Place) -> Result<()> {
    let Some(Verify { keyring, required }) = &job.verify else { return Ok(()) };
    if downloaded.provenance().is_none() && !required {
        let why = downloaded.no_provenance();
        (job.say)(&format!("WARNING: Verification not found for {}: {why}", place.shown()))?;
        return Ok(());
    }
    downloaded.verified(keyring).map(drop)
}

/// Where the index of a repository has the version that is locked.
fn in_index(repositories: &mut Repositories, entry: &Entry, dependency: &Dependency) -> Result<Place> {
    let index: &Index = repositories.index(entry)?;
    let versions = index.entries.get(&dependency.name).ok_or_else(|| anyhow!("entry not found"))?;
    let wanted = Version::coerce(&dependency.version);
    let is_it = |own: &chartroom_chart_repository::ChartVersion| match &wanted {
        Ok(wanted) => own.version() == wanted || own.version().cmp_precedence(wanted).is_eq(),
        Err(_) => own.chart.version == dependency.version,
    };
    // Of two that differ in build metadata only, the one that was locked.
    let exact = versions.iter().find(|own| own.chart.version == dependency.version && !own.urls.is_empty());
    let version = exact.or_else(|| versions.iter().find(|own| is_it(own) && !own.urls.is_empty()));
    let version = version.ok_or_else(|| anyhow!("no matching version"))?;
    let url = version.urls.first().map(String::as_str).unwrap_or_default();
    Ok(Place::Web(Box::new(Target {
        url: address::resolve(&dependency.repository, url)?,
        repository: entry.clone(),
        digest: version.digest.clone(),
        file_name: format!("{}-{}.tgz", version.chart.name, version.chart.version),
    })))
}

/// That a chart which is in `charts/` already fits.
fn check_vendored(job: &Job<'_>, dependency: &Dependency) -> Result<(), Failed> {
    let Dependency { name, version, .. } = dependency;
    let path = go_path::join(&[&job.chart.to_string_lossy(), "charts", name]);
    let chart = Chart::from_directory(path.as_ref(), &Limits::default())
        .with_context(|| format!("unable to load chart '{path}'"))?;
    let constraint: Constraint = version
        .parse()
        .with_context(|| format!("dependency {name} has an invalid version/constraint format"))?;
    let found = Version::coerce(chart.version())
        .with_context(|| format!("invalid version {version} for dependency {name}"))?;
    if !constraint.matches(&found) {
        let found = chart.version();
        return Err(told(anyhow!(
            "dependency {name} at version {found} does not satisfy the constraint {version}"
        )));
    }
    Ok(())
}

/// Packages the folder of a dependency; gives its version.
fn archive_folder(job: &Job<'_>, dependency: &Dependency, staging: &Staging) -> Result<String> {
    let Dependency { name, version, .. } = dependency;
    let path = dependency.local_path(&job.chart)?.unwrap_or_default();
    let mut chart = Chart::from_directory(&path, &Limits::default())?;
    if let Some(time) = source_date()? {
        chart.stamp(time);
    }
    let constraint: Constraint = version
        .parse()
        .with_context(|| format!("dependency {name} has an invalid version/constraint format"))?;
    if !constraint.matches(&Version::coerce(chart.version())?) {
        bail!("can't get a valid version for dependency {name}");
    }
    staging.add(&chart.archive_name(), &chart.to_archive()?)?;
    Ok(chart.version().to_owned())
}
