//! Upload sessions.

use chartroom_oci::RepositoryName;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::{Result, Upload, UploadId};

use super::convert::{self, millis};
use super::job::Change;

/// See [`crate::Catalog::begin_upload`].
pub(super) fn begin(change: &Change<'_>, repository: &RepositoryName, upload: &Upload) -> Result<()> {
    change
        .prepare_cached(
            "INSERT INTO uploads (id, repository, algorithm, received, state, touched_at, owner)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            upload.id.to_string(),
            repository.as_str(),
            upload.algorithm.as_str(),
            upload.offset,
            upload.state,
            millis(upload.touched_at),
            upload.owner,
        ])?;
    Ok(())
}

/// See [`crate::Catalog::upload`].
pub(super) fn find(
    connection: &Connection,
    repository: &RepositoryName,
    id: UploadId,
) -> Result<Option<Upload>> {
    let mut statement = connection.prepare_cached(
        "SELECT algorithm, received, state, touched_at, owner FROM uploads WHERE id = ?1 AND repository = ?2",
    )?;
    let mut rows = statement.query(params![id.to_string(), repository.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Upload {
        id,
        algorithm: convert::parsed(row, 0)?,
        offset: row.get(1)?,
        state: row.get(2)?,
        touched_at: convert::time(row, 3)?,
        owner: row.get(4)?,
    }))
}

/// See [`crate::Catalog::save_upload`].
pub(super) fn save(change: &Change<'_>, upload: &Upload) -> Result<bool> {
    let saved = change
        .prepare_cached(
            "UPDATE uploads SET algorithm = ?2, received = ?3, state = ?4, touched_at = ?5 WHERE id = ?1",
        )?
        .execute(params![
            upload.id.to_string(),
            upload.algorithm.as_str(),
            upload.offset,
            upload.state,
            millis(upload.touched_at),
        ])?;
    Ok(saved > 0)
}

/// See [`crate::Catalog::cancel_upload`].
pub(super) fn cancel(change: &Change<'_>, repository: &RepositoryName, id: UploadId) -> Result<bool> {
    let mut statement = change.prepare_cached("DELETE FROM uploads WHERE id = ?1 AND repository = ?2")?;
    Ok(statement.execute(params![id.to_string(), repository.as_str()])? > 0)
}

/// Ends a session whose blob is stored.
pub(super) fn remove(change: &Change<'_>, id: UploadId) -> Result<()> {
    change.prepare_cached("DELETE FROM uploads WHERE id = ?1")?.execute([id.to_string()])?;
    Ok(())
}

/// See [`crate::Catalog::expire_uploads`].
pub(super) fn expire(change: &Change<'_>, before: Timestamp, limit: usize) -> Result<Vec<UploadId>> {
    let mut statement = change.prepare_cached(
        "DELETE FROM uploads WHERE id IN
             (SELECT id FROM uploads WHERE touched_at < ?1 ORDER BY touched_at LIMIT ?2)
         RETURNING id",
    )?;
    let mut rows = statement.query(params![millis(before), convert::limit(limit)])?;
    let mut ended = Vec::new();
    while let Some(row) = rows.next()? {
        ended.push(convert::parsed(row, 0)?);
    }
    Ok(ended)
}

/// See [`crate::Catalog::has_upload`].
pub(super) fn exists(connection: &Connection, id: UploadId) -> Result<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM uploads WHERE id = ?1")?;
    Ok(statement.exists([id.to_string()])?)
}
