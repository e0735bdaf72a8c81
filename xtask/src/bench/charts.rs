//! What is pushed: charts that nobody has pushed before, and how they are
//! named. All of it is made, and hashed, before the clock runs.

use std::fmt::Display;
use std::io::Write;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use sha2::{Digest, Sha256};

/// What a chart archive amounts to in bytes, as nearly as its blocks allow.
const ARCHIVE: usize = 20_000;
/// What tar and gzip add to the one random file: headers, padding, the
/// archive's end, and `Chart.yaml`.
const AROUND: usize = 5 * 512 + 80;

pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Bytes and their digest.
pub(super) struct Blob {
    /// Shared by all the requests that are to bring them back.
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) digest: String,
}

impl Blob {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let digest = Sha256::digest(&bytes);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { bytes: Arc::new(bytes), digest: format!("sha256:{hex}") }
    }

    pub(super) fn random(random: &mut Random, length: usize) -> Self {
        let mut bytes = vec![0; length];
        random.fill(&mut bytes);
        Self::new(bytes)
    }
}

/// A chart as Helm pushes it.
pub(super) struct Chart {
    pub(super) repository: String,
    pub(super) tag: String,
    pub(super) config: Blob,
    pub(super) archive: Blob,
    pub(super) manifest: Blob,
}

impl Chart {
    /// A chart of about 20 kB that doesn't compress.
    pub(super) fn new(random: &mut Random, name: &str, version: &str) -> Result<Self> {
        let archive = Blob::new(archive(random, name, version)?);
        let config = json!({
            "name": name,
            "version": version,
            "description": "A chart that is there to be measured",
            "apiVersion": "v2",
            "appVersion": version,
            "type": "application",
        });
        let config = Blob::new(config.to_string().into_bytes());
        let manifest = json!({
            "schemaVersion": 2,
            "config": {
                "mediaType": "application/vnd.cncf.helm.config.v1+json",
                "digest": config.digest,
                "size": config.bytes.len(),
            },
            "layers": [{
                "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                "digest": archive.digest,
                "size": archive.bytes.len(),
            }],
            "annotations": {
                "org.opencontainers.image.title": name,
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.description": "A chart that is there to be measured",
            },
        });
        let manifest = Blob::new(manifest.to_string().into_bytes());
        Ok(Self { repository: format!("charts/{name}"), tag: version.to_owned(), config, archive, manifest })
    }
}

fn archive(random: &mut Random, name: &str, version: &str) -> Result<Vec<u8>> {
    let metadata = format!(
        "apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: {version}\n\
         description: A chart that is there to be measured\ntype: application\n"
    );
    let mut data = vec![0; ARCHIVE - AROUND];
    random.fill(&mut data);
    // Random data doesn't compress: trying to would only take its time.
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::with_capacity(ARCHIVE + 512), Compression::none()));
    for (file, content) in [("Chart.yaml", metadata.as_bytes()), ("files/data.bin", &data)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("{name}/{file}"), content).context("cannot make a chart")?;
    }
    let mut gzip = tar.into_inner().context("cannot make a chart")?;
    gzip.flush().context("cannot make a chart")?;
    gzip.finish().context("cannot make a chart")
}

/// A manifest of an image with this config and this layer, and a number that
/// makes it a different one.
pub(super) fn small_manifest(parts: &[Blob; 2], number: impl Display) -> Vec<u8> {
    let [config, layer] = parts;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": config.digest,
            "size": config.bytes.len(),
        },
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.v1.tar",
            "digest": layer.digest,
            "size": layer.bytes.len(),
        }],
        "annotations": { "number": number.to_string() },
    });
    manifest.to_string().into_bytes()
}

/// Fast bytes that don't compress (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    /// Different in each run of the command.
    pub(super) fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(now.as_nanos() as u64)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.next().to_le_bytes()[..part.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_the_size_that_the_cases_speak_of() -> Result<()> {
        let chart = Chart::new(&mut Random::new(), "bench-07", "1.0.12345")?;
        let size = chart.archive.bytes.len();
        assert!((19_500..=20_500).contains(&size), "{size} bytes");
        Ok(())
    }

    #[test]
    fn no_two_charts_are_alike() -> Result<()> {
        let mut random = Random::new();
        let charts = [Chart::new(&mut random, "a", "1.0.0")?, Chart::new(&mut random, "a", "1.0.0")?];
        assert_ne!(charts[0].archive.digest, charts[1].archive.digest);
        assert_ne!(charts[0].manifest.digest, charts[1].manifest.digest);
        Ok(())
    }
}
