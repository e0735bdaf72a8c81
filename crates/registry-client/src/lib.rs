//! A client for any OCI registry: credentials, challenges, tokens, transfers.
//!
//! It knows nothing of charts. Start with [`Client`], which gives a [`Registry`], which gives a
//! [`Repository`], which has the operations:
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use chartroom_registry_client::{Client, Location, Options, StaticCredential};
//!
//! let client = Client::new(Options::default(), Arc::new(StaticCredential::anonymous()))?;
//! let location: Location = "oci://ghcr.io/org/charts/webapp:1.2.3".parse()?;
//! let repository = client.repository(&location)?;
//! let manifest = repository.manifest(&location.reference().ok_or("no tag")?).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | what | where |
//! |---|---|
//! | where something is: `oci://host/path:tag@digest` | `reference` |
//! | who we are: types, and the files and helpers that hold credentials | `credential`, `credentials` |
//! | what a registry asks for, tokens, and where a credential may go | `challenge`, `scope`, `auth`, `site` |
//! | one request: connections; then authentication, redirects, retries | `transport`, `exchange`, `stranger`, `retry` |
//! | the operations | `client`, `repository`, `blob`, `upload`, `relay`, `lists` |
//! | files of web servers that are no registries | `getter` |
//! | what is told to people | `error`, `answer`, `warning`, `observer`, `redact` |
//!
//! What registries demand of their clients is different in each; where the code looks odd, a
//! comment names the registry.

mod answer;
mod auth;
mod blob;
mod challenge;
mod client;
mod clock;
mod content;
mod credential;
pub mod credentials;
mod error;
mod exchange;
mod getter;
mod lists;
mod observer;
mod options;
mod proxy;
mod redact;
mod reference;
mod relay;
mod remedy;
mod repository;
mod retry;
mod scope;
mod site;
mod stranger;
mod transport;
mod upload;
mod warning;

pub use answer::{Answer, Complaint};
pub use blob::{BlobHead, BlobReader, Partial};
pub use client::{Client, Registry, Scheme};
pub use clock::{Clock, SystemClock};
pub use content::{Content, ContentReader, ContentSource};
pub use credential::{Credential, CredentialError, CredentialSource, Secret, StaticCredential};
pub use error::{Error, Missing, Result, TlsProblem};
pub use getter::{Get, Getter, Got};
pub use observer::{
    Direction, Item, NoObserver, Observer, Progress, RequestEvent, ResponseEvent, RetryEvent,
};
pub use options::{Options, Timeouts};
pub use proxy::Proxies;
pub use reference::{Host, Location, LocationError, Parts, SCHEME};
pub use repository::{FetchedManifest, MANIFEST_LIMIT, ManifestHead, Repository, StoredManifest};
pub use reqwest::{Method, StatusCode, Url};
pub use retry::RetryPolicy;
pub use upload::{PushOptions, Pushed};
