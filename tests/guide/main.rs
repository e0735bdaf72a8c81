//! The user's guide as a test: every command of it that needs no cluster, to the letter, with stock
//! Helm and with Chartroom in its place, at open registries and at ones with accounts, of our own and
//! of others. The hosts that the guide names are reached under their names, with TLS, without
//! leaving the machine.
//!
//! The guide is in Japanese, and so are its headings here.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod authority;
mod blocks;
mod members;
mod names;
mod pipelines;
mod place;
mod registries;
mod road;
mod runner;
mod trouble;
mod walk;
mod walks;
mod witness;
