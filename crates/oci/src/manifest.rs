//! What the registry needs to know of a manifest. The manifest's own bytes are kept
//! and served as they came; this is only a reading of them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Descriptor, Digest, MediaType};

/// Which of the known shapes a manifest has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One artifact: a config and layers (OCI image manifest, Docker schema 2).
    Image,
    /// A list of manifests (OCI index, Docker manifest list).
    Index,
    /// JSON of a media type that is not known here. It is stored, and read as far as it can be.
    Other,
}

/// A manifest as the registry reads it.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The type under which it was pushed and will be served.
    pub media_type: MediaType,
    /// The shape that follows from the type.
    pub kind: Kind,
    /// The `artifactType` field.
    pub artifact_type: Option<String>,
    /// The config, where there is one.
    pub config: Option<Descriptor>,
    /// The layers of an image, in order; of unknown types, all blobs that can be made out.
    pub layers: Vec<Descriptor>,
    /// The listed manifests of an index, in order.
    pub manifests: Vec<Descriptor>,
    /// The manifest that this one says something about.
    pub subject: Option<Descriptor>,
    /// Free metadata.
    pub annotations: BTreeMap<String, String>,
}

/// Why some bytes are not a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or not of the shape that the media type asks for.
    #[error("the manifest can't be read: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON, or not even that, but no object.
    #[error("a manifest is a JSON object")]
    NotAnObject,
    /// The `Content-Type` header and the `mediaType` field name two different types.
    #[error("the Content-Type header says {header}, the manifest's mediaType field says {field}")]
    TypeMismatch {
        /// The header's type.
        header: MediaType,
        /// The field's type.
        field: MediaType,
    },
    /// Neither the header, nor the field, nor the content tells the type.
    #[error("the manifest's type is unknown; send it as Content-Type")]
    TypeUnknown,
    /// `layers` beside `manifests`: readers would disagree on what this is.
    #[error("a manifest has either layers or manifests, not both")]
    Ambiguous,
    /// `schemaVersion` is not 2.
    #[error("schemaVersion must be 2; Docker's schema 1 is not supported")]
    SchemaVersion,
    /// A field that the type needs is missing.
    #[error("a manifest of this type needs the field {0}")]
    Missing(&'static str),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    schema_version: Option<serde_json::Number>,
    media_type: Option<MediaType>,
    artifact_type: Option<String>,
    config: Option<serde_json::Value>,
    layers: Option<serde_json::Value>,
    manifests: Option<serde_json::Value>,
    blobs: Option<serde_json::Value>,
    subject: Option<Descriptor>,
    annotations: Option<BTreeMap<String, String>>,
}

impl Manifest {
    /// Reads a manifest that was sent with the media type `header`, if any was.
    ///
    /// `bytes` may come from anybody. The caller bounds their length; their nesting is
    /// bounded here.
    pub fn parse(header: Option<&MediaType>, bytes: &[u8]) -> Result<Self, ManifestError> {
        // A list would be read field by field, in order, as if it were an object.
        if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(ManifestError::NotAnObject);
        }
        let fields: Fields = serde_json::from_slice(bytes)?;
        if let (Some(header), Some(field)) = (header, &fields.media_type)
            && header != field
        {
            return Err(ManifestError::TypeMismatch { header: header.clone(), field: field.clone() });
        }
        if fields.layers.is_some() && fields.manifests.is_some() {
            return Err(ManifestError::Ambiguous);
        }
        let media_type = match header.or(fields.media_type.as_ref()) {
            Some(media_type) => media_type.clone(),
            None if fields.manifests.is_some() => MediaType::OCI_INDEX,
            None if fields.config.is_some() => MediaType::OCI_MANIFEST,
            None => return Err(ManifestError::TypeUnknown),
        };
        let kind = Kind::of(&media_type);
        if kind != Kind::Other && fields.schema_version != Some(2.into()) {
            return Err(ManifestError::SchemaVersion);
        }
        let mut manifest = Self {
            media_type,
            kind,
            artifact_type: fields.artifact_type.filter(|text| !text.is_empty()),
            config: None,
            layers: Vec::new(),
            manifests: Vec::new(),
            subject: fields.subject,
            annotations: fields.annotations.unwrap_or_default(),
        };
        match kind {
            Kind::Image => {
                if fields.manifests.is_some() {
                    return Err(ManifestError::Ambiguous);
                }
                let config = fields.config.ok_or(ManifestError::Missing("config"))?;
                manifest.config = Some(serde_json::from_value(config)?);
                manifest.layers = descriptors(fields.layers)?;
            }
            Kind::Index => {
                if fields.layers.is_some() || fields.config.is_some() {
                    return Err(ManifestError::Ambiguous);
                }
                let manifests = fields.manifests.ok_or(ManifestError::Missing("manifests"))?;
                manifest.manifests = descriptors(Some(manifests))?;
            }
            // Whatever looks like content of such a manifest has to be kept for it: artifact manifests of
            // the specification's drafts, for one, list `blobs`.
            Kind::Other => {
                manifest.config = fields.config.and_then(|config| serde_json::from_value(config).ok());
                manifest.manifests = descriptors(fields.manifests).unwrap_or_default();
                manifest.layers = descriptors(fields.layers).unwrap_or_default();
                manifest.layers.extend(descriptors(fields.blobs).unwrap_or_default());
            }
        }
        Ok(manifest)
    }

    /// What kind of artifact this is, as the referrers listing tells it: the `artifactType`
    /// field, else the config's media type, else nothing (OCI distribution specification,
    /// "Listing Referrers").
    pub fn effective_artifact_type(&self) -> Option<&str> {
        let config = self.config.as_ref().map(|config| config.media_type.as_str());
        self.artifact_type.as_deref().or(config)
    }

    /// Whether this is a Helm chart, by the type of its config.
    pub fn is_chart(&self) -> bool {
        self.config.as_ref().is_some_and(|config| config.media_type == MediaType::HELM_CONFIG)
    }

    /// The blobs that this manifest stands on: the config and the layers that registries hold.
    /// Non-distributable layers are left out. A blob named twice comes twice.
    pub fn blobs(&self) -> impl Iterator<Item = &Digest> {
        self.blob_descriptors().map(|descriptor| &descriptor.digest)
    }

    /// The same blobs with their types and sizes.
    pub fn blob_descriptors(&self) -> impl Iterator<Item = &Descriptor> {
        let layers = self.layers.iter().filter(|layer| !layer.media_type.is_nondistributable());
        self.config.iter().chain(layers)
    }
}

impl Kind {
    fn of(media_type: &MediaType) -> Self {
        if [MediaType::OCI_MANIFEST, MediaType::DOCKER_MANIFEST].contains(media_type) {
            Self::Image
        } else if [MediaType::OCI_INDEX, MediaType::DOCKER_LIST].contains(media_type) {
            Self::Index
        } else {
            Self::Other
        }
    }
}

/// Go writes an empty list as `null` unless told otherwise, so `null` is an empty list.
fn descriptors(value: Option<serde_json::Value>) -> Result<Vec<Descriptor>, serde_json::Error> {
    match value {
        None | Some(serde_json::Value::Null) => Ok(Vec::new()),
        Some(value) => serde_json::from_value(value),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn descriptor(media_type: &str, content: &str) -> String {
        let digest = Digest::sha256(content.as_bytes());
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}}}"#, content.len())
    }

    fn chart() -> String {
        format!(
            r#"{{"schemaVersion":2,"config":{},"layers":[{}],"annotations":{{"a":"b"}}}}"#,
            descriptor("application/vnd.cncf.helm.config.v1+json", "config"),
            descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "chart"),
        )
    }

    #[test]
    fn a_chart_as_helm_pushes_it() {
        let manifest = Manifest::parse(Some(&MediaType::OCI_MANIFEST), chart().as_bytes()).unwrap();
        assert!(manifest.is_chart());
        assert_eq!(manifest.blobs().count(), 2);
        assert_eq!(manifest.effective_artifact_type(), Some("application/vnd.cncf.helm.config.v1+json"));
    }

    #[test]
    fn the_type_is_inferred_where_nothing_says_it() {
        assert_eq!(Manifest::parse(None, chart().as_bytes()).unwrap().media_type, MediaType::OCI_MANIFEST);
        let index = Manifest::parse(None, br#"{"schemaVersion":2,"manifests":[]}"#).unwrap();
        assert_eq!(index.media_type, MediaType::OCI_INDEX);
        assert_eq!(index.effective_artifact_type(), None);
        assert!(matches!(Manifest::parse(None, b"{}"), Err(ManifestError::TypeUnknown)));
    }

    #[test]
    fn confusing_manifests_are_refused() {
        let oci = Some(&MediaType::OCI_MANIFEST);
        let index = Some(&MediaType::OCI_INDEX);
        let both = chart().replacen("\"layers\"", "\"manifests\":[],\"layers\"", 1);
        assert!(matches!(Manifest::parse(oci, both.as_bytes()), Err(ManifestError::Ambiguous)));
        assert!(matches!(Manifest::parse(index, chart().as_bytes()), Err(ManifestError::Ambiguous)));
        let typed = chart().replacen('{', r#"{"mediaType":"application/vnd.oci.image.index.v1+json","#, 1);
        assert!(matches!(Manifest::parse(oci, typed.as_bytes()), Err(ManifestError::TypeMismatch { .. })));
        let twice = chart().replacen('{', r#"{"schemaVersion":2,"#, 1);
        assert!(matches!(Manifest::parse(oci, twice.as_bytes()), Err(ManifestError::Json(_))));
        let old = chart().replacen(":2", ":1", 1);
        assert!(matches!(Manifest::parse(oci, old.as_bytes()), Err(ManifestError::SchemaVersion)));
        let bare = br#"{"schemaVersion":2,"layers":[]}"#;
        assert!(matches!(Manifest::parse(oci, bare), Err(ManifestError::Missing("config"))));
    }

    #[test]
    fn only_an_object_is_a_manifest() {
        for bytes in [&b""[..], b"  ", b"[2]", b"2", b"null", b"\"{}\""] {
            assert!(matches!(Manifest::parse(None, bytes), Err(ManifestError::NotAnObject)));
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        let deep = format!(r#"{{"schemaVersion":2,"x":{}"#, "[".repeat(1_000_000));
        assert!(matches!(Manifest::parse(None, deep.as_bytes()), Err(ManifestError::Json(_))));
    }

    #[test]
    fn foreign_layers_are_not_blobs_of_ours() {
        let foreign = chart().replace(
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        );
        let manifest = Manifest::parse(Some(&MediaType::OCI_MANIFEST), foreign.as_bytes()).unwrap();
        assert_eq!(manifest.layers.len(), 1);
        assert_eq!(manifest.blobs().count(), 1);
    }

    #[test]
    fn blobs_of_unknown_types_are_made_out() {
        let artifact: MediaType = "application/vnd.oci.artifact.manifest.v1+json".parse().unwrap();
        let text = format!(r#"{{"blobs":[{}],"config":7}}"#, descriptor("a/b", "x"));
        let manifest = Manifest::parse(Some(&artifact), text.as_bytes()).unwrap();
        assert_eq!(manifest.kind, Kind::Other);
        assert_eq!(manifest.blobs().count(), 1);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Manifest::parse(None, &bytes);
            let _ = Manifest::parse(Some(&MediaType::OCI_MANIFEST), &bytes);
        }
    }
}
