//! Getting new charts into `charts/`: they are gathered beside it, looked at, and moved there only
//! when all of them are good; then those that they replace go. Until then nothing has changed.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::FOLDER;
use crate::chart::Chart;
use crate::error::Error;
use crate::file::Limits;
use crate::go_path;
use crate::package::write_whole;

/// Charts that are to go into `charts/`, in a folder beside it. Dropping it gives them up.
#[derive(Debug)]
pub struct Staging {
    chart: PathBuf,
    folder: PathBuf,
}

/// Charts have been moved into `charts/`; those of before are still there.
#[derive(Debug)]
pub struct Placed {
    charts: PathBuf,
    before: Vec<String>,
    new: HashSet<String>,
}

/// A file in `charts/` that may be outdated, and was kept because it can't be told.
#[derive(Debug)]
pub struct Kept {
    /// Its path.
    pub path: PathBuf,
    /// Why it can't be told, or can't be deleted.
    pub problem: Error,
    /// Whether it was to be deleted.
    pub outdated: bool,
}

impl Staging {
    /// Begins for a chart in a folder.
    ///
    /// # Errors
    ///
    /// When `charts` is there and no folder, and when nothing can be written to the chart's folder.
    pub fn begin(chart: &Path) -> Result<Self, Error> {
        let charts = charts_of(chart);
        match fs::metadata(&charts) {
            Ok(metadata) if !metadata.is_dir() => return Err(Error::ChartsNotAFolder(charts)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("stat", charts, error)),
        }
        let folder = chart.join(format!("tmpcharts-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| Error::io("mkdir", &folder, error))?;
        Ok(Self { chart: chart.to_owned(), folder })
    }

    /// Adds an archive under a file name, which the caller has made sure is one. Adding another under
    /// the same name replaces it.
    pub fn add(&self, name: &str, archive: &[u8]) -> Result<(), Error> {
        write_whole(&self.folder.join(name), archive)
    }

    /// Moves all of it into `charts/`, after every archive was found to be a chart.
    ///
    /// # Errors
    ///
    /// When one is not, or can't be moved. In the first case nothing has changed.
    pub fn place(self) -> Result<Placed, Error> {
        let charts = charts_of(&self.chart);
        let new = names(&self.folder)?;
        for name in &new {
            let path = self.folder.join(name);
            Chart::open(&path, &Limits::default())
                .map_err(|source| Error::NotAChart { name: name.clone(), source: Box::new(source) })?;
        }
        fs::create_dir_all(&charts).map_err(|error| Error::io("mkdir", &charts, error))?;
        let before = names(&charts)?;
        for name in &new {
            let (from, to) = (self.folder.join(name), charts.join(name));
            fs::rename(from, &to).map_err(|error| Error::io("rename", to, error))?;
        }
        Ok(Placed { charts, before, new: new.into_iter().collect() })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // It is known by its name if it has to be removed by hand.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Placed {
    /// Deletes the archives that were in `charts/` before and were not replaced, apart from those of
    /// the charts named here. Folders are left alone. Gives what could not be dealt with.
    pub fn delete_outdated(self, keep: &HashSet<&str>) -> Vec<Kept> {
        let mut kept = Vec::new();
        for name in self.before.iter().filter(|name| !self.new.contains(*name)) {
            let path = self.charts.join(name);
            match Chart::open(&path, &Limits::default()) {
                Err(problem) => kept.push(Kept { path, problem, outdated: false }),
                Ok(chart) if keep.contains(chart.name()) => {}
                Ok(_) => {
                    if let Err(error) = fs::remove_file(&path) {
                        let problem = Error::io("remove", &path, error);
                        kept.push(Kept { path, problem, outdated: true });
                    }
                }
            }
        }
        kept
    }
}

fn charts_of(chart: &Path) -> PathBuf {
    PathBuf::from(go_path::join(&[&chart.to_string_lossy(), FOLDER]))
}

/// The names of the files in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |error| Error::io("open", folder, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let is_folder = entry.file_type().map_err(unreadable)?.is_dir();
        if let (false, Ok(name)) = (is_folder, entry.file_name().into_string()) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn archive(name: &str, version: &str) -> Vec<u8> {
        let own = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
        let file = crate::File { name: "Chart.yaml".to_owned(), modified: None, data: own.into() };
        Chart::from_files(vec![file], &Limits::default()).unwrap().to_archive().unwrap()
    }

    #[test]
    fn charts_come_all_at_once_and_the_old_ones_go() {
        let home = tempfile::tempdir().unwrap();
        let charts = home.path().join("charts");
        fs::create_dir_all(charts.join("vendored")).unwrap();
        fs::write(charts.join("web-1.0.0.tgz"), archive("web", "1.0.0")).unwrap();
        fs::write(charts.join("own-1.0.0.tgz"), archive("own", "1.0.0")).unwrap();
        fs::write(charts.join("junk.tgz"), "junk").unwrap();
        let staging = Staging::begin(home.path()).unwrap();
        staging.add("web-1.1.0.tgz", &archive("web", "1.1.0")).unwrap();
        staging.add("db-1.0.0.tgz", &archive("db", "1.0.0")).unwrap();
        assert_eq!(names(&charts).unwrap(), ["junk.tgz", "own-1.0.0.tgz", "web-1.0.0.tgz"]);
        let placed = staging.place().unwrap();
        assert!(charts.join("web-1.0.0.tgz").exists());
        let kept = placed.delete_outdated(&HashSet::from(["own"]));
        assert_eq!(kept.len(), 1);
        assert!(kept[0].path.ends_with("charts/junk.tgz") && !kept[0].outdated);
        let left = ["db-1.0.0.tgz", "junk.tgz", "own-1.0.0.tgz", "web-1.1.0.tgz"];
        assert_eq!(names(&charts).unwrap(), left);
        assert!(charts.join("vendored").is_dir());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_changes_when_one_of_them_is_no_chart() {
        let home = tempfile::tempdir().unwrap();
        let charts = home.path().join("charts");
        fs::create_dir(&charts).unwrap();
        fs::write(charts.join("web-1.0.0.tgz"), archive("web", "1.0.0")).unwrap();
        let staging = Staging::begin(home.path()).unwrap();
        staging.add("db-1.0.0.tgz", &archive("db", "1.0.0")).unwrap();
        staging.add("web-1.1.0.tgz", b"<html>").unwrap();
        assert!(matches!(staging.place(), Err(Error::NotAChart { .. })));
        assert_eq!(names(&charts).unwrap(), ["web-1.0.0.tgz"]);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
