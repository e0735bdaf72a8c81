//! Tags, and which of them are versions of charts.

use chartroom_chart::Version;
use chartroom_oci::{Digest, RepositoryName, Tag};
use rusqlite::{Connection, Params, params};

use crate::{Deleted, Error, Page, Result};

use super::job::Change;
use super::{convert, repositories};

/// See [`crate::Catalog::tags`].
pub(super) fn list(
    connection: &Connection,
    repository: &RepositoryName,
    after: &str,
    limit: usize,
) -> Result<Option<Page<Tag>>> {
    let Some(id) = repositories::find(connection, repository)? else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT name FROM tags WHERE repository_id = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
    )?;
    let mut rows = statement.query(params![id, after, convert::limit(limit.saturating_add(1))])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(convert::parsed(row, 0)?);
    }
    Ok(Some(convert::page(items, limit)))
}

/// Points a tag at a manifest.
pub(super) fn point(change: &Change<'_>, repository: i64, tag: &Tag, manifest: i64) -> Result<()> {
    change
        .prepare_cached(
            "INSERT INTO tags (repository_id, name, manifest_id) VALUES (?1, ?2, ?3)
             ON CONFLICT (repository_id, name) DO UPDATE SET manifest_id = excluded.manifest_id
             WHERE manifest_id <> excluded.manifest_id",
        )?
        .execute(params![repository, tag.as_str(), manifest])?;
    Ok(())
}

/// See [`crate::Catalog::delete_tag`].
pub(super) fn delete(
    change: &mut Change<'_>,
    repository: &RepositoryName,
    tag: &Tag,
    immutable_versions: bool,
) -> Result<Deleted> {
    let Some(id) = repositories::find(change, repository)? else { return Ok(Deleted::UnknownRepository) };
    if immutable_versions && let Some(existing) = version(change, id, tag)? {
        return Err(Error::Immutable { tag: tag.clone(), existing });
    }
    let deleted = change
        .prepare_cached("DELETE FROM tags WHERE repository_id = ?1 AND name = ?2")?
        .execute(params![id, tag.as_str()])?;
    if deleted == 0 {
        return Ok(Deleted::Missing);
    }
    change.touch(repository);
    Ok(Deleted::Yes)
}

/// Where a tag points.
pub(super) fn target(connection: &Connection, repository: i64, tag: &Tag) -> Result<Option<Digest>> {
    let mut statement = connection.prepare_cached(
        "SELECT manifests.digest
         FROM tags JOIN manifests ON manifests.id = tags.manifest_id
         WHERE tags.repository_id = ?1 AND tags.name = ?2",
    )?;
    let mut rows = statement.query(params![repository, tag.as_str()])?;
    rows.next()?.map(|row| convert::parsed(row, 0)).transpose()
}

/// Where a tag points, if it is a chart version; see [`crate::Push::immutable_versions`].
pub(super) fn version(connection: &Connection, repository: i64, tag: &Tag) -> Result<Option<Digest>> {
    let version = first_version(
        connection,
        "SELECT tags.name, manifests.digest
         FROM tags JOIN manifests ON manifests.id = tags.manifest_id
         WHERE tags.repository_id = ?1 AND tags.name = ?2 AND manifests.is_chart",
        params![repository, tag.as_str()],
    )?;
    Ok(version.map(|(_, digest)| digest))
}

/// The first tag of a manifest that is a chart version.
pub(super) fn version_of(connection: &Connection, manifest: i64) -> Result<Option<(Tag, Digest)>> {
    first_version(
        connection,
        "SELECT tags.name, manifests.digest
         FROM tags JOIN manifests ON manifests.id = tags.manifest_id
         WHERE tags.manifest_id = ?1 AND manifests.is_chart
         ORDER BY tags.name",
        [manifest],
    )
}

/// A chart version whose manifest refers to a blob.
pub(super) fn version_standing_on(
    connection: &Connection,
    repository: i64,
    blob: &str,
) -> Result<Option<(Tag, Digest)>> {
    first_version(
        connection,
        "SELECT tags.name, manifests.digest
         FROM manifest_references
         JOIN manifests ON manifests.id = manifest_references.manifest_id
         JOIN tags ON tags.manifest_id = manifests.id
         WHERE manifest_references.repository_id = ?1 AND manifest_references.digest = ?2
             AND manifests.is_chart",
        params![repository, blob],
    )
}

/// The first of some charts' tags, each with its target, that reads as a version.
fn first_version(connection: &Connection, sql: &str, params: impl Params) -> Result<Option<(Tag, Digest)>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let tag: Tag = convert::parsed(row, 0)?;
        if Version::from_tag(tag.as_str()).is_ok() {
            return Ok(Some((tag, convert::parsed(row, 1)?)));
        }
    }
    Ok(None)
}
