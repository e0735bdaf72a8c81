//! Hooks: objects that are no part of a release, but are made at certain moments of its life.

use bytes::Bytes;

use super::head::Head;

/// Annotations of hooks.
pub mod annotations {
    /// When it is run: [`Event`](super::Event)s, parted by commas.
    pub const HOOK: &str = "helm.sh/hook";
    /// Its place among the hooks of the same moment, a number.
    pub const WEIGHT: &str = "helm.sh/hook-weight";
    /// When it is deleted.
    pub const DELETE_POLICY: &str = "helm.sh/hook-delete-policy";
    /// When what it logs is shown.
    pub const OUTPUT_LOG_POLICY: &str = "helm.sh/hook-output-log-policy";
}

/// A moment in the life of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are what their names say")]
pub enum Event {
    PreInstall,
    PostInstall,
    PreDelete,
    PostDelete,
    PreUpgrade,
    PostUpgrade,
    PreRollback,
    PostRollback,
    Test,
}

impl Event {
    /// The name that is written into releases.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreInstall => "pre-install",
            Self::PostInstall => "post-install",
            Self::PreDelete => "pre-delete",
            Self::PostDelete => "post-delete",
            Self::PreUpgrade => "pre-upgrade",
            Self::PostUpgrade => "post-upgrade",
            Self::PreRollback => "pre-rollback",
            Self::PostRollback => "post-rollback",
            Self::Test => "test",
        }
    }

    /// The event of a name, as charts write it: in any case, with white space around it.
    fn named(name: &str) -> Option<Self> {
        Some(match name.trim().to_lowercase().as_str() {
            "pre-install" => Self::PreInstall,
            "post-install" => Self::PostInstall,
            "pre-delete" => Self::PreDelete,
            "post-delete" => Self::PostDelete,
            "pre-upgrade" => Self::PreUpgrade,
            "post-upgrade" => Self::PostUpgrade,
            "pre-rollback" => Self::PreRollback,
            "post-rollback" => Self::PostRollback,
            // The latter is from Helm 2.
            "test" | "test-success" => Self::Test,
            _ => return None,
        })
    }
}

/// A hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The name of the object.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// The template that it comes from, with the chart's name before it.
    pub path: String,
    /// The document, as it was rendered.
    pub manifest: Bytes,
    /// When it is run, in the order in which that is written; at least one.
    pub events: Vec<Event>,
    /// Its place among the hooks of the same moment.
    pub weight: i64,
    /// When it is deleted, in small letters; whatever is written there.
    pub delete_policies: Vec<String>,
    /// When what it logs is shown, in small letters; whatever is written there.
    pub output_log_policies: Vec<String>,
}

impl Hook {
    /// Makes a hook of a document with [`annotations::HOOK`]; nothing, if that names an event that there
    /// is not.
    pub(super) fn new(events: &str, head: &Head, path: &str, document: &Bytes) -> Option<Self> {
        let events = events.split(',').map(Event::named).collect::<Option<Vec<_>>>()?;
        let annotation = |name: &str| head.annotations.get(name).map(String::as_str);
        let list = |name: &str| {
            let items = annotation(name).into_iter().flat_map(|list| list.split(','));
            items.map(|item| item.trim().to_lowercase()).collect()
        };
        Some(Self {
            name: head.name.clone(),
            kind: head.kind.clone(),
            path: path.to_owned(),
            manifest: document.clone(),
            events,
            // As in Helm, what is no number weighs nothing.
            weight: annotation(annotations::WEIGHT).and_then(|weight| weight.parse().ok()).unwrap_or(0),
            delete_policies: list(annotations::DELETE_POLICY),
            output_log_policies: list(annotations::OUTPUT_LOG_POLICY),
        })
    }

    /// Whether it is a test.
    pub fn is_test(&self) -> bool {
        self.events.contains(&Event::Test)
    }
}
