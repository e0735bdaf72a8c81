//! Repositories: finding, making and listing them.

use chartroom_oci::RepositoryName;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Page, Result};

use super::convert;
use super::job::Change;

/// The row of a repository, if it ever existed.
pub(super) fn find(connection: &Connection, name: &RepositoryName) -> Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT id FROM repositories WHERE name = ?1")?;
    Ok(statement.query_row([name.as_str()], |row| row.get(0)).optional()?)
}

/// The row of a repository, made if need be. It stays when all that it holds is deleted.
pub(super) fn find_or_create(change: &mut Change<'_>, name: &RepositoryName) -> Result<i64> {
    change.touch(name);
    if let Some(id) = find(change, name)? {
        return Ok(id);
    }
    let mut statement = change.prepare_cached("INSERT INTO repositories (name) VALUES (?1)")?;
    Ok(statement.insert([name.as_str()])?)
}

/// See [`crate::Catalog::repositories`].
pub(super) fn list(connection: &Connection, after: &str, limit: usize) -> Result<Page<RepositoryName>> {
    let sql = "SELECT name FROM repositories
        WHERE name > ?1 AND EXISTS (SELECT 1 FROM manifests WHERE repository_id = repositories.id)
        ORDER BY name LIMIT ?2";
    names(connection, sql, after, limit)
}

/// See [`crate::Catalog::chart_repositories`].
pub(super) fn list_with_charts(
    connection: &Connection,
    after: &str,
    limit: usize,
) -> Result<Page<RepositoryName>> {
    let sql = "SELECT name FROM repositories
        WHERE name > ?1 AND EXISTS (
            SELECT 1 FROM charts WHERE charts.repository_id = repositories.id
            AND EXISTS (SELECT 1 FROM tags WHERE tags.manifest_id = charts.manifest_id))
        ORDER BY name LIMIT ?2";
    names(connection, sql, after, limit)
}

fn names(connection: &Connection, sql: &str, after: &str, limit: usize) -> Result<Page<RepositoryName>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![after, convert::limit(limit.saturating_add(1))])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(convert::parsed(row, 0)?);
    }
    Ok(convert::page(items, limit))
}
