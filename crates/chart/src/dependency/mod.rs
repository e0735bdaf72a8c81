//! The charts that a chart depends on, as they stand in its `charts/`: how each stands, how new ones
//! get there, and where dependencies of the same disk are. Finding and downloading the others is left
//! to whoever can make requests.

mod staging;
mod status;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chartroom_goyaml as goyaml;

use crate::chart::Chart;
use crate::chart_file::{ChartFile, Dependency};
use crate::error::Error;
use crate::go_path;
use crate::lock::Lock;

pub use staging::{Kept, Placed, Staging};
pub use status::{DependencyStatus, Stray};

/// Where the charts that a chart depends on are.
pub(crate) const FOLDER: &str = "charts";

impl Dependency {
    /// Where the chart is that this dependency wants of the disk: a folder beside its parent
    /// (`file://…`), or, without a repository, one in the parent's `charts/`. Nothing for others.
    ///
    /// # Errors
    ///
    /// When nothing is there.
    pub fn local_path(&self, parent: &Path) -> Result<Option<PathBuf>, Error> {
        let path = match self.repository.strip_prefix("file://") {
            Some(path) => path.to_owned(),
            None if self.repository.is_empty() => go_path::join(&[FOLDER, &self.name]),
            None => return Ok(None),
        };
        let path = if path.starts_with('/') {
            go_path::clean(&path)
        } else {
            go_path::join(&[&parent.to_string_lossy(), &path])
        };
        let path = PathBuf::from(path);
        match fs::metadata(&path) {
            Ok(_) => Ok(Some(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::DependencyFolder(path)),
            Err(error) => Err(Error::io("stat", path, error)),
        }
    }
}

impl Chart {
    /// Whether the chart has a list of dependencies, be it an empty one.
    pub fn declares_dependencies(&self) -> bool {
        let declares = |name: &str| {
            let text = self.raw_file(name).and_then(|file| std::str::from_utf8(&file.data).ok());
            let value = text.and_then(|text| goyaml::decode(text).ok()).unwrap_or_default();
            let mut fields = value.as_map().into_iter().flatten();
            fields.any(|(key, value)| key.eq_ignore_ascii_case("dependencies") && !value.is_null())
        };
        !self.metadata.dependencies.is_empty() || declares(ChartFile::PATH) || declares("requirements.yaml")
    }
}

impl Lock {
    /// Writes the lock into a chart's folder: as `Chart.lock`, or, for charts of `apiVersion: v1`, as
    /// `requirements.lock`. The file is there as a whole or not at all.
    ///
    /// # Errors
    ///
    /// When a symbolic link stands there, and when it can't be written.
    pub fn write(&self, chart: &Path, api_version: &str) -> Result<(), Error> {
        let file = if api_version == "v1" { "requirements.lock" } else { Self::PATH };
        let path = chart.join(file);
        if let Ok(target) = fs::read_link(&path) {
            return Err(Error::LockIsLink { file, target });
        }
        crate::package::write_whole(&path, self.to_yaml()?.as_bytes())
    }
}
