//! Real clients, unmodified, against the registry: each does what its users do with it.
//!
//! The programs are brought by `cargo xtask peers`. A test whose program is not there says so
//! and does nothing, unless `CHARTROOM_REQUIRE_PEERS` is set.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod buildah;
mod conformance;
mod crane;
mod helm;
mod oras;
mod skopeo;

use chartroom_test_support::TestServer;

/// A server with its default settings.
#[track_caller]
fn server() -> TestServer {
    TestServer::builder(env!("CARGO_BIN_EXE_chartroom")).start()
}

/// Splits a line of arguments at its spaces.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}
