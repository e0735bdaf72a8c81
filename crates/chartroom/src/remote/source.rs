//! From what a user wrote for a chart to the chart: a path, `oci://…`, `repository/chart`, the name of a
//! chart beside `--repo`, the address of an archive. Every command that takes a chart comes here.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use bytes::Bytes;
use chartroom_chart::{Chart, Limits};
use chartroom_chart_repository::{Entry, Error, Located, address, find_at, find_named, owner_of};
use chartroom_cli::{ChartRepository, Connection};
use chartroom_oci::Digest;
use chartroom_provenance::Verification;
use chartroom_registry_client::Url;

use super::Remote;
use super::classic::{self, Classic};
use super::fetch::Fetched;
use crate::failure::Hinted;
use crate::{content_cache, helm_log, provenance, remote};

/// Where charts come from, as the flags of a command have it. Connections are made when they are needed
/// first, and kept.
pub(crate) struct Sources<'a> {
    connection: &'a Connection,
    repository: &'a ChartRepository,
    client: OnceCell<Remote>,
    classic: OnceCell<Classic>,
}

/// A chart that is wanted.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// As the user wrote it.
    pub(crate) chart: &'a str,
    /// `--version`
    pub(crate) version: Option<&'a str>,
    /// `--devel`
    pub(crate) devel: bool,
    /// Whether the provenance file is wanted, too.
    pub(crate) provenance: bool,
}

/// A chart, where it was found.
pub(crate) enum Obtained {
    /// A folder or an archive of this machine.
    Local(PathBuf),
    /// What was downloaded.
    Downloaded(Downloaded),
}

/// A chart's archive that was downloaded.
pub(crate) enum Downloaded {
    /// From a registry.
    Registry(Box<Fetched>),
    /// From a web server.
    Web(Box<WebArchive>),
}

/// A chart's archive from a web server.
pub(crate) struct WebArchive {
    /// Where it was.
    url: Url,
    /// The name of the file there.
    file_name: String,
    archive: Bytes,
    /// The provenance file, if it was asked for and is there; else why not.
    provenance: Result<Option<Bytes>, Error>,
}

impl Wanted<'_> {
    /// The version that is asked for, as classic repositories take it.
    fn range(&self) -> &str {
        match self.version.map(str::trim).unwrap_or_default() {
            "" if self.devel => ">0.0.0-0",
            version => version,
        }
    }
}

impl<'a> Sources<'a> {
    /// As the flags have it.
    pub(crate) fn new(connection: &'a Connection, repository: &'a ChartRepository) -> Self {
        Self { connection, repository, client: OnceCell::new(), classic: OnceCell::new() }
    }

    /// The way to registries.
    pub(crate) fn client(&self) -> Result<&Remote> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = remote::client(self.connection)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// The way to classic repositories.
    pub(crate) fn classic(&self) -> &Classic {
        self.classic.get_or_init(|| Classic::over(self.connection))
    }

    /// Finds a chart: a path of this machine, if there is such a one, else as [`Self::download`].
    pub(crate) async fn obtain(&self, wanted: &Wanted<'_>) -> Result<Obtained> {
        let chart = wanted.chart.trim();
        if self.repository.repo.is_none() {
            let path = Path::new(chart);
            if path.exists() {
                // As with Helm, errors name the whole path.
                let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
                return Ok(Obtained::Local(path));
            }
            if path.is_absolute() || chart.starts_with('.') {
                bail!("path {chart:?} not found");
            }
        }
        Ok(Obtained::Downloaded(self.download(&Wanted { chart, ..*wanted }).await?))
    }

    /// Downloads a chart. Paths of this machine don't count.
    pub(crate) async fn download(&self, wanted: &Wanted<'_>) -> Result<Downloaded> {
        let Wanted { chart, version, devel, provenance } = *wanted;
        if self.repository.repo.is_none() && chart.starts_with("oci://") {
            let fetched = remote::fetch(self.client()?, chart, version, devel, provenance).await?;
            return Ok(Downloaded::Registry(Box::new(fetched)));
        }
        let (url, repository, digest) = self.find(wanted).await?;
        let downloaded = Downloaded::from_web(self.classic(), &repository, &url, &digest, provenance).await;
        downloaded.map_err(|error| in_registry(error, chart))
    }

    /// Where the archive is, by whose login it can be had, and the digest that an index has for it.
    async fn find(&self, wanted: &Wanted<'_>) -> Result<(Url, Entry, String)> {
        let chart = wanted.chart;
        let classic = self.classic();
        let given = |url: &str| classic::given(url, self.repository, self.connection);
        if let Some(repo) = &self.repository.repo {
            if repo.starts_with("oci://") {
                return Err(not_classic(repo, chart).into());
            }
            return Ok(told(find_at(&classic.web, &given(repo), chart, wanted.range()).await?));
        }
        let repositories = classic.repositories()?;
        if !chart.contains("://") {
            let found = find_named(&repositories, &classic.cache, chart, wanted.range(), &given(""));
            return Ok(told(found.map_err(|error| in_registry(error, chart))?));
        }
        let scheme = address::scheme(chart)?;
        if !matches!(scheme.as_str(), "http" | "https") {
            bail!("scheme {scheme:?} not supported");
        }
        let url = address::web(chart)?;
        if chart.split_once("://").is_none_or(|(_, rest)| !rest.contains('/')) {
            return Err(Error::NoRepositoryName(chart.to_owned()).into());
        }
        let repository = match owner_of(&repositories, &classic.cache, &url) {
            Some(owner) if !owner.username.is_empty() && !owner.password.is_empty() => owner.clone(),
            Some(owner) => Entry {
                ca_file: owner.ca_file.clone(),
                cert_file: owner.cert_file.clone(),
                key_file: owner.key_file.clone(),
                ..given(chart)
            },
            None => given(chart),
        };
        Ok((url, repository, String::new()))
    }
}

/// `--repo` is for classic repositories.
fn not_classic(repo: &str, chart: &str) -> Hinted {
    let source = Box::new(Error::NoHandler("oci".to_owned()));
    let error = Error::NotARepository { url: repo.to_owned(), source };
    let repo = repo.trim_end_matches('/');
    Hinted::new(error, format!("for a chart in a registry, leave out --repo: {repo}/{chart}"))
}

/// An error with a hint, where the user may have meant a chart in a registry.
fn in_registry(error: Error, chart: &str) -> anyhow::Error {
    let place = chart.split_once("://").map_or(chart, |(_, place)| place);
    let host = place.split('/').next().unwrap_or_default();
    let meant = match &error {
        Error::UnknownRepository(_) => host.contains(['.', ':']) || host == "localhost",
        Error::Status { .. } | Error::Unreachable { .. } => chart.contains("://") && !chart.ends_with(".tgz"),
        _ => false,
    };
    if meant {
        let hint = format!("for a chart in a registry, begin with oci://: oci://{place}");
        return Hinted::new(error, hint).into();
    }
    error.into()
}

/// What is found, after what there is to say of it was said.
fn told(found: Located) -> (Url, Entry, String) {
    classic::tell_skipped(&found.skipped, &found.source);
    if let Some(inexact) = &found.inexact {
        helm_log::warn(
            "unable to find exact version requested; falling back to closest available version",
            &[("chart", &inexact.chart), ("requested", &inexact.requested), ("selected", &inexact.selected)],
        );
    }
    (found.url, found.repository, found.digest)
}

/// Says so if an archive is not the one that its index speaks of. Helm doesn't look, and some
/// repositories replace archives without making a new index.
fn compare(expected: &str, found: &Digest, url: &Url) {
    let found = found.hex();
    if !expected.is_empty() && !expected.eq_ignore_ascii_case(&found) {
        helm_log::warn(
            "the chart's archive is not the one that the repository's index speaks of",
            &[("url", url.as_str()), ("expected", expected), ("found", &found)],
        );
    }
}

/// An archive: from the content cache, if an index says its digest and it is there; else from the server.
async fn archive(classic: &Classic, repository: &Entry, url: &Url, digest: &str) -> Result<Bytes, Error> {
    let expected = digest.rsplit(':').next().unwrap_or(digest).to_ascii_lowercase();
    let named = format!("sha256:{expected}").parse::<Digest>().ok();
    if let Some(named) = &named
        && let Some(found) = classic.content.find(named, content_cache::Kind::Chart, remote::MAX_ARCHIVE)
    {
        classic.voice.detail(&format!("{url}: {named} is in the content cache"));
        return Ok(found);
    }
    let archive = classic.web.archive(repository, url).await?;
    let found = Digest::sha256(&archive);
    compare(&expected, &found, url);
    if named == Some(found)
        && let Err(error) = classic.content.keep(&found, content_cache::Kind::Chart, &archive)
    {
        classic.voice.detail(&format!("{found} can't be kept in the content cache: {error}"));
    }
    Ok(archive)
}

impl Obtained {
    /// Reads the chart; with a keyring, only if somebody in it has signed it.
    pub(crate) fn open(&self, keyring: Option<&Path>) -> Result<Chart> {
        match (self, keyring) {
            (Self::Local(path), None) => Ok(Chart::open(path, &Limits::default())?),
            (Self::Local(path), Some(keyring)) => provenance::open_verified(path, keyring),
            (Self::Downloaded(downloaded), None) => downloaded.open(),
            (Self::Downloaded(downloaded), Some(keyring)) => {
                downloaded.verified(keyring)?;
                downloaded.open()
            }
        }
    }
}

impl Downloaded {
    /// Downloads an archive from a web server, by the login and with the options of a repository, and its
    /// provenance file if that is wanted. `digest` is what an index says of it, or nothing: what has this
    /// digest may be here already.
    pub(crate) async fn from_web(
        classic: &Classic,
        repository: &Entry,
        url: &Url,
        digest: &str,
        provenance: bool,
    ) -> Result<Self, Error> {
        let file_name = address::file_name(url).ok_or_else(|| Error::NoUrl(url.to_string()))?;
        let archive = archive(classic, repository, url, digest).await?;
        let provenance = match provenance {
            true => classic.web.provenance(repository, url).await.map(Some),
            false => Ok(None),
        };
        Ok(Self::Web(Box::new(WebArchive { url: url.clone(), file_name, archive, provenance })))
    }

    /// Verifies the archive by its provenance file, which must have come along.
    pub(crate) fn verified(&self, keyring: &Path) -> Result<Verification> {
        match self {
            Self::Registry(fetched) => provenance::verified(fetched, keyring),
            Self::Web(web) => {
                let signature = self.provenance().map(|signature| &signature[..]);
                provenance::verify_archive(&web.archive, &web.file_name, signature, web.url.as_str(), keyring)
            }
        }
    }

    /// The archive.
    pub(crate) fn archive(&self) -> &Bytes {
        match self {
            Self::Registry(fetched) => &fetched.archive,
            Self::Web(web) => &web.archive,
        }
    }

    /// The provenance file, if it was asked for and is there.
    pub(crate) fn provenance(&self) -> Option<&Bytes> {
        match self {
            Self::Registry(fetched) => fetched.provenance.as_ref(),
            Self::Web(web) => web.provenance.as_ref().ok()?.as_ref(),
        }
    }

    /// Why there is no provenance file.
    pub(crate) fn no_provenance(&self) -> String {
        match self {
            Self::Web(web) => match &web.provenance {
                Err(error) => error.to_string(),
                Ok(_) => String::new(),
            },
            Self::Registry(_) => remote::no_provenance(),
        }
    }

    /// The name under which the archive is saved.
    pub(crate) fn file_name(&self) -> String {
        let fetched = match self {
            Self::Registry(fetched) => fetched,
            Self::Web(web) => return web.file_name.clone(),
        };
        let name = fetched.location.repository.last_component();
        match (&fetched.location.tag, &fetched.location.digest) {
            (Some(tag), _) => format!("{name}-{}.tgz", tag.as_str().replace('_', "+")),
            (None, digest) => {
                let digest = digest.unwrap_or(fetched.digest);
                format!("{name}@{}-{}.tgz", digest.algorithm(), digest.hex())
            }
        }
    }

    /// Helm's lines on what was downloaded from a registry: once for the archive, and once more for the
    /// provenance file, as it fetches one after the other. Of web servers it says nothing.
    pub(crate) fn announcement(&self) -> Option<String> {
        let Self::Registry(fetched) = self else { return None };
        let lines = fetched.announcement("Pulled");
        Some(if fetched.provenance.is_some() { format!("{lines}\n{lines}") } else { lines })
    }

    /// Reads the chart.
    pub(crate) fn open(&self) -> Result<Chart> {
        match self {
            Self::Registry(fetched) => fetched.open(),
            Self::Web(web) => Ok(Chart::from_archive(&web.archive[..], &Limits::untrusted())?),
        }
    }
}
