//! The folder that holds everything: finding it, making it, and keeping others out.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Held by whoever may change what is in the folder. Its content is the holder's process id, for
/// messages only.
const LOCK: &str = "lock";
const CATALOG: &str = "catalog.sqlite";
const ACCOUNTS: &str = "accounts.sqlite";

/// A folder with a registry in it.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Unlocked by the system when it is closed, however the process ends.
    _lock: Option<File>,
}

/// Why a data folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has it.
    #[error("another chartroom{} is using `{}`", process(holder), path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The process that has it, if it said so.
        holder: Option<u32>,
    },
    /// There are other things in it.
    #[error("`{}` is not empty and holds no registry", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// It is to be read but isn't there, or has nothing in it.
    #[error("there is no registry in `{}`", path.display())]
    NoRegistry {
        /// The folder.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("can't {doing} `{}`: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why it was refused.
        source: io::Error,
    },
}

impl Error {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::InUse { .. } => {
                Some("stop the other one first, or choose another folder with --data".to_owned())
            }
            Self::Foreign { .. } => Some("choose an empty or new folder with --data".to_owned()),
            Self::NoRegistry { .. } => {
                Some("name the folder that `chartroom serve` uses with --data or --config".to_owned())
            }
            Self::Io { .. } => None,
        }
    }

    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

fn process(holder: &Option<u32>) -> String {
    holder.map(|id| format!(" (process {id})")).unwrap_or_default()
}

impl DataFolder {
    /// Takes the folder for this process alone, until the value is dropped; makes it if there is
    /// none.
    pub fn claim(path: &Path) -> Result<Self, Error> {
        if !is_registry(path)? {
            create(path)?;
        }
        Self::lock(path)
    }

    /// Makes the folder ready for a registry, if there is none in it, without taking it: accounts are
    /// made before the first start, and beside a running server.
    pub fn prepare(path: &Path) -> Result<(), Error> {
        if is_registry(path)? { Ok(()) } else { create(path) }
    }

    /// As [`DataFolder::claim`], but only if there is a registry in the folder.
    pub fn claim_existing(path: &Path) -> Result<Self, Error> {
        Self::look(path)?;
        Self::lock(path)
    }

    /// The folder beside whoever uses it; for reading only.
    pub fn look(path: &Path) -> Result<Self, Error> {
        if !is_registry(path)? || !path.join(CATALOG).exists() {
            return Err(Error::NoRegistry { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), _lock: None })
    }

    /// The folder itself, in which the blobs have their place.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The catalog's file.
    pub fn catalog(&self) -> PathBuf {
        self.path.join(CATALOG)
    }

    /// The file of the accounts in a data folder.
    pub fn accounts_in(path: &Path) -> PathBuf {
        path.join(ACCOUNTS)
    }

    fn lock(path: &Path) -> Result<Self, Error> {
        let file = path.join(LOCK);
        let mut lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file)
            .map_err(Error::io("open", &file))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
                return Err(Error::InUse { path: path.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", &file)(source)),
        }
        lock.set_len(0)
            .and_then(|()| writeln!(lock, "{}", std::process::id()))
            .map_err(Error::io("write", &file))?;
        Ok(Self { path: path.to_owned(), _lock: Some(lock) })
    }
}

/// Whether the folder holds a registry already; `false` if it can become one.
fn is_registry(path: &Path) -> Result<bool, Error> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::io("read the folder", path)(error)),
    };
    let mut foreign = false;
    for entry in entries {
        let name = entry.map_err(Error::io("read the folder", path))?.file_name();
        if name == LOCK || name == CATALOG || name == ACCOUNTS {
            return Ok(true);
        }
        // A volume that was just made for the registry has this one in it.
        foreign |= name != "lost+found";
    }
    if foreign { Err(Error::Foreign { path: path.to_owned() }) } else { Ok(false) }
}

/// Makes the folder, for its owner's eyes only, and makes sure that it is still there after a
/// power cut.
fn create(path: &Path) -> Result<(), Error> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(Error::io("make the folder", path))?;
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match File::open(parent).and_then(|parent| parent.sync_all()) {
        Ok(()) => Ok(()),
        // The parent of a mounted folder may well not be ours to read.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(Error::io("sync the folder", parent)(error)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_folder_is_made_for_its_owner_only() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let folder = DataFolder::claim(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(folder.catalog(), path.join("catalog.sqlite"));
        assert_eq!(fs::read_to_string(path.join("lock")).unwrap(), format!("{}\n", std::process::id()));
    }

    #[test]
    fn only_one_has_it_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataFolder::claim(folder.path()).unwrap();
        let error = DataFolder::claim(folder.path()).unwrap_err();
        let process = std::process::id();
        assert_eq!(
            error.to_string(),
            format!("another chartroom (process {process}) is using `{}`", folder.path().display())
        );
        drop(first);
        DataFolder::claim(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_with_other_things_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.tex"), "").unwrap();
        assert!(matches!(DataFolder::claim(folder.path()), Err(Error::Foreign { .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_fresh_volume_will_do() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("lost+found")).unwrap();
        DataFolder::claim(folder.path()).unwrap();
    }

    #[test]
    fn looking_needs_a_registry_and_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(DataFolder::look(folder.path()), Err(Error::NoRegistry { .. })));
        assert!(matches!(DataFolder::claim_existing(folder.path()), Err(Error::NoRegistry { .. })));
        assert!(matches!(DataFolder::look(&folder.path().join("none")), Err(Error::NoRegistry { .. })));
        fs::write(folder.path().join("catalog.sqlite"), "").unwrap();
        let _claimed = DataFolder::claim_existing(folder.path()).unwrap();
        DataFolder::look(folder.path()).unwrap();
    }
}
