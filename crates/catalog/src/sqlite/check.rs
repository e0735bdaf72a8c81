//! Checking the catalog against itself.

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use crate::{Error, Result};

use super::convert::millis;
use super::job::Change;

/// The most lines about one kind of damage: what follows teaches nothing new.
const LINES: usize = 100;

/// Each selects one line for everything that is wrong.
const INVARIANTS: &[&str] = &[
    "SELECT 'tag ' || tags.name || ' points into another repository'
     FROM tags JOIN manifests ON manifests.id = tags.manifest_id
     WHERE tags.repository_id <> manifests.repository_id",
    "SELECT 'manifest ' || digest || ': its size is not that of its bytes'
     FROM manifests WHERE size <> length(bytes)",
    "SELECT 'reference to ' || manifest_references.digest || ' is counted for another repository'
     FROM manifest_references JOIN manifests ON manifests.id = manifest_references.manifest_id
     WHERE manifest_references.repository_id <> manifests.repository_id",
    "SELECT 'chart ' || coalesce(charts.name, '?') || ' is listed in another repository'
     FROM charts JOIN manifests ON manifests.id = charts.manifest_id
     WHERE charts.repository_id <> manifests.repository_id OR NOT manifests.is_chart",
    "SELECT 'blob ' || digest || ' in ' || repositories.name || ': referred to, but in its grace period'
     FROM repository_blobs JOIN repositories ON repositories.id = repository_id
     WHERE unreferenced_since IS NOT NULL AND EXISTS (
         SELECT 1 FROM manifest_references WHERE manifest_references.repository_id = repositories.id
             AND manifest_references.digest = repository_blobs.digest)",
    "SELECT 'blob ' || digest || ' in ' || repositories.name || ': nothing refers to it, but it has no grace period'
     FROM repository_blobs JOIN repositories ON repositories.id = repository_id
     WHERE unreferenced_since IS NULL AND NOT EXISTS (
         SELECT 1 FROM manifest_references WHERE manifest_references.repository_id = repositories.id
             AND manifest_references.digest = repository_blobs.digest)",
    "SELECT 'blob ' || digest || ': linked, but recorded as unlinked' FROM blobs
     WHERE unlinked_since IS NOT NULL
         AND EXISTS (SELECT 1 FROM repository_blobs WHERE repository_blobs.digest = blobs.digest)",
    "SELECT 'blob ' || digest || ': no repository links it, but it is not recorded as unlinked' FROM blobs
     WHERE unlinked_since IS NULL
         AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE repository_blobs.digest = blobs.digest)",
];

/// Writes a row and with it makes sure that there is room for one.
pub(super) fn write_probe(change: &Change<'_>) -> Result<()> {
    change
        .prepare_cached("INSERT OR REPLACE INTO probe (id, written_at) VALUES (1, ?1)")?
        .execute([millis(Timestamp::now())])?;
    Ok(())
}

/// Reads a row.
pub(super) fn read_probe(connection: &Connection) -> Result<()> {
    connection.prepare_cached("SELECT written_at FROM probe")?.exists([])?;
    Ok(())
}

/// See [`crate::Catalog::self_check`].
pub(super) fn all(connection: &Connection) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    note(&mut wrong, lines(connection, &format!("PRAGMA quick_check({LINES})"), |row| row.get(0)))?;
    // quick_check says so if nothing is wrong.
    wrong.retain(|line| line != "ok");
    let foreign = lines(connection, "PRAGMA foreign_key_check", |row| {
        let (table, row, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let row = row.map(|row| format!(" {row}")).unwrap_or_default();
        Ok(format!("row{row} of {table} leads to nothing in {parent}"))
    });
    note(&mut wrong, foreign)?;
    for invariant in INVARIANTS {
        note(&mut wrong, lines(connection, invariant, |row| row.get(0)))?;
    }
    Ok(wrong)
}

fn lines(
    connection: &Connection,
    sql: &str,
    line: impl FnMut(&Row<'_>) -> rusqlite::Result<String>,
) -> Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    Ok(statement.query_map([], line)?.take(LINES).collect::<rusqlite::Result<_>>()?)
}

/// Damage that keeps a check from ending is one more finding.
fn note(wrong: &mut Vec<String>, found: Result<Vec<String>>) -> Result<()> {
    match found {
        Ok(lines) => wrong.extend(lines),
        Err(Error::Damaged(what)) => wrong.push(what),
        Err(error) => return Err(error),
    }
    Ok(())
}
