//! The way to the API server: requests, and what comes back.

mod connection;
mod discovery;
mod proxy;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use kube::client::Body;
use serde::Deserialize;

use crate::error::{ApiError, Error, Result};

pub use connection::Connection;
pub use discovery::Discovery;

/// The largest answer that is taken. A list of all releases of a large cluster comes in pages.
const MAX_ANSWER: u64 = 512 << 20;

const JSON: &str = "application/json";

/// A cluster that can be asked.
#[derive(Clone)]
pub struct Cluster {
    client: kube::Client,
    url: String,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("url", &self.url).finish_non_exhaustive()
    }
}

/// What the API server says when it refuses.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: String,
    reason: String,
}

/// The version of the API server, as it says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServerVersion {
    /// `v1.37.2`
    pub git_version: String,
    /// `1`
    pub major: String,
    /// `37`
    pub minor: String,
}

impl Cluster {
    /// Asks which version it has; so it is found out whether it can be reached.
    ///
    /// # Errors
    ///
    /// When it can't.
    pub async fn version(&self) -> Result<ServerVersion> {
        let body = self.get("/version").await?;
        serde_json::from_slice(&body)
            .map_err(|error| Error::Answer { what: "/version".to_owned(), problem: error.to_string() })
    }

    /// Gets an object or a list, as JSON.
    pub(crate) async fn get(&self, path: &str) -> Result<Bytes> {
        self.send(Method::GET, path, None, Bytes::new()).await
    }

    /// Sends a request with or without a body, and gives the body of the answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        media_type: Option<&str>,
        body: Bytes,
    ) -> Result<Bytes> {
        self.accepting(method, path, JSON, media_type, body).await
    }

    /// The same, for an answer in a certain form.
    pub(crate) async fn accepting(
        &self,
        method: Method,
        path: &str,
        accept: &str,
        media_type: Option<&str>,
        body: Bytes,
    ) -> Result<Bytes> {
        let response = self.answer(&method, path, accept, media_type, body).await?;
        let status = response.status();
        let body = self.whole(&method, path, response.into_body()).await?;
        match status {
            StatusCode::UNAUTHORIZED => Err(Error::Unauthorized),
            status if status.is_success() => Ok(body),
            status => Err(Error::Api(refusal(status, &body))),
        }
    }

    /// Begins to read an answer that comes line by line, and perhaps never ends.
    pub(crate) async fn stream(&self, path: &str) -> Result<Lines> {
        let response = self.answer(&Method::GET, path, JSON, None, Bytes::new()).await?;
        let status = response.status();
        if !status.is_success() {
            let body = self.whole(&Method::GET, path, response.into_body()).await?;
            return Err(Error::Api(refusal(status, &body)));
        }
        Ok(Lines { body: response.into_body(), read: BytesMut::new(), what: format!("{}{path}", self.url) })
    }

    async fn answer(
        &self,
        method: &Method,
        path: &str,
        accept: &str,
        media_type: Option<&str>,
        body: Bytes,
    ) -> Result<Response<Body>> {
        let mut request = Request::builder().method(method).uri(path).header(ACCEPT, accept);
        if let Some(media_type) = media_type {
            request = request.header(CONTENT_TYPE, media_type);
        }
        let request = request.body(Body::from(body));
        let request = request.map_err(|error| self.unreachable(method, path, &error))?;
        self.client.send(request).await.map_err(|error| self.unreachable(method, path, &error))
    }

    /// Reads an answer to its end, within bounds.
    async fn whole(&self, method: &Method, path: &str, body: Body) -> Result<Bytes> {
        use http_body_util::{BodyExt as _, Limited};
        let limit = usize::try_from(MAX_ANSWER).unwrap_or(usize::MAX);
        let whole = Limited::new(body, limit).collect().await;
        whole.map(|body| body.to_bytes()).map_err(|error| self.unreachable(method, path, &*error))
    }

    fn unreachable(&self, method: &Method, path: &str, error: &(dyn std::error::Error + 'static)) -> Error {
        let name = method.as_str();
        let mut spelled = name.chars().take(1).collect::<String>();
        spelled.push_str(&name.get(1..).unwrap_or_default().to_ascii_lowercase());
        Error::Unreachable { method: spelled, url: format!("{}{path}", self.url), problem: cause(error) }
    }
}

/// An answer that comes line by line.
pub(crate) struct Lines {
    body: Body,
    read: BytesMut,
    what: String,
}

impl Lines {
    /// The next line, if there is one more. It may have so many bytes.
    pub(crate) async fn next(&mut self, most: usize) -> Result<Option<Bytes>> {
        use http_body_util::BodyExt as _;
        let mut searched = 0;
        loop {
            let rest = self.read.get(searched..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line = self.read.split_to(searched + end + 1);
                return Ok(Some(line.freeze()));
            }
            searched = self.read.len();
            if searched > most {
                let problem = format!("a line has more than {most} bytes");
                return Err(Error::Answer { what: self.what.clone(), problem });
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => {
                    let problem = cause(&error);
                    return Err(Error::Unreachable { method: "Get".into(), url: self.what.clone(), problem });
                }
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        self.read.extend_from_slice(data);
                    }
                }
            }
        }
    }
}

/// The innermost cause of an error, which is the one that says something.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    // The system's number says nothing to anybody.
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}

fn refusal(status: StatusCode, body: &[u8]) -> ApiError {
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let message = match refusal.message.is_empty() {
        // What isn't from the API server, but from something before it.
        true => format!("the server answered with {status}: {}", String::from_utf8_lossy(first(body))),
        false => refusal.message,
    };
    ApiError { code: status.as_u16(), reason: refusal.reason, message }
}

/// The beginning of a text that nobody has vouched for.
fn first(body: &[u8]) -> &[u8] {
    let end = body.iter().position(|byte| *byte == b'\n').unwrap_or(body.len()).min(200);
    body.get(..end).unwrap_or(body)
}
