//! From rendered files to manifests and hooks: documents are parted, their heads read, and both sorted
//! in the order in which they are installed.

mod head;
mod hook;
mod order;
mod split;

use std::collections::BTreeMap;

use bytes::Bytes;

pub use head::{Head, HeadError};
pub use hook::{Event, Hook, annotations};
pub use order::{install_order, uninstall_order};
pub use split::split;
pub(crate) use split::trim;

/// One document of a template: an object for the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The template that it comes from, with the chart's name before it.
    pub path: String,
    /// The document, as it was rendered.
    pub content: Bytes,
    /// What it says of itself.
    pub head: Head,
}

/// A rendered file is no YAML, or no map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("YAML parse error on {path}: {problem}")]
pub struct ManifestError {
    /// The file.
    pub path: String,
    /// What is wrong with it.
    pub problem: HeadError,
    /// The document of the file that is wrong, and its first line among those of the file, from 0.
    pub document: Bytes,
}

/// What is in rendered files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Objects of the release, in the order in which they are installed.
    pub manifests: Vec<Manifest>,
    /// Hooks, sorted in the same way: by kind, then by file. They are run in another order.
    pub hooks: Vec<Hook>,
    /// The annotations of documents that were left out for naming a hook that there is not.
    pub unknown_hooks: Vec<String>,
}

/// Sorts rendered files, by their paths.
///
/// # Errors
///
/// For the first document, by path, that is no YAML or whose head makes no sense. What was found before
/// it comes along.
pub fn sort(files: &BTreeMap<String, Bytes>) -> Result<Sorted, Box<(ManifestError, Sorted)>> {
    let mut sorted = Sorted::default();
    match sorted.add(files) {
        Ok(()) => {}
        Err(error) => return Err(Box::new((error, sorted))),
    }
    sorted.manifests.sort_by(|one, other| install_order(&one.head.kind, &other.head.kind));
    sorted.hooks.sort_by(|one, other| install_order(&one.kind, &other.kind));
    Ok(sorted)
}

impl Sorted {
    fn add(&mut self, files: &BTreeMap<String, Bytes>) -> Result<(), ManifestError> {
        for (path, content) in files {
            if path.rsplit('/').next().unwrap_or(path).starts_with('_') {
                continue;
            }
            for document in split(content) {
                let head = Head::read(&document).map_err(|problem| ManifestError {
                    path: path.clone(),
                    problem,
                    document: document.clone(),
                })?;
                let Some(events) = head.annotations.get(annotations::HOOK) else {
                    self.manifests.push(Manifest { path: path.clone(), content: document, head });
                    continue;
                };
                match Hook::new(events, &head, path, &document) {
                    Some(hook) => self.hooks.push(hook),
                    None => self.unknown_hooks.push(events.clone()),
                }
            }
        }
        Ok(())
    }
}
