//! One request and the head of its answer: connections, TLS, proxies, timeouts. Whether to
//! try again, to authenticate or to follow a redirect is decided above.

mod cause;
mod setup;

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use crate::answer::Answer;
use crate::content::{Content, ContentBody, Meter};
use crate::error::{Error, Result};
use crate::observer::{Direction, Item, Progress, RequestEvent, ResponseEvent};
use crate::options::Options;
use crate::{redact, retry};
use cause::{own_fault, reason, tls_problem, tls_reason};
use setup::{Tls, basis, build};

/// The most of an error's body that is read.
const ERROR_LIMIT: u64 = 64 << 10;

/// What goes with a request.
#[derive(Clone)]
pub(crate) enum Payload {
    /// No body, and no `Content-Length` either.
    Nothing,
    /// Bytes, perhaps none, with their length.
    Bytes(Bytes),
    /// A form for a token service.
    Form(String),
    /// A part of a blob.
    Content { content: Content, offset: u64, len: u64, meter: Option<Meter> },
}

/// A request.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: &'a Payload,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Whether it may go better next time.
    pub(crate) passes: bool,
    /// Whether nobody listens, or there is no such name: worth a retry only if that was
    /// different before.
    pub(crate) absent: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, passes: false, absent: false }
    }
}

/// The head of an answer, with its body still to come.
pub(crate) struct Incoming {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The address that answered.
    pub(crate) url: Url,
    /// Whether a credential had been shown.
    pub(crate) shown: bool,
    /// Whether the credential itself was refused, rather than its rights.
    pub(crate) wrong: bool,
    method: Method,
    id: u64,
    body: reqwest::Response,
    transport: Arc<Transport>,
}

/// Sends requests.
pub(crate) struct Transport {
    /// For addresses without TLS. Has no certificates: reading the system's takes longer
    /// than many a request.
    plain: reqwest::Client,
    secure: OnceLock<reqwest::Client>,
    tls: Tls,
    pub(crate) options: Options,
    ids: AtomicU64,
}

impl Transport {
    pub(crate) fn new(options: Options) -> Result<Self> {
        let tls = Tls::read(&options)?;
        let plain = build(basis(&options).tls_certs_only(Vec::new()))?;
        let transport = Self { plain, secure: OnceLock::new(), tls, options, ids: AtomicU64::new(0) };
        if !transport.options.plain_http {
            transport.secure()?;
        }
        Ok(transport)
    }

    fn secure(&self) -> Result<&reqwest::Client> {
        if let Some(client) = self.secure.get() {
            return Ok(client);
        }
        let mut builder = basis(&self.options);
        if let Some(roots) = &self.tls.roots {
            builder = builder.tls_certs_only(roots.clone());
        }
        if let Some(identity) = &self.tls.identity {
            builder = builder.identity(identity.clone());
        }
        builder = builder.tls_danger_accept_invalid_certs(self.options.insecure_skip_tls_verify);
        let client = build(builder)?;
        Ok(self.secure.get_or_init(|| client))
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn send(self: &Arc<Self>, outgoing: Outgoing<'_>) -> Result<Incoming, Failure> {
        let Outgoing { method, url, headers, payload } = outgoing;
        let client = if url.scheme() == "http" { &self.plain } else { self.secure()? };
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        let shown_url = redact::url(url);
        let pulse = Arc::new(AtomicU64::new(0));
        let (headers, body) = self.body(headers, payload, &pulse).await?;
        let form = if let Payload::Form(form) = payload { Some(redact::form(form)) } else { None };
        self.options.observer.request(&RequestEvent {
            id,
            method: method.as_str(),
            url: &shown_url,
            headers: &redact::headers(&headers),
            form: form.as_deref(),
        });

        let started = Instant::now();
        let mut request = client.request(method.clone(), url.clone()).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        let sending = request.send();
        tokio::pin!(sending);
        let mut seen = 0;
        let result = loop {
            tokio::select! {
                result = &mut sending => break result.map_err(|error| self.failure(method, &shown_url, &error)),
                () = tokio::time::sleep(self.options.timeouts.idle) => {
                    let now = pulse.load(Ordering::Relaxed);
                    if now == seen {
                        break Err(self.timed_out(method, &shown_url));
                    }
                    seen = now;
                }
            }
        };
        let response = result.inspect_err(|failure| {
            self.options.observer.failure(id, &failure.error.to_string());
        })?;
        self.options.observer.response(&ResponseEvent {
            id,
            status: response.status().as_u16(),
            reason: response.status().canonical_reason().unwrap_or_default(),
            headers: &redact::headers(response.headers()),
            elapsed: started.elapsed(),
        });
        Ok(Incoming {
            status: response.status(),
            headers: response.headers().clone(),
            url: url.clone(),
            shown: false,
            wrong: false,
            method: method.clone(),
            id,
            body: response,
            transport: Arc::clone(self),
        })
    }

    async fn body(
        &self,
        mut headers: HeaderMap,
        payload: &Payload,
        pulse: &Arc<AtomicU64>,
    ) -> Result<(HeaderMap, Option<reqwest::Body>)> {
        let (body, len) = match payload {
            Payload::Nothing => return Ok((headers, None)),
            Payload::Bytes(bytes) => (bytes.clone().into(), bytes.len() as u64),
            Payload::Form(form) => (form.clone().into(), form.len() as u64),
            Payload::Content { content, offset, len, meter } => {
                let whole = content.as_bytes().filter(|bytes| *offset == 0 && bytes.len() as u64 == *len);
                match whole {
                    // Small enough to need no meter.
                    Some(bytes) if *len <= 256 << 10 => (bytes.clone().into(), *len),
                    _ => {
                        let cannot = |source| Error::Io { what: "read what is to be uploaded", source };
                        let reader = content.open(*offset).await.map_err(cannot)?;
                        let body = ContentBody::new(reader, *len, Arc::clone(pulse), meter.clone());
                        (reqwest::Body::wrap(body), *len)
                    }
                }
            }
        };
        headers.insert(CONTENT_LENGTH, HeaderValue::from(len));
        Ok((headers, Some(body)))
    }

    fn timed_out(&self, method: &Method, url: &str) -> Failure {
        let seconds = self.options.timeouts.idle.as_secs();
        let reason = format!("no answer within {seconds} seconds");
        let error =
            Error::Unreachable { method: method.clone(), url: url.to_owned(), reason, connected: true };
        Failure { error, passes: true, absent: false }
    }

    /// Sorts what went wrong.
    fn failure(&self, method: &Method, url: &str, error: &reqwest::Error) -> Failure {
        let (method, url) = (method.clone(), url.to_owned());
        if let Some(source) = own_fault(error) {
            return Error::Io { what: "read what is to be uploaded", source }.into();
        }
        if let Some(problem) = tls_problem(error) {
            let reason = tls_reason(problem, &reason(error));
            return Error::Tls { method, url, problem, reason }.into();
        }
        let connected = !error.is_connect();
        let absent = !connected && !error.is_timeout();
        let passes = !error.is_builder();
        let error = Error::Unreachable { method, url, reason: reason(error), connected };
        Failure { error, passes, absent }
    }
}

impl Incoming {
    /// The next bytes of the body.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let idle = self.transport.options.timeouts.idle;
        let shown = || redact::url(&self.url);
        match tokio::time::timeout(idle, self.body.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(self.transport.failure(&self.method, &shown(), &error)),
            Err(_) => Err(self.transport.timed_out(&self.method, &shown())),
        }
    }

    /// Reads the whole body, if it isn't larger than this.
    pub(crate) async fn bytes(&mut self, what: &'static str, limit: u64) -> Result<Bytes, Failure> {
        self.collect(what, limit, |_, _| ()).await
    }

    /// The same, telling how far it is. Of what fails, nothing is told.
    pub(crate) async fn watched_bytes(
        &mut self,
        what: &'static str,
        limit: u64,
        item: &Item,
    ) -> Result<Bytes, Failure> {
        let observer = Arc::clone(&self.transport.options.observer);
        let tell = |done, total| {
            observer.progress(&Progress { item: item.clone(), direction: Direction::Download, done, total });
        };
        let bytes = self.collect(what, limit, tell).await?;
        // Where its length was not known, now it is.
        tell(bytes.len() as u64, Some(bytes.len() as u64));
        Ok(bytes)
    }

    async fn collect(
        &mut self,
        what: &'static str,
        limit: u64,
        tell: impl Fn(u64, Option<u64>),
    ) -> Result<Bytes, Failure> {
        let length = self.content_length().filter(|_| self.method != Method::HEAD);
        if length.is_some_and(|len| len > limit) {
            return Err(Error::TooLarge { what, limit }.into());
        }
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if (all.len() + chunk.len()) as u64 > limit {
                return Err(Error::TooLarge { what, limit }.into());
            }
            all.extend_from_slice(&chunk);
            tell(all.len() as u64, length);
        }
        Ok(all.into())
    }

    /// Shows a body to whoever watches.
    pub(crate) fn show(&self, body: &[u8]) {
        if !body.is_empty() {
            self.transport.options.observer.body(self.id, &redact::body(body));
        }
    }

    /// The length of the content, where the registry says it.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.header(CONTENT_LENGTH.as_str())?.parse().ok()
    }

    /// A header's value, if it is there and text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The address that answered, for people.
    pub(crate) fn shown_url(&self) -> String {
        redact::url(&self.url)
    }

    /// Reads a refusal. What can't be read of it is left out.
    pub(crate) async fn answer(mut self) -> Answer {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = self.chunk().await {
            let room = usize::try_from(ERROR_LIMIT).unwrap_or(usize::MAX) - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() >= room {
                break;
            }
        }
        self.show(&body);
        let now = self.transport.options.clock.date();
        let mut answer =
            Answer::read(self.method.clone(), self.shown_url(), self.status, &self.headers, &body);
        answer.retry_after = retry::retry_after(&self.headers, now);
        answer
    }
}
