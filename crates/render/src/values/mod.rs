//! The values of a rendering: from flags and files, merged with those of charts.
//!
//! [`prepare()`] is what a rendering begins with: it decides which subcharts are used, merges values
//! and checks them. What Helm logs meanwhile is given as [`LogLine`](crate::LogLine)s.

mod coalesce;
mod error;
pub(crate) mod go_json;
pub(crate) mod go_print;
mod options;
mod prepare;
mod set_line;
pub(crate) mod table;

pub use coalesce::coalesce_tables;
pub(crate) use coalesce::{Coalescer, Node, Nulls};
pub use error::ValuesError;
pub use options::ValueOptions;
pub(crate) use prepare::user_table;
pub use prepare::{Preparation, Prepared, coalesce, prepare};
