#![no_main]
//! Feeds arbitrary bytes to `charts::schema`.

#[path = "../../tests/corpora/charts.rs"]
#[allow(dead_code, reason = "each target uses one of the functions")]
mod charts;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| charts::schema(bytes));
