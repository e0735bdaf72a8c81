//! From a chart and values to manifests, as Helm does it.
//!
//! [`values`] makes the values that templates see, [`subcharts`] the tree of charts that is
//! rendered, [`functions`] what Helm adds to Sprig. [`render`] executes the templates and sorts what
//! comes of it ([`manifests`]), [`printing`] writes it as Helm does.
//!
//! Charts come from strangers: time, output and depth of a rendering are bounded ([`Options`]). It
//! wants a large stack: [`on_large_stack`].

mod capabilities;
mod chart_metadata;
mod engine;
mod explanation;
mod files;
pub mod functions;
mod kubernetes_version;
pub mod lint;
mod log;
pub mod manifests;
pub mod plain;
pub mod post_render;
pub mod printing;
mod release;
mod rendered;
pub mod schema;
pub mod subcharts;
pub mod values;

pub use capabilities::{Capabilities, HelmVersion};
pub use engine::{Frame, Job, Lookup, Options, TemplateError, name_of_template, on_large_stack};
pub use explanation::explain;
pub use kubernetes_version::{KubernetesVersion, KubernetesVersionError};
pub use log::{Level, LogLine};
pub use release::{Release, ReleaseNameError, check_release_name};
pub use rendered::{Crd, PostRenderer, RenderError, Rendered, Unsorted, render};
pub use subcharts::ChartTree;
