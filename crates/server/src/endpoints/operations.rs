//! `/healthz`, `/readyz`, `/metrics`: for whoever runs the registry.

use axum::body::Bytes;
use axum::response::Response;
use http::HeaderValue;

use super::whole;
use crate::Error;
use crate::registry::Shared;

fn text(body: &'static str) -> Response {
    whole(HeaderValue::from_static("text/plain; charset=utf-8"), Bytes::from_static(body.as_bytes()))
}

/// The process answers; nothing more is said.
pub(crate) fn health() -> Response {
    text("ok\n")
}

/// The process answers, its storage works, and it is not about to stop.
pub(crate) async fn ready(shared: &Shared) -> Result<Response, Error> {
    if shared.lifecycle.draining() {
        return Err(Error::Unavailable("it is shutting down".to_owned()));
    }
    shared.catalog.check().await.map_err(|error| Error::Unavailable(error.to_string()))?;
    shared.blobs.check().await.map_err(|error| Error::Unavailable(error.to_string()))?;
    Ok(text("ready\n"))
}

/// The figures, in the OpenMetrics text format.
pub(crate) fn metrics(shared: &Shared) -> Response {
    let media_type = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    whole(media_type, Bytes::from(shared.metrics.text()))
}
