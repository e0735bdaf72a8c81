//! Upload sessions that have no bytes yet.
//!
//! Most uploads are begun and, one request later, finished with all their bytes. A row that is
//! written and deleted in between costs the writer two visits and protects nothing, since there is
//! nothing to lose. So a session gets its row when its first bytes are recorded.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chartroom_oci::RepositoryName;
use jiff::Timestamp;

use crate::{Upload, UploadId};

/// The most sessions that are kept here, about 2 MB. Further ones get their row at once.
const MOST: usize = 4096;

/// The sessions without a row, by id.
#[derive(Default)]
pub(super) struct Fresh(Mutex<HashMap<UploadId, Session>>);

/// A session without a row, or with one that is being written.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) repository: RepositoryName,
    pub(super) upload: Upload,
    /// Once this is set, a row counts for more than what stands here.
    moving: bool,
}

impl Fresh {
    fn lock(&self) -> MutexGuard<'_, HashMap<UploadId, Session>> {
        // Each use is a single call, so the map is whole whatever happened to its last user.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a session in, if there is room.
    pub(super) fn insert(&self, repository: &RepositoryName, upload: &Upload) -> bool {
        let mut sessions = self.lock();
        let room = sessions.len() < MOST;
        if room {
            let session = Session { repository: repository.clone(), upload: upload.clone(), moving: false };
            sessions.insert(upload.id, session);
        }
        room
    }

    /// The session, if it can have no row.
    pub(super) fn certain(&self, id: UploadId) -> Option<Session> {
        self.lock().get(&id).filter(|session| !session.moving).cloned()
    }

    /// The session, for whoever has found no row.
    pub(super) fn uncertain(&self, id: UploadId) -> Option<Session> {
        self.lock().get(&id).cloned()
    }

    /// Says that a row is about to be written; the repository to write it for, if the session is here.
    pub(super) fn begin_moving(&self, id: UploadId) -> Option<RepositoryName> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&id)?;
        session.moving = true;
        Some(session.repository.clone())
    }

    /// Forgets a session; what was here of it.
    pub(super) fn remove(&self, id: UploadId) -> Option<Session> {
        self.lock().remove(&id)
    }

    /// Puts a session back whose end has failed.
    pub(super) fn restore(&self, session: Session) {
        self.lock().insert(session.upload.id, session);
    }

    /// Forgets the sessions that were begun before `before`, at most `limit`, and names them.
    pub(super) fn expire(&self, before: Timestamp, limit: usize) -> Vec<UploadId> {
        let mut sessions = self.lock();
        let expired = sessions.values().map(|session| &session.upload);
        let expired = expired.filter(|upload| upload.touched_at < before).map(|upload| upload.id);
        let expired: Vec<UploadId> = expired.take(limit).collect();
        for id in &expired {
            sessions.remove(id);
        }
        expired
    }
}

impl Session {
    /// Whether it can have no row.
    pub(super) fn is_certain(&self) -> bool {
        !self.moving
    }
}
