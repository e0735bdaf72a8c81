//! From a chart and values to manifests, as Helm does it.
//!
//! [`values`] makes the values that templates see, [`functions`] what Helm adds to Sprig.

pub mod functions;
pub mod plain;
pub mod values;
