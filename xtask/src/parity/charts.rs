//! Charts in folders, and copies of them that have their dependencies.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use chartroom_goyaml::Value;

use crate::process;

/// How deep dependencies of dependencies are followed.
const DEEPEST: usize = 8;

/// A chart as it was found.
pub(crate) struct Found {
    pub(super) path: PathBuf,
    metadata: Value,
}

impl Found {
    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// All charts that were found.
pub(crate) struct Shelf {
    charts: Vec<Found>,
    /// By their names.
    names: BTreeMap<String, Vec<usize>>,
}

impl Shelf {
    /// Looks for charts below folders, but not within charts.
    pub(crate) fn search(folders: &[PathBuf]) -> Result<Self> {
        let mut shelf = Self { charts: Vec::new(), names: BTreeMap::new() };
        let mut open: Vec<_> = folders.iter().rev().cloned().collect();
        while let Some(folder) = open.pop() {
            let file = folder.join("Chart.yaml");
            if file.is_file() {
                // What is no YAML is a chart all the same: both have to refuse it.
                let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let metadata = chartroom_goyaml::decode(&String::from_utf8_lossy(&text)).unwrap_or_default();
                let name = metadata.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                shelf.names.entry(name).or_default().push(shelf.charts.len());
                shelf.charts.push(Found { path: folder, metadata });
                continue;
            }
            let mut folders = Vec::new();
            for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
                let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) && entry.file_name() != ".git" {
                    folders.push(entry.path());
                }
            }
            folders.sort();
            open.extend(folders.into_iter().rev());
        }
        Ok(shelf)
    }

    pub(crate) fn charts(&self) -> impl Iterator<Item = &Found> {
        self.charts.iter()
    }

    /// Copies a chart with what it depends on; gives where it is, and what is missing.
    pub(crate) fn vendor(&self, chart: &Found, place: &Path) -> Result<(PathBuf, Vec<String>)> {
        let folder = chart.path.file_name().unwrap_or_default();
        let copy = place.join(folder);
        let mut missing = Vec::new();
        self.copy(chart, &copy, 0, &mut missing)?;
        Ok((copy, missing))
    }

    fn copy(&self, chart: &Found, to: &Path, depth: usize, missing: &mut Vec<String>) -> Result<()> {
        fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
        let mut copy = Command::new("cp");
        process::capture(copy.arg("-rL").arg(chart.path.join(".")).arg(to))?;
        let dependencies = chart.metadata.get("dependencies").and_then(Value::as_list).unwrap_or_default();
        for dependency in dependencies {
            let text = |key: &str| dependency.get(key).and_then(Value::as_str).unwrap_or_default();
            let name = text("name");
            let folder = to.join("charts").join(name);
            let archived = fs::read_dir(to.join("charts")).is_ok_and(|mut entries| {
                entries.any(|entry| {
                    entry.is_ok_and(|entry| {
                        let file = entry.file_name().to_string_lossy().into_owned();
                        file.starts_with(&format!("{name}-")) && file.ends_with(".tgz")
                    })
                })
            });
            if folder.exists() || archived {
                continue;
            }
            match self.find(chart, name, text("repository")) {
                Some(found) if depth < DEEPEST => self.copy(found, &folder, depth + 1, missing)?,
                _ => missing.push(name.to_owned()),
            }
        }
        Ok(())
    }

    /// The chart of that name: where a `file://` leads, or the one that is nearest.
    fn find(&self, of: &Found, name: &str, repository: &str) -> Option<&Found> {
        let candidates = || self.names.get(name).into_iter().flatten().filter_map(|&at| self.charts.get(at));
        if let Some(path) = repository.strip_prefix("file://") {
            let path = fs::canonicalize(of.path.join(path)).ok()?;
            return candidates().find(|found| fs::canonicalize(&found.path).is_ok_and(|at| at == path));
        }
        let shared = |found: &&Found| {
            found.path.components().zip(of.path.components()).take_while(|(one, other)| one == other).count()
        };
        candidates().max_by_key(shared)
    }
}
