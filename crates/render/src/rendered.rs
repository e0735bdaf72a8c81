//! What comes of a rendering.

use std::collections::BTreeMap;

use bytes::Bytes;
use chartroom_chart::{Constraint, Version};

use crate::engine::{self, Job, TemplateError};
use crate::log::LogLine;
use crate::manifests::{self, Hook, Manifest, ManifestError, Sorted};

/// Changes what templates have made before it is sorted: files by their paths, without the notes.
pub type PostRenderer<'a> = dyn Fn(BTreeMap<String, Bytes>) -> Result<BTreeMap<String, Bytes>, String> + 'a;

/// How the paths of notes end.
const NOTES: &str = "NOTES.txt";

/// Renders a chart: executes its templates, and sorts what comes of it into objects, hooks and notes.
///
/// Recursion in templates needs the stack that [`Options::limits`](crate::Options) allow: run this
/// by [`on_large_stack`](crate::on_large_stack).
///
/// # Errors
///
/// In Helm's words, when a template fails, or makes no manifest.
pub fn render(job: &Job<'_>, post_renderer: Option<&PostRenderer<'_>>) -> Result<Rendered, RenderError> {
    check_kubernetes_version(job)?;
    let output = engine::execute(job)?;
    let mut files = output.files;
    let notes = take_notes(job, &mut files);
    if let Some(change) = post_renderer {
        files = change(files).map_err(RenderError::PostRenderer)?;
    }
    let sorted = manifests::sort(&files).map_err(|failed| {
        let (error, sorted) = *failed;
        let Sorted { hooks, unknown_hooks, .. } = sorted;
        RenderError::Manifest(Box::new(Unsorted { error, files, hooks, unknown_hooks }))
    })?;
    let crds = job.chart.crds().into_iter();
    let crds = crds.map(|(path, file)| Crd { path, content: file.data.clone() }).collect();
    let Sorted { manifests, hooks, unknown_hooks } = sorted;
    Ok(Rendered { manifests, hooks, crds, notes, unknown_hooks, log: output.log })
}

/// Whether the chart fits the cluster. What providers add to their versions doesn't count.
fn check_kubernetes_version(job: &Job<'_>) -> Result<(), RenderError> {
    let wanted = &job.chart.metadata.kube_version;
    if wanted.is_empty() {
        return Ok(());
    }
    let found = &job.capabilities.kubernetes;
    let fits = match (wanted.parse::<Constraint>(), Version::coerce(found.normalised())) {
        (Ok(constraint), Ok(version)) => constraint.matches(&version),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(RenderError::KubernetesVersion { wanted: wanted.clone(), found: found.full().to_owned() })
}

/// Takes all notes out, and gives those that are shown. Helm puts notes of subcharts in any order; here
/// they are in that of their paths.
fn take_notes(job: &Job<'_>, files: &mut BTreeMap<String, Bytes>) -> String {
    let own = format!("{}/templates/{NOTES}", job.chart.name());
    let mut notes = String::new();
    files.retain(|path, content| {
        if !path.ends_with(NOTES) {
            return true;
        }
        if *path == own || job.options.subchart_notes {
            if !notes.is_empty() {
                notes.push('\n');
            }
            notes.push_str(&String::from_utf8_lossy(content));
        }
        false
    });
    notes
}

/// A file in `crds/`, which is no template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crd {
    /// Where it is, with the name of the chart before it.
    pub path: String,
    /// What is in it.
    pub content: Bytes,
}

/// A chart that was rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The objects of the release, in the order in which they are installed.
    pub manifests: Vec<Manifest>,
    /// The hooks, sorted in the same way.
    pub hooks: Vec<Hook>,
    /// Custom resource definitions, those of subcharts last.
    pub crds: Vec<Crd>,
    /// What `NOTES.txt` says.
    pub notes: String,
    /// What documents that were left out have as their hooks, because there is no such hook.
    pub unknown_hooks: Vec<String>,
    /// What templates have said under [`Options::lint`](crate::Options).
    pub log: Vec<LogLine>,
}

/// Why nothing comes of a rendering.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The chart wants another Kubernetes.
    #[error("chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {found}")]
    KubernetesVersion {
        /// What `Chart.yaml` says.
        wanted: String,
        /// The version of the cluster.
        found: String,
    },
    /// A template can't be parsed or executed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// What changes manifests after templates has failed.
    #[error("{0}")]
    PostRenderer(String),
    /// A template has made something that is no manifest.
    #[error("{}", .0.error)]
    Manifest(Box<Unsorted>),
}

/// What templates have made, where a part of it is no manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsorted {
    /// What is wrong.
    pub error: ManifestError,
    /// All that was rendered, by the paths of the templates.
    pub files: BTreeMap<String, Bytes>,
    /// The hooks in the files before the one that is wrong.
    pub hooks: Vec<Hook>,
    /// As in [`Rendered`].
    pub unknown_hooks: Vec<String>,
}
