//! Reclaiming what nobody needs any more.

use chartroom_oci::{Digest, RepositoryName};
use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::{BlobRecord, Collectable, Result};

use super::blobs;
use super::convert::{self, millis};
use super::job::Change;

/// Links whose grace period is over, oldest first. That nothing refers to them follows from
/// `unreferenced_since` being set; it is asked again because what is deleted stays deleted.
const UNREFERENCED: &str = "
    SELECT repository_blobs.repository_id, repositories.name, repository_blobs.digest, blobs.size
    FROM repository_blobs
    JOIN repositories ON repositories.id = repository_blobs.repository_id
    JOIN blobs ON blobs.digest = repository_blobs.digest
    WHERE repository_blobs.unreferenced_since IS NOT NULL AND repository_blobs.unreferenced_since <= ?1
        AND NOT EXISTS (
            SELECT 1 FROM manifest_references
            WHERE manifest_references.repository_id = repository_blobs.repository_id
                AND manifest_references.digest = repository_blobs.digest)
    ORDER BY repository_blobs.unreferenced_since LIMIT ?2";

struct Unreferenced {
    repository_id: i64,
    repository: RepositoryName,
    blob: BlobRecord,
}

fn unreferenced(connection: &Connection, cutoff: Timestamp, limit: usize) -> Result<Vec<Unreferenced>> {
    let mut statement = connection.prepare_cached(UNREFERENCED)?;
    let mut rows = statement.query(params![millis(cutoff), convert::limit(limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Unreferenced {
            repository_id: row.get(0)?,
            repository: convert::parsed(row, 1)?,
            blob: BlobRecord { digest: convert::parsed(row, 2)?, size: row.get(3)? },
        });
    }
    Ok(found)
}

/// See [`crate::Catalog::collectable`].
pub(super) fn preview(connection: &Connection, cutoff: Timestamp, limit: usize) -> Result<Vec<Collectable>> {
    let linked = unreferenced(connection, cutoff, limit)?.into_iter().map(|found| Collectable {
        digest: found.blob.digest,
        size: found.blob.size,
        repository: Some(found.repository),
    });
    let mut all: Vec<_> = linked.collect();
    let unlinked = unlinked(connection, cutoff, None, limit - all.len())?;
    all.extend(unlinked.into_iter().map(|blob| Collectable {
        digest: blob.digest,
        size: blob.size,
        repository: None,
    }));
    Ok(all)
}

/// See [`crate::Catalog::unlink_unreferenced`].
pub(super) fn unlink(
    change: &mut Change<'_>,
    cutoff: Timestamp,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<(RepositoryName, Digest)>> {
    let mut unlinked = Vec::new();
    for found in unreferenced(change, cutoff, limit)? {
        blobs::leave(change, found.repository_id, &found.blob.digest.to_string(), now)?;
        change.touch(&found.repository);
        unlinked.push((found.repository, found.blob.digest));
    }
    Ok(unlinked)
}

/// See [`crate::Catalog::unlinked_blobs`].
pub(super) fn unlinked(
    connection: &Connection,
    cutoff: Timestamp,
    after: Option<&Digest>,
    limit: usize,
) -> Result<Vec<BlobRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT digest, size FROM blobs
         WHERE unlinked_since IS NOT NULL AND unlinked_since <= ?1 AND digest > ?2
         ORDER BY digest LIMIT ?3",
    )?;
    let mut rows =
        statement.query(params![millis(cutoff), convert::text_or_start(after), convert::limit(limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(BlobRecord { digest: convert::parsed(row, 0)?, size: row.get(1)? });
    }
    Ok(found)
}

/// See [`crate::Catalog::forget_blob`].
pub(super) fn forget(change: &Change<'_>, digest: &Digest, cutoff: Timestamp) -> Result<bool> {
    // A link that appeared meanwhile has cleared `unlinked_since`, and a foreign key stands behind it.
    let mut statement =
        change.prepare_cached("DELETE FROM blobs WHERE digest = ?1 AND unlinked_since <= ?2")?;
    Ok(statement.execute(params![digest.to_string(), millis(cutoff)])? > 0)
}
