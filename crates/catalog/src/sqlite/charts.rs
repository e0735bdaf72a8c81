//! What is known of charts.

use chartroom_oci::RepositoryName;
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use crate::{ChartArchive, ChartRecord, ChartVersion, Error, Result};

use super::convert::{self, millis};
use super::job::Change;

/// Records what was read of a chart, in place of what was read before.
pub(super) fn put(change: &Change<'_>, repository: i64, manifest: i64, chart: &ChartRecord) -> Result<()> {
    let metadata = serde_json::to_string(&chart.metadata).map_err(|error| Error::Engine(error.into()))?;
    change
        .prepare_cached(
            "INSERT INTO charts (manifest_id, repository_id, archive_digest, archive_size, provenance,
                 created_at, metadata)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (manifest_id) DO UPDATE SET archive_digest = excluded.archive_digest,
                 archive_size = excluded.archive_size, provenance = excluded.provenance,
                 created_at = excluded.created_at, metadata = excluded.metadata",
        )?
        .execute(params![
            manifest,
            repository,
            chart.archive.map(|archive| archive.digest.to_string()),
            chart.archive.map(|archive| archive.size),
            chart.provenance,
            millis(chart.created),
            metadata,
        ])?;
    Ok(())
}

/// See [`crate::Catalog::chart_versions`].
pub(super) fn versions(connection: &Connection, repository: &RepositoryName) -> Result<Vec<ChartVersion>> {
    let mut statement = connection.prepare_cached(
        "SELECT charts.manifest_id, tags.name, manifests.digest, manifests.pushed_at, charts.archive_digest,
             charts.archive_size, charts.provenance, charts.created_at, charts.metadata
         FROM repositories
         JOIN charts ON charts.repository_id = repositories.id
         JOIN manifests ON manifests.id = charts.manifest_id
         JOIN tags ON tags.manifest_id = charts.manifest_id
         WHERE repositories.name = ?1
         ORDER BY charts.manifest_id, tags.name",
    )?;
    let mut rows = statement.query([repository.as_str()])?;
    let mut versions: Vec<ChartVersion> = Vec::new();
    let mut current = None;
    while let Some(row) = rows.next()? {
        let manifest: i64 = row.get(0)?;
        let tag = convert::parsed(row, 1)?;
        match versions.last_mut() {
            Some(version) if current == Some(manifest) => version.tags.push(tag),
            _ => versions.push(ChartVersion {
                digest: convert::parsed(row, 2)?,
                tags: vec![tag],
                record: record(row)?,
                pushed_at: convert::time(row, 3)?,
            }),
        }
        current = Some(manifest);
    }
    Ok(versions)
}

fn record(row: &Row<'_>) -> Result<ChartRecord> {
    let size: Option<u64> = row.get(5)?;
    let created: Timestamp = convert::time(row, 7)?;
    Ok(ChartRecord {
        metadata: convert::json(row.get_ref(8)?.as_str().map_err(rusqlite::Error::from)?)?,
        archive: match size {
            Some(size) => Some(ChartArchive { digest: convert::parsed(row, 4)?, size }),
            None => None,
        },
        provenance: row.get(6)?,
        created,
    })
}
