//! From one repository to another: a manifest with all that it names, and all that names it.
//!
//! What a manifest names goes first, so that nothing is ever there without its parts. Blobs go several at
//! a time, and none is ever in memory as a whole.

use std::collections::{BTreeMap, HashSet, VecDeque};

use anyhow::{Context as _, Result, ensure};
use chartroom_chart::Artifact;
use chartroom_oci::{Descriptor, Digest, Manifest, Reference, Tag};
use chartroom_registry_client::{FetchedManifest, PushOptions, Pushed, Repository};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

use crate::{printer, progress};

/// How many manifests one copy brings along at most.
const MAX_MANIFESTS: usize = 10_000;
/// How many blobs, or small requests, are under way at a time.
const AT_A_TIME: usize = 3;
/// How cosign calls what belongs to a manifest: the manifest's digest as a tag, and one of these.
const COSIGN: [&str; 3] = ["sig", "att", "sbom"];

/// How blobs came to be at the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Blobs {
    /// So many were sent.
    sent: usize,
    /// So many came from another repository of the same registry.
    linked: usize,
    /// So many were there.
    unchanged: usize,
}

/// A copy under way.
pub(super) struct Copier {
    pub(super) source: Repository,
    pub(super) target: Repository,
    /// Whether both are in one registry, which may then link blobs instead of having them sent.
    pub(super) same_registry: bool,
    /// Whether what refers to manifests goes along.
    pub(super) referrers: bool,
    /// The manifests that are at the target, in the order in which they came there.
    pub(super) manifests: Vec<Digest>,
    /// The tags of what went along because of its tag.
    pub(super) tags: Vec<Tag>,
    pub(super) blobs: Blobs,
    known: HashSet<Digest>,
}

/// A manifest that waits for its turn.
struct Waiting {
    fetched: FetchedManifest,
    /// The tag that makes it what it is, as with cosign's.
    tag: Option<Tag>,
}

impl Copier {
    pub(super) fn new(source: Repository, target: Repository, same_registry: bool, referrers: bool) -> Self {
        Self {
            source,
            target,
            same_registry,
            referrers,
            manifests: Vec::new(),
            tags: Vec::new(),
            blobs: Blobs::default(),
            known: HashSet::new(),
        }
    }

    /// Copies a manifest, what it names and what names it.
    pub(super) async fn run(&mut self, top: FetchedManifest) -> Result<()> {
        let mut waiting = VecDeque::from([Waiting { fetched: top, tag: None }]);
        while let Some(Waiting { fetched, tag }) = waiting.pop_front() {
            if self.known.contains(&fetched.digest) {
                self.tag(&fetched, tag).await?;
                continue;
            }
            let manifest = Manifest::parse(Some(&fetched.media_type), &fetched.bytes)?;
            let missing = self.children(&manifest).await?;
            if !missing.is_empty() {
                // Its parts first; then it comes round again.
                waiting.push_front(Waiting { fetched, tag });
                missing.into_iter().for_each(|child| waiting.push_front(child));
                continue;
            }
            self.known.insert(fetched.digest);
            ensure!(self.known.len() <= MAX_MANIFESTS, "more than {MAX_MANIFESTS} manifests belong to it");
            self.bring_blobs(&manifest).await?;
            self.put(&fetched, &manifest).await?;
            self.tag(&fetched, tag).await?;
            if self.referrers {
                waiting.extend(self.companions(&fetched.digest).await?);
            }
        }
        Ok(())
    }

    /// The manifests of an index that aren't at the target yet.
    async fn children(&self, manifest: &Manifest) -> Result<Vec<Waiting>> {
        let missing = manifest.manifests.iter().map(|child| child.digest);
        let mut missing: Vec<Digest> = missing.filter(|child| !self.known.contains(child)).collect();
        missing.sort();
        missing.dedup();
        self.fetch(missing).await
    }

    async fn fetch(&self, digests: Vec<Digest>) -> Result<Vec<Waiting>> {
        let fetch = digests.into_iter().map(async |digest| {
            let fetched = self.source.manifest(&Reference::Digest(digest)).await;
            let fetched = fetched.with_context(|| format!("can't fetch the manifest {digest}"))?;
            anyhow::Ok(Waiting { fetched, tag: None })
        });
        stream::iter(fetch).buffered(AT_A_TIME).try_collect().await
    }

    async fn bring_blobs(&mut self, manifest: &Manifest) -> Result<()> {
        // One that is named twice comes once.
        let blobs: BTreeMap<Digest, &Descriptor> =
            manifest.blob_descriptors().map(|blob| (blob.digest, blob)).collect();
        let mount_from = if self.same_registry { vec![self.source.name().clone()] } else { Vec::new() };
        let options = PushOptions { mount_from, ..PushOptions::default() };
        let (source, target, options) = (&self.source, &self.target, &options);
        for blob in blobs.values() {
            if let Some(name) = shown_as(self.source.name().last_component(), blob) {
                progress::name(&blob.digest, &name);
            }
        }
        let bring = blobs.into_values().map(async |blob| {
            let brought = source.relay_blob(&blob.digest, blob.size, target, options).await;
            brought.with_context(|| format!("can't copy the blob {}", blob.digest))
        });
        let mut bring = stream::iter(bring).buffer_unordered(AT_A_TIME);
        while let Some(brought) = bring.next().await {
            match brought? {
                Pushed::Uploaded => self.blobs.sent += 1,
                Pushed::Mounted => self.blobs.linked += 1,
                Pushed::Existed => self.blobs.unchanged += 1,
            }
        }
        Ok(())
    }

    async fn put(&mut self, fetched: &FetchedManifest, manifest: &Manifest) -> Result<()> {
        let reference = Reference::Digest(fetched.digest);
        let stored = self.target.put_manifest(&reference, &fetched.media_type, fetched.bytes.clone()).await?;
        if let Some(subject) = &manifest.subject
            && stored.subject.is_none()
        {
            self.announce(&subject.digest, fetched, manifest).await?;
        }
        self.manifests.push(fetched.digest);
        Ok(())
    }

    async fn tag(&mut self, fetched: &FetchedManifest, tag: Option<Tag>) -> Result<()> {
        if let Some(tag) = tag {
            let reference = Reference::Tag(tag.clone());
            self.target.put_manifest(&reference, &fetched.media_type, fetched.bytes.clone()).await?;
            self.tags.push(tag);
        }
        Ok(())
    }

    /// Tells a registry that does not list referrers by itself.
    async fn announce(&self, subject: &Digest, fetched: &FetchedManifest, manifest: &Manifest) -> Result<()> {
        let descriptor = Descriptor {
            media_type: fetched.media_type.clone(),
            digest: fetched.digest,
            size: fetched.bytes.len() as u64,
            annotations: Some(manifest.annotations.clone()).filter(|annotations| !annotations.is_empty()),
            artifact_type: manifest.effective_artifact_type().map(str::to_owned),
        };
        Ok(self.target.add_referrer(subject, &descriptor).await?)
    }

    /// What says something about a manifest: by its subject, or, as cosign has it, by its tag.
    async fn companions(&self, of: &Digest) -> Result<Vec<Waiting>> {
        let listed = self.source.referrers(of, None).await?;
        let listed = listed.into_iter().map(|listed| listed.digest).filter(|one| !self.known.contains(one));
        let tags = COSIGN.iter().filter_map(|kind| cosign_tag(of, kind));
        let references = listed.map(Reference::Digest).chain(tags.map(Reference::Tag));
        let asked = references.map(|reference| self.companion(reference));
        let found: Vec<Option<Waiting>> = stream::iter(asked).buffered(AT_A_TIME).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn companion(&self, reference: Reference) -> Result<Option<Waiting>> {
        match (self.source.manifest(&reference).await, reference) {
            (Ok(fetched), Reference::Tag(tag)) => Ok(Some(Waiting { fetched, tag: Some(tag) })),
            (Ok(fetched), Reference::Digest(_)) => Ok(Some(Waiting { fetched, tag: None })),
            (Err(error), Reference::Tag(_)) if error.is_not_found() => Ok(None),
            (Err(error), Reference::Digest(digest)) if error.is_not_found() => {
                // Lists under a tag outlive what they list.
                printer::aside(&format!("WARNING: {digest} is listed as referring to it, but is gone\n"));
                Ok(None)
            }
            (Err(error), reference) => Err(error).with_context(|| format!("can't fetch {reference}")),
        }
    }
}

/// What a blob is for people: the parts of charts, and files that bear a name.
fn shown_as(chart: &str, blob: &Descriptor) -> Option<String> {
    match blob.media_type.as_str() {
        Artifact::CHART => Some(format!("{chart} (chart)")),
        Artifact::PROVENANCE => Some(format!("{chart} (provenance)")),
        _ => {
            let title = blob.annotations.as_ref()?.get("org.opencontainers.image.title")?;
            Some(title.chars().filter(|letter| !letter.is_control()).take(60).collect())
        }
    }
}

/// `sha256-<hex>.sig`; nothing where that is longer than tags are.
fn cosign_tag(of: &Digest, kind: &str) -> Option<Tag> {
    format!("{}-{}.{kind}", of.algorithm(), of.hex()).parse().ok()
}

#[cfg(test)]
mod tests {
    use chartroom_oci::Algorithm;

    use super::*;

    #[test]
    fn cosigns_tags() {
        let tag = cosign_tag(&Digest::sha256(b""), "sig").map(|tag| tag.to_string());
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(tag, Some(format!("sha256-{hex}.sig")));
        assert_eq!(cosign_tag(&Digest::of(Algorithm::Sha512, b""), "sig"), None);
    }
}
