//! Who is writing to which upload right now, in this process.
//!
//! One request at a time may write to a session. When a client's connection breaks without
//! the server noticing, the client comes back on another one while the old request still
//! waits for bytes. The newcomer then takes over: the old request is told to stop and to
//! record how far it came.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chartroom_catalog::UploadId;
use tokio::sync::{OwnedMutexGuard, watch};

/// The sessions that requests are working on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions(Arc<Mutex<HashMap<UploadId, Arc<Session>>>>);

#[derive(Debug, Default)]
struct Session {
    turn: Arc<tokio::sync::Mutex<()>>,
    /// The number of the newest request that wants the session.
    newest: watch::Sender<u64>,
    progress: AtomicU64,
}

/// The right to write to a session, until dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    sessions: Sessions,
    id: UploadId,
    session: Arc<Session>,
    number: u64,
    newest: watch::Receiver<u64>,
    _guard: OwnedMutexGuard<()>,
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<UploadId, Arc<Session>>> {
        // The map is whole even if a holder panicked: every use is a single call.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the session, after asking whoever has it to give it up.
    pub(crate) async fn take(&self, id: UploadId) -> Turn {
        // Declared first, so that it is dropped last, after this request's clone of the session.
        let waiting = Waiting { sessions: self, id };
        let session = Arc::clone(self.lock().entry(id).or_default());
        let mut number = 0;
        session.newest.send_modify(|newest| {
            *newest += 1;
            number = *newest;
        });
        let newest = session.newest.subscribe();
        let guard = Arc::clone(&session.turn).lock_owned().await;
        let turn = Turn { sessions: self.clone(), id, session, number, newest, _guard: guard };
        drop(waiting);
        turn
    }

    /// How far a request that is writing right now has come; `None` if there is none, or if it ended
    /// within `patience`.
    pub(crate) async fn progress(&self, id: UploadId, patience: Duration) -> Option<u64> {
        let session = self.lock().get(&id).map(Arc::clone)?;
        let waited = tokio::time::timeout(patience, session.turn.lock()).await.is_ok();
        let progress = session.progress.load(Ordering::Acquire);
        drop(session);
        self.forget_idle(id);
        (!waited).then_some(progress)
    }

    fn forget_idle(&self, id: UploadId) {
        let mut sessions = self.lock();
        // Whoever holds or waits for a session has a clone of it; clones are only made under this lock.
        if sessions.get(&id).is_some_and(|session| Arc::strong_count(session) == 1) {
            sessions.remove(&id);
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.lock().len()
    }
}

/// Cleans up after a request that was dropped while it waited.
struct Waiting<'a> {
    sessions: &'a Sessions,
    id: UploadId,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.sessions.forget_idle(self.id);
    }
}

impl Turn {
    /// Completes when another request wants the session.
    pub(crate) async fn interrupted(&mut self) {
        let number = self.number;
        // An error means that the sender is gone, which `self.session` rules out.
        let _ = self.newest.wait_for(|newest| *newest > number).await;
    }

    /// Tells how far the upload has come, for [`Sessions::progress`].
    pub(crate) fn report(&self, offset: u64) {
        self.session.progress.store(offset, Ordering::Release);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // The entry goes with its last user. `self.session` is still counted here, hence the swap.
        self.session = Arc::default();
        self.sessions.forget_idle(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_newcomer_interrupts_and_then_gets_the_session() {
        let sessions = Sessions::default();
        let id = UploadId::random();
        let mut first = sessions.take(id).await;
        first.report(7);
        assert_eq!(sessions.progress(id, Duration::ZERO).await, Some(7));
        let second = tokio::spawn({
            let sessions = sessions.clone();
            async move { sessions.take(id).await }
        });
        first.interrupted().await;
        drop(first);
        let second = second.await;
        assert!(second.is_ok());
        drop(second);
        assert_eq!(sessions.progress(id, Duration::ZERO).await, None);
        assert_eq!(sessions.len(), 0);
    }

    #[tokio::test]
    async fn a_request_that_gives_up_waiting_leaves_nothing() {
        let sessions = Sessions::default();
        let id = UploadId::random();
        let first = sessions.take(id).await;
        let waiting = tokio::time::timeout(Duration::from_millis(1), sessions.take(id)).await;
        assert!(waiting.is_err());
        drop(first);
        assert_eq!(sessions.len(), 0);
        let _again = sessions.take(id).await;
        assert_eq!(sessions.len(), 1);
    }
}
