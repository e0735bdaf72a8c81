//! From `oci://…` and `--version` to a chart's archive.

use anyhow::{Result, anyhow, bail};
use bytes::Bytes;
use chartroom_chart::{Artifact, Choice, Limits, Lookup, Wish};
use chartroom_oci::{Descriptor, Digest, Kind, Manifest, MediaType, Reference, Tag};
use chartroom_registry_client::{Client, Error, FetchedManifest, Location, LocationError, Parts, Repository};

use super::{Remote, nearby};
use crate::failure::Hinted;
use crate::{content_cache, progress};

/// The largest chart archive that is taken in; Helm's charts are bounded by what they unpack to.
pub(crate) const MAX_ARCHIVE: u64 = 100 << 20;
/// The largest provenance file.
const MAX_PROVENANCE: u64 = 4 << 20;

/// The type that archives of charts had at first.
const LEGACY: &str = "application/tar+gzip";

/// A chart that was downloaded.
pub(crate) struct Fetched {
    /// Where it was found: with a tag, unless a digest was asked for.
    pub(crate) location: Location,
    /// The digest of its manifest.
    pub(crate) digest: Digest,
    /// The chart's archive.
    pub(crate) archive: Bytes,
    /// The provenance file, if it was asked for and is there.
    pub(crate) provenance: Option<Bytes>,
    /// Whether the archive is of the type that charts had at first.
    legacy: bool,
}

/// What stands at a reference, after its version was chosen.
pub(crate) fn locate<'a>(client: &Client, text: &'a str) -> Result<(Parts<'a>, Repository)> {
    let parts = Parts::parse(text)?;
    let repository = client.registry(&parts.host)?.repository(&parts.repository()?);
    Ok((parts, repository))
}

/// Chooses what the user means: a tag or a digest.
pub(crate) async fn pick(
    parts: &Parts<'_>,
    repository: &Repository,
    version: Option<&str>,
    devel: bool,
) -> Result<Location> {
    let digest = |digest: &str| {
        let wrong = |reason| LocationError::Digest { digest: digest.to_owned(), reason };
        digest.parse::<Digest>().map_err(wrong)
    };
    let digest = parts.digest.map(digest).transpose()?;
    let wish = Wish { tag: parts.tag, digest, version, devel };
    let name = format!("oci://{}/{}", parts.host, repository.name());
    let (tag, digest) = match wish.lookup()? {
        Lookup::Tag(tag) => (Some(tag), None),
        Lookup::TagOr(tag, choice) => {
            let there = repository.head_manifest(&Reference::Tag(tag.parse()?)).await;
            match there {
                Ok(_) => (Some(tag), None),
                Err(error) if error.is_not_found() => {
                    let tags = repository.tags().await?;
                    (Some(choose(&choice, &tags, &name)?), None)
                }
                Err(error) => return Err(error.into()),
            }
        }
        Lookup::Digest { digest, tag } => {
            if let Some(tag) = &tag {
                agree(repository, tag, &digest).await?;
            }
            (tag, Some(digest))
        }
        Lookup::List(choice) => {
            let tags = repository.tags().await?;
            (Some(choose(&choice, &tags, &name)?), None)
        }
    };
    let tag = tag.map(|tag| tag.parse()).transpose()?;
    Ok(Location { host: parts.host.clone(), repository: repository.name().clone(), tag, digest })
}

/// The tag that is chosen among all.
fn choose(choice: &Choice, tags: &[Tag], repository: &str) -> Result<String> {
    let chosen = choice.pick(tags.iter().map(Tag::as_str), repository).map(str::to_owned);
    chosen.map_err(|error| nearby::unmatched(error, tags))
}

/// A tag beside a digest must name the same, as far as the registry tells. As with Helm it need not
/// tell: the digest alone says what is wanted.
async fn agree(repository: &Repository, tag: &str, digest: &Digest) -> Result<()> {
    let head = repository.head_manifest(&Reference::Tag(tag.parse()?)).await;
    match head.ok().and_then(|head| head.digest) {
        Some(found) if found != *digest => {
            bail!("chart reference digest mismatch: {found} is not {digest}")
        }
        _ => Ok(()),
    }
}

/// Downloads a chart, or what of it the content cache doesn't have.
pub(crate) async fn fetch(
    remote: &Remote,
    text: &str,
    version: Option<&str>,
    devel: bool,
    provenance: bool,
) -> Result<Fetched> {
    let (parts, repository) = locate(remote, text)?;
    let location = pick(&parts, &repository, version, devel).await?;
    let reference = location.reference().ok_or_else(|| anyhow!("no version of {text} was chosen"))?;
    let top = match remote.manifest(&repository, &reference).await {
        Ok(top) => top,
        Err(error) => return Err(nearby::missing(&repository, &location, error).await),
    };
    let child = async |reference: Reference| remote.manifest(&repository, &reference).await;
    let manifest = chart_in(&top, child).await?;
    let archive = archive_of(&top, &manifest)?;
    let legacy = archive.media_type.as_str() == LEGACY;
    let provenance = layer(&manifest, Artifact::PROVENANCE).filter(|_| provenance);
    progress::name(&archive.digest, &location.to_string());
    let blob = async |layer: &Descriptor, kind, limit| {
        anyhow::Ok(remote.blob(&repository, &layer.digest, kind, limit).await?)
    };
    let (archive, provenance) =
        tokio::try_join!(blob(archive, content_cache::Kind::Chart, MAX_ARCHIVE), async {
            match provenance {
                Some(layer) => blob(layer, content_cache::Kind::Provenance, MAX_PROVENANCE).await.map(Some),
                None => Ok(None),
            }
        })?;
    Ok(Fetched { location, digest: top.digest, archive, provenance, legacy })
}

/// The chart's manifest: the one that was fetched, or, in an index, its last chart.
pub(crate) async fn chart_of(repository: &Repository, top: &FetchedManifest) -> Result<Manifest> {
    chart_in(top, async |reference: Reference| repository.manifest(&reference).await).await
}

/// The same, with a way to come by the manifests of an index.
async fn chart_in(
    top: &FetchedManifest,
    child: impl AsyncFn(Reference) -> Result<FetchedManifest, Error>,
) -> Result<Manifest> {
    let manifest = Manifest::parse(Some(&top.media_type), &top.bytes)?;
    if manifest.kind != Kind::Index {
        return Ok(manifest);
    }
    for listed in manifest.manifests.iter().rev() {
        let listed = child(Reference::Digest(listed.digest)).await?;
        let listed = Manifest::parse(Some(&listed.media_type), &listed.bytes)?;
        if listed.is_chart() {
            return Ok(listed);
        }
    }
    bail!("the index holds no chart")
}

fn layer<'a>(manifest: &'a Manifest, media_type: &str) -> Option<&'a Descriptor> {
    manifest.layers.iter().find(|layer| layer.media_type.as_str() == media_type)
}

/// The archive of a chart, whoever made it: the layer alone says what it is.
fn archive_of<'a>(top: &FetchedManifest, manifest: &'a Manifest) -> Result<&'a Descriptor> {
    if let Some(archive) = layer(manifest, Artifact::CHART).or_else(|| layer(manifest, LEGACY)) {
        return Ok(archive);
    }
    // In Helm's words, which depend on how much of a chart there is.
    let config = manifest.config.as_ref().map(|config| &config.media_type);
    let indexed = usize::from(manifest.media_type != top.media_type);
    let parts =
        usize::from(manifest.is_chart()) + usize::from(layer(manifest, Artifact::PROVENANCE).is_some());
    let found = 1 + indexed + parts;
    let what = if found < 2 {
        format!("manifest does not contain minimum number of descriptors (2), descriptors found: {found}")
    } else if manifest.is_chart() {
        no_layer(Artifact::CHART)
    } else {
        format!("could not load config with mediatype {}", MediaType::HELM_CONFIG)
    };
    Err(match config.filter(|config| **config != MediaType::HELM_CONFIG) {
        Some(config)
            if config.as_str().contains("container.image") || config.as_str().contains("oci.image") =>
        {
            Hinted::new(anyhow!(what), "it is a container image, not a chart").into()
        }
        Some(config) => Hinted::new(anyhow!(what), format!("it is no chart, but {config}")).into(),
        None => anyhow!(what),
    })
}

/// What Helm says of a chart without a provenance file.
pub(crate) fn no_provenance() -> String {
    no_layer(Artifact::PROVENANCE)
}

fn no_layer(media_type: &str) -> String {
    format!("manifest does not contain a layer with mediatype {media_type}")
}

impl Fetched {
    /// Reads the chart.
    pub(crate) fn open(&self) -> Result<chartroom_chart::Chart> {
        Ok(chartroom_chart::Chart::from_archive(&self.archive[..], &Limits::untrusted())?)
    }

    /// Helm's two lines, and the one that it has for charts of old before them.
    pub(crate) fn announcement(&self, word: &str) -> String {
        let warning = if self.legacy {
            format!("Warning: chart media type {LEGACY} is deprecated\n")
        } else {
            String::new()
        };
        format!("{warning}{word}: {}\nDigest: {}", self.location, self.digest)
    }
}
