//! Chart folders: every file below a folder, in lexical order, as Helm walks it.

use std::fs::{self, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::Warning;
use crate::error::Error;
use crate::file::{Budget, File};
use crate::ignore::IgnoreRules;

/// How deep folders may be inside of folders.
const MAX_DEPTH: usize = 100;

/// Reads the files of a chart's folder that `.helmignore` leaves.
///
/// Symbolic links are followed, to files and to folders, wherever they lead, and reported: this
/// is for folders of the caller's own. Devices, sockets and pipes are refused.
pub(crate) fn read(
    folder: &Path,
    budget: &mut Budget<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<File>, Error> {
    let folder = std::path::absolute(folder).map_err(|error| Error::io("stat", folder, error))?;
    let rules = match fs::read(folder.join(IgnoreRules::FILE)) {
        Ok(text) => IgnoreRules::parse(&String::from_utf8_lossy(&text))?,
        Err(_) => IgnoreRules::parse("")?,
    };
    let mut walk = Walk { rules, budget, warnings, files: Vec::new(), inside: Vec::new() };
    let metadata = fs::metadata(&folder).map_err(|error| Error::io("stat", &folder, error))?;
    if !metadata.is_dir() {
        return Err(Error::NoSuchFolder(folder));
    }
    walk.folder(&folder, "")?;
    Ok(walk.files)
}

struct Walk<'a, 'b> {
    rules: IgnoreRules,
    budget: &'a mut Budget<'b>,
    warnings: &'a mut Vec<Warning>,
    files: Vec<File>,
    /// The real paths of the folders that are being read, the outermost first.
    inside: Vec<PathBuf>,
}

impl Walk<'_, '_> {
    fn folder(&mut self, folder: &Path, name: &str) -> Result<(), Error> {
        let unreadable = |error| Error::io("open", folder, error);
        let real = fs::canonicalize(folder).map_err(unreadable)?;
        if self.inside.contains(&real) {
            return Err(Error::LinkLoop(folder.to_owned()));
        }
        self.inside.push(real);
        if self.inside.len() > MAX_DEPTH {
            return Err(Error::TooDeep(MAX_DEPTH));
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            names.push(entry.file_name().into_string().map_err(|_| Error::NameNotUtf8(entry.path()))?);
        }
        names.sort_unstable();
        for own in names {
            let below = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
            self.entry(&folder.join(&own), below)?;
        }
        self.inside.pop();
        Ok(())
    }

    fn entry(&mut self, path: &Path, name: String) -> Result<(), Error> {
        self.budget.entry()?;
        let mut metadata = fs::symlink_metadata(path).map_err(|error| Error::io("lstat", path, error))?;
        let is_link = metadata.is_symlink();
        if is_link {
            let broken = |source| Error::BrokenLink { path: path.to_owned(), source };
            let resolved = fs::canonicalize(path).map_err(broken)?;
            metadata = fs::metadata(path).map_err(broken)?;
            self.warnings.push(Warning::SymbolicLink { path: path.to_owned(), resolved });
        }
        if self.rules.ignores(&name, metadata.is_dir()) {
            return Ok(());
        }
        if metadata.is_dir() {
            return self.folder(path, &name);
        }
        if !metadata.is_file() {
            return Err(Error::Irregular(path.to_owned()));
        }
        let file = self.read(path, name, &metadata)?;
        self.files.push(file);
        Ok(())
    }

    fn read(&mut self, path: &Path, name: String, metadata: &Metadata) -> Result<File, Error> {
        let size = metadata.len();
        self.budget.bytes(&name, size)?;
        let unreadable = |error| Error::io("open", path, error);
        let file = fs::File::open(path).map_err(unreadable)?;
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        // A file that grows while it is read doesn't get past the limits.
        file.take(size).read_to_end(&mut data).map_err(unreadable)?;
        let modified = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        Ok(File::new(name, modified, data))
    }
}
