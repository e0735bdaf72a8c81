//! How connections are opened and set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::{Error, Result};

use super::schema;

/// How long to wait for a lock that another process holds, such as an operator's console.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// To what size the write-ahead log is cut back when it starts anew. It starts anew when
/// SQLite has copied all of it into the database, which it tries after every 1000 pages, 4 MB.
pub(super) const WAL_KEPT: u64 = 8 << 20;

/// The connection that writes. Creates the file if need be, and refuses one that can't be a
/// catalog.
pub(super) fn writer(path: &Path) -> Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // First, so that a file which is none of ours is left as it is.
    schema::version(&connection)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        // Some network file systems lack the shared memory that it needs.
        return Err(Error::Engine("its folder can't hold a write-ahead log; use a local disk".into()));
    }
    connection.pragma_update(None, "synchronous", "full")?;
    // On macOS fsync alone leaves the data in the disk's cache.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", WAL_KEPT)?;
    // Savepoints keep the pages they may have to restore here.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -4096)?;
    prepare(&connection, 128)?;
    Ok(connection)
}

/// A connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // Small: there are several, and behind each is the operating system's cache.
    connection.pragma_update(None, "cache_size", -1024)?;
    prepare(&connection, 64)?;
    Ok(connection)
}

/// Sets up how statements are kept.
fn prepare(connection: &Connection, statements: usize) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(statements);
    // Otherwise SQLite suspects that other values deserve another plan, and compiles every join anew
    // after its values were cleared, which the cache does after each use: five times the cost of a read.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}
