//! `chartroom push`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use chartroom_chart::{Artifact, Chart, Limits, PackageOptions, read_archive};
use chartroom_cli::{OutputFormat, Push};
use chartroom_oci::{Descriptor, Digest, Manifest, MediaType, Reference, Tag};
use chartroom_registry_client::{
    Client, Content, Error, FetchedManifest, Location, Parts, PushOptions, Repository, SCHEME,
};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::package::{prepared, source_date};
use super::{Outcome, run_client};
use crate::{output, printer, progress, remote};

/// How many charts are pushed at a time.
const AT_A_TIME: usize = 4;

/// How many of them are read or packaged at a time: that takes memory, and the registry is what is waited for.
static PREPARING: Semaphore = Semaphore::const_new(2);

/// The largest archive that a chart is compared with.
const MAX_ARCHIVE: u64 = 100 << 20;

/// A chart that is ready to be pushed.
struct Ready {
    version: String,
    archive: Bytes,
    archive_digest: Digest,
    provenance: Option<Bytes>,
    artifact: Artifact,
}

/// What became of a chart.
#[derive(Serialize)]
struct Pushed {
    name: String,
    version: String,
    reference: String,
    digest: Digest,
    status: Status,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Pushed,
    /// The registry has the same version with the same content.
    Unchanged,
}

/// Where charts go.
struct Target<'a> {
    client: &'a Client,
    parts: Parts<'a>,
    /// Whether a version that is there is left alone, or an error if it differs. A single archive
    /// replaces it, as with Helm.
    careful: bool,
}

/// Pushes charts.
pub(crate) fn push(flags: &Push) -> Result<Outcome> {
    let Some((remote, charts)) = flags.arguments.split_last() else {
        bail!("name a chart, and where to push it");
    };
    check_scheme(remote)?;
    let parts = Parts::parse(remote)?;
    if parts.digest.is_some() {
        bail!("a chart can't be pushed to a digest: leave out what follows the @ in {remote}");
    }
    if parts.tag.is_some() && charts.len() > 1 {
        bail!("{remote} has a tag, which only one chart can get");
    }
    let single = charts.len() == 1 && charts.iter().all(|chart| Path::new(chart).is_file());
    let format = flags.output;
    let outcomes = run_client(async {
        let client = remote::client(&flags.connection)?;
        let target = Target { client: &client, parts, careful: !single };
        let mut pushes = charts.iter().map(|chart| push_one(&target, Path::new(chart)));
        let mut outcomes = Vec::new();
        // The first one goes alone: a password that it finds to be wrong is not shown again.
        let first = stream::iter(pushes.next()).buffered(1);
        let mut pushes = first.chain(stream::iter(pushes).buffered(AT_A_TIME));
        while let Some(outcome) = pushes.next().await {
            // The next chart would show the same password, and some day the account is locked.
            let outcome = match outcome {
                Err(error) if is_wrong_login(&error) => return Err(error),
                outcome => outcome,
            };
            if let (Ok(pushed), OutputFormat::Table) = (&outcome, format) {
                announce(pushed)?;
            }
            outcomes.push(outcome);
        }
        anyhow::Ok(outcomes)
    })?;
    conclude(charts, outcomes, format)
}

fn is_wrong_login(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::Unauthorized { wrong: true, .. }))
}

/// Says in Helm's words what a remote is that is none.
fn check_scheme(remote: &str) -> Result<()> {
    if remote.starts_with(SCHEME) {
        return Ok(());
    }
    let letter = |c: char| c.is_ascii_alphabetic();
    let later = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let (scheme, _) = remote.split_once(':').unwrap_or_default();
    if scheme.starts_with(letter) && scheme.chars().all(later) {
        bail!("scheme {:?} not supported", scheme.to_lowercase());
    }
    if remote.split('/').next().is_some_and(|start| start.contains(':')) {
        bail!("invalid chart URL format: {remote}");
    }
    bail!("scheme prefix missing from remote (e.g. \"oci://\")")
}

fn announce(pushed: &Pushed) -> Result<()> {
    let word = if pushed.status == Status::Pushed { "Pushed" } else { "Unchanged" };
    Ok(printer::result(&format!("{word}: {}\nDigest: {}", pushed.reference, pushed.digest))?)
}

/// Says what came of all, and fails if any did.
fn conclude(charts: &[String], outcomes: Vec<Result<Pushed>>, format: OutputFormat) -> Result<Outcome> {
    let mut done = Vec::new();
    let mut failed = Vec::new();
    for (chart, outcome) in charts.iter().zip(outcomes) {
        match outcome {
            Ok(pushed) => done.push(pushed),
            Err(error) if charts.len() == 1 => return Err(error),
            Err(error) => failed.push(format!("{chart}: {error:#}")),
        }
    }
    let all = serde_json::json!({ "charts": done, "failed": failed });
    if !output::structured(format, &all)? && charts.len() > 1 {
        let unchanged = done.iter().filter(|pushed| pushed.status == Status::Unchanged).count();
        let pushed = done.len() - unchanged;
        printer::aside(&format!("{pushed} pushed, {unchanged} unchanged, {} failed\n", failed.len()));
    }
    if failed.is_empty() {
        Ok(Outcome::Success)
    } else {
        bail!("not all charts were pushed:\n  {}", failed.join("\n  "))
    }
}

async fn push_one(target: &Target<'_>, path: &Path) -> Result<Pushed> {
    let path = path.to_owned();
    let turn = PREPARING.acquire().await;
    let ready = tokio::task::spawn_blocking(move || prepare(&path)).await??;
    drop(turn);
    let (name, tag) = (&ready.artifact.name, ready.artifact.tag.parse::<Tag>());
    let tag = tag.with_context(|| format!("the version {} can't be a tag", ready.version))?;
    let (repository, extra) = target.repository(name)?;
    let digest = Digest::sha256(&ready.artifact.manifest);
    let location = Location {
        host: target.parts.host.clone(),
        repository: repository.name().clone(),
        tag: None,
        digest: None,
    };
    let named = Location { tag: Some(tag.clone()), ..location.clone() };
    progress::name(&ready.archive_digest, &named.to_string());
    let existing = match target.careful {
        true => existing(&repository, &tag, digest, &ready).await?,
        false => None,
    };
    let (status, stored) = match existing {
        Some(existing) => (Status::Unchanged, existing),
        None => {
            let manifest = ready.manifest(digest);
            store(&repository, &tag, &ready, &manifest).await?;
            (Status::Pushed, manifest)
        }
    };
    let digest = stored.digest;
    if let Some(extra) = extra.as_ref().filter(|extra| **extra != tag) {
        let reference = Reference::Tag(extra.clone());
        repository.put_manifest(&reference, &stored.media_type, stored.bytes).await?;
    }
    let reference = Location { tag: Some(extra.unwrap_or(tag)), ..location }.to_string();
    Ok(Pushed { name: name.clone(), version: ready.version, reference, digest, status })
}

impl Target<'_> {
    /// The repository for a chart of this name, and the tag that it is to get beside its version.
    fn repository(&self, name: &str) -> Result<(Repository, Option<Tag>)> {
        let path = self.parts.path;
        let full = match (self.parts.tag, path) {
            (None, "") => name.to_owned(),
            (None, path) => format!("{path}/{name}"),
            (Some(_), path) if path == name || path.ends_with(&format!("/{name}")) => path.to_owned(),
            (Some(tag), path) => bail!(
                "the chart is called {name}, so it can be pushed to …/{name}:{tag} only, not to {path}:{tag}"
            ),
        };
        let parts = Parts { path: &full, ..self.parts.clone() };
        let repository = self.client.registry(&parts.host)?.repository(&parts.repository()?).for_push();
        let extra =
            self.parts.tag.map(|tag| tag.replace('+', "_").parse()).transpose().context("invalid tag")?;
        Ok((repository, extra))
    }
}

/// Reads an archive, or packages a folder.
fn prepare(path: &Path) -> Result<Ready> {
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => anyhow::anyhow!("{}: no such file", path.display()),
        _ => anyhow::Error::from(error).context(format!("can't read {}", path.display())),
    })?;
    if metadata.is_dir() {
        let options = PackageOptions { modified: source_date()?, ..PackageOptions::default() };
        let chart = prepared(path, &options)?;
        let archive = chart.to_archive()?;
        // When the newest of its files was changed: the same folder makes the same manifest.
        let created =
            chart.raw().iter().filter_map(|file| file.modified).max().unwrap_or(Timestamp::UNIX_EPOCH);
        return Ready::new(&chart, archive, None, created);
    }
    let archive = fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    let chart = Chart::open(path, &Limits::default())?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".prov");
    let provenance = match fs::read(PathBuf::from(beside)) {
        Ok(provenance) => Some(provenance),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).context("can't read the provenance file"),
    };
    let created = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    Ready::new(&chart, archive, provenance, created.unwrap_or(Timestamp::UNIX_EPOCH))
}

impl Ready {
    /// Its manifest, as a registry would give it back.
    fn manifest(&self, digest: Digest) -> FetchedManifest {
        let bytes = Bytes::from(self.artifact.manifest.clone());
        FetchedManifest { digest, media_type: MediaType::OCI_MANIFEST, bytes }
    }

    fn new(chart: &Chart, archive: Vec<u8>, provenance: Option<Vec<u8>>, created: Timestamp) -> Result<Self> {
        let artifact = Artifact::new(chart.metadata(), &archive, provenance.as_deref(), created)?;
        let version = chart.version().to_owned();
        let archive_digest = Digest::sha256(&archive);
        let (archive, provenance) = (archive.into(), provenance.map(Bytes::from));
        Ok(Self { version, archive, archive_digest, provenance, artifact })
    }
}

/// What the registry has under this version, if it is the same chart; an error if it is another one.
async fn existing(
    repository: &Repository,
    tag: &Tag,
    digest: Digest,
    ready: &Ready,
) -> Result<Option<FetchedManifest>> {
    let there = match repository.manifest(&Reference::Tag(tag.clone())).await {
        Ok(there) => there,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let manifest = Manifest::parse(Some(&there.media_type), &there.bytes).ok();
    let has = |manifest: &Manifest, media_type: &str| {
        manifest.layers.iter().any(|layer| layer.media_type.as_str() == media_type)
    };
    let same = match &manifest {
        _ if there.digest == digest => true,
        // The same archive, that was signed meanwhile. (Who signs it again and again changes nothing.)
        Some(manifest)
            if ready.provenance.is_some()
                && !has(manifest, Artifact::PROVENANCE)
                && manifest.layers.iter().any(|layer| layer.digest == ready.archive_digest) =>
        {
            return Ok(None);
        }
        Some(manifest) if manifest.layers.iter().any(|layer| layer.digest == ready.archive_digest) => true,
        Some(manifest) if ready.provenance.is_none() => same_files(repository, manifest, ready).await?,
        _ => false,
    };
    if !same {
        let version = &ready.version;
        bail!(
            "version {version} is already there with other content ({}); give the chart a new version",
            there.digest
        );
    }
    Ok(Some(there))
}

/// Whether the registry's archive holds the same files, whatever times they have and however they are
/// compressed: a pipeline checks a chart out anew for every run, and times its files so.
async fn same_files(repository: &Repository, manifest: &Manifest, ready: &Ready) -> Result<bool> {
    let is_archive = |layer: &&Descriptor| layer.media_type.as_str() == Artifact::CHART;
    let Some(layer) = manifest.layers.iter().find(is_archive) else { return Ok(false) };
    let theirs = repository.blob(&layer.digest, MAX_ARCHIVE).await?;
    let files = |archive: &[u8]| {
        let files = read_archive(archive, &Limits::untrusted()).ok()?;
        Some(files.into_iter().map(|file| (file.name, file.data)).collect::<BTreeMap<_, _>>())
    };
    // What can't be read is something else.
    Ok(files(&theirs).is_some_and(|theirs| files(&ready.archive) == Some(theirs)))
}

/// Sends what the registry does not have; says whether it had all of it.
async fn upload(repository: &Repository, ready: &Ready) -> Result<bool> {
    let hashed = |blob: Bytes| (Digest::sha256(&blob), blob);
    let config = hashed(Bytes::from(ready.artifact.config.clone()));
    let archive = (ready.archive_digest, ready.archive.clone());
    let blobs = [Some(config), Some(archive), ready.provenance.clone().map(hashed)];
    let options = PushOptions::default();
    let uploads = blobs
        .into_iter()
        .flatten()
        .map(async |(digest, blob)| repository.push_blob(&digest, &Content::from(blob), &options).await);
    let uploads = futures_util::future::try_join_all(uploads).await?;
    Ok(uploads.iter().all(|upload| *upload == chartroom_registry_client::Pushed::Existed))
}

/// Stores a chart under its version. Where it is already, to the byte, the tag is left alone: registries
/// that let nobody change a version take that for a change, too.
async fn store(repository: &Repository, tag: &Tag, ready: &Ready, manifest: &FetchedManifest) -> Result<()> {
    let reference = Reference::Tag(tag.clone());
    let known = upload(repository, ready).await?;
    if known && digest_of(repository, &reference).await? == Some(manifest.digest) {
        return Ok(());
    }
    repository.put_manifest(&reference, &manifest.media_type, manifest.bytes.clone()).await?;
    Ok(())
}

/// What a tag names, if it is there.
async fn digest_of(repository: &Repository, reference: &Reference) -> Result<Option<Digest>> {
    match repository.head_manifest(reference).await {
        Ok(there) => Ok(there.digest),
        // Whoever may push need not be allowed to know.
        Err(Error::Denied(_)) => Ok(None),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
