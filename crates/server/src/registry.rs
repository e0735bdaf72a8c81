//! The registry as one HTTP service: from a request to the endpoint that answers it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use chartroom_blobs::BlobStore;
use chartroom_catalog::Catalog;
use futures_util::FutureExt;
use http::header::CONNECTION;
use http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use jiff::SignedDuration;

use crate::Error;
use crate::body::{Lent, declared_length};
use crate::endpoints::{
    base, blobs, catalog, charts, manifests, operations, referrers, tags, token, uploads,
};
use crate::gate::{Gate, Visitor};
use crate::hot::Hot;
use crate::listen::Lifecycle;
use crate::metrics::Metrics;
use crate::route::Route;
use crate::sessions::Sessions;
use crate::settings::Settings;

/// The registry. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Registry(Arc<Shared>);

/// What every endpoint works with.
pub(crate) struct Shared {
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) blobs: BlobStore,
    pub(crate) rules: Rules,
    pub(crate) hot: Hot,
    pub(crate) sessions: Sessions,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) lifecycle: Lifecycle,
    /// Nothing without accounts: then everybody may do everything.
    pub(crate) gate: Option<Arc<Gate>>,
}

/// The settings that endpoints decide by, ready to use.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) max_manifest_bytes: u64,
    /// `None`: no limit.
    pub(crate) max_blob_bytes: Option<u64>,
    pub(crate) strict_charts: bool,
    pub(crate) immutable_versions: bool,
    /// How old a blob's grace period may get before a question about the blob starts it anew: a small
    /// part of it, so that nearly all of it is left to whoever asked.
    pub(crate) touch_after: SignedDuration,
}

impl From<&Settings> for Rules {
    fn from(settings: &Settings) -> Self {
        Self {
            max_manifest_bytes: settings.limits.max_manifest_bytes.bytes(),
            max_blob_bytes: settings.limits.max_blob_bytes.bytes(),
            strict_charts: settings.charts.strict,
            immutable_versions: settings.charts.immutable_versions,
            touch_after: SignedDuration::try_from(settings.gc.grace.duration() / 10)
                .unwrap_or(SignedDuration::MAX)
                .min(SignedDuration::from_mins(1)),
        }
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");

impl Registry {
    /// A registry over a catalog and its blobs, with a gate if there are accounts.
    pub fn new(
        catalog: Arc<dyn Catalog>,
        blobs: BlobStore,
        settings: &Settings,
        lifecycle: Lifecycle,
        gate: Option<Gate>,
    ) -> Self {
        let rules = Rules::from(settings);
        let shared = Shared {
            catalog,
            blobs,
            rules,
            hot: Hot::default(),
            sessions: Sessions::default(),
            metrics: Arc::default(),
            lifecycle,
            gate: gate.map(Arc::new),
        };
        Self(Arc::new(shared))
    }

    /// The service to hand to the listener.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// The figures, for others who have something to count.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.0.metrics)
    }
}

/// Answers one request, whatever happens.
async fn answer(State(Registry(shared)): State<Registry>, request: Request) -> Response {
    let started = Instant::now();
    let in_flight = shared.metrics.begin();
    let id = RequestId(shared.metrics.request_id());
    let method = request.method().clone();
    let version = request.version();
    let (request, lent) = lend(request);
    let route = Route::parse(request.uri().path());
    let (template, under_v2) = match &route {
        Ok(route) => (route.template(), route.template().starts_with("/v2")),
        Err(_) => ("unknown", request.uri().path().starts_with("/v2")),
    };
    let outcome = match route {
        Ok(route) => {
            // Without the query: somebody may have put a secret there.
            let path = tracing::enabled!(tracing::Level::DEBUG).then(|| request.uri().path().to_owned());
            let outcome = AssertUnwindSafe(dispatch(&shared, route, request, id)).catch_unwind().await;
            if let Some(path) = path {
                tracing::debug!(request = %id, %method, %path, took = ?started.elapsed(), "answered");
            }
            outcome.unwrap_or_else(|_| Err(Error::internal("an endpoint panicked")))
        }
        Err(error) => Err(error),
    };
    // Whoever is refused is probably still sending, and reads the answer only after that.
    let connection_ends = match lent {
        Some(lent) if outcome.is_err() => !lent.drain().await,
        _ => false,
    };
    let mut response = outcome.unwrap_or_else(|error| {
        note(&error, &method, template, id);
        error.into_response()
    });
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id.header());
    if under_v2 {
        headers.insert(API_VERSION, HeaderValue::from_static("registry/2.0"));
    }
    if connection_ends && version <= Version::HTTP_11 {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    shared.metrics.finish(template, &method, response.status(), started.elapsed());
    drop(in_flight);
    response
}

/// Keeps a hand on the request's body, if it has one.
fn lend(request: Request) -> (Request, Option<Lent>) {
    if declared_length(request.headers(), request.body()) == Some(0) {
        return (request, None);
    }
    let expects = request.headers().contains_key(http::header::EXPECT);
    let (parts, body) = request.into_parts();
    let (body, lent) = Lent::new(body, expects);
    (Request::from_parts(parts, body), Some(lent))
}

/// The one place that knows which endpoint answers what.
async fn dispatch(
    shared: &Arc<Shared>,
    route: Route,
    request: Request,
    id: RequestId,
) -> Result<Response, Error> {
    let (request, body) = request.into_parts();
    let method = request.method.clone();
    let reads = matches!(method, Method::GET | Method::HEAD);
    let visitor = match &shared.gate {
        Some(gate) => gate.admit(&route, &request, id).await?,
        None => Visitor::unguarded(),
    };
    match (route, method) {
        (Route::Token, Method::POST) => match &shared.gate {
            Some(gate) => token::post(gate, (request, body), id).await,
            None => Err(Error::NoSuchPath),
        },
        (Route::Token, _) if reads => match &shared.gate {
            Some(gate) => token::get(gate, &request, id).await,
            None => Err(Error::NoSuchPath),
        },
        (Route::Keys, _) if reads => match &shared.gate {
            Some(gate) => token::keys(gate),
            None => Err(Error::NoSuchPath),
        },
        (Route::Home, _) if reads => base::home(),
        (Route::Health, _) if reads => Ok(operations::health()),
        (Route::Ready, _) if reads => operations::ready(shared).await,
        (Route::Metrics, _) if reads => Ok(operations::metrics(shared)),
        (Route::Charts, _) if reads => charts::list(shared, &request, &visitor).await,
        (Route::ChartVersions(repository), _) if reads => charts::versions(shared, &repository).await,
        (Route::Base, _) if reads => base::base(),
        (Route::Catalog, _) if reads => catalog::list(shared, &request, &visitor).await,
        (Route::Tags(repository), _) if reads => tags::list(shared, repository, &request).await,
        (Route::Referrers(repository, subject), _) if reads => {
            referrers::list(shared, &repository, &subject, &request).await
        }
        (Route::Manifest(repository, reference), Method::PUT) => {
            manifests::put(shared, &repository, reference, (request, body), (id, &visitor)).await
        }
        (Route::Manifest(repository, reference), Method::DELETE) => {
            manifests::delete(shared, &repository, reference, id).await
        }
        (Route::Manifest(repository, reference), _) if reads => {
            manifests::get(shared, repository, reference, &request).await
        }
        (Route::Blob(repository, digest), Method::DELETE) => {
            blobs::delete(shared, &repository, &digest, id).await
        }
        (Route::Blob(repository, digest), _) if reads => {
            blobs::get(shared, repository, digest, &request).await
        }
        (Route::Uploads(repository), Method::POST) => {
            uploads::start(shared, &repository, (request, body), (id, &visitor)).await
        }
        (Route::Upload(repository, upload), Method::PATCH) => {
            uploads::append(shared, &repository, &upload, (request, body), &visitor).await
        }
        (Route::Upload(repository, upload), Method::PUT) => {
            uploads::complete(shared, &repository, &upload, (request, body), (id, &visitor)).await
        }
        (Route::Upload(repository, upload), Method::DELETE) => {
            uploads::cancel(shared, &repository, &upload, &visitor).await
        }
        (Route::Upload(repository, upload), _) if reads => {
            uploads::status(shared, &repository, &upload, &visitor).await
        }
        (route, _) => Err(Error::MethodNotAllowed(route.methods())),
    }
}

/// Logs what an operator should see: failures of the server always, of callers at debug.
fn note(error: &Error, method: &Method, route: &str, id: RequestId) {
    let (status, _) = error.parts();
    match error {
        Error::Internal(source) => {
            tracing::error!(request = %id, %method, route, error = source.as_ref(), "request failed");
        }
        Error::StorageFull => tracing::error!(request = %id, %method, route, "no space left: push refused"),
        _ if status == StatusCode::FORBIDDEN => {
            tracing::warn!(request = %id, %method, route, error = %error, "request refused");
        }
        _ => {
            tracing::debug!(request = %id, %method, route, status = status.as_u16(), error = %error, "request refused")
        }
    }
}

/// Names a request in the log and in the answer's `X-Request-Id`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestId(u64);

impl RequestId {
    fn header(self) -> HeaderValue {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let text: [u8; 16] = std::array::from_fn(|index| DIGITS[(self.0 >> (60 - 4 * index)) as usize & 15]);
        HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from_static("0"))
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
