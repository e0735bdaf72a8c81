//! What `helm push` makes of a chart archive: config, manifest and tag, to the byte.

use std::collections::BTreeMap;

use chartroom_oci::Digest;
use jiff::Timestamp;
use serde::Serialize;

use crate::chart_file::ChartFile;
use crate::error::Error;
use crate::go_json;

/// A chart as a registry keeps it. The archive and the provenance are its layers, as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The chart's metadata as compact JSON.
    pub config: Vec<u8>,
    /// The manifest over config and layers.
    pub manifest: Vec<u8>,
    /// The chart's name: the last part of its repository.
    pub name: String,
    /// The chart's version in the spelling of tags.
    pub tag: String,
}

impl Artifact {
    /// The media type of the config.
    pub const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
    /// The media type of the layer with the archive.
    pub const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    /// The media type of the layer with the provenance.
    pub const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";
    /// The media type of the manifest. It stands in headers only, not in the manifest.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

    /// Makes the artifact of an archive whose metadata was read, and perhaps its `.prov`.
    ///
    /// `created` is when the archive was last changed. It is written in UTC, by the second; Helm
    /// writes it in the zone of the machine, so that a digest depends on where one is.
    pub fn new(
        metadata: &ChartFile,
        archive: &[u8],
        provenance: Option<&[u8]>,
        created: Timestamp,
    ) -> Result<Self, Error> {
        let config = metadata.to_config()?;
        let mut layers = vec![Descriptor::of(Self::CHART, archive)];
        layers.extend(provenance.map(|content| Descriptor::of(Self::PROVENANCE, content)));
        layers.sort_by_cached_key(|layer| layer.digest.to_string());
        let manifest = Manifest {
            schema_version: 2,
            config: Descriptor::of(Self::CONFIG, &config),
            layers,
            annotations: annotations(metadata, created),
        };
        let manifest = go_json::to_vec("the manifest", &manifest)?;
        let tag = metadata.version.replace('+', "_");
        Ok(Self { config, manifest, name: metadata.name.clone(), tag })
    }
}

/// The fields in the order in which they are written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    config: Descriptor,
    layers: Vec<Descriptor>,
    annotations: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: &'static str,
    digest: Digest,
    size: usize,
}

impl Descriptor {
    fn of(media_type: &'static str, content: &[u8]) -> Self {
        Self { media_type, digest: Digest::sha256(content), size: content.len() }
    }
}

/// The annotations of the manifest: what `Chart.yaml` says, in the terms of the OCI image
/// specification, and over it the chart's own annotations, which may change all but title and
/// version. What is blank is left out, unless a chart's own annotation is.
pub fn annotations(metadata: &ChartFile, created: Timestamp) -> BTreeMap<String, String> {
    const VERSION: &str = "org.opencontainers.image.version";
    const TITLE: &str = "org.opencontainers.image.title";
    let created = Timestamp::from_second(created.as_second()).unwrap_or(created).to_string();
    let authors: Vec<String> = metadata
        .maintainers
        .iter()
        .map(|person| match person.email.as_str() {
            "" => person.name.clone(),
            email => format!("{} ({email})", person.name),
        })
        .collect();
    let fields = [
        ("org.opencontainers.image.description", metadata.description.clone()),
        (TITLE, metadata.name.clone()),
        (VERSION, metadata.version.clone()),
        ("org.opencontainers.image.url", metadata.home.clone()),
        ("org.opencontainers.image.created", created),
        ("org.opencontainers.image.source", metadata.sources.first().cloned().unwrap_or_default()),
        ("org.opencontainers.image.authors", authors.join(", ")),
    ];
    let fields = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
    let mut annotations: BTreeMap<String, String> =
        fields.map(|(key, value)| (key.to_owned(), value)).collect();
    let own = metadata.annotations.iter().filter(|(key, _)| !matches!(key.as_str(), VERSION | TITLE));
    annotations.extend(own.map(|(key, value)| (key.clone(), value.clone())));
    annotations
}
