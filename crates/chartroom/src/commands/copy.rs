//! `chartroom copy`

mod copier;

use anyhow::{Context as _, Result, bail};
use chartroom_cli::{Connection, Copy, OutputFormat, Transport};
use chartroom_oci::{Digest, Reference, Tag};
use chartroom_registry_client::{Location, Parts};
use serde::Serialize;

use super::{Outcome, run_client};
use crate::{printer, remote, table};
use copier::{Blobs, Copier};

/// What was copied.
#[derive(Serialize)]
struct Copied {
    /// What was asked for, at its new place.
    reference: String,
    digest: Digest,
    /// All manifests that are there now because of it, the chart's own too.
    manifests: Vec<Digest>,
    /// Tags of what belongs to it.
    tags: Vec<Tag>,
    blobs: Blobs,
}

/// Copies a chart and what refers to it.
pub(crate) fn copy(flags: &Copy) -> Result<Outcome> {
    let copied = run_client(carry(flags))?;
    if flags.output == OutputFormat::Json {
        printer::result(&serde_json::to_string_pretty(&copied)?)?;
        return Ok(Outcome::Success);
    }
    printer::result(&format!("Copied: {}\nDigest: {}", copied.reference, copied.digest))?;
    let more = copied.manifests.len().saturating_sub(1);
    if more > 0 {
        printer::aside(&format!("{} came along\n", table::count(more as u64, "more manifest")));
    }
    Ok(Outcome::Success)
}

async fn carry(flags: &Copy) -> Result<Copied> {
    let to = Parts::parse(&flags.to)?;
    let repository = to.repository()?;
    if to.digest.is_some() {
        bail!("a chart keeps its digest when it is copied: leave out what follows the @ in {}", flags.to);
    }
    let asked = to.tag.map(|tag| tag.replace('+', "_").parse::<Tag>()).transpose().context("invalid tag")?;

    let from_client = remote::source(&source_flags(flags))?;
    let (from, source) = remote::locate(&from_client, &flags.from)?;
    let picked = remote::pick(&from, &source, None, false).await?;
    let reference = picked.reference().with_context(|| format!("{} has no version", flags.from))?;
    let top = source.manifest(&reference).await.with_context(|| format!("can't fetch {picked}"))?;

    let target = remote::client(&flags.connection)?.registry(&to.host)?.repository(&repository).for_push();
    let tag = asked.or_else(|| picked.tag.clone());
    let mut copier = Copier::new(source, target, from.host == to.host, !flags.no_referrers);
    copier.run(top.clone()).await?;
    // Last: whoever finds it by its tag finds all that belongs to it, too.
    if let Some(tag) = &tag {
        let reference = Reference::Tag(tag.clone());
        copier.target.put_manifest(&reference, &top.media_type, top.bytes.clone()).await?;
    }
    let digest = if tag.is_none() { Some(top.digest) } else { None };
    let location = Location { host: to.host.clone(), repository, tag, digest };
    let Copier { manifests, tags, blobs, .. } = copier;
    Ok(Copied { reference: location.to_string(), digest: top.digest, manifests, tags, blobs })
}

/// How to reach the registry that is copied from: as the other one, but for what is said of either.
fn source_flags(flags: &Copy) -> Connection {
    let transport = Transport { plain_http: flags.from_plain_http, ..flags.connection.transport.clone() };
    Connection { transport, username: None, password: None, ..flags.connection.clone() }
}
