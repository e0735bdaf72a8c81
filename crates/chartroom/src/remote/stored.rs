//! Manifests and blobs by digest: from the content cache where they are in it, else from the registry,
//! and then into the cache.

use bytes::Bytes;
use chartroom_oci::{Digest, Kind as Shape, Manifest, MediaType, Reference};
use chartroom_registry_client::{Error, FetchedManifest, MANIFEST_LIMIT, Repository};

use super::Remote;
use crate::content_cache::Kind;

impl Remote {
    /// A manifest. One that is named by its digest may come without a request.
    pub(super) async fn manifest(
        &self,
        repository: &Repository,
        reference: &Reference,
    ) -> Result<FetchedManifest, Error> {
        if let Reference::Digest(digest) = reference
            && let Some(found) = self.kept_manifest(digest)
        {
            return Ok(found);
        }
        let fetched = repository.manifest(reference).await?;
        // The cache has no place for a type that doesn't follow from the content.
        if own_type(&fetched.bytes).as_ref() == Some(&fetched.media_type) {
            self.keep(&fetched.digest, Kind::Manifest, &fetched.bytes);
        }
        Ok(fetched)
    }

    fn kept_manifest(&self, digest: &Digest) -> Option<FetchedManifest> {
        let bytes = self.cache.find(digest, Kind::Manifest, MANIFEST_LIMIT)?;
        let media_type = own_type(&bytes)?;
        self.voice.detail(&format!("manifest {digest}: from the content cache"));
        Some(FetchedManifest { digest: *digest, media_type, bytes })
    }

    /// A blob that is no larger than this.
    pub(super) async fn blob(
        &self,
        repository: &Repository,
        digest: &Digest,
        kind: Kind,
        limit: u64,
    ) -> Result<Bytes, Error> {
        if let Some(found) = self.cache.find(digest, kind, limit) {
            self.voice.detail(&format!("blob {digest}: from the content cache"));
            return Ok(found);
        }
        let content = repository.blob(digest, limit).await?;
        self.keep(digest, kind, &content);
        Ok(content)
    }

    fn keep(&self, digest: &Digest, kind: Kind, content: &[u8]) {
        if let Err(error) = self.cache.keep(digest, kind, content) {
            self.voice.detail(&format!("{digest} can't be kept in the content cache: {error}"));
        }
    }
}

/// The type that a manifest has whoever serves it.
fn own_type(bytes: &[u8]) -> Option<MediaType> {
    let manifest = Manifest::parse(None, bytes).ok()?;
    (manifest.kind != Shape::Other).then_some(manifest.media_type)
}
