//! `chartroom copy`

use std::collections::{HashSet, VecDeque};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use chartroom_cli::{Connection, Copy, Transport};
use chartroom_oci::{Digest, Manifest, Reference};
use chartroom_registry_client::{Content, FetchedManifest, Location, Parts, PushOptions, Repository};

use super::{Outcome, run_client};
use crate::{printer, remote};

/// The largest blob that is copied: charts, their signatures and SBOMs are far smaller.
const MAX_BLOB: u64 = 512 << 20;
/// How many manifests one copy brings along at most.
const MAX_MANIFESTS: usize = 10_000;

/// Copies a chart and what refers to it.
pub(crate) fn copy(flags: &Copy) -> Result<Outcome> {
    let location = run_client(async {
        let from_transport =
            Transport { plain_http: flags.from_plain_http, ..flags.connection.transport.clone() };
        let from = Connection {
            transport: from_transport,
            username: None,
            password: None,
            ..flags.connection.clone()
        };
        let (from_parts, source) = {
            let client = remote::client(&from)?;
            remote::locate(&client, &flags.from)?
        };
        let picked = remote::pick(&from_parts, &source, None, false).await?;
        let reference = picked.reference().with_context(|| format!("{} has no version", flags.from))?;
        let top = source.manifest(&reference).await.with_context(|| format!("can't fetch {picked}"))?;

        let to = Parts::parse(&flags.to)?;
        let target =
            remote::client(&flags.connection)?.registry(&to.host)?.repository(&to.repository()?).for_push();
        let tag = match to.tag {
            Some(tag) => Some(tag.replace('+', "_").parse().context("invalid tag")?),
            None => picked.tag.clone(),
        };
        let same_registry = from_parts.host == to.host;
        let mut copier =
            Copier { source, target, same_registry, referrers: !flags.no_referrers, done: HashSet::new() };
        copier.run(top.clone()).await?;
        if let Some(tag) = &tag {
            copier
                .target
                .put_manifest(&Reference::Tag(tag.clone()), &top.media_type, top.bytes.clone())
                .await?;
        }
        let digest = if tag.is_none() { Some(top.digest) } else { None };
        let repository = copier.target.name().clone();
        anyhow::Ok((
            Location { host: to.host.clone(), repository, tag, digest },
            top.digest,
            copier.done.len(),
        ))
    })?;
    let (location, digest, manifests) = location;
    printer::result(&format!("Copied: {location}\nDigest: {digest}"))?;
    if manifests > 1 {
        printer::aside(&format!("{} more manifests came along\n", manifests - 1));
    }
    Ok(Outcome::Success)
}

struct Copier {
    source: Repository,
    target: Repository,
    same_registry: bool,
    referrers: bool,
    done: HashSet<Digest>,
}

impl Copier {
    /// Copies a manifest with all that it names and all that names it: what it names first, so that
    /// nothing is ever there without its parts.
    async fn run(&mut self, top: FetchedManifest) -> Result<()> {
        let mut waiting = VecDeque::from([top]);
        while let Some(fetched) = waiting.pop_front() {
            if !self.done.insert(fetched.digest) {
                continue;
            }
            anyhow::ensure!(
                self.done.len() <= MAX_MANIFESTS,
                "more than {MAX_MANIFESTS} manifests belong to it"
            );
            let manifest = Manifest::parse(Some(&fetched.media_type), &fetched.bytes)?;
            let mut missing = Vec::new();
            for child in &manifest.manifests {
                if !self.done.contains(&child.digest) {
                    missing.push(self.source.manifest(&Reference::Digest(child.digest)).await?);
                }
            }
            if !missing.is_empty() {
                // Its parts first; then it comes round again.
                self.done.remove(&fetched.digest);
                waiting.push_front(fetched);
                for child in missing {
                    waiting.push_front(child);
                }
                continue;
            }
            for digest in manifest.blobs() {
                self.blob(digest).await?;
            }
            let stored = self
                .target
                .put_manifest(&Reference::Digest(fetched.digest), &fetched.media_type, fetched.bytes.clone())
                .await?;
            if let Some(subject) = &manifest.subject
                && stored.subject.is_none()
            {
                self.announce(&subject.digest, &fetched, &manifest).await?;
            }
            if self.referrers {
                for referrer in self.source.referrers(&fetched.digest, None).await? {
                    if !self.done.contains(&referrer.digest) {
                        waiting.push_back(self.source.manifest(&Reference::Digest(referrer.digest)).await?);
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells a registry that does not list referrers by itself.
    async fn announce(&self, subject: &Digest, fetched: &FetchedManifest, manifest: &Manifest) -> Result<()> {
        let descriptor = chartroom_oci::Descriptor {
            media_type: fetched.media_type.clone(),
            digest: fetched.digest,
            size: fetched.bytes.len() as u64,
            annotations: Some(manifest.annotations.clone()).filter(|annotations| !annotations.is_empty()),
            artifact_type: manifest.effective_artifact_type().map(str::to_owned),
        };
        Ok(self.target.add_referrer(subject, &descriptor).await?)
    }

    async fn blob(&self, digest: &Digest) -> Result<()> {
        let mount_from = if self.same_registry { vec![self.source.name().clone()] } else { Vec::new() };
        let there = self.target.head_blob(digest).await;
        match there {
            Ok(_) => return Ok(()),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
        let content: Bytes = self.source.blob(digest, MAX_BLOB).await?;
        let options = PushOptions { mount_from, assume_missing: true, ..PushOptions::default() };
        self.target.push_blob(digest, &Content::from(content), &options).await?;
        Ok(())
    }
}
