//! Changes on their way through the writer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chartroom_oci::RepositoryName;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{Error, Result};

use super::epochs::{Epochs, Slot};
use super::error;

/// What must survive a loss of power; see the trait's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    Durable,
    Relaxed,
}

/// What a change works with.
pub(super) struct Change<'a> {
    connection: &'a Connection,
    touched: Vec<Slot>,
}

impl Change<'_> {
    /// Says that something in a repository changes.
    pub(super) fn touch(&mut self, repository: &RepositoryName) {
        self.touched.push(Slot::of(repository));
    }
}

impl std::ops::Deref for Change<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// A change of any type.
pub(super) trait Job: Send {
    fn durability(&self) -> Durability;
    /// Runs, and keeps what it gave.
    fn run(&mut self, connection: &Connection) -> Outcome;
    /// Why the change failed.
    fn take_error(&mut self) -> Option<Error>;
    /// Tells the outcome, now that the batch was committed, or failed.
    fn answer(self: Box<Self>, committed: std::result::Result<(), &Failure>, epochs: &Epochs);
}

/// What becomes of a change that has run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is to be committed.
    Kept,
    /// It alone is to be rolled back.
    Refused,
    /// The transaction or the connection can't be used any more.
    Broken,
}

/// A change, and who waits for it.
pub(super) struct Task<T, W> {
    durability: Durability,
    work: Option<W>,
    done: Option<Result<T>>,
    touched: Vec<Slot>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, W> Task<T, W> {
    pub(super) fn new(durability: Durability, work: W, answer: oneshot::Sender<Result<T>>) -> Self {
        Self { durability, work: Some(work), done: None, touched: Vec::new(), answer }
    }
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnOnce(&mut Change<'_>) -> Result<T> + Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn run(&mut self, connection: &Connection) -> Outcome {
        let Some(work) = self.work.take() else { return Outcome::Refused };
        let mut change = Change { connection, touched: Vec::new() };
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut change)))
            .unwrap_or_else(|_| Err(Error::Engine("a change panicked".into())));
        self.touched = change.touched;
        let outcome = match &done {
            Ok(_) => Outcome::Kept,
            // SQLite may roll everything back by itself when it is out of space or memory.
            Err(error) if connection.is_autocommit() || error::is_input_output(error) => Outcome::Broken,
            Err(_) => Outcome::Refused,
        };
        self.done = Some(done);
        outcome
    }

    fn take_error(&mut self) -> Option<Error> {
        self.done.take()?.err()
    }

    fn answer(self: Box<Self>, committed: std::result::Result<(), &Failure>, epochs: &Epochs) {
        if matches!(self.done, Some(Ok(_))) {
            // After a failure, too: should it have happened all the same, nobody must miss it.
            self.touched.iter().for_each(|slot| epochs.advance(*slot));
        }
        let answer = match (committed, self.done) {
            (Ok(()), Some(Ok(done))) => Ok(done),
            // A change that would have been refused anyway is told its own reason.
            (Ok(()), Some(Err(error))) | (Err(_), Some(Err(error @ Error::Immutable { .. }))) => Err(error),
            (Err(failure), _) => Err(failure.error()),
            (Ok(()), None) => Err(Error::Closed),
        };
        // Nobody may be waiting any more.
        let _ = self.answer.send(answer);
    }
}

/// Why a whole batch failed, to be told to each of it.
pub(super) enum Failure {
    StorageFull,
    Damaged(String),
    Engine(String),
}

impl Failure {
    fn error(&self) -> Error {
        match self {
            Self::StorageFull => Error::StorageFull,
            Self::Damaged(what) => Error::Damaged(what.clone()),
            Self::Engine(what) => Error::Engine(what.clone().into()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::StorageFull => Self::StorageFull,
            Error::Damaged(what) => Self::Damaged(what),
            Error::Engine(source) => Self::Engine(source.to_string()),
            other => Self::Engine(other.to_string()),
        }
    }
}
