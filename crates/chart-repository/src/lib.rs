//! Classic chart repositories, the kind that is a web server with an `index.yaml`: finding charts in
//! them and downloading them, with the files by which Helm remembers them.
//!
//! | what | where |
//! |---|---|
//! | `index.yaml`: [`Index`] and its [`ChartVersion`]s; making one of a folder of archives | `index` |
//! | `repositories.yaml`: [`Repositories`], each an [`Entry`] | `repositories` |
//! | the indexes on this machine: [`IndexCache`] | `cache` |
//! | requests: [`Web`] | `web` |
//! | from what a user wrote to where an archive is: [`Located`] | `locate` |
//! | searching the indexes, and hubs: [`Search`], [`HubChart`] | `search`, `hub` |
//! | addresses as Helm compares and joins them | `address` |
//!
//! Files are those of Helm 4.3, to be used by both in turn. Indexes come from strangers: their size
//! and the memory they take are bounded, what is in them is checked, and a login for a repository is
//! shown to no other server unless its user wants that.
//!
//! Registries are another matter (`chartroom-registry-client`), and what is said to people is up to
//! the caller.

pub mod address;
mod cache;
mod error;
mod hub;
mod index;
mod locate;
mod repositories;
mod search;
mod web;

pub use cache::IndexCache;
pub use error::{Error, GetError, Result};
pub use hub::{HubChart, search_hub};
pub use index::{ChartVersion, Index, Inexact, ReadIndex, Skipped, index_folder};
pub use locate::{Located, find_at, find_named, owner_of};
pub use repositories::{Entry, Guard, Repositories};
pub use search::{Hit, Query, Search};
pub use web::Web;
