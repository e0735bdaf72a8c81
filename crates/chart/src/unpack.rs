//! Writing the files of a chart archive into a folder, as `pull --untar` does.

use std::fs;
use std::path::{Path, PathBuf};

use crate::chart_file::ChartFile;
use crate::error::Error;
use crate::file::File;

/// Writes files that [`crate::read_archive`] gave into `<folder>/<name of the chart>`, and gives
/// that path. Nothing may be there yet, and so nothing that an archive could lead astray: its
/// files have plain paths, and there are no links in it.
///
/// Nested archives stay archives. When a file can't be written, those before it stay.
pub fn unpack(files: &[File], folder: &Path) -> Result<PathBuf, Error> {
    let own = files.iter().find(|file| file.name == ChartFile::PATH).ok_or(Error::NoChartYaml)?;
    let name = ChartFile::parse(&own.data)?.name;
    let target = folder.join(&name);
    fs::create_dir_all(folder).map_err(|error| Error::io("mkdir", folder, error))?;
    match fs::create_dir(&target) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(Error::Exists(target)),
        Err(error) => return Err(Error::io("mkdir", target, error)),
    }
    for file in files {
        let path = target.join(&file.name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Error::io("mkdir", parent, error))?;
        }
        fs::write(&path, &file.data).map_err(|error| Error::io("open", path, error))?;
    }
    Ok(target)
}
