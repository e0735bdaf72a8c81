//! The client commands, as users type them: against Chartroom's own registry, against Debian's
//! `docker-registry`, and beside stock Helm 4.3.1, which has to understand what they make and
//! whose charts they have to understand.
//!
//! Every test has a folder of its own, which is home and working folder of all programs that it
//! runs. A test whose peer is not there says so and does nothing, unless `CHARTROOM_REQUIRE_PEERS`
//! is set.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod cache;
mod charts;
mod classic;
mod copy;
mod credentials;
mod dependency;
mod desk;
mod differential;
mod distribution;
mod encrypted;
mod explained;
mod front;
mod helm;
mod jsonpath;
mod lines;
mod lint;
mod login;
mod make;
mod network;
mod pins;
mod progress;
mod prompts;
mod provenance;
mod proxies;
mod push;
mod references;
mod refusals;
mod registries;
mod remedies;
mod repo;
mod show;
mod signed;
mod tags;
mod tls;
mod twins;

use chartroom_test_support::TestServer;

/// The Helm whose behaviour is the measure.
const HELM: &str = "helm-4.3.1";

/// A server with its default settings.
#[track_caller]
fn server() -> TestServer {
    TestServer::builder(env!("CARGO_BIN_EXE_chartroom")).start()
}
