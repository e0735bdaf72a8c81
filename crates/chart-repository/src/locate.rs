//! From what a user wrote to where the archive of a chart is, and with whose login it can be had:
//! `repository/chart`, a chart of a repository that has no name here, the address of an archive.

use chartroom_chart::go_path;
use chartroom_registry_client::Url;

use crate::address;
use crate::cache::IndexCache;
use crate::error::{Error, GetError, Result};
use crate::index::{ChartVersion, Index, Inexact, ReadIndex, Skipped};
use crate::repositories::{Entry, Repositories};
use crate::web::Web;

/// Where the archive of a chart is.
#[derive(Clone, Debug)]
pub struct Located {
    /// Its address.
    pub url: Url,
    /// The repository that it belongs to, by whose login and options it can be had.
    pub repository: Entry,
    /// The digest that the index has for it (hexadecimal, SHA-256), or nothing.
    pub digest: String,
    /// The version in the index.
    pub version: String,
    /// When another version than the one that was asked for is near enough.
    pub inexact: Option<Inexact>,
    /// What was left out of the index.
    pub skipped: Vec<Skipped>,
    /// Where the index is: a path or an address.
    pub source: String,
}

impl Located {
    fn new(repository: Entry, read: ReadIndex, source: String, found: Found) -> Self {
        let Found { url, digest, version, inexact } = found;
        Self { url, repository, digest, version, inexact, skipped: read.skipped, source }
    }
}

struct Found {
    url: Url,
    digest: String,
    version: String,
    inexact: Option<Inexact>,
}

/// Finds `repository/chart` by the index that is on this machine. `given` is what the command line
/// says of logins: it holds where the repository has none of its own.
///
/// # Errors
///
/// When there is no such repository, its index is not here, or it has no such chart.
pub fn find_named(
    repositories: &Repositories,
    cache: &IndexCache,
    reference: &str,
    version: &str,
    given: &Entry,
) -> Result<Located> {
    let no_name = || Error::NoRepositoryName(reference.to_owned());
    let (name, chart) = reference.split_once('/').ok_or_else(no_name)?;
    let entry = repositories.get(name).ok_or_else(|| Error::UnknownRepository(name.to_owned()))?;
    if entry.url.is_empty() {
        return Err(Error::RepositoryWithoutUrl(name.to_owned()));
    }
    address::web(&entry.url)?;
    let (read, path) = cache.load(name).map_err(|error| Error::NotCached(Box::new(error)))?;
    let chosen = read.index.get(chart, version).map_err(|source| Error::NotInIndex {
        chart: chart.to_owned(),
        version: version.to_owned(),
        repository: name.to_owned(),
        source,
    })?;
    let no_download = || Error::NoDownload(format!("chart {reference:?}"));
    let found = found(&entry.url, chosen, version, no_download)?;
    Ok(Located::new(or_given(entry, given), read, path.display().to_string(), found))
}

/// Finds a chart in a repository by its address. `repository` has the login for it.
///
/// # Errors
///
/// When it is no repository, or has no such chart.
pub async fn find_at(web: &Web, repository: &Entry, chart: &str, version: &str) -> Result<Located> {
    let url = &repository.url;
    let read = match web.index(repository).await {
        Ok((_, read)) => read,
        Err(error @ (Error::NoHandler(_) | Error::NoUrl(_))) => return Err(error),
        Err(error) => return Err(Error::NotARepository { url: url.clone(), source: Box::new(error) }),
    };
    let mut named = format!("chart {chart:?}");
    if !version.is_empty() {
        named = format!("{named} version {version:?}");
    }
    let not_found = |_: GetError| Error::ChartNotFound { chart: named.clone(), url: url.clone() };
    let chosen = read.index.get(chart, version).map_err(not_found)?;
    let found = found(url, chosen, version, || Error::NoDownload(named.clone()))?;
    Ok(Located::new(repository.clone(), read, url.clone(), found))
}

/// The repository whose index names this address in full, so that its login and options are the right
/// ones for it.
pub fn owner_of<'r>(repositories: &'r Repositories, cache: &IndexCache, url: &Url) -> Option<&'r Entry> {
    // Few indexes have it, and reading one takes long: most are told by their bytes.
    let last = url.path().rsplit('/').next().unwrap_or_default();
    let names = |index: &Index| {
        let mut urls = index.entries.values().flatten().flat_map(|version| &version.urls);
        urls.any(|known| address::equal(known, url.as_str()))
    };
    repositories.repositories.iter().find(|entry| {
        cache.mentions(&entry.name, last) && cache.load(&entry.name).is_ok_and(|(read, _)| names(&read.index))
    })
}

fn found(
    repository: &str,
    chosen: &ChartVersion,
    version: &str,
    no_download: impl Fn() -> Error,
) -> Result<Found> {
    let url = chosen.urls.first().ok_or_else(no_download)?;
    Ok(Found {
        url: address::resolve(repository, url)?,
        digest: chosen.digest.clone(),
        version: chosen.chart.version.clone(),
        inexact: Inexact::of(version, chosen),
    })
}

/// A repository with the login of the command line, where it has none.
fn or_given(entry: &Entry, given: &Entry) -> Entry {
    if !entry.username.is_empty() && !entry.password.is_empty() {
        return entry.clone();
    }
    Entry {
        username: given.username.clone(),
        password: given.password.clone(),
        pass_credentials_all: given.pass_credentials_all,
        ..entry.clone()
    }
}

impl Entry {
    /// Whether a dependency of this repository means this one: by its address, or by its name after
    /// `@` or `alias:`.
    pub fn is_meant_by(&self, repository: &str) -> bool {
        let alias = repository.strip_prefix('@').or_else(|| repository.strip_prefix("alias:"));
        alias == Some(self.name.as_str()) || address::equal(&self.url, repository)
    }
}

/// What people see of the name of a chart in a repository: `repository/chart`.
pub(crate) fn full_name(repository: &str, chart: &str) -> String {
    go_path::join(&[repository, chart])
}
