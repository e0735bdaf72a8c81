//! `/v2/` and `/`: what this is.

use axum::body::Bytes;
use axum::response::Response;
use http::HeaderValue;

use super::whole;
use crate::Error;

/// `GET /v2/`: yes, this is a registry.
pub(crate) fn base() -> Result<Response, Error> {
    Ok(whole(super::JSON, Bytes::from_static(b"{}")))
}

/// `GET /`: a word to people who point a browser here.
pub(crate) fn home() -> Result<Response, Error> {
    const TEXT: &str = "\
This is Chartroom, a registry for Helm charts and other OCI artifacts.

  push      helm push mychart-0.1.0.tgz oci://<this host>/charts
  pull      helm pull oci://<this host>/charts/mychart --version 0.1.0
  charts    /api/v1/charts
  health    /healthz /readyz /metrics
";
    Ok(whole(HeaderValue::from_static("text/plain; charset=utf-8"), Bytes::from_static(TEXT.as_bytes())))
}
