//! Upload sessions: blobs that are on their way in.

use std::fmt;
use std::str::FromStr;

use chartroom_oci::Algorithm;
use jiff::Timestamp;
use uuid::Uuid;

/// Names an upload session. Random, so that it can't be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId(Uuid);

impl UploadId {
    /// A new name that nobody has.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for UploadId {
    type Err = UploadIdError;

    /// Reads the hyphenated lower-case form only: one session, one URL.
    fn from_str(text: &str) -> Result<Self, UploadIdError> {
        let id = Self(text.parse().map_err(|_| UploadIdError)?);
        if id.to_string() == text { Ok(id) } else { Err(UploadIdError) }
    }
}

/// A text that does not name an upload session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of an upload session")]
pub struct UploadIdError;

/// How far an upload session has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The session.
    pub id: UploadId,
    /// Who began it and may go on with it; empty if anybody may.
    pub owner: String,
    /// What is being computed over the bytes.
    pub algorithm: Algorithm,
    /// How many bytes have been taken in and are durable.
    pub offset: u64,
    /// The state of that computation after `offset` bytes (`Digester::save`).
    pub state: Vec<u8>,
    /// When something last happened.
    pub touched_at: Timestamp,
}
