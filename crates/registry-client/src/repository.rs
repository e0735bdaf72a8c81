//! A repository: its manifests.

use std::fmt;

use bytes::Bytes;
use chartroom_oci::{Algorithm, Digest, MediaType, Reference, RepositoryName};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::client::Registry;
use crate::error::{Error, Missing, Result, Subject};
use crate::exchange::Call;
use crate::scope::Scopes;
use crate::transport::{Incoming, Payload};

/// The most that a manifest may have: what registries take at most.
pub const MANIFEST_LIMIT: u64 = 4 << 20;

/// What we can make sense of, in the order that Helm sends it.
const ACCEPTED: &str = "application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.artifact.manifest.v1+json";

const CONTENT_DIGEST: &str = "docker-content-digest";

/// What a repository's requests are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    Pull,
    Push,
}

/// A repository of a registry. Cheap to clone.
///
/// With [`Repository::for_push`] every request, also one that only reads, asks for a token that
/// allows to write: some registries refuse to say whether something exists to a token that is good
/// for reading a repository which isn't there yet.
#[derive(Clone)]
pub struct Repository {
    registry: Registry,
    name: RepositoryName,
    intent: Intent,
}

/// What a registry says of a manifest without giving it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestHead {
    /// Its digest, where the registry says it.
    pub digest: Option<Digest>,
    /// Its type, where the registry says it.
    pub media_type: Option<MediaType>,
    /// Its length, where the registry says it. Some say another than that of the content.
    pub size: Option<u64>,
}

/// A manifest as it was served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedManifest {
    /// Its digest: that of the bytes.
    pub digest: Digest,
    /// Its type.
    pub media_type: MediaType,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A manifest that was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredManifest {
    /// Its digest.
    pub digest: Digest,
    /// Its subject, if the registry lists it among that one's referrers by itself.
    pub subject: Option<Digest>,
}

impl Repository {
    pub(crate) fn new(registry: Registry, name: RepositoryName) -> Self {
        Self { registry, name, intent: Intent::Pull }
    }

    /// The same repository, whose requests ask for the right to write from the first one on.
    #[must_use]
    pub fn for_push(&self) -> Self {
        Self { intent: Intent::Push, ..self.clone() }
    }

    /// The registry that it is in.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Its name.
    pub fn name(&self) -> &RepositoryName {
        &self.name
    }

    /// What the registry says of a manifest.
    pub async fn head_manifest(&self, reference: &Reference) -> Result<ManifestHead> {
        let incoming = self.registry.call(&self.manifest_call(Method::HEAD, reference)).await?;
        let head = ManifestHead {
            digest: content_digest(&incoming),
            media_type: content_type(&incoming),
            size: incoming.content_length(),
        };
        match (reference, &head.digest) {
            (Reference::Digest(asked), Some(found))
                if asked.algorithm() == found.algorithm() && asked != found =>
            {
                Err(mismatch(asked, found))
            }
            (Reference::Digest(asked), None) => Ok(ManifestHead { digest: Some(*asked), ..head }),
            _ => Ok(head),
        }
    }

    /// A manifest. Its bytes are those of its digest, and of the one that was asked for.
    pub async fn manifest(&self, reference: &Reference) -> Result<FetchedManifest> {
        let mut incoming = self.registry.call(&self.manifest_call(Method::GET, reference)).await?;
        let claimed = content_digest(&incoming);
        let header = content_type(&incoming);
        let bytes = self.read(&mut incoming, reference).await?;
        incoming.show(&bytes);
        let algorithm = match reference {
            Reference::Digest(asked) => asked.algorithm(),
            Reference::Tag(_) => claimed.map_or(Algorithm::Sha256, |claimed| claimed.algorithm()),
        };
        let digest = Digest::of(algorithm, &bytes);
        if let Reference::Digest(asked) = reference
            && *asked != digest
        {
            return Err(mismatch(asked, &digest));
        }
        if let Some(claimed) =
            claimed.filter(|claimed| claimed.algorithm() == algorithm && *claimed != digest)
        {
            return Err(mismatch(&claimed, &digest));
        }
        let media_type =
            media_type(header, &bytes).map_err(|what| Error::protocol(incoming.shown_url(), what))?;
        Ok(FetchedManifest { digest, media_type, bytes })
    }

    /// Reads a manifest's body; a connection that breaks meanwhile is one more attempt.
    async fn read(&self, incoming: &mut Incoming, reference: &Reference) -> Result<Bytes> {
        let mut attempts = self.registry.attempts();
        loop {
            match incoming.bytes("the manifest", MANIFEST_LIMIT).await {
                Ok(bytes) => return Ok(bytes),
                Err(failure) if failure.passes => {
                    if !self.registry.pause(&mut attempts, &failure.error.to_string(), None).await {
                        return Err(failure.error);
                    }
                    *incoming = self.registry.call(&self.manifest_call(Method::GET, reference)).await?;
                }
                Err(failure) => return Err(failure.error),
            }
        }
    }

    /// Stores a manifest under a tag or its digest.
    pub async fn put_manifest(
        &self,
        reference: &Reference,
        media_type: &MediaType,
        manifest: impl Into<Bytes>,
    ) -> Result<StoredManifest> {
        let manifest = manifest.into();
        let algorithm = match reference {
            Reference::Digest(digest) => digest.algorithm(),
            Reference::Tag(_) => Algorithm::Sha256,
        };
        let digest = Digest::of(algorithm, &manifest);
        if let Reference::Digest(asked) = reference
            && *asked != digest
        {
            return Err(mismatch(asked, &digest));
        }
        let content_type = HeaderValue::from_str(media_type.as_str());
        let content_type = content_type.map_err(|_| Error::setup("the manifest's type can't be sent"))?;
        let repository = self.for_push();
        let call = repository
            .manifest_call(Method::PUT, reference)
            .header(CONTENT_TYPE, content_type)
            .payload(Payload::Bytes(manifest));
        let incoming = self.registry.call(&call).await?;
        if let Some(found) = content_digest(&incoming)
            && found.algorithm() == algorithm
            && found != digest
        {
            return Err(mismatch(&digest, &found));
        }
        let subject = incoming.header("oci-subject").and_then(|subject| subject.parse().ok());
        Ok(StoredManifest { digest, subject })
    }

    /// Deletes a manifest, or a tag only, depending on what is named.
    pub async fn delete_manifest(&self, reference: &Reference) -> Result<()> {
        // Quay refuses a token that is to allow `delete`: only who demands that is asked for it.
        let repository = self.for_push();
        self.registry.call(&repository.manifest_call(Method::DELETE, reference)).await.map(drop)
    }

    fn manifest_call(&self, method: Method, reference: &Reference) -> Call<'_> {
        let call =
            self.request(method, &format!("manifests/{reference}"), Missing::Manifest(reference.clone()));
        if call.method == Method::PUT || call.method == Method::DELETE {
            return call;
        }
        call.header(ACCEPT, HeaderValue::from_static(ACCEPTED))
    }

    /// A request about something in the repository.
    pub(crate) fn request(&self, method: Method, path: &str, what: Missing) -> Call<'_> {
        let url = self.url(path);
        Call::new(method, url, self.scopes(), Subject::of(&self.name, what))
    }

    /// A request to an address that the registry gave.
    pub(crate) fn request_at(&self, method: Method, url: Url, what: Missing) -> Call<'_> {
        Call::new(method, url, self.scopes(), Subject::of(&self.name, what))
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.registry.url(&format!("v2/{}/{path}", self.name))
    }

    pub(crate) fn scopes(&self) -> Scopes {
        match self.intent {
            Intent::Pull => Scopes::pull(&self.name),
            Intent::Push => Scopes::push(&self.name),
        }
    }
}

fn mismatch(expected: &Digest, found: &Digest) -> Error {
    Error::DigestMismatch { what: "the manifest", expected: Box::new(*expected), found: Box::new(*found) }
}

pub(crate) fn content_digest(incoming: &Incoming) -> Option<Digest> {
    incoming.header(HeaderName::from_static(CONTENT_DIGEST).as_str())?.trim().parse().ok()
}

pub(crate) fn content_type(incoming: &Incoming) -> Option<MediaType> {
    MediaType::from_content_type(incoming.header(CONTENT_TYPE.as_str())?).ok()
}

/// A manifest's type: as the header says, or as the manifest says where the header is of no use.
/// That both say something, and not the same, is how one manifest is passed off as another.
fn media_type(header: Option<MediaType>, bytes: &[u8]) -> Result<MediaType, String> {
    let generic = |media_type: &MediaType| {
        matches!(
            media_type.as_str(),
            "application/json" | "text/plain" | "application/octet-stream" | "text/html"
        )
    };
    let header = header.filter(|media_type| !generic(media_type));
    let own = serde_json::from_slice::<OwnType>(bytes).ok().and_then(|own| own.media_type);
    match (header, own) {
        (Some(header), Some(own)) if header != own => {
            Err(format!("the manifest is served as {header}, but says that it is {own}"))
        }
        (Some(media_type), _) | (None, Some(media_type)) => Ok(media_type),
        (None, None) => Err("the manifest comes without a type".to_owned()),
    }
}

/// The one field of a manifest that is read here.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnType {
    media_type: Option<MediaType>,
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repository({}/{})", self.registry.host(), self.name)
    }
}
