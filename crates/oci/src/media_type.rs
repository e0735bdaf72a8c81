//! Media types, and the ones that the registry knows by name.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A media type without parameters, such as `application/vnd.oci.image.manifest.v1+json`
/// (RFC 6838 §4.2: two restricted names of at most 127 characters each).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaType(Cow<'static, str>);

/// A text that is not a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a media type has the form type/subtype, each of at most 127 letters, digits and !#$&-^_.+")]
pub struct MediaTypeError;

macro_rules! known {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        impl MediaType {
            $($(#[$doc])* pub const $name: Self = Self(Cow::Borrowed($text));)*
        }
    };
}

known! {
    /// OCI image manifest.
    OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    /// OCI image index.
    OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    /// The OCI "nothing here" config, whose content is `{}`.
    OCI_EMPTY = "application/vnd.oci.empty.v1+json";
    /// OCI image config.
    OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    /// Docker image manifest, schema 2.
    DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    /// Docker manifest list, schema 2.
    DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// Config of a Helm chart: its metadata as JSON.
    HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json";
    /// The archive of a Helm chart.
    HELM_CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    /// The archive of a Helm chart as Helm before 3.7 named it.
    HELM_CHART_LEGACY = "application/tar+gzip";
    /// The provenance file of a Helm chart.
    HELM_PROVENANCE = "application/vnd.cncf.helm.chart.provenance.v1.prov";
}

impl MediaType {
    /// The media type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a `Content-Type` header: parameters such as `; charset=utf-8` are dropped.
    pub fn from_content_type(header: &str) -> Result<Self, MediaTypeError> {
        header.split(';').next().unwrap_or_default().trim().parse()
    }

    /// Whether a layer of this type is one that registries need not hold
    /// (OCI image specification, "Non-Distributable Layers"; Docker's foreign layers).
    pub fn is_nondistributable(&self) -> bool {
        self.0.starts_with("application/vnd.oci.image.layer.nondistributable.")
            || self.0.starts_with("application/vnd.docker.image.rootfs.foreign.")
    }
}

impl FromStr for MediaType {
    type Err = MediaTypeError;

    fn from_str(text: &str) -> Result<Self, MediaTypeError> {
        let restricted = |name: &str| {
            let allowed = |byte: &u8| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'!' | b'#' | b'$' | b'&' | b'-' | b'^' | b'_' | b'.' | b'+')
            };
            (1..=127).contains(&name.len())
                && name.as_bytes()[0].is_ascii_alphanumeric()
                && name.as_bytes().iter().all(allowed)
        };
        match text.split_once('/') {
            Some((kind, subtype)) if restricted(kind) && restricted(subtype) => {
                Ok(Self(Cow::Owned(text.to_owned())))
            }
            _ => Err(MediaTypeError),
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for MediaType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MediaType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_content_type_are_dropped() {
        let plain = MediaType::from_content_type("application/vnd.oci.image.manifest.v1+json; charset=utf-8");
        assert_eq!(plain, Ok(MediaType::OCI_MANIFEST));
    }

    #[test]
    fn what_is_no_media_type_is_refused() {
        for text in ["", "/", "a", "a/", "/b", "a/b/c", "a b/c", "a/b\r\nX: y", "é/b", "*/*"] {
            assert_eq!(text.parse::<MediaType>(), Err(MediaTypeError), "{text}");
        }
        assert_eq!(format!("a/{}", "b".repeat(128)).parse::<MediaType>(), Err(MediaTypeError));
    }

    #[test]
    fn foreign_layers_are_known() {
        let foreign =
            |text: &str| text.parse::<MediaType>().is_ok_and(|media_type| media_type.is_nondistributable());
        assert!(foreign("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"));
        assert!(foreign("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"));
        assert!(!foreign("application/vnd.oci.image.layer.v1.tar+gzip"));
    }
}
