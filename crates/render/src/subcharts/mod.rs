//! Which subcharts a chart is rendered with, and as what: conditions, tags, aliases, and values
//! that a parent imports from its children.
//!
//! The outcome is a [`ChartTree`]. Values are merged over it by [`crate::values`].

mod arena;
mod resolve;
mod tree;

pub use resolve::check_dependencies;
pub(crate) use resolve::resolve;
pub use tree::ChartTree;
