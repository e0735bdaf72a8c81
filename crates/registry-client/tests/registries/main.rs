//! The client against registries: scripted ones that do what real ones were seen to do, and worse,
//! and real ones.

#![expect(clippy::unwrap_used, unreachable_pub, reason = "tests")]

mod auth;
mod blobs;
mod getter;
mod lists;
mod manifests;
mod real;
mod relay;
mod retries;
mod safety;
mod script;
mod strangers;
mod support;
mod tls;
mod uploads;
