//! A chart: its files sorted by what they are for, and its subcharts.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chartroom_goyaml::Value;
use jiff::Timestamp;

use crate::archive;
use crate::chart_file::ChartFile;
use crate::directory;
use crate::error::Error;
use crate::file::{Budget, File, Limits};
use crate::lock::Lock;
use crate::values::read_defaults;

/// A chart with everything in it.
#[derive(Clone, Debug)]
pub struct Chart {
    pub(crate) metadata: ChartFile,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) lock: Option<Lock>,
    pub(crate) raw: Vec<File>,
    pub(crate) templates: Vec<File>,
    pub(crate) files: Vec<File>,
    pub(crate) subcharts: Vec<Chart>,
    defaults: Value,
    warnings: Vec<Warning>,
}

/// Something that its maker should know, though it doesn't keep the chart from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// What a symbolic link leads to has become part of the chart.
    SymbolicLink {
        /// The link.
        path: PathBuf,
        /// What it leads to.
        resolved: PathBuf,
    },
    /// `requirements.yaml` or `requirements.lock` beside `apiVersion: v2`.
    Outdated(&'static str),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SymbolicLink { path, resolved } => write!(
                f,
                "found symbolic link in path. Contents of linked file included and used path={} resolved={}",
                path.display(),
                resolved.display()
            ),
            Self::Outdated("requirements.lock") => f.write_str(
                "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend migrating to Chart.lock.",
            ),
            Self::Outdated(_) => f.write_str(
                "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating dependencies to Chart.yaml.",
            ),
        }
    }
}

impl Chart {
    /// Where the chart's values are.
    pub const VALUES: &str = "values.yaml";
    /// Where the schema of its values is.
    pub const SCHEMA: &str = "values.schema.json";

    /// Reads a chart from a folder or an archive, whichever is there.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, Error> {
        let metadata = fs::metadata(path).map_err(|error| Error::io("stat", path, error))?;
        if metadata.is_dir() {
            return Self::from_directory(path, limits);
        }
        let file = fs::File::open(path).map_err(|error| Error::io("open", path, error))?;
        Self::from_archive(crate::sniff::archive(path, file)?, limits)
    }

    /// Reads a chart from a folder of the caller's own, as `.helmignore` has it. See
    /// [`Chart::warnings`] for the links that were followed.
    pub fn from_directory(folder: &Path, limits: &Limits) -> Result<Self, Error> {
        let mut budget = Budget::new(limits);
        let mut warnings = Vec::new();
        let files = directory::read(folder, &mut budget, &mut warnings)?;
        let mut chart = Self::assemble(files, &mut budget, 0)?;
        warnings.append(&mut chart.warnings);
        chart.warnings = warnings;
        Ok(chart)
    }

    /// Reads a chart from a gzipped tar archive.
    pub fn from_archive(archive: impl Read, limits: &Limits) -> Result<Self, Error> {
        let mut budget = Budget::new(limits);
        let files = archive::read(archive, &mut budget)?;
        Self::assemble(files, &mut budget, 0)
    }

    /// Makes a chart of files.
    pub fn from_files(files: Vec<File>, limits: &Limits) -> Result<Self, Error> {
        Self::assemble(files, &mut Budget::new(limits), 0)
    }

    fn assemble(raw: Vec<File>, budget: &mut Budget<'_>, depth: usize) -> Result<Self, Error> {
        budget.depth(depth)?;
        let find = |name: &str| raw.iter().rfind(|file| file.name == name);
        let own = find(ChartFile::PATH);
        let requirements = find("requirements.yaml").map(|file| &file.data[..]);
        let metadata = match own {
            None => Err(Error::NoChartYaml),
            Some(own) => ChartFile::parse_with(&own.data, requirements, budget),
        };
        // What `Chart.yaml` says is judged after the other files were read, as Helm does it.
        if let Err(error @ (Error::Unreadable { .. } | Error::TooLarge(_))) = metadata {
            return Err(error);
        }
        let is_v1 = metadata.as_ref().is_ok_and(|metadata| metadata.api_version == "v1");
        let mut sorted = Sorted::default();
        for file in &raw {
            sorted.add(file, is_v1, budget)?;
        }
        let metadata = metadata?;
        let mut subcharts = Vec::new();
        for (name, files) in sorted.subcharts {
            let subchart = Self::subchart(&name, files, &metadata.name, budget, depth + 1)?;
            subcharts.extend(subchart);
        }
        let modified = own.and_then(|file| file.modified);
        let Sorted { templates, files, lock, defaults, mut warnings, .. } = sorted;
        for subchart in &mut subcharts {
            warnings.append(&mut subchart.warnings);
        }
        Ok(Self { metadata, modified, lock, raw, templates, files, subcharts, defaults, warnings })
    }

    fn subchart(
        name: &str,
        files: Vec<File>,
        parent: &str,
        budget: &mut Budget<'_>,
        depth: usize,
    ) -> Result<Option<Self>, Error> {
        if name.starts_with(['_', '.']) {
            return Ok(None);
        }
        let subchart = if name.ends_with(".tgz") {
            let Some(file) = files.first() else { return Ok(None) };
            if file.name != name {
                return Err(Error::SubchartIsFolder {
                    subchart: name.to_owned(),
                    chart: parent.to_owned(),
                    found: file.name.clone(),
                });
            }
            archive::read(&file.data[..], budget).and_then(|files| Self::assemble(files, budget, depth))
        } else {
            let below = files.into_iter().filter_map(|mut file| {
                file.name = file.name.split_once('/')?.1.to_owned();
                Some(file)
            });
            Self::assemble(below.collect(), budget, depth)
        };
        subchart.map(Some).map_err(|source| Error::Subchart {
            subchart: name.to_owned(),
            chart: parent.to_owned(),
            source: Box::new(source),
        })
    }

    /// What `Chart.yaml` says.
    pub fn metadata(&self) -> &ChartFile {
        &self.metadata
    }

    /// The chart's name.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The chart's version, as it is written.
    pub fn version(&self) -> &str {
        &self.metadata.version
    }

    /// What its dependencies were resolved to, if that was recorded.
    pub fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref()
    }

    /// Every file, in the order in which it was found, those of subcharts among them.
    pub fn raw(&self) -> &[File] {
        &self.raw
    }

    /// The files in `templates/`.
    pub fn templates(&self) -> &[File] {
        &self.templates
    }

    /// What is neither a template nor in `charts/` nor has a meaning for Helm: what templates see
    /// as `.Files`, with `crds/`, the README and `.helmignore`.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The charts in `charts/`, by the names of their folders or archives there.
    pub fn subcharts(&self) -> &[Self] {
        &self.subcharts
    }

    /// The bytes of `values.yaml`.
    pub fn values(&self) -> Option<&Bytes> {
        self.raw_file(Self::VALUES).map(|file| &file.data)
    }

    /// What `values.yaml` says, as a map. Nulls are still in it.
    pub fn defaults(&self) -> &Value {
        &self.defaults
    }

    /// The bytes of `values.schema.json`.
    pub fn schema(&self) -> Option<&Bytes> {
        self.raw_file(Self::SCHEMA).map(|file| &file.data)
    }

    /// The README, whatever its case and ending.
    pub fn readme(&self) -> Option<&File> {
        let is_readme = |file: &&File| {
            ["readme.md", "readme.txt", "readme"].iter().any(|name| file.name.eq_ignore_ascii_case(name))
        };
        self.files.iter().find(is_readme)
    }

    /// The files in `crds/` with manifests in them, those of subcharts after its own.
    pub fn crds(&self) -> Vec<&File> {
        let is_manifest = |file: &&File| {
            let ending = file.name.rsplit_once('.').map_or("", |(_, ending)| ending);
            file.name.starts_with("crds/")
                && ["yaml", "yml", "json"].iter().any(|known| ending.eq_ignore_ascii_case(known))
        };
        let own = self.files.iter().filter(is_manifest);
        own.chain(self.subcharts.iter().flat_map(Self::crds)).collect()
    }

    /// What its maker should know, that of subcharts included.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Checks that the chart is of a kind that can be packaged, rendered and installed. Any other
    /// can still be shown.
    pub fn check_api_version(&self) -> Result<(), Error> {
        match self.metadata.api_version.as_str() {
            "v1" | "v2" => Ok(()),
            "v3" => Err(Error::ApiVersion),
            _ => Err(Error::UnknownApiVersion),
        }
    }

    /// Checks that `charts/` has what `Chart.yaml` asks for, by name.
    pub fn check_dependencies(&self) -> Result<(), Error> {
        let has = |name: &str| self.subcharts.iter().any(|subchart| subchart.name() == name);
        let wanted = self.metadata.dependencies.iter().map(|dependency| &dependency.name);
        let missing: Vec<String> = wanted.filter(|name| !has(name)).cloned().collect();
        if missing.is_empty() { Ok(()) } else { Err(Error::MissingDependencies(missing)) }
    }

    pub(crate) fn raw_file(&self, name: &str) -> Option<&File> {
        self.raw.iter().find(|file| file.name == name)
    }
}

/// The files of a chart by what they are for.
struct Sorted {
    templates: Vec<File>,
    files: Vec<File>,
    lock: Option<Lock>,
    defaults: Value,
    /// By the first part of their path below `charts/`, which is no longer in their names.
    subcharts: BTreeMap<String, Vec<File>>,
    warnings: Vec<Warning>,
}

impl Default for Sorted {
    fn default() -> Self {
        Self {
            templates: Vec::new(),
            files: Vec::new(),
            lock: None,
            defaults: Value::Map(BTreeMap::new()),
            subcharts: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }
}

impl Sorted {
    fn add(&mut self, file: &File, is_v1: bool, budget: &mut Budget<'_>) -> Result<(), Error> {
        match file.name.as_str() {
            ChartFile::PATH | Chart::SCHEMA => {}
            Lock::PATH => self.lock = Some(Lock::parse_as(Lock::PATH, &file.data, budget)?),
            Chart::VALUES => self.defaults = read_defaults(&file.data, budget)?,
            "requirements.yaml" => self.outdated("requirements.yaml", file, is_v1),
            "requirements.lock" => {
                self.lock = Some(Lock::parse_as("requirements.lock", &file.data, budget)?);
                self.outdated("requirements.lock", file, is_v1);
            }
            name if name.starts_with("templates/") => self.templates.push(file.clone()),
            name => match name.strip_prefix("charts/") {
                Some(below) if !name.ends_with(".prov") => {
                    let own = below.split('/').next().unwrap_or(below).to_owned();
                    let file = File { name: below.to_owned(), ..file.clone() };
                    self.subcharts.entry(own).or_default().push(file);
                }
                _ => self.files.push(file.clone()),
            },
        }
        Ok(())
    }

    /// A file that belongs to charts of Helm 2, and is dropped from others.
    fn outdated(&mut self, name: &'static str, file: &File, is_v1: bool) {
        if is_v1 {
            self.files.push(file.clone());
        } else {
            self.warnings.push(Warning::Outdated(name));
        }
    }
}
