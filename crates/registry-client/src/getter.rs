//! Files of web servers that are no registries, such as chart repositories: over the same kind of
//! connections as registries, with their TLS options, proxies, timeouts and retries, and without any
//! of their ways to know users.
//!
//! What the files mean, and whose credentials go where, is for the caller to say. A credential is
//! shown to the server that is asked, and not to those that it redirects to.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, HeaderMap, HeaderValue, LOCATION,
};
use reqwest::{Method, StatusCode, Url};

use crate::auth;
use crate::credential::Secret;
use crate::error::{Error, Result, Subject};
use crate::observer::{Item, RetryEvent};
use crate::options::Options;
use crate::retry::{self, Attempts};
use crate::site;
use crate::transport::{Failure, Incoming, Outgoing, Payload, Transport};

/// The most redirects that are followed for one file; as many as Go's library follows.
const REDIRECTS: usize = 10;

/// Gets files from web servers. Keeps connections, so make one and use it for everything that has
/// the same options. Cheap to clone.
#[derive(Clone)]
pub struct Getter {
    transport: Arc<Transport>,
}

/// A file to get.
#[derive(Clone, Copy, Debug)]
pub struct Get<'a> {
    /// Where it is: `http` or `https`.
    pub url: &'a Url,
    /// What it is, for the error when it is too large.
    pub what: &'static str,
    /// The types of content that are fine, as the header has them.
    pub accept: Option<&'static str>,
    /// User name and password to show.
    pub credential: Option<(&'a str, &'a Secret)>,
    /// Whether it may come gzipped. Such an answer is given as it came; see [`Got::gzipped`].
    pub gzip: bool,
    /// The most bytes that are taken.
    pub limit: u64,
}

/// A file that came.
#[derive(Clone, Debug)]
pub struct Got {
    /// What is in it.
    pub bytes: Bytes,
    /// Whether the server has gzipped it on the way, as it was allowed to.
    pub gzipped: bool,
}

impl Getter {
    /// Sets up a getter. Reads the files that the options name; [`Options::plain_http`] means
    /// nothing here, as addresses say it themselves.
    pub fn new(options: Options) -> Result<Self> {
        // The system's certificates are read when the first address needs them.
        let options = Options { plain_http: true, ..options };
        Ok(Self { transport: Arc::new(Transport::new(options)?) })
    }

    /// The options that it was set up with.
    pub fn options(&self) -> &Options {
        &self.transport.options
    }

    /// Gets a file. Tries again what fails for a passing reason.
    pub async fn get(&self, get: &Get<'_>) -> Result<Got> {
        let options = self.options();
        let mut attempts = Attempts::start(options.retry, &*options.clock);
        loop {
            let (failure, asked) = match self.attempt(get).await {
                Ok(incoming) if incoming.status == StatusCode::OK => match receive(incoming, get).await {
                    Ok(got) => return Ok(got),
                    Err(failure) => (failure, None),
                },
                Ok(incoming) => {
                    let passes = retry::passes(incoming.status);
                    let asked = retry::retry_after(&incoming.headers, options.clock.date());
                    let shown = incoming.shown;
                    let error = Error::refused(incoming.answer().await, Subject::registry(), shown);
                    (Failure { error, passes, absent: false }, asked)
                }
                Err(failure) => (failure, None),
            };
            if !failure.passes || failure.absent {
                return Err(failure.error);
            }
            let Some(wait) = attempts.next(&*options.clock, asked) else { return Err(failure.error) };
            let reason = failure.error.to_string();
            options.observer.retry(&RetryEvent { reason: &reason, failed: attempts.failed(), wait });
            options.clock.sleep(wait).await;
        }
    }

    /// One attempt, along its redirects.
    async fn attempt(&self, get: &Get<'_>) -> Result<Incoming, Failure> {
        let mut url = get.url.clone();
        let mut left_home = false;
        for _ in 0..=REDIRECTS {
            left_home |= !site::same_origin(&url, get.url);
            let mut headers = HeaderMap::new();
            if let Some(accept) = get.accept {
                headers.insert(ACCEPT, HeaderValue::from_static(accept));
            }
            if get.gzip {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            }
            let credential = get.credential.filter(|_| !left_home);
            if let Some((username, password)) = credential {
                headers.insert(AUTHORIZATION, auth::basic(username, password.expose())?);
            }
            let outgoing = Outgoing { method: &Method::GET, url: &url, headers, payload: &Payload::Nothing };
            let mut incoming = self.transport.send(outgoing).await?;
            incoming.shown = credential.is_some();
            let moved = matches!(incoming.status.as_u16(), 301 | 302 | 303 | 307 | 308);
            let Some(target) = incoming.header(LOCATION.as_str()).filter(|_| moved) else {
                return Ok(incoming);
            };
            let broken = |what: String| Failure::from(Error::protocol(incoming.shown_url(), what));
            let next =
                url.join(target).map_err(|_| broken("it redirects to what is no address".to_owned()))?;
            if let Some(reason) = site::refuse_redirect(&url, &next) {
                let next = crate::redact::url(&next);
                return Err(broken(format!("it redirects to {next}, which {reason}")));
            }
            url = next;
        }
        Err(Error::protocol(crate::redact::url(get.url), "it redirects without end").into())
    }
}

async fn receive(mut incoming: Incoming, get: &Get<'_>) -> Result<Got, Failure> {
    let encoding = incoming.header(CONTENT_ENCODING.as_str()).unwrap_or_default();
    let gzipped = get.gzip && encoding.eq_ignore_ascii_case("gzip");
    let item = Item::File(incoming.shown_url().into());
    let bytes = incoming.watched_bytes(get.what, get.limit, &item).await?;
    Ok(Got { bytes, gzipped })
}

impl std::fmt::Debug for Getter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Getter").field("options", self.options()).finish_non_exhaustive()
    }
}
