//! Nothing that was acknowledged is ever lost: not when the server is killed, not when the disk
//! is full, not when blobs are collected while they are pushed again.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod collect;
mod drain;
mod fsck;
mod full;
mod kill;
mod ledger;
mod lock;
mod scratch;
mod start;
mod worker;

use chartroom_test_support::{TestServer, TestServerBuilder};

/// A server, yet to be started.
fn builder() -> TestServerBuilder {
    TestServer::builder(env!("CARGO_BIN_EXE_chartroom"))
}

/// Stops the server and has its folder checked, which must find nothing wrong.
#[track_caller]
fn is_clean(server: &mut TestServer) {
    assert!(server.terminate().success(), "{}", server.stderr());
    let data = server.data().to_string_lossy().into_owned();
    let (status, said) = server.command(&["fsck", "--data", &data]);
    assert!(status.success(), "fsck: {status}: {said}");
}
