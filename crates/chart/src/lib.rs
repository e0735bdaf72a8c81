//! Helm charts: from a folder, an archive or a registry, and back.
//!
//! [`Chart`] reads folders and archives, [`Chart::package_to`] writes archives, [`Artifact`]
//! makes what a registry keeps of one, [`Constraint`] and [`Wish`] find versions, [`Lock`]
//! remembers them, [`create()`] begins a new chart. [`Metadata`] is the registry's view: the few
//! fields of a manifest's config that it lists and searches.
//!
//! Everything is synchronous and takes bytes from strangers: reading is bounded by [`Limits`],
//! and no path from an archive is ever outside of the chart. Rendering, requests and signatures
//! are the business of other crates.

mod archive;
mod artifact;
mod chart;
mod chart_file;
mod constraint;
mod create;
mod dependency;
mod directory;
mod error;
mod file;
mod glob;
pub mod go_json;
pub mod go_path;
pub mod go_text;
pub mod go_time;
mod ignore;
mod lock;
mod metadata;
mod package;
mod resolve;
pub mod shape;
mod sniff;
mod unpack;
mod values;
mod version;

pub use archive::read_archive;
pub use artifact::{Artifact, annotations};
pub use chart::{Chart, Warning};
pub use chart_file::{Any, ChartFile, Dependency, Maintainer};
pub use constraint::{Constraint, ConstraintError};
pub use create::{Created, create, create_from};
pub use dependency::{DependencyStatus, Kept, Placed, Staging, Stray};
pub use error::{EntryProblem, Error};
pub use file::{File, Limits};
pub use glob::{BadPattern, PathPattern};
pub use ignore::IgnoreRules;
pub use lock::Lock;
pub use metadata::{ChartType, Metadata, MetadataError};
pub use package::{PackageOptions, source_date_epoch};
pub use resolve::{Choice, Lookup, Reading, Wish, versions};
pub use shape::Shape;
pub use unpack::unpack;
pub use values::{merge_values, read_values, yaml_documents};
pub use version::{CoerceError, Version, VersionError, looks_like_version};
