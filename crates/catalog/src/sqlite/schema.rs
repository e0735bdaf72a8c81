//! The schema, and how older data is brought up to it.
//!
//! A migration is a numbered file that is never changed once released. They only go
//! forward; each runs in a transaction of its own together with the note that it ran.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::{Error, Result};

/// Entry `n` leads from schema `n` to schema `n + 1`.
const MIGRATIONS: &[&str] =
    &[include_str!("migrations/0001_catalog.sql"), include_str!("migrations/0002_upload_owners.sql")];

/// The newest schema that is known here.
const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Brings the data up to the newest schema.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    // Read first, so that opening data that is up to date writes nothing.
    while version(connection)? < KNOWN {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been faster.
        let found = version(&transaction)?;
        let Some(migration) = MIGRATIONS.get(found as usize) else {
            continue;
        };
        if found == 0 {
            transaction.execute_batch(
                "CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT;
                 INSERT INTO schema_version VALUES (0);",
            )?;
        }
        transaction.execute_batch(migration)?;
        transaction.execute("UPDATE schema_version SET version = ?1", [found + 1])?;
        transaction.commit()?;
        tracing::info!(schema = found + 1, "the catalog was migrated");
    }
    Ok(())
}

/// Fails unless the data has exactly the newest schema; for opening without writing.
pub(super) fn require_current(connection: &Connection) -> Result<()> {
    match version(connection)? {
        KNOWN => Ok(()),
        older => Err(Error::Engine(
            format!("it has schema {older}; start this version of Chartroom once, to bring it to {KNOWN}")
                .into(),
        )),
    }
}

/// The schema of the data, 0 if there is no data. Never more than [`KNOWN`].
pub(super) fn version(connection: &Connection) -> Result<u32> {
    let tables = "SELECT name FROM sqlite_schema ORDER BY name <> 'schema_version' LIMIT 1";
    let first: Option<String> = connection.query_row(tables, [], |row| row.get(0)).optional()?;
    match first.as_deref() {
        None => Ok(0),
        Some("schema_version") => {
            let found = connection.query_row("SELECT version FROM schema_version", [], |row| row.get(0))?;
            if found > KNOWN { Err(Error::NewerSchema { found, known: KNOWN }) } else { Ok(found) }
        }
        Some(_) => Err(Error::Damaged("the file is a SQLite database, but not a catalog".into())),
    }
}
