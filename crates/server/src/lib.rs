//! The registry over HTTP: routes, endpoints, limits, jobs.
//!
//! [`Registry`] answers requests out of a catalog and a blob store; [`listen`] brings it the
//! requests; [`settings`] says how, and [`data_folder`] where. Nothing here parses what others
//! parse (`chartroom-oci`, `chartroom-chart`) or knows how anything is stored
//! (`chartroom-catalog`, `chartroom-blobs`).

mod body;
mod byte_range;
mod chart_intake;
pub mod data_folder;
mod endpoints;
mod error;
pub mod gate;
mod hot;
pub mod jobs;
pub mod listen;
pub mod metrics;
mod query;
mod registry;
mod route;
mod sessions;
pub mod settings;
mod warning;

pub use error::{Error, UploadPosition};
pub use registry::Registry;
pub use route::{ManifestReference, Route};
