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
    /// The folder that was searched.
    pub(super) group: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    version: String,
    repository: String,
}

impl Found {
    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The name of the folder that was searched.
    pub(crate) fn group(&self) -> &str {
        &self.group
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
        let group = |folder: &PathBuf| folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut open: Vec<_> = folders.iter().rev().map(|folder| (folder.clone(), group(folder))).collect();
        while let Some((folder, group)) = open.pop() {
            if folder.join("Chart.yaml").is_file() {
                let metadata = read(&folder.join("Chart.yaml"))?;
                let name = metadata.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                shelf.names.entry(name).or_default().push(shelf.charts.len());
                let mut dependencies = declared(&metadata);
                let old = folder.join("requirements.yaml");
                if old.is_file() {
                    dependencies.extend(declared(&read(&old)?));
                }
                shelf.charts.push(Found { path: folder, group, dependencies });
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
            open.extend(folders.into_iter().rev().map(|folder| (folder, group.clone())));
        }
        Ok(shelf)
    }

    pub(crate) fn charts(&self) -> impl Iterator<Item = &Found> {
        self.charts.iter()
    }

    /// Copies a chart with what it depends on; gives where it is, and what is missing. In the place of
    /// what is missing is an empty chart of that name, so that the rest can be rendered.
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
        for Dependency { name, version, repository } in &chart.dependencies {
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
            match self.find(chart, name, repository) {
                Some(found) if depth < DEEPEST => self.copy(found, &folder, depth + 1, missing)?,
                _ => {
                    stand_in(&folder, name, version)?;
                    missing.push(name.clone());
                }
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

/// A file of a chart. What is no YAML is a chart all the same: both have to refuse it.
fn read(file: &Path) -> Result<Value> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(chartroom_goyaml::decode(&String::from_utf8_lossy(&text)).unwrap_or_default())
}

/// The dependencies that a `Chart.yaml` or a `requirements.yaml` tells of.
fn declared(metadata: &Value) -> Vec<Dependency> {
    let dependencies = metadata.get("dependencies").and_then(Value::as_list).unwrap_or_default();
    let dependencies = dependencies.iter().map(|dependency| {
        let text = |key: &str| dependency.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Dependency { name: text("name"), version: text("version"), repository: text("repository") }
    });
    // A name that leads elsewhere is for the programs to refuse.
    dependencies.filter(|dependency| !dependency.name.is_empty() && !dependency.name.contains('/')).collect()
}

/// An empty chart.
fn stand_in(folder: &Path, name: &str, range: &str) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let text = format!("apiVersion: v2\nname: {name}\nversion: {}\n", version_in(range));
    let file = folder.join("Chart.yaml");
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// A version that is likely to be in a range: its first numbers, and zeros for what is left open.
fn version_in(range: &str) -> String {
    let start = range.find(|letter: char| letter.is_ascii_digit()).unwrap_or(range.len());
    let end = range[start..].find([' ', ',', '|']).map_or(range.len(), |length| start + length);
    let version = &range[start..end];
    let (numbers, more) = version.split_at(version.find(['-', '+']).unwrap_or(version.len()));
    let mut numbers: Vec<_> = numbers.split('.').map(|part| part.parse::<u64>().unwrap_or(0)).collect();
    numbers.resize(3, 0);
    format!("{}.{}.{}{more}", numbers[0], numbers[1], numbers[2])
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn stand_ins_have_versions_of_the_range() {
        for (range, version) in [
            ("", "0.0.0"),
            ("*", "0.0.0"),
            ("^1.2.3", "1.2.3"),
            ("~0.9", "0.9.0"),
            (">= 4.x.x, < 5", "4.0.0"),
            ("2.x", "2.0.0"),
            ("v1.0.0-rc.1", "1.0.0-rc.1"),
        ] {
            assert_eq!(version_in(range), version, "{range}");
        }
    }
}
