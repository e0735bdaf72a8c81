//! What the tests put into catalogs.

use bytes::Bytes;
use chartroom_chart::Metadata;
use chartroom_oci::{Digest, Manifest, MediaType, Reference, RepositoryName, Tag};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Catalog, ChartArchive, ChartRecord, Push, Result};

/// What a test gives back: nothing, or what a catalog failed with.
pub type Outcome = std::result::Result<(), Box<dyn std::error::Error + Send + Sync>>;

type Made<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub(crate) fn repository(name: &str) -> Made<RepositoryName> {
    Ok(name.parse()?)
}

pub(crate) fn tag(tag: &str) -> Made<Tag> {
    Ok(tag.parse()?)
}

/// Some seconds after a fixed moment.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap_or(Timestamp::MAX)
}

/// The digest of a blob that differs for every name.
pub(crate) fn digest(name: &str) -> Digest {
    Digest::sha256(name.as_bytes())
}

pub(crate) fn descriptor(media_type: &str, digest: &Digest) -> Value {
    json!({ "mediaType": media_type, "digest": digest, "size": 7 })
}

/// A manifest of any type.
pub(crate) fn push(media_type: &MediaType, manifest: &Value) -> Made<Push> {
    let bytes = Bytes::from(serde_json::to_vec(manifest)?);
    Ok(Push {
        digest: Digest::sha256(&bytes),
        manifest: Manifest::parse(Some(media_type), &bytes)?,
        bytes,
        tags: Vec::new(),
        chart: None,
        immutable_versions: false,
        keep_tags: false,
    })
}

/// An image whose first blob is its config.
pub(crate) fn image_manifest(config: &Digest, layers: &[Digest]) -> Value {
    let layer = |digest| descriptor("application/vnd.oci.image.layer.v1.tar+gzip", digest);
    json!({
        "schemaVersion": 2,
        "config": descriptor(MediaType::OCI_CONFIG.as_str(), config),
        "layers": layers.iter().map(layer).collect::<Vec<_>>(),
    })
}

pub(crate) fn image(config: &Digest, layers: &[Digest]) -> Made<Push> {
    push(&MediaType::OCI_MANIFEST, &image_manifest(config, layers))
}

/// An image that differs for every name, with blobs that nobody has.
pub(crate) fn any_image(name: &str) -> Made<Push> {
    image(&digest(&format!("config of {name}")), &[digest(&format!("layer of {name}"))])
}

pub(crate) fn index(manifests: &[Digest]) -> Made<Push> {
    let manifest = |digest| descriptor(MediaType::OCI_MANIFEST.as_str(), digest);
    let manifests: Vec<_> = manifests.iter().map(manifest).collect();
    push(&MediaType::OCI_INDEX, &json!({ "schemaVersion": 2, "manifests": manifests }))
}

/// Something that says something about `subject`.
pub(crate) fn referrer(name: &str, artifact_type: &str, subject: &Digest) -> Made<Push> {
    let mut manifest = image_manifest(&digest(name), &[]);
    manifest["artifactType"] = artifact_type.into();
    manifest["subject"] = descriptor(MediaType::OCI_MANIFEST.as_str(), subject);
    manifest["annotations"] = json!({ "name": name, "and": "more" });
    push(&MediaType::OCI_MANIFEST, &manifest)
}

/// A chart whose config and archive differ for every name and version.
pub(crate) fn chart(name: &str, version: &str) -> Made<Push> {
    let (config, archive) = chart_blobs(name, version);
    let manifest = json!({
        "schemaVersion": 2,
        "config": descriptor(MediaType::HELM_CONFIG.as_str(), &config),
        "layers": [descriptor(MediaType::HELM_CHART.as_str(), &archive)],
    });
    let mut push = push(&MediaType::OCI_MANIFEST, &manifest)?;
    push.chart = Some(chart_record(name, version));
    Ok(push)
}

/// The config and the archive of [`chart`].
pub(crate) fn chart_blobs(name: &str, version: &str) -> (Digest, Digest) {
    (digest(&format!("config of {name} {version}")), digest(&format!("archive of {name} {version}")))
}

pub(crate) fn chart_record(name: &str, version: &str) -> ChartRecord {
    ChartRecord {
        metadata: Metadata {
            name: name.to_owned(),
            version: version.to_owned(),
            description: Some("says \"hello\", and ü".to_owned()),
            keywords: vec!["web".to_owned(), "app".to_owned()],
            deprecated: version.starts_with('0'),
            ..Metadata::default()
        },
        archive: Some(ChartArchive { digest: chart_blobs(name, version).1, size: 7 }),
        provenance: false,
        created: at(-1000),
    }
}

impl Push {
    /// The same with tags.
    pub(crate) fn tagged(mut self, tags: &[&str]) -> Made<Self> {
        self.tags = tags.iter().map(|tag| tag.parse()).collect::<std::result::Result<_, _>>()?;
        Ok(self)
    }

    /// The same, with versions that stay.
    pub(crate) fn immutable(mut self) -> Self {
        self.immutable_versions = true;
        self
    }
}

/// Links a blob to a repository.
pub(crate) async fn link(
    catalog: &dyn Catalog,
    repository: &RepositoryName,
    digest: &Digest,
    now: Timestamp,
) -> Result<()> {
    catalog.link_blob(repository, digest, 7, None, now).await
}

/// Where a tag points.
pub(crate) async fn resolve(
    catalog: &dyn Catalog,
    repository: &RepositoryName,
    tag: &str,
) -> Made<Option<Digest>> {
    let found = catalog.manifest(repository, &Reference::Tag(tag.parse()?)).await?;
    Ok(found.map(|manifest| manifest.digest))
}

/// Whether a manifest is there.
pub(crate) async fn has(catalog: &dyn Catalog, repository: &RepositoryName, digest: &Digest) -> Result<bool> {
    Ok(catalog.manifest(repository, &Reference::Digest(*digest)).await?.is_some())
}

/// All tags, in the listing's order.
pub(crate) async fn all_tags(catalog: &dyn Catalog, repository: &RepositoryName) -> Result<Vec<String>> {
    let page = catalog.tags(repository, None, usize::MAX).await?;
    let tags = page.map(|page| page.items).unwrap_or_default();
    Ok(tags.iter().map(Tag::to_string).collect())
}
