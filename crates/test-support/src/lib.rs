//! What the tests stand on: a server as a process ([`TestServer`]), an HTTP client that can
//! also misbehave ([`Client`], [`RawConnection`]), charts as Helm makes them
//! ([`ChartBuilder`]), a classic repository ([`Website`]), an identity
//! provider ([`Issuer`]), real programs ([`Peer`], and [`Gnupg`] with its
//! keys), a bad network ([`ChaosProxy`]), a Kubernetes API server
//! ([`ApiServer`]) and somebody at a terminal ([`Terminal`]).
//!
//! Everything here blocks, has a deadline, and panics with a message that says what was
//! expected: it is only for tests. What must be told apart from a failure has a `try_` form.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod chaos;
mod chart;
mod client;
mod gnupg;
mod image;
mod issuer;
mod junit;
mod kubernetes;
mod peer;
mod process;
mod random;
mod registry;
mod secrets;
mod server;
mod terminal;
mod wait;
mod website;

pub use chaos::ChaosProxy;
pub use chart::{Chart, ChartBuilder, PushedChart};
pub use client::{Client, RawConnection, RawResponse, Request, Response, encode};
pub use gnupg::Gnupg;
pub use image::{Image, OCI_INDEX, OCI_MANIFEST, index, manifest_of};
pub use issuer::{Issuer, IssuerKey};
pub use junit::JunitReport;
pub use kubernetes::ApiServer;
pub use peer::{Outcome, Peer, skipped};
pub use process::{at_home, clean_environment, signal};
pub use random::{Random, RandomReader};
pub use registry::with_query;
pub use secrets::{plant, spilled};
pub use server::{Refused, TestServer, TestServerBuilder};
pub use terminal::Terminal;
pub use wait::eventually;
pub use website::{Instead, Visit, Website};
