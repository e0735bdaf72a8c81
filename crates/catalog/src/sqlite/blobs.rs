//! Blobs: which are stored, and which repository links which.

use chartroom_oci::{Digest, RepositoryName};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{BlobLink, BlobRecord, Deleted, Error, Result, UploadId};

use super::convert::{self, millis};
use super::job::Change;
use super::{repositories, tags, uploads};

/// See [`crate::Catalog::blob`].
pub(super) fn link(
    connection: &Connection,
    repository: &RepositoryName,
    digest: &Digest,
) -> Result<Option<BlobLink>> {
    let mut statement = connection.prepare_cached(
        "SELECT blobs.size, repository_blobs.unreferenced_since
         FROM repositories
         JOIN repository_blobs ON repository_blobs.repository_id = repositories.id
         JOIN blobs ON blobs.digest = repository_blobs.digest
         WHERE repositories.name = ?1 AND repository_blobs.digest = ?2",
    )?;
    let mut rows = statement.query(params![repository.as_str(), digest.to_string()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(BlobLink { size: row.get(0)?, unreferenced_since: convert::optional_time(row, 1)? }))
}

/// See [`crate::Catalog::link_blob`].
pub(super) fn add(
    change: &mut Change<'_>,
    repository: &RepositoryName,
    digest: &Digest,
    size: u64,
    upload: Option<UploadId>,
    now: Timestamp,
) -> Result<()> {
    change
        .prepare_cached(
            "INSERT INTO blobs (digest, size, unlinked_since) VALUES (?1, ?2, NULL)
             ON CONFLICT (digest) DO UPDATE SET size = excluded.size, unlinked_since = NULL
             WHERE size <> excluded.size OR unlinked_since IS NOT NULL",
        )?
        .execute(params![digest.to_string(), size])?;
    join(change, repository, digest, now)?;
    if let Some(upload) = upload {
        uploads::remove(change, upload)?;
    }
    Ok(())
}

/// See [`crate::Catalog::mount_blob`].
pub(super) fn mount(
    change: &mut Change<'_>,
    repository: &RepositoryName,
    digest: &Digest,
    from: Option<&RepositoryName>,
    now: Timestamp,
) -> Result<bool> {
    let linked = match from {
        Some(from) => link(change, from, digest)?.is_some(),
        None => is_linked(change, digest)?,
    };
    if linked {
        join(change, repository, digest, now)?;
    }
    Ok(linked)
}

/// Links a recorded blob.
fn join(change: &mut Change<'_>, repository: &RepositoryName, digest: &Digest, now: Timestamp) -> Result<()> {
    let repository = repositories::find_or_create(change, repository)?;
    let digest = digest.to_string();
    let unreferenced_since =
        if is_referenced(change, repository, &digest)? { None } else { Some(millis(now)) };
    change
        .prepare_cached(
            "INSERT INTO repository_blobs (repository_id, digest, unreferenced_since) VALUES (?1, ?2, ?3)
             ON CONFLICT (repository_id, digest) DO UPDATE
             SET unreferenced_since = max(coalesce(unreferenced_since, 0), excluded.unreferenced_since)
             WHERE unreferenced_since IS NOT excluded.unreferenced_since",
        )?
        .execute(params![repository, digest, unreferenced_since])?;
    Ok(())
}

/// See [`crate::Catalog::touch_blob`].
pub(super) fn touch(
    change: &mut Change<'_>,
    repository: &RepositoryName,
    digest: &Digest,
    now: Timestamp,
) -> Result<bool> {
    let Some(id) = repositories::find(change, repository)? else { return Ok(false) };
    let digest = digest.to_string();
    let touched = change
        .prepare_cached(
            "UPDATE repository_blobs SET unreferenced_since = max(unreferenced_since, ?3)
             WHERE repository_id = ?1 AND digest = ?2 AND unreferenced_since IS NOT NULL",
        )?
        .execute(params![id, digest, millis(now)])?;
    if touched > 0 {
        change.touch(repository);
        return Ok(true);
    }
    let mut statement =
        change.prepare_cached("SELECT 1 FROM repository_blobs WHERE repository_id = ?1 AND digest = ?2")?;
    Ok(statement.exists(params![id, digest])?)
}

/// See [`crate::Catalog::unlink_blob`].
pub(super) fn remove(
    change: &mut Change<'_>,
    repository: &RepositoryName,
    digest: &Digest,
    immutable_versions: bool,
    now: Timestamp,
) -> Result<Deleted> {
    let Some(id) = repositories::find(change, repository)? else { return Ok(Deleted::UnknownRepository) };
    let text = digest.to_string();
    if !leave(change, id, &text, now)? {
        return Ok(Deleted::Missing);
    }
    // After the fact, because a refusal rolls it back.
    if immutable_versions && let Some((tag, existing)) = tags::version_standing_on(change, id, &text)? {
        return Err(Error::Immutable { tag, existing });
    }
    change.touch(repository);
    Ok(Deleted::Yes)
}

/// Takes a blob out of a repository; `false` if it was not in it.
pub(super) fn leave(change: &Change<'_>, repository: i64, digest: &str, now: Timestamp) -> Result<bool> {
    let left = change
        .prepare_cached("DELETE FROM repository_blobs WHERE repository_id = ?1 AND digest = ?2")?
        .execute(params![repository, digest])?;
    if left == 0 {
        return Ok(false);
    }
    change
        .prepare_cached(
            "UPDATE blobs SET unlinked_since = ?2
             WHERE digest = ?1 AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE digest = ?1)",
        )?
        .execute(params![digest, millis(now)])?;
    Ok(true)
}

/// See [`crate::Catalog::quarantine_blob`].
pub(super) fn forget_everywhere(change: &mut Change<'_>, digest: &Digest) -> Result<Vec<RepositoryName>> {
    let digest = digest.to_string();
    let mut names = Vec::new();
    {
        let mut statement = change.prepare_cached(
            "SELECT name FROM repository_blobs JOIN repositories ON repositories.id = repository_id
             WHERE digest = ?1 ORDER BY name",
        )?;
        let mut rows = statement.query([&digest])?;
        while let Some(row) = rows.next()? {
            names.push(convert::parsed(row, 0)?);
        }
    }
    change.prepare_cached("DELETE FROM repository_blobs WHERE digest = ?1")?.execute([&digest])?;
    change.prepare_cached("DELETE FROM blobs WHERE digest = ?1")?.execute([&digest])?;
    names.iter().for_each(|name| change.touch(name));
    Ok(names)
}

/// See [`crate::Catalog::blob_record`].
pub(super) fn record(connection: &Connection, digest: &Digest) -> Result<Option<BlobRecord>> {
    let mut statement = connection.prepare_cached("SELECT size FROM blobs WHERE digest = ?1")?;
    let size = statement.query_row([digest.to_string()], |row| row.get(0)).optional()?;
    Ok(size.map(|size| BlobRecord { digest: *digest, size }))
}

/// See [`crate::Catalog::blob_records`].
pub(super) fn records(
    connection: &Connection,
    after: Option<&Digest>,
    limit: usize,
) -> Result<Vec<BlobRecord>> {
    let mut statement = connection
        .prepare_cached("SELECT digest, size FROM blobs WHERE digest > ?1 ORDER BY digest LIMIT ?2")?;
    let mut rows = statement.query(params![convert::text_or_start(after), convert::limit(limit)])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(BlobRecord { digest: convert::parsed(row, 0)?, size: row.get(1)? });
    }
    Ok(records)
}

fn is_linked(connection: &Connection, digest: &Digest) -> Result<bool> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM repository_blobs WHERE digest = ?1 LIMIT 1")?;
    Ok(statement.exists([digest.to_string()])?)
}

fn is_referenced(connection: &Connection, repository: i64, digest: &str) -> Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM manifest_references WHERE repository_id = ?1 AND digest = ?2 LIMIT 1",
    )?;
    Ok(statement.exists(params![repository, digest])?)
}
