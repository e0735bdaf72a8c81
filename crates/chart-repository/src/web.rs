//! Requests to repositories: indexes and archives, each with the options and the login of its
//! repository.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use chartroom_registry_client::{Error as RequestError, Get, Getter, Got, Options, Secret, TlsProblem, Url};

use crate::address;
use crate::cache::IndexCache;
use crate::error::{Error, Result};
use crate::index::{Index, ReadIndex};
use crate::repositories::Entry;

/// The most bytes of a chart's archive.
const MAX_ARCHIVE: u64 = 100 << 20;
/// The most bytes of a provenance file.
const MAX_PROVENANCE: u64 = 4 << 20;
/// The most bytes of a hub's answer.
const MAX_ANSWER: u64 = 32 << 20;
/// What an archive may come as.
const ARCHIVE_TYPES: &str = "application/gzip,application/octet-stream";

/// Makes the requests. Keeps connections, so make one for all that a command does.
#[derive(Debug)]
pub struct Web {
    options: Options,
    timeout: Option<Duration>,
    /// For each set of TLS files.
    getters: Mutex<HashMap<Tls, Getter>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Tls {
    ca: Option<PathBuf>,
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
    insecure: bool,
}

impl Web {
    /// With these options for everything; the TLS files among them are those for repositories that
    /// have none of their own.
    pub fn new(options: Options) -> Self {
        Self { options, timeout: None, getters: Mutex::default() }
    }

    /// How long the download of an index may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    fn getter(&self, entry: &Entry) -> Result<Getter> {
        let file = |own: &str, otherwise: &Option<PathBuf>| {
            if own.is_empty() { otherwise.clone() } else { Some(PathBuf::from(own)) }
        };
        let own = !(entry.ca_file.is_empty() && entry.cert_file.is_empty() && entry.key_file.is_empty());
        // The files of a repository stand for all of those of the command line.
        let default = if own { Options::default() } else { self.options.clone() };
        let tls = Tls {
            ca: file(&entry.ca_file, &default.ca_file),
            cert: file(&entry.cert_file, &default.cert_file),
            key: file(&entry.key_file, &default.key_file),
            insecure: entry.insecure_skip_tls_verify || self.options.insecure_skip_tls_verify,
        };
        let mut getters = self.getters.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(getter) = getters.get(&tls) {
            return Ok(getter.clone());
        }
        let options = Options {
            ca_file: tls.ca.clone(),
            cert_file: tls.cert.clone(),
            key_file: tls.key.clone(),
            insecure_skip_tls_verify: tls.insecure,
            ..self.options.clone()
        };
        let getter = Getter::new(options).map_err(Error::Request)?;
        getters.insert(tls, getter.clone());
        Ok(getter)
    }

    /// The index of a repository: its bytes as they are to be stored, and what is in them.
    ///
    /// # Errors
    ///
    /// When it can't be had, or is no index.
    pub async fn index(&self, entry: &Entry) -> Result<(Bytes, ReadIndex)> {
        address::web(&entry.url)?;
        let url = address::resolve(&entry.url, "index.yaml")?;
        let what = "the index";
        let limit = crate::index::MAX_BYTES;
        let get = Get { url: &url, what, accept: None, credential: None, gzip: true, limit };
        let getting = self.get(entry, get);
        let got = match self.timeout {
            None => getting.await?,
            Some(timeout) => {
                let late = || Error::TimedOut { url: shown(&url) };
                tokio::time::timeout(timeout, getting).await.map_err(|_| late())??
            }
        };
        // A large one takes a second to read, in which others can go on coming.
        let reading = tokio::task::spawn_blocking(move || {
            let bytes = inflated(got)?;
            let read = Index::read(&bytes)?;
            Ok((bytes, read))
        });
        reading.await.unwrap_or_else(|error| Err(Error::NoIndex(error.to_string())))
    }

    /// Gets the index of a repository and stores it under the repository's name.
    ///
    /// # Errors
    ///
    /// When it can't be had, is no index, or can't be stored.
    pub async fn refresh(&self, entry: &Entry, cache: &IndexCache) -> Result<ReadIndex> {
        let (bytes, read) = self.index(entry).await?;
        cache.store(&entry.name, &bytes, &read.index)?;
        Ok(read)
    }

    /// The archive of a chart at an address that belongs to a repository, or, as far as its login
    /// goes, is named by it.
    ///
    /// # Errors
    ///
    /// When it can't be had.
    pub async fn archive(&self, entry: &Entry, url: &Url) -> Result<Bytes> {
        let accept = Some(ARCHIVE_TYPES);
        let get = Get { url, what: "the chart", accept, credential: None, gzip: false, limit: MAX_ARCHIVE };
        Ok(self.get(entry, get).await?.bytes)
    }

    /// The provenance file of the archive at an address.
    ///
    /// # Errors
    ///
    /// When it can't be had.
    pub async fn provenance(&self, entry: &Entry, url: &Url) -> Result<Bytes> {
        let mut url = url.clone();
        let path = format!("{}.prov", url.path());
        url.set_path(&path);
        let (what, limit) = ("the provenance file", MAX_PROVENANCE);
        let accept = Some(ARCHIVE_TYPES);
        let get = Get { url: &url, what, accept, credential: None, gzip: false, limit };
        Ok(self.get(entry, get).await?.bytes)
    }

    /// A file of any kind, such as one with values, of at most so many bytes.
    ///
    /// # Errors
    ///
    /// When it can't be had.
    pub async fn file(&self, entry: &Entry, url: &Url, limit: u64) -> Result<Bytes> {
        let get = Get { url, what: "the file", accept: None, credential: None, gzip: false, limit };
        Ok(self.get(entry, get).await?.bytes)
    }

    /// Whatever a web server has at an address.
    pub(crate) async fn answer(&self, url: &Url) -> Result<Bytes> {
        let (what, limit) = ("the answer", MAX_ANSWER);
        let get = Get { url, what, accept: None, credential: None, gzip: true, limit };
        inflated(self.get(&Entry::default(), get).await?)
    }

    async fn get(&self, entry: &Entry, get: Get<'_>) -> Result<Got> {
        if !matches!(get.url.scheme(), "http" | "https") {
            return Err(Error::NoHandler(get.url.scheme().to_owned()));
        }
        let login = !entry.username.is_empty() && !entry.password.is_empty();
        let own = || Url::parse(&entry.url).is_ok_and(|own| address::same_server(&own, get.url));
        let password = Secret::new(entry.password.as_str());
        let credential =
            (login && (entry.pass_credentials_all || own())).then_some((entry.username.as_str(), &password));
        let got = self.getter(entry)?.get(&Get { credential, ..get }).await;
        got.map_err(|error| in_helms_words(error, get.url))
    }
}

/// What a request failed of, as Helm has it for web servers.
fn in_helms_words(error: RequestError, url: &Url) -> Error {
    if let Some(answer) = error.answer() {
        let status = answer.status;
        let status = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
        return Error::Status { url: shown(url), status: status.trim_end().to_owned() };
    }
    match error {
        RequestError::Unreachable { url: shown, reason, .. } => {
            Error::Unreachable { reason: with_address(reason, url), url: shown }
        }
        RequestError::Tls { url, problem: TlsProblem::NotTls, .. } => {
            let reason = "tls: first record does not look like a TLS handshake".to_owned();
            Error::Unreachable { url, reason }
        }
        RequestError::Tls { url, reason, .. } => Error::Unreachable { url, reason },
        other => Error::Request(other),
    }
}

/// Go tells which address it was that could not be dialled. Of a name it is not known here.
fn with_address(reason: String, url: &Url) -> String {
    let Some(rest) = reason.strip_prefix("dial tcp: ") else { return reason };
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port))
            if host.starts_with(|letter: char| letter.is_ascii_digit() || letter == '[') =>
        {
            format!("dial tcp {host}:{port}: {rest}")
        }
        _ => reason,
    }
}

/// An address without what may be secret in it.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if url.password().is_some() {
        // An address with a password can have another one.
        let _ = url.set_password(Some("xxxxx"));
    }
    url.to_string()
}

/// What came, without what it was packed in on the way.
fn inflated(got: Got) -> Result<Bytes> {
    if !got.gzipped {
        return Ok(got.bytes);
    }
    let limit = crate::index::MAX_BYTES;
    let mut all = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(&got.bytes[..]).take(limit + 1);
    reader.read_to_end(&mut all).map_err(|error| Error::NoIndex(format!("gzip: {error}")))?;
    if all.len() as u64 > limit {
        return Err(Error::IndexTooLarge("64 MiB"));
    }
    Ok(all.into())
}
