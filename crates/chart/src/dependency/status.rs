//! How dependencies stand in `charts/`: what `helm dependency list` tells.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::FOLDER;
use crate::chart::Chart;
use crate::chart_file::Dependency;
use crate::constraint::Constraint;
use crate::file::Limits;
use crate::glob::PathPattern;
use crate::go_path;
use crate::version::Version;

/// How a dependency stands in `charts/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyStatus {
    /// Its archive is there, in a version that fits.
    Ok,
    /// The chart is there as a folder, or under a name that is not its own, in a version that fits.
    Unpacked,
    /// It is not there.
    Missing,
    /// It is there in a version that doesn't fit.
    WrongVersion,
    /// What is asked for is no constraint, or what is there has no version.
    InvalidVersion,
    /// Its archive can't be read.
    Corrupt,
    /// What has its name is another chart.
    Misnamed,
    /// There are archives of several versions.
    TooManyMatches,
    /// Its name can't be looked for.
    BadPattern,
}

/// In Helm's words.
impl fmt::Display for DependencyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Unpacked => "unpacked",
            Self::Missing => "missing",
            Self::WrongVersion => "wrong version",
            Self::InvalidVersion => "invalid version",
            Self::Corrupt => "corrupt",
            Self::Misnamed => "misnamed",
            Self::TooManyMatches => "too many matches",
            Self::BadPattern => "bad pattern",
        })
    }
}

/// Something in `charts/` that no dependency stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Its path, with that of the parent before it.
    pub path: PathBuf,
    /// Whether it is a chart at all.
    pub is_chart: bool,
}

impl Chart {
    /// How a dependency stands. `path` is where the chart was read from.
    pub fn dependency_status(&self, path: &Path, dependency: &Dependency) -> DependencyStatus {
        let Ok(pattern) = PathPattern::parse(&format!("{}-*.tgz", dependency.name)) else {
            return DependencyStatus::BadPattern;
        };
        let entries = entries(path);
        let mut archives: Vec<&(String, PathBuf)> =
            entries.iter().filter(|(name, _)| pattern.matches(name)).collect();
        if archives.len() > 1 {
            // Those of other charts begin with the same name: `web` and `web-admin`.
            archives.retain(|(name, _)| is_version_of(&dependency.name, name));
            if archives.len() > 1 {
                return DependencyStatus::TooManyMatches;
            }
        }
        if let [(_, archive)] = archives[..]
            && archive.exists()
        {
            let Ok(chart) = Self::open(archive, &Limits::default()) else {
                return DependencyStatus::Corrupt;
            };
            if chart.name() != dependency.name {
                return DependencyStatus::Misnamed;
            }
            return fit(chart.version(), &dependency.version).unwrap_or(DependencyStatus::Ok);
        }
        let loaded = self.subcharts.iter().rfind(|subchart| subchart.name() == dependency.name);
        match loaded {
            None => DependencyStatus::Missing,
            Some(chart) => fit(chart.version(), &dependency.version).unwrap_or(DependencyStatus::Unpacked),
        }
    }

    /// The folders and archives in `charts/` that no dependency stands for, in the order of their
    /// names. `path` is where the chart was read from.
    pub fn strays(&self, path: &Path) -> Vec<Stray> {
        let mut strays = Vec::new();
        for (name, path) in entries(path) {
            let is_folder = path.is_dir();
            if !is_folder && !name.ends_with(".tgz") {
                continue;
            }
            match Self::open(&path, &Limits::default()) {
                Err(_) => strays.push(Stray { path, is_chart: false }),
                Ok(chart) => {
                    let wanted = self.metadata.dependencies.iter().any(|own| own.name == chart.name());
                    if !wanted {
                        strays.push(Stray { path, is_chart: true });
                    }
                }
            }
        }
        strays
    }
}

/// What is in `charts/`, by name.
fn entries(parent: &Path) -> Vec<(String, PathBuf)> {
    let folder = PathBuf::from(go_path::join(&[&parent.to_string_lossy(), FOLDER]));
    let entries = fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut entries: Vec<_> = names.map(|name| (name.clone(), folder.join(name))).collect();
    entries.sort_unstable();
    entries
}

fn is_version_of(chart: &str, archive: &str) -> bool {
    let version = archive.strip_prefix(chart).and_then(|rest| rest.strip_prefix('-'));
    let version = version.and_then(|rest| rest.strip_suffix(".tgz"));
    version.is_some_and(|version| version.parse::<Version>().is_ok())
}

/// What is wrong with the version that is there, if anything is.
fn fit(found: &str, wanted: &str) -> Option<DependencyStatus> {
    if found == wanted {
        return None;
    }
    let (Ok(constraint), Ok(version)) = (wanted.parse::<Constraint>(), Version::coerce(found)) else {
        return Some(DependencyStatus::InvalidVersion);
    };
    (!constraint.matches(&version)).then_some(DependencyStatus::WrongVersion)
}
