//! Connections that read, in two groups that never wait for each other.
//!
//! A point read takes some microseconds, less than handing it to another thread would; it
//! runs where it is asked for. Whatever may take longer runs on a thread that may block.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::{Answer, Error, Result};

use super::connection;

/// As many point reads run side by side; more would only compete for the same cores.
const POINT: usize = 4;
/// As many long reads run side by side.
const LONG: usize = 2;

/// The reading side of a catalog.
pub(super) struct Readers {
    point: Box<[Mutex<Connection>]>,
    next: AtomicUsize,
    long: Arc<[Mutex<Connection>]>,
    long_turns: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let open = |_| connection::reader(path).map(Mutex::new);
        Ok(Self {
            point: (0..POINT).map(open).collect::<Result<_>>()?,
            next: AtomicUsize::new(0),
            long: (0..LONG).map(open).collect::<Result<_>>()?,
            long_turns: Arc::new(Semaphore::new(LONG)),
        })
    }

    /// Reads a few rows, on this thread.
    pub(super) fn point<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        read(&free(&self.point, self.next.fetch_add(1, Ordering::Relaxed)))
    }

    /// Reads any number of rows, on another thread, all as of one moment.
    pub(super) fn long<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            // The turn goes along: if nobody waits for the answer any more, the read goes on.
            let turn = self.long_turns.clone().acquire_owned().await.map_err(|_| Error::Closed)?;
            let long = self.long.clone();
            let work = move || {
                let answer = snapshot(&free(&long, 0), read);
                drop(turn);
                answer
            };
            tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Error::Engine(error.into())))
        })
    }
}

fn snapshot<T>(connection: &Connection, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    // Ends when it is dropped, on a panic too.
    let snapshot = connection.unchecked_transaction()?;
    read(&snapshot)
}

/// A connection that nobody uses, beginning the search at `first`; if all are in use, that one.
fn free(connections: &[Mutex<Connection>], first: usize) -> MutexGuard<'_, Connection> {
    let first = first % connections.len();
    let (before, from) = connections.split_at(first);
    for connection in from.iter().chain(before) {
        match connection.try_lock() {
            Ok(connection) => return connection,
            // A read that panicked has left nothing behind that a later one could trip over.
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {}
        }
    }
    connections[first].lock().unwrap_or_else(PoisonError::into_inner)
}
