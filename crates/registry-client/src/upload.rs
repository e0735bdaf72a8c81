//! Uploading a blob: by the shortest way that the registry takes, and on through broken
//! connections.
//!
//! Is it there? Can it be mounted from another repository? Else: POST, and one PUT with all of it,
//! which every registry takes. What refuses that gets a stream, or pieces. A transfer that breaks
//! goes on where the registry says it stands, or starts over in a new session: sending the first
//! byte twice to one session is refused by Amazon.

mod session;

use chartroom_oci::{Digest, RepositoryName};
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Url};

use crate::content::Content;
use crate::error::{Error, Missing, Result};
use crate::exchange::{nothing, refusal};
use crate::observer::{Direction, Item, Progress};
use crate::repository::{Repository, content_digest};
use crate::retry;
use crate::scope::Scopes;
use crate::transport::{Incoming, Payload};
pub(crate) use session::Session;

/// The size of pieces if nobody says another, once a registry takes no more at once.
const PIECE: u64 = 8 << 20;

/// How many sessions and resumptions one upload has at most.
const ROUNDS: u32 = 100;

/// How to upload.
#[derive(Clone, Debug, Default)]
pub struct PushOptions {
    /// Repositories of the same registry that have the blob, perhaps.
    pub mount_from: Vec<RepositoryName>,
    /// Upload in pieces of this size. By default a blob is sent in one piece.
    pub piece: Option<u64>,
    /// Don't ask whether the blob is there already.
    pub assume_missing: bool,
}

/// How a blob came to be in the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It was there.
    Existed,
    /// It came from another repository.
    Mounted,
    /// It was sent.
    Uploaded,
}

/// What came of doing without the content.
pub(crate) enum Unsent {
    /// The blob is in the repository.
    Done(Pushed),
    /// It has to be sent, in this session if there is one.
    Needed(Option<Session>),
}

/// A way to send a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// One PUT.
    Whole,
    /// One PATCH that doesn't say which bytes it has, and an empty PUT.
    Stream,
    /// PATCHes of so many bytes, and an empty PUT.
    Pieces(u64),
}

/// Why a transfer ended early.
enum Trouble {
    /// It can't be helped.
    Final(Error),
    /// This way isn't taken; another one may be.
    Way(Error),
    /// It may go better next time.
    Passing(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Unreachable { connected: true, .. } => Self::Passing(error),
            other => Self::Final(other),
        }
    }
}

/// A transfer under way.
struct Transfer<'a> {
    repository: &'a Repository,
    digest: &'a Digest,
    content: &'a Content,
    way: Way,
    /// What the registry has.
    offset: u64,
}

impl Repository {
    /// Sees to it that a blob is in the repository. The registry checks the digest.
    pub async fn push_blob(
        &self,
        digest: &Digest,
        content: &Content,
        options: &PushOptions,
    ) -> Result<Pushed> {
        match self.without_sending(digest, options).await? {
            Unsent::Done(pushed) => Ok(pushed),
            Unsent::Needed(session) => self.send_blob(digest, content, options, session).await,
        }
    }

    /// Tries what needs no content: perhaps the blob is there, or in another repository.
    pub(crate) async fn without_sending(&self, digest: &Digest, options: &PushOptions) -> Result<Unsent> {
        let repository = self.for_push();
        if !options.assume_missing && repository.has_blob(digest).await? {
            return Ok(Unsent::Done(Pushed::Existed));
        }
        for from in &options.mount_from {
            match repository.mount(digest, from).await? {
                Mount::Done => return Ok(Unsent::Done(Pushed::Mounted)),
                Mount::Session(opened) => return Ok(Unsent::Needed(Some(opened))),
                Mount::Refused => {}
            }
        }
        Ok(Unsent::Needed(None))
    }

    /// Sends a blob, in the session that is open already, if one is.
    pub(crate) async fn send_blob(
        &self,
        digest: &Digest,
        content: &Content,
        options: &PushOptions,
        session: Option<Session>,
    ) -> Result<Pushed> {
        let repository = self.for_push();
        let way = options.piece.map_or(Way::Whole, |piece| Way::Pieces(piece.max(1)));
        let transfer = Transfer { repository: &repository, digest, content, way, offset: 0 };
        transfer.run(session).await?;
        Ok(Pushed::Uploaded)
    }

    /// Whether a blob is there, as far as the registry tells: Artifactory says that whoever may
    /// not read may not know.
    async fn has_blob(&self, digest: &Digest) -> Result<bool> {
        match self.head_blob(digest).await {
            Ok(_) => Ok(true),
            Err(Error::Denied(_)) => Ok(false),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn mount(&self, digest: &Digest, from: &RepositoryName) -> Result<Mount> {
        let mut url = self.url("blobs/uploads/");
        url.set_query(Some(&format!("mount={}&from={}", escaped(digest), from.as_str().replace('/', "%2F"))));
        let mut call = self.request_at(Method::POST, url, Missing::Blob(*digest)).payload(nothing());
        call.scopes = Scopes::push(self.name()).union(&Scopes::pull(from));
        // Whatever is wrong, an upload is the answer; if that goes wrong too, its error says more.
        let Ok(incoming) = self.registry().send(&call).await else {
            return Ok(Mount::Refused);
        };
        Ok(match incoming.status.as_u16() {
            201 => Mount::Done,
            202 => Session::open(&incoming, self.registry().base()).map_or(Mount::Refused, Mount::Session),
            _ => Mount::Refused,
        })
    }

    async fn begin_upload(&self, digest: &Digest) -> Result<Session> {
        let call = self.request(Method::POST, "blobs/uploads/", Missing::Blob(*digest)).payload(nothing());
        let incoming = self.registry().call(&call).await?;
        Session::open(&incoming, self.registry().base())
    }
}

/// What came of asking for a mount.
enum Mount {
    Done,
    Session(Session),
    Refused,
}

impl Transfer<'_> {
    async fn run(mut self, mut session: Option<Session>) -> Result<()> {
        let registry = self.repository.registry();
        let mut attempts = registry.attempts();
        let mut furthest = 0;
        let mut error = None;
        for _ in 0..ROUNDS {
            let mut current = match session.take() {
                Some(session) => session,
                None => {
                    self.offset = 0;
                    self.repository.begin_upload(self.digest).await?
                }
            };
            match self.send(&mut current).await {
                Ok(()) => return Ok(()),
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Way(error)) => self.way = self.other_way(&error).ok_or(error)?,
                Err(Trouble::Passing(passing)) => {
                    if !registry.pause(&mut attempts, &passing.to_string(), None).await {
                        return Err(passing);
                    }
                    error = Some(passing);
                    session = self.standing(current).await;
                    if self.offset > furthest {
                        furthest = self.offset;
                        attempts.progressed(&*registry.options().clock);
                    }
                    // What was lost may have been the answer only.
                    if session.is_none() && self.repository.has_blob(self.digest).await? {
                        return Ok(());
                    }
                }
            }
        }
        Err(error.unwrap_or_else(|| Error::protocol(registry.base().as_str(), "the upload has no end")))
    }

    /// Which way to try after this one was refused.
    fn other_way(&self, error: &Error) -> Option<Way> {
        let status = error.answer().map_or(0, |answer| answer.status.as_u16());
        match self.way {
            // A proxy that limits the size of requests.
            Way::Whole | Way::Stream if status == 413 => {
                (self.content.size() > PIECE).then_some(Way::Pieces(PIECE))
            }
            Way::Whole => Some(Way::Stream),
            _ => None,
        }
    }

    /// Sends what the registry doesn't have yet, and closes the session.
    async fn send(&mut self, session: &mut Session) -> Result<(), Trouble> {
        let size = self.content.size();
        if self.way == Way::Whole && self.offset == 0 {
            let incoming = self.put(session, self.part(0, size)).await?;
            return self.closed(incoming).await;
        }
        if self.way == Way::Stream && self.offset == 0 {
            self.patch(session, size, false).await?;
        }
        let piece = match self.way {
            Way::Pieces(piece) => piece.max(session.least.unwrap_or(0)),
            Way::Whole | Way::Stream => size,
        };
        while self.offset < size {
            self.patch(session, piece.min(size - self.offset), true).await?;
        }
        let incoming = self.put(session, nothing()).await?;
        self.closed(incoming).await
    }

    /// Sends the next bytes.
    async fn patch(&mut self, session: &mut Session, len: u64, ranged: bool) -> Result<(), Trouble> {
        let end = self.offset + len;
        let mut call = self
            .request(Method::PATCH, session.url.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
            .payload(self.part(self.offset, len));
        if ranged && len > 0 {
            let range = HeaderValue::try_from(format!("{}-{}", self.offset, end - 1));
            call = call.header(CONTENT_RANGE, range.map_err(|_| Error::setup("no such range"))?);
        }
        let incoming = self.repository.registry().send(&call.once()).await?;
        if !incoming.status.is_success() {
            return Err(self.refused(incoming).await);
        }
        // A registry that took less says so; one that doesn't move at all (Amazon) isn't believed.
        let taken = session::taken(&incoming).filter(|taken| *taken > self.offset && *taken <= end);
        self.offset = taken.unwrap_or(end);
        session.follow(&incoming, self.repository.registry().base())?;
        Ok(())
    }

    async fn put(&self, session: &Session, payload: Payload) -> Result<Incoming, Trouble> {
        let call = self
            .request(Method::PUT, session.closing(self.digest))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
            .payload(payload);
        Ok(self.repository.registry().send(&call.once()).await?)
    }

    /// Checks the answer that closes a session.
    async fn closed(&self, incoming: Incoming) -> Result<(), Trouble> {
        if !incoming.status.is_success() {
            return Err(self.refused(incoming).await);
        }
        match content_digest(&incoming) {
            Some(found) if found.algorithm() == self.digest.algorithm() && found != *self.digest => {
                let (expected, found) = (Box::new(*self.digest), Box::new(found));
                Err(Trouble::Final(Error::DigestMismatch { what: "the blob", expected, found }))
            }
            _ => Ok(()),
        }
    }

    async fn refused(&self, incoming: Incoming) -> Trouble {
        let status = incoming.status;
        let error = refusal(
            incoming,
            &crate::error::Subject::of(self.repository.name(), Missing::Blob(*self.digest)),
        )
        .await;
        let code = |code| error.answer().is_some_and(|answer| answer.has_code(code));
        match status.as_u16() {
            401 | 403 | 429 => Trouble::Final(error),
            _ if code("DIGEST_INVALID") && self.offset == 0 => Trouble::Final(error),
            _ if retry::passes(status) => Trouble::Passing(error),
            // The session is gone, or stands elsewhere than we thought.
            404 | 416 => Trouble::Passing(error),
            _ if code("BLOB_UPLOAD_UNKNOWN") || code("DIGEST_INVALID") => Trouble::Passing(error),
            400..=499 => Trouble::Way(error),
            _ => Trouble::Final(error),
        }
    }

    /// Asks where a session stands. Nothing if a new one is needed.
    async fn standing(&mut self, mut session: Session) -> Option<Session> {
        self.offset = 0;
        let call = self.request(Method::GET, session.url.clone());
        let incoming = self.repository.registry().send(&call).await.ok()?;
        if !incoming.status.is_success() {
            return None;
        }
        let taken = session::taken(&incoming).filter(|taken| (1..=self.content.size()).contains(taken))?;
        session.follow(&incoming, self.repository.registry().base()).ok()?;
        self.offset = taken;
        Some(session)
    }

    fn request(&self, method: Method, url: Url) -> crate::exchange::Call<'_> {
        self.repository.request_at(method, url, Missing::Blob(*self.digest))
    }

    /// A part of the content, with its progress reported.
    fn part(&self, offset: u64, len: u64) -> Payload {
        let observer = std::sync::Arc::clone(&self.repository.registry().options().observer);
        let (item, total) = (Item::Blob(*self.digest), self.content.size());
        let meter = move |sent: u64| {
            let (direction, done) = (Direction::Upload, offset + sent);
            observer.progress(&Progress { item: item.clone(), direction, done, total: Some(total) });
        };
        Payload::Content {
            content: self.content.clone(),
            offset,
            len,
            meter: Some(std::sync::Arc::new(meter)),
        }
    }
}

/// A digest within a query.
fn escaped(digest: &Digest) -> String {
    digest.to_string().replace(':', "%3A")
}
