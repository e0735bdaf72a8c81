//! Helm's releases: what is kept of them in a cluster, and how they come into it and out of it.
//!
//! [`Release`] is the record of one revision, [`Storage`] keeps records as Helm does, so that what either
//! tool has installed the other lists, upgrades and rolls back. [`Cluster`] is the way to the API server.
//!
//! This crate is the only one that knows the library that speaks to Kubernetes. Rendering and the command
//! line are the business of others. What comes from a cluster is taken for hostile: reading is bounded.

mod action;
mod cluster;
mod error;
mod listing;
mod object;
mod ready;
mod record;
mod resources;
mod storage;

pub use action::{
    Cascade, Checked, Conflicts, Install, Installed, Parts, Rollback, Uninstall, Uninstalled, Wait, lookup,
    make,
};
pub use cluster::{Cluster, Connection, Discovery, ServerVersion};
pub use error::{Error, Result};
pub use listing::{Listing, SortBy};
pub use record::{
    ApplyMethod, ChartRecord, FileRecord, Hook, HookRun, Info, Phase, RecordError, Release, Status, Summary,
    Time,
};
pub use resources::{Column, KindOfResource, Row, Table};
pub use storage::{Driver, SYSTEM_LABELS, Storage};
