//! Pushing: a chart with the very requests that Helm 4 makes, single blobs,
//! and many small manifests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use tokio::task::JoinSet;

use super::charts::{Blob, Chart, MANIFEST, small_manifest};
use super::wire::{self, Body, Connection};

/// What Helm 4 accepts as a manifest.
pub(super) const ACCEPT: &str = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.oci.artifact.manifest.v1+json";

/// A chart, and the heads of the requests that push it, in the order in which
/// Helm makes them. (Helm asks for and sends the two blobs at the same time,
/// over two connections; here they follow each other over one.)
pub(super) struct Prepared {
    chart: Arc<Chart>,
    address: SocketAddr,
    ask_manifest: Vec<u8>,
    ask_blobs: [Vec<u8>; 2],
    post_upload: Vec<u8>,
    put_by_digest: Vec<u8>,
    get_back: Vec<u8>,
    put_by_tag: Vec<u8>,
}

impl Prepared {
    pub(super) fn new(chart: Arc<Chart>, address: SocketAddr) -> Self {
        let repository = format!("/v2/{}", chart.repository);
        let by_digest = format!("{repository}/manifests/{}", chart.manifest.digest);
        let by_tag = format!("{repository}/manifests/{}", chart.tag);
        let length = chart.manifest.bytes.len().to_string();
        let content = [("Content-Type", MANIFEST), ("Content-Length", length.as_str())];
        let accept = [("Accept", ACCEPT)];
        let ask_blob =
            |blob: &Blob| wire::request("HEAD", &format!("{repository}/blobs/{}", blob.digest), address, &[]);
        Self {
            ask_manifest: wire::request("HEAD", &by_digest, address, &accept),
            ask_blobs: [ask_blob(&chart.config), ask_blob(&chart.archive)],
            post_upload: post_upload(&chart.repository, address),
            put_by_digest: wire::request("PUT", &by_digest, address, &content),
            get_back: wire::request("GET", &by_digest, address, &[("Accept", MANIFEST)]),
            put_by_tag: wire::request("PUT", &by_tag, address, &content),
            address,
            chart,
        }
    }

    /// What of it is stored.
    pub(super) fn size(&self) -> usize {
        [&self.chart.config, &self.chart.archive, &self.chart.manifest]
            .map(|blob| blob.bytes.len())
            .iter()
            .sum()
    }
}

/// A fresh push, as Helm 4 does it.
pub(super) async fn chart(connection: &mut Connection, prepared: &Prepared) -> Result<()> {
    let Prepared { chart, .. } = prepared;
    let manifest = &chart.manifest.bytes;
    for head in [&prepared.ask_manifest, &prepared.ask_blobs[0], &prepared.ask_blobs[1]] {
        connection.send(head, &[]).await?;
        expect(connection, Body::Absent, 404, "HEAD of what is to be pushed").await?;
    }
    for blob in [&chart.config, &chart.archive] {
        connection.send(&prepared.post_upload, &[]).await?;
        finish_upload(connection, blob, prepared.address).await?;
    }
    connection.send(&prepared.put_by_digest, manifest).await?;
    expect(connection, Body::Count, 201, "PUT of a manifest by digest").await?;
    connection.send(&prepared.get_back, &[]).await?;
    expect(connection, Body::Same(manifest), 200, "GET of the manifest just pushed").await?;
    connection.send(&prepared.put_by_tag, manifest).await?;
    expect(connection, Body::Count, 201, "PUT of a manifest by tag").await?;
    Ok(())
}

/// Pushes a blob by POST and one PUT.
pub(super) async fn blob(
    connection: &mut Connection,
    repository: &str,
    blob: &Blob,
    address: SocketAddr,
) -> Result<()> {
    connection.send(&post_upload(repository, address), &[]).await?;
    finish_upload(connection, blob, address).await
}

fn post_upload(repository: &str, address: SocketAddr) -> Vec<u8> {
    let target = format!("/v2/{repository}/blobs/uploads/");
    wire::request("POST", &target, address, &[("Content-Length", "0")])
}

async fn finish_upload(connection: &mut Connection, blob: &Blob, address: SocketAddr) -> Result<()> {
    let (response, _) = connection.receive(Body::Count).await?;
    if response.status != 202 {
        bail!("POST of an upload was answered {}", response.status);
    }
    let location = response.location.context("the answer to POST has no Location")?;
    let location = wire::target(&location);
    let joint = if location.contains('?') { '&' } else { '?' };
    let target = format!("{location}{joint}digest={}", blob.digest.replace(':', "%3A"));
    let length = blob.bytes.len().to_string();
    let fields = [("Content-Type", "application/octet-stream"), ("Content-Length", length.as_str())];
    connection.send(&wire::request("PUT", &target, address, &fields), &blob.bytes).await?;
    expect(connection, Body::Count, 201, "PUT of a blob").await?;
    Ok(())
}

/// Tags that each name a manifest of their own, `1.0.0`, `1.0.1`, …
pub(super) struct Tags {
    pub(super) repository: &'static str,
    pub(super) numbers: std::ops::Range<usize>,
}

/// What all small manifests refer to.
fn parts() -> [Blob; 2] {
    [b"{}".to_vec(), vec![b'x'; 1000]].map(Blob::new)
}

/// Pushes them over several connections: one config and one layer, and
/// manifests that refer to them.
pub(super) async fn tags(address: SocketAddr, connections: usize, tags: Tags) -> Result<()> {
    let mut connection = Connection::open(address).await?;
    for part in &parts() {
        blob(&mut connection, tags.repository, part, address).await?;
    }
    let mut tasks = JoinSet::new();
    for own in 0..connections {
        let numbers = tags.numbers.clone().skip(own).step_by(connections);
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let parts = parts();
            for number in numbers {
                let manifest = small_manifest(&parts, number);
                put_small(&mut connection, address, tags.repository, number, &manifest).await?;
            }
            anyhow::Ok(())
        });
    }
    all(tasks).await
}

/// Has the first of the tags name another manifest.
pub(super) async fn repoint(connection: &mut Connection, address: SocketAddr, tags: &Tags) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let manifest = small_manifest(&parts(), now.as_nanos());
    put_small(connection, address, tags.repository, tags.numbers.start, &manifest).await
}

async fn put_small(
    connection: &mut Connection,
    address: SocketAddr,
    repository: &str,
    number: usize,
    manifest: &[u8],
) -> Result<()> {
    let target = format!("/v2/{repository}/manifests/{}", tag(number));
    let length = manifest.len().to_string();
    let fields = [("Content-Type", MANIFEST), ("Content-Length", length.as_str())];
    connection.send(&wire::request("PUT", &target, address, &fields), manifest).await?;
    expect(connection, Body::Count, 201, "PUT of a small manifest").await
}

/// Pushes blobs over several connections.
pub(super) async fn blobs(
    address: SocketAddr,
    connections: usize,
    repository: &str,
    blobs: &Arc<Vec<Blob>>,
) -> Result<()> {
    let mut tasks = JoinSet::new();
    for own in 0..connections {
        let (blobs, repository) = (blobs.clone(), repository.to_owned());
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            for next in blobs.iter().skip(own).step_by(connections) {
                blob(&mut connection, &repository, next, address).await?;
            }
            anyhow::Ok(())
        });
    }
    all(tasks).await
}

async fn all(mut tasks: JoinSet<Result<()>>) -> Result<()> {
    while let Some(ended) = tasks.join_next().await {
        ended.context("a connection's task ended")??;
    }
    Ok(())
}

pub(super) fn tag(number: usize) -> String {
    format!("1.0.{number}")
}

async fn expect(connection: &mut Connection, body: Body<'_>, status: u16, what: &str) -> Result<()> {
    let (response, _) = connection.receive(body).await.with_context(|| what.to_owned())?;
    if response.status != status {
        bail!("{what} was answered {} instead of {status}", response.status);
    }
    Ok(())
}
