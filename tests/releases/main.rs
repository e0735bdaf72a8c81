//! Releases on a real Kubernetes API server, with Chartroom by the name `helm` and with stock Helm.
//!
//! All tests share one server, and have each a namespace of their own. Where the server or Helm is not
//! there, a test says so and does nothing, unless `CHARTROOM_REQUIRE_PEERS` is set.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod access;
mod desk;
mod installing;
mod listing;
mod reading;
mod records;
mod server;

/// The Helm whose behaviour is the measure.
const HELM: &str = "helm-4.3.1";
