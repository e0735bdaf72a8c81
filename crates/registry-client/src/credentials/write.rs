//! Changing a credential file so that nothing of it can be lost: one writer at a time, the new
//! file whole and on disk before it takes the place of the old one.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::error::{Error, Result};
use super::file::{Document, malformed, read};

/// How long to wait for another writer, and how often to look.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// As many links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// Has a credential file changed. `change` says whether it did change something; if not, or
/// when it fails, the file is left alone. Blocks.
pub(super) fn edit<T>(path: &Path, change: impl FnOnce(&mut Document<'_>) -> (bool, T)) -> Result<T> {
    let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
    let target = follow_links(path).map_err(unwritable)?;
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    private_folder(folder).map_err(unwritable)?;
    let _lock = Lock::take(&target, path)?;
    let text = read(path)?;
    let mut document = Document::parse(&text).map_err(|fault| malformed(path, fault))?;
    let (changed, result) = change(&mut document);
    if changed {
        replace(&target, folder, &document.render()).map_err(unwritable)?;
    }
    Ok(result)
}

/// Where a file really is: a link is written through, not replaced.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => {
                let to = fs::read_link(&path)?;
                path = path.parent().map(|folder| folder.join(&to)).unwrap_or(to);
            }
            Ok(metadata) if !metadata.is_file() => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
            }
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "too many symbolic links"))
}

/// Makes a folder, and those above it, which nobody else may enter.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes the text beside the file and lets it take the file's place.
fn replace(target: &Path, folder: &Path, text: &str) -> io::Result<()> {
    let old = match fs::metadata(target) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let (temporary, mut file) = create_beside(target)?;
    let written = (|| {
        file.write_all(text.as_bytes())?;
        keep_owner_and_mode(&file, old.as_ref())?;
        file.sync_all()?;
        fs::rename(&temporary, target)
    })();
    if let Err(error) = written {
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    // The rename is in the folder; not every file system can be asked to keep it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    // The lock is held, so only what a killed process left can be in the way.
    for attempt in 0_u32.. {
        let path = beside(target, &format!(".{}-{attempt}.tmp", std::process::id()));
        match private_file().create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// `config.json` and `.lock` make `config.json.lock`.
fn beside(target: &Path, suffix: &str) -> PathBuf {
    let mut path = target.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Mode 0600, or what the old file had of it. With `sudo`, a user's file stays the user's.
#[cfg(unix)]
fn keep_owner_and_mode(file: &File, old: Option<&fs::Metadata>) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let Some(old) = old else { return Ok(()) };
    let new = file.metadata()?;
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        // Only root can; for others the file becomes theirs.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
    file.set_permissions(fs::Permissions::from_mode(old.mode() & 0o600))
}

#[cfg(not(unix))]
fn keep_owner_and_mode(_file: &File, _old: Option<&fs::Metadata>) -> io::Result<()> {
    Ok(())
}

/// A lock file beside the credential file; it goes away with the lock.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    fn take(target: &Path, shown: &Path) -> Result<Self> {
        let unwritable = |source| Error::Unwritable { path: shown.to_owned(), source };
        let path = beside(target, ".lock");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let file = private_file().create(true).truncate(false).open(&path).map_err(unwritable)?;
            match file.try_lock() {
                // Whoever had the lock removed its file: another one counts now.
                Ok(()) if !is_same(&file, &path) => continue,
                Ok(()) => return Ok(Self { path, _file: file }),
                // Some network file systems have no locks; the rename is whole all the same.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Self { path, _file: file });
                }
                Err(TryLockError::Error(source)) => return Err(unwritable(source)),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(Error::Locked { path: shown.to_owned() });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(LOOK_AGAIN),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before the lock ends with its file, or it could be the next one's.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) => identity(held) == identity(there),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same(_file: &File, path: &Path) -> bool {
    path.exists()
}
