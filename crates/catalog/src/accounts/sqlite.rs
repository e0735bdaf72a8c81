//! Accounts in a SQLite file.
//!
//! The file is kept in SQLite's rollback mode, not in the write-ahead mode of the catalog: changes are
//! rare, any process may make them at any time, and in this mode every commit raises a counter at
//! a fixed place of the file (§1.3.7 of SQLite's file format), which a server can read without asking
//! SQLite.

use std::fs::File;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, TransactionBehavior, params};

use super::{AccessToken, Accounts, Purpose, TokenId, User, UserName};
use crate::sqlite::{BUSY, json, optional_time, parsed, time};
use crate::{Error, Result};

/// The schema that is known here, in SQLite's `user_version`.
const SCHEMA: u32 = 1;

/// Where SQLite keeps the counter of changes in the file's header, and how long it is.
const CHANGE_COUNTER: u64 = 24;

/// [`Accounts`] in a SQLite file. Any number of processes may have it open.
pub struct SqliteAccounts {
    connection: Mutex<Connection>,
    /// The same file, to read the change counter from.
    header: File,
}

impl SqliteAccounts {
    /// Opens the file, and makes it, readable for its owner only, if there is none. The folder has
    /// to be there.
    pub fn open(path: &Path) -> Result<Self> {
        // SQLite would make it readable for all whom the umask lets.
        let header = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(|error| Error::Engine(Box::new(error)))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "extra")?;
        connection.pragma_update(None, "fullfsync", true)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        migrate(&mut connection)?;
        Ok(Self { connection: Mutex::new(connection), header })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A transaction that panicked was rolled back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a statement changed a row.
    fn change(&self, sql: &str, values: impl rusqlite::Params) -> Result<bool> {
        Ok(self.connection().execute(sql, values)? > 0)
    }
}

fn migrate(connection: &mut Connection) -> Result<()> {
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))
    };
    match version(connection)? {
        SCHEMA => return Ok(()),
        found if found > SCHEMA => return Err(Error::NewerSchema { found, known: SCHEMA }),
        _ => {}
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    if version(&transaction)? == 0 {
        transaction.execute_batch(include_str!("schema.sql"))?;
        transaction.pragma_update(None, "user_version", SCHEMA)?;
    }
    Ok(transaction.commit()?)
}

const USER: &str = "SELECT name, password, groups, created_at FROM users";
const TOKEN: &str = "SELECT id, user, purpose, description, secret_hash, repositories, actions, created_at, \
                     expires_at FROM tokens";

fn read_user(row: &Row<'_>) -> Result<User> {
    Ok(User {
        name: parsed(row, 0)?,
        password: row.get(1)?,
        groups: json(&row.get::<_, String>(2)?)?,
        created_at: time(row, 3)?,
    })
}

fn read_token(row: &Row<'_>) -> Result<AccessToken> {
    let purpose = match row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)? {
        "access" => Purpose::Access,
        "session" => Purpose::Session,
        other => return Err(Error::Damaged(format!("a token for {other:?}"))),
    };
    Ok(AccessToken {
        id: parsed(row, 0)?,
        user: parsed(row, 1)?,
        purpose,
        description: row.get(3)?,
        secret_hash: row.get(4)?,
        repositories: json(&row.get::<_, String>(5)?)?,
        actions: json(&row.get::<_, String>(6)?)?,
        created_at: time(row, 7)?,
        expires_at: optional_time(row, 8)?,
    })
}

fn text(list: &[String]) -> Result<String> {
    serde_json::to_string(list).map_err(|error| Error::Engine(Box::new(error)))
}

/// Reads all rows of a query.
fn all<T>(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

impl Accounts for SqliteAccounts {
    fn version(&self) -> Result<u64> {
        let mut counter = [0; 4];
        match self.header.read_exact_at(&mut counter, CHANGE_COUNTER) {
            Ok(()) => Ok(u32::from_be_bytes(counter).into()),
            Err(error) => Err(Error::Engine(Box::new(error))),
        }
    }

    fn add_user(&self, user: &User) -> Result<bool> {
        self.change(
            "INSERT INTO users (name, password, groups, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
            params![user.name.as_str(), user.password, text(&user.groups)?, user.created_at.as_millisecond()],
        )
    }

    fn user(&self, name: &UserName) -> Result<Option<User>> {
        let found = all(&self.connection(), &format!("{USER} WHERE name = ?1"), [name.as_str()], read_user)?;
        Ok(found.into_iter().next())
    }

    fn users(&self) -> Result<Vec<User>> {
        all(&self.connection(), &format!("{USER} ORDER BY name"), [], read_user)
    }

    fn remove_user(&self, name: &UserName) -> Result<bool> {
        self.change("DELETE FROM users WHERE name = ?1", [name.as_str()])
    }

    fn set_password(&self, name: &UserName, hash: Option<&str>) -> Result<bool> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = transaction
            .execute("UPDATE users SET password = ?2 WHERE name = ?1", params![name.as_str(), hash])?;
        transaction.execute("DELETE FROM tokens WHERE user = ?1 AND purpose = 'session'", [name.as_str()])?;
        transaction.commit()?;
        Ok(changed > 0)
    }

    fn set_groups(&self, name: &UserName, groups: &[String]) -> Result<bool> {
        self.change("UPDATE users SET groups = ?2 WHERE name = ?1", params![name.as_str(), text(groups)?])
    }

    fn add_token(&self, token: &AccessToken) -> Result<bool> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let owner = "SELECT 1 FROM users WHERE name = ?1";
        let known = transaction.query_row(owner, [token.user.as_str()], |_| Ok(())).optional()?.is_some();
        if !known {
            return Ok(false);
        }
        transaction.execute(
            "INSERT INTO tokens (id, user, purpose, description, secret_hash, repositories, actions,
                                 created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                token.id.as_str(),
                token.user.as_str(),
                match token.purpose {
                    Purpose::Access => "access",
                    Purpose::Session => "session",
                },
                token.description,
                token.secret_hash,
                text(&token.repositories)?,
                text(&token.actions)?,
                token.created_at.as_millisecond(),
                token.expires_at.map(Timestamp::as_millisecond),
            ],
        )?;
        transaction.commit()?;
        Ok(true)
    }

    fn token(&self, id: &TokenId) -> Result<Option<AccessToken>> {
        let found = all(&self.connection(), &format!("{TOKEN} WHERE id = ?1"), [id.as_str()], read_token)?;
        Ok(found.into_iter().next())
    }

    fn tokens(&self, user: Option<&UserName>) -> Result<Vec<AccessToken>> {
        let sql = format!("{TOKEN} WHERE ?1 IS NULL OR user = ?1 ORDER BY user, created_at, id");
        all(&self.connection(), &sql, [user.map(UserName::as_str)], read_token)
    }

    fn revoke_token(&self, id: &TokenId) -> Result<bool> {
        self.change("DELETE FROM tokens WHERE id = ?1", [id.as_str()])
    }

    fn forget_expired(&self, before: Timestamp) -> Result<usize> {
        let sql = "DELETE FROM tokens WHERE expires_at < ?1";
        Ok(self.connection().execute(sql, [before.as_millisecond()])?)
    }
}
