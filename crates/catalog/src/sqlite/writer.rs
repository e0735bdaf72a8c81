//! The one thread that writes.
//!
//! A durable commit costs a flush of the disk, whatever it holds. So the thread takes every
//! change that is waiting, runs them in one transaction, commits once and then answers all.
//! Each change has a savepoint of its own, so that one that fails leaves no trace and does
//! not harm its neighbours.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{Answer, Error, Result};

use super::epochs::Epochs;
use super::job::{Change, Durability, Job, Outcome, Task};
use super::{connection, error};

/// The most changes in one transaction, so that the first one does not wait long for the last.
const BATCH: usize = 256;

/// When the write-ahead log is this long, readers who overlap each other have kept it from
/// starting anew, and must be made to wait once.
const WAL_TOO_LONG: u64 = 4 * connection::WAL_KEPT;

/// How long nobody may write while readers are waited for. What they read takes milliseconds; if
/// somebody stays longer, the log grows and it is tried again.
const READERS_LEAVE: Duration = Duration::from_millis(200);

/// The writing side of a catalog. Dropping it waits for what was asked before.
pub(super) struct Writer {
    /// Nothing only while being dropped.
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    #[cfg(test)]
    pub(super) commits: Arc<Commits>,
}

/// How often something was committed.
#[derive(Default)]
pub(super) struct Commits {
    durable: AtomicU64,
    relaxed: AtomicU64,
}

impl Commits {
    fn count(&self, durability: Durability) {
        let counter = if durability == Durability::Durable { &self.durable } else { &self.relaxed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Durably, and relaxed.
    #[cfg(test)]
    pub(super) fn get(&self) -> (u64, u64) {
        (self.durable.load(Ordering::Relaxed), self.relaxed.load(Ordering::Relaxed))
    }
}

impl Writer {
    /// Takes over a connection that was just opened.
    pub(super) fn start(path: &Path, connection: Connection, epochs: Arc<Epochs>) -> Result<Self> {
        let (jobs, waiting) = channel();
        let commits = Arc::<Commits>::default();
        let thread = Thread {
            path: path.to_owned(),
            connection: Some(connection),
            synced: Durability::Durable,
            epochs,
            commits: commits.clone(),
            forced_at: 0,
        };
        let thread = std::thread::Builder::new()
            .name("catalog-writer".into())
            .spawn(move || thread.run(&waiting))
            .map_err(|error| Error::Engine(error.into()))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            #[cfg(test)]
            commits,
        })
    }

    /// Carries out a change. Once it was begun it happens, even if nobody waits for the answer.
    pub(super) fn write<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let job = Task::new(durability, work, answer);
            let jobs = self.jobs.as_ref().ok_or(Error::Closed)?;
            jobs.send(Box::new(job)).map_err(|_| Error::Closed)?;
            answered.await.map_err(|_| Error::Closed)?
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the catalog's writer panicked");
        }
    }
}

struct Thread {
    path: PathBuf,
    /// Nothing after it failed, until it could be opened again.
    connection: Option<Connection>,
    /// What `PRAGMA synchronous` was last set for.
    synced: Durability,
    epochs: Arc<Epochs>,
    commits: Arc<Commits>,
    /// How long the write-ahead log was when it was last tried to force it to start anew.
    forced_at: u64,
}

/// The changes that are waiting.
struct Queue<'a> {
    receiver: &'a Receiver<Box<dyn Job>>,
    taken: VecDeque<Box<dyn Job>>,
}

impl Queue<'_> {
    /// Looks at what is there, after waiting for something if need be; `None` if nothing will come.
    fn wait(&mut self) -> Option<Durability> {
        if self.taken.is_empty() {
            self.taken.push_back(self.receiver.recv().ok()?);
        }
        self.look();
        let durable = self.taken.iter().take(BATCH).any(|job| job.durability() == Durability::Durable);
        Some(if durable { Durability::Durable } else { Durability::Relaxed })
    }

    fn look(&mut self) {
        self.taken.extend(self.receiver.try_iter().take(BATCH));
    }

    /// The next change that is there now and that a batch of this durability may hold.
    fn next(&mut self, durability: Durability) -> Option<Box<dyn Job>> {
        if self.taken.is_empty() {
            self.look();
        }
        let job = self.taken.front()?;
        if durability == Durability::Relaxed && job.durability() == Durability::Durable {
            return None;
        }
        self.taken.pop_front()
    }
}

impl Thread {
    fn run(mut self, receiver: &Receiver<Box<dyn Job>>) {
        let mut queue = Queue { receiver, taken: VecDeque::new() };
        while let Some(durability) = queue.wait() {
            let mut batch = Vec::new();
            match self.batch(&mut queue, durability, &mut batch) {
                Ok(()) => batch.into_iter().for_each(|job| job.answer(Ok(()), &self.epochs)),
                Err(error) => {
                    let failure = self.recover(error).into();
                    // If it failed before anything ran, somebody must still be told.
                    if batch.is_empty() {
                        batch.extend(queue.taken.pop_front());
                    }
                    batch.into_iter().for_each(|job| job.answer(Err(&failure), &self.epochs));
                }
            }
            self.bound_log();
        }
        if let Some(connection) = &self.connection {
            checkpoint(connection);
        }
    }

    /// Runs and commits what is waiting; what was run is in `batch`, whatever happened.
    fn batch(
        &mut self,
        queue: &mut Queue<'_>,
        durability: Durability,
        batch: &mut Vec<Box<dyn Job>>,
    ) -> Result<()> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                self.synced = Durability::Durable;
                connection::writer(&self.path)?
            }
        };
        let connection = self.connection.insert(connection);
        if self.synced != durability {
            // In WAL mode NORMAL does not flush at commit. A later FULL commit flushes all of the
            // log, so what was relaxed never gets lost without what came after it.
            let durable = durability == Durability::Durable;
            let level = if durable { "PRAGMA synchronous = full" } else { "PRAGMA synchronous = normal" };
            execute(connection, level)?;
            self.synced = durability;
        }
        execute(connection, "BEGIN IMMEDIATE")?;
        let mut kept = 0;
        while batch.len() < BATCH
            && let Some(mut job) = queue.next(durability)
        {
            // As long as nothing was kept, the transaction can serve as the savepoint.
            let nested = kept > 0;
            if nested {
                execute(connection, "SAVEPOINT change")?;
            }
            let outcome = job.run(connection);
            let error = if outcome == Outcome::Broken { job.take_error() } else { None };
            batch.push(job);
            if let Some(error) = error {
                return Err(error);
            }
            match (outcome, nested) {
                (Outcome::Kept, true) => execute(connection, "RELEASE change")?,
                (Outcome::Kept, false) => {}
                (_, true) => {
                    execute(connection, "ROLLBACK TO change")?;
                    execute(connection, "RELEASE change")?;
                }
                (_, false) => {
                    execute(connection, "ROLLBACK")?;
                    execute(connection, "BEGIN IMMEDIATE")?;
                }
            }
            kept += usize::from(outcome == Outcome::Kept);
        }
        execute(connection, "COMMIT")?;
        if kept > 0 {
            self.commits.count(durability);
        }
        Ok(())
    }

    /// Makes sure that the next batch can begin.
    fn recover(&mut self, error: Error) -> Error {
        if let Some(connection) = &self.connection {
            let rolled_back = connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
            if !rolled_back || error::is_input_output(&error) {
                self.connection = None;
            }
        }
        let error = error::explain(error, &self.path);
        tracing::error!(%error, "the catalog could not commit");
        error
    }

    /// Keeps the write-ahead log from growing for as long as there is always somebody reading.
    fn bound_log(&mut self) {
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        let length = std::fs::metadata(log).map_or(0, |log| log.len());
        if length < WAL_TOO_LONG {
            self.forced_at = 0;
        } else if length >= self.forced_at + WAL_TOO_LONG
            && let Some(connection) = &self.connection
        {
            self.forced_at = length;
            checkpoint(connection);
        }
    }
}

/// Copies the write-ahead log into the database and empties it.
fn checkpoint(connection: &Connection) {
    let done = connection
        .busy_timeout(READERS_LEAVE)
        .and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    if let Err(error) = connection.busy_timeout(connection::BUSY).and(done) {
        // The log stays as it is, and it is as good as the database.
        tracing::warn!(%error, "the catalog's log could not be emptied");
    }
}

fn execute(connection: &Connection, sql: &str) -> Result<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}
