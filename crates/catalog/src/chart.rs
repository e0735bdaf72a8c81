//! What the catalog keeps of a chart.

use chartroom_oci::{Digest, Tag};
use jiff::Timestamp;

/// What a chart's manifest and config say of it, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartRecord {
    /// The chart's metadata.
    pub metadata: chartroom_chart::Metadata,
    /// The chart's archive, if the manifest has one.
    pub archive: Option<ChartArchive>,
    /// Whether a provenance file came along.
    pub provenance: bool,
    /// When the chart was made, if the manifest says it, else when it was pushed.
    pub created: Timestamp,
}

/// The layer that holds a chart's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartArchive {
    /// The digest of the `.tgz`.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// A chart in a repository, with the tags that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartVersion {
    /// The digest of the chart's manifest.
    pub digest: Digest,
    /// The tags, in byte order; at least one.
    pub tags: Vec<Tag>,
    /// What is known of the chart.
    pub record: ChartRecord,
    /// When its manifest was first pushed.
    pub pushed_at: Timestamp,
}
