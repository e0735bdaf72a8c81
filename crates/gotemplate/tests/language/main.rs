//! The language as Go has it: what is recorded in `tests/golden`, and what Go has no bound for.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

mod arbitrary;
mod bounds;
mod errors;
mod fmt;
mod notation;
mod sets;
mod templates;
mod world;
