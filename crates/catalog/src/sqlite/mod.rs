//! The catalog in one SQLite file.
//!
//! One thread writes (`writer`), several connections read (`readers`). What is read and
//! written is in a file per subject; `catalog` only says which of it runs where.

mod blobs;
mod catalog;
mod charts;
mod check;
mod collect;
mod connection;
mod convert;
mod epochs;
mod error;
mod fresh;
mod job;
mod locks;
mod manifests;
mod readers;
mod repositories;
mod schema;
mod tags;
mod uploads;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use crate::{Answer, Error, Result};

pub(crate) use connection::BUSY;
pub(crate) use convert::{json, optional_time, parsed, time};

use epochs::Epochs;
use fresh::Fresh;
use job::{Change, Durability};
use locks::Locks;
use readers::Readers;
use writer::Writer;

/// A [`crate::Catalog`] in a SQLite file.
///
/// One process at a time may have it open for writing, which whoever owns the folder has to
/// see to: epochs and blob locks are this process's own. Any number may read beside it.
///
/// Its futures want a Tokio runtime. A change that was begun, by polling its future once, is
/// carried out even if the future is then dropped.
///
/// Times are kept to the millisecond.
pub struct SqliteCatalog {
    /// Before the writer, so that the writer closes the files last: only then does SQLite put
    /// everything into one.
    readers: Readers,
    /// Nothing if it was opened for reading only.
    writer: Option<Writer>,
    epochs: Arc<Epochs>,
    locks: Locks,
    fresh: Fresh,
}

impl SqliteCatalog {
    /// Opens the catalog in the file at `path`, and makes it if there is none. The folder has
    /// to be there. Blocks, for some milliseconds however much there is in the file; longer
    /// only if the data is brought to a newer schema.
    ///
    /// Dropping it waits until everything that was begun is done.
    pub fn open(path: &Path) -> Result<Self> {
        let mut connection = connection::writer(path)?;
        schema::migrate(&mut connection)?;
        let epochs = Arc::new(Epochs::new());
        let readers = Readers::open(path)?;
        let writer = Some(Writer::start(path, connection, epochs.clone())?);
        Ok(Self { writer, readers, epochs, locks: Locks::new(), fresh: Fresh::default() })
    }

    /// Opens a catalog that is there for looking at it only, beside a process that may be
    /// writing. Operations that change something fail; epochs stay as they are.
    pub fn open_read_only(path: &Path) -> Result<Self> {
        schema::require_current(&connection::reader(path)?)?;
        Ok(Self {
            writer: None,
            readers: Readers::open(path)?,
            epochs: Arc::new(Epochs::new()),
            locks: Locks::new(),
            fresh: Fresh::default(),
        })
    }

    fn write<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        match &self.writer {
            Some(writer) => writer.write(durability, work),
            None => Box::pin(async { Err(Error::Engine("it was opened for reading only".into())) }),
        }
    }

    fn durable<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        self.write(Durability::Durable, work)
    }

    fn relaxed<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        self.write(Durability::Relaxed, work)
    }
}
