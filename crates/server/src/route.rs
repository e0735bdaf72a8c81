//! Which resource a request path names. Pure: no request, no state.
//!
//! Every resource of the server is a variant of [`Route`], and one `match` over it (in
//! `registry.rs`) answers requests. A resource that nobody decided about can't be reached.

use std::borrow::Cow;

use chartroom_oci::{Digest, Reference, RepositoryName, TagError};
use http::Method;

use crate::Error;

/// A resource of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`: what this is, for people.
    Home,
    /// `/healthz`: whether the process works at all.
    Health,
    /// `/readyz`: whether it should get requests now.
    Ready,
    /// `/metrics`: figures for Prometheus.
    Metrics,
    /// `/token`: the token service.
    Token,
    /// `/.well-known/jwks.json`: the keys that its tokens are signed with.
    Keys,
    /// `/api/v1/charts`: the charts.
    Charts,
    /// `/api/v1/charts/<repository>`: the versions of a chart.
    ChartVersions(RepositoryName),
    /// `/v2/`: whether this is a registry (end-1).
    Base,
    /// `/v2/_catalog`: the repositories.
    Catalog,
    /// `/v2/<name>/tags/list` (end-8).
    Tags(RepositoryName),
    /// `/v2/<name>/manifests/<reference>` (end-3, end-7, end-9).
    Manifest(RepositoryName, ManifestReference),
    /// `/v2/<name>/blobs/<digest>` (end-2, end-10).
    Blob(RepositoryName, Digest),
    /// `/v2/<name>/blobs/uploads/` (end-4, end-11).
    Uploads(RepositoryName),
    /// `/v2/<name>/blobs/uploads/<id>` (end-5, end-6, end-13, end-14). The id is not looked at here.
    Upload(RepositoryName, String),
    /// `/v2/<name>/referrers/<digest>` (end-12).
    Referrers(RepositoryName, Digest),
}

/// What stands after `/manifests/`. A tag that no registry could hold is not an error of the
/// path: whoever asks for it is told that there is no such manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManifestReference {
    /// A tag or a digest.
    Valid(Reference),
    /// Neither; such a tag can't exist.
    Impossible(TagError),
}

impl Route {
    /// Reads a request path, still percent-encoded.
    ///
    /// Under `/v2/` the last segments decide, so that repositories may have components named
    /// `manifests`, `blobs`, `tags`, `uploads` and `referrers`.
    pub fn parse(path: &str) -> Result<Self, Error> {
        if let Some(rest) = path.strip_prefix("/v2/") {
            return Self::parse_v2(rest);
        }
        if let Some(rest) = path.strip_prefix("/api/v1/charts/") {
            return Ok(Self::ChartVersions(name(&rest.split('/').collect::<Vec<_>>())?));
        }
        match path {
            "/v2" => Ok(Self::Base),
            "/" => Ok(Self::Home),
            "/healthz" => Ok(Self::Health),
            "/readyz" => Ok(Self::Ready),
            "/metrics" => Ok(Self::Metrics),
            "/token" => Ok(Self::Token),
            "/.well-known/jwks.json" => Ok(Self::Keys),
            "/api/v1/charts" => Ok(Self::Charts),
            _ => Err(Error::NoSuchPath),
        }
    }

    fn parse_v2(rest: &str) -> Result<Self, Error> {
        // A name has at most 255 characters, hence 128 components; what is longer is no name.
        let segments: Vec<&str> = rest.split('/').take(200).collect();
        match segments.as_slice() {
            [""] => Ok(Self::Base),
            ["_catalog"] => Ok(Self::Catalog),
            [repository @ .., "tags", "list"] => Ok(Self::Tags(name(repository)?)),
            [repository @ .., "manifests", reference] => {
                let repository = name(repository)?;
                let reference = match decode(reference)?.parse() {
                    Ok(reference) => ManifestReference::Valid(reference),
                    Err(chartroom_oci::ReferenceError::Digest(error)) => {
                        return Err(Error::InvalidDigest(error));
                    }
                    Err(chartroom_oci::ReferenceError::Tag(error)) => ManifestReference::Impossible(error),
                };
                Ok(Self::Manifest(repository, reference))
            }
            [repository @ .., "blobs", "uploads"] | [repository @ .., "blobs", "uploads", ""] => {
                Ok(Self::Uploads(name(repository)?))
            }
            [repository @ .., "blobs", "uploads", id] => {
                Ok(Self::Upload(name(repository)?, decode(id)?.into_owned()))
            }
            [repository @ .., "blobs", digest] => {
                let repository = name(repository)?;
                Ok(Self::Blob(repository, decode(digest)?.parse().map_err(Error::InvalidDigest)?))
            }
            [repository @ .., "referrers", digest] => {
                let repository = name(repository)?;
                Ok(Self::Referrers(repository, decode(digest)?.parse().map_err(Error::InvalidDigest)?))
            }
            _ => Err(Error::NoSuchPath),
        }
    }

    /// The methods that the resource knows.
    pub fn methods(&self) -> &'static [Method] {
        const READ: &[Method] = &[Method::GET, Method::HEAD];
        match self {
            Self::Home | Self::Health | Self::Ready | Self::Metrics | Self::Keys => READ,
            Self::Token => &[Method::GET, Method::HEAD, Method::POST],
            Self::Charts | Self::ChartVersions(_) => READ,
            Self::Base | Self::Catalog | Self::Tags(_) | Self::Referrers(..) => READ,
            Self::Manifest(..) => &[Method::GET, Method::HEAD, Method::PUT, Method::DELETE],
            Self::Blob(..) => &[Method::GET, Method::HEAD, Method::DELETE],
            Self::Uploads(_) => &[Method::POST],
            Self::Upload(..) => &[Method::GET, Method::HEAD, Method::PATCH, Method::PUT, Method::DELETE],
        }
    }

    /// The resource's shape, for metrics and logs: never a name that somebody chose.
    pub fn template(&self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Health => "/healthz",
            Self::Ready => "/readyz",
            Self::Metrics => "/metrics",
            Self::Token => "/token",
            Self::Keys => "/.well-known/jwks.json",
            Self::Charts => "/api/v1/charts",
            Self::ChartVersions(_) => "/api/v1/charts/{repository}",
            Self::Base => "/v2/",
            Self::Catalog => "/v2/_catalog",
            Self::Tags(_) => "/v2/{repository}/tags/list",
            Self::Manifest(..) => "/v2/{repository}/manifests/{reference}",
            Self::Blob(..) => "/v2/{repository}/blobs/{digest}",
            Self::Uploads(_) => "/v2/{repository}/blobs/uploads/",
            Self::Upload(..) => "/v2/{repository}/blobs/uploads/{id}",
            Self::Referrers(..) => "/v2/{repository}/referrers/{digest}",
        }
    }
}

fn name(components: &[&str]) -> Result<RepositoryName, Error> {
    let mut decoded = Vec::with_capacity(components.len());
    for component in components {
        let component = decode(component)?;
        // `%2F` is no separator: two paths must not name one repository.
        if component.contains('/') {
            return Err(Error::InvalidName(chartroom_oci::RepositoryNameError::Grammar));
        }
        decoded.push(component);
    }
    decoded.join("/").parse().map_err(Error::InvalidName)
}

fn decode(segment: &str) -> Result<Cow<'_, str>, Error> {
    if !segment.contains('%') {
        return Ok(Cow::Borrowed(segment));
    }
    percent_encoding::percent_decode_str(segment).decode_utf8().map_err(|_| Error::NoSuchPath)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn repository(route: Route) -> String {
        match route {
            Route::Tags(name) | Route::Uploads(name) | Route::ChartVersions(name) => name.to_string(),
            Route::Manifest(name, _) | Route::Blob(name, _) | Route::Upload(name, _) => name.to_string(),
            Route::Referrers(name, _) => name.to_string(),
            other => panic!("{other:?} has no repository"),
        }
    }

    #[test]
    fn the_last_segments_decide() {
        for (path, expected) in [
            ("/v2/a/tags/list", "a"),
            ("/v2/a/b/c/tags/list", "a/b/c"),
            ("/v2/tags/list/tags/list", "tags/list"),
            ("/v2/manifests/manifests/manifests", "manifests"),
            ("/v2/a/blobs/uploads/manifests/x", "a/blobs/uploads"),
            ("/v2/blobs/uploads/blobs/uploads/", "blobs/uploads"),
            ("/v2/a/blobs/uploads", "a"),
            ("/v2/a/blobs/uploads/", "a"),
            ("/v2/a/blobs/uploads/b", "a"),
            ("/api/v1/charts/a/b", "a/b"),
        ] {
            assert_eq!(repository(Route::parse(path).unwrap()), expected, "{path}");
        }
        for kind in ["blobs", "referrers", "manifests"] {
            assert_eq!(repository(Route::parse(&format!("/v2/a/b/{kind}/{DIGEST}")).unwrap()), "a/b");
            let escaped = DIGEST.replace(':', "%3A");
            assert_eq!(repository(Route::parse(&format!("/v2/a/b/{kind}/{escaped}")).unwrap()), "a/b");
        }
    }

    #[test]
    fn what_is_wrong_with_a_path_is_told_apart() {
        assert!(matches!(Route::parse("/v2/A/tags/list"), Err(Error::InvalidName(_))));
        assert!(matches!(Route::parse("/v2/a%2Fb/tags/list"), Err(Error::InvalidName(_))));
        assert!(matches!(Route::parse("/v2//tags/list"), Err(Error::InvalidName(_))));
        assert!(matches!(Route::parse("/v2/tags/list"), Err(Error::InvalidName(_))));
        assert!(matches!(Route::parse("/v2/a/../b/tags/list"), Err(Error::InvalidName(_))));
        assert!(matches!(Route::parse("/v2/a/blobs/sha256:x"), Err(Error::InvalidDigest(_))));
        assert!(matches!(Route::parse("/v2/a/manifests/sha256:x"), Err(Error::InvalidDigest(_))));
        assert!(matches!(Route::parse("/v2/a"), Err(Error::NoSuchPath)));
        assert!(matches!(Route::parse("/v2/%ff/tags/lis"), Err(Error::NoSuchPath)));
        assert!(matches!(Route::parse("/nothing"), Err(Error::NoSuchPath)));
        let impossible = Route::parse("/v2/a/manifests/.x").unwrap();
        assert!(matches!(impossible, Route::Manifest(_, ManifestReference::Impossible(_))));
    }

    proptest! {
        #[test]
        fn no_path_panics(path in "/(v2/)?[a-z0-9/%._:-]{0,60}") {
            if let Ok(route) = Route::parse(&path) {
                prop_assert!(!route.methods().is_empty());
            }
        }

        #[test]
        fn every_valid_name_gets_through(name in "[a-z0-9]{1,5}(/(tags|list|manifests|blobs|uploads|referrers|x)){0,4}") {
            prop_assert_eq!(repository(Route::parse(&format!("/v2/{name}/tags/list")).unwrap()), name.clone());
            prop_assert_eq!(repository(Route::parse(&format!("/v2/{name}/blobs/{DIGEST}")).unwrap()), name.clone());
            prop_assert_eq!(repository(Route::parse(&format!("/v2/{name}/manifests/t")).unwrap()), name);
        }
    }
}
