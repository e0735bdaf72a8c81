//! Where things are in the data folder, and how a folder entry is made to last.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use chartroom_oci::{Algorithm, Digest};

use crate::error::{Error, Result};

/// Every algorithm that has a folder, in the order of [`Digest`]'s comparison.
pub(crate) const ALGORITHMS: [Algorithm; 2] = [Algorithm::Sha256, Algorithm::Sha512];

/// The file in a blob's folder that holds its bytes.
const DATA: &str = "data";

/// What the names of temporary files begin with. No upload id can: it has no `p`.
const TEMPORARY: &str = "put-";

/// The paths of one data folder.
#[derive(Debug)]
pub(crate) struct Layout {
    blobs: PathBuf,
    uploads: PathBuf,
    quarantine: PathBuf,
    /// One for each `<2 hex>` folder of each algorithm. The value says whether
    /// the folder is known to exist and to survive a power cut.
    shelves: Vec<Mutex<bool>>,
    /// Tells apart the temporary files of this process.
    next_temporary: AtomicU64,
    /// Tells them apart from those of earlier processes.
    started: String,
}

impl Layout {
    /// Creates the folders that are missing and makes their entries last.
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        // A later change of the working directory must not move the store.
        let folder = std::path::absolute(folder)?;
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let layout = Self {
            blobs: folder.join("blobs"),
            uploads: folder.join("uploads"),
            quarantine: folder.join("quarantine"),
            shelves: (0..ALGORITHMS.len() * 256).map(|_| Mutex::new(false)).collect(),
            next_temporary: AtomicU64::new(0),
            started: format!("{:x}-{:x}", std::process::id(), since.as_nanos()),
        };
        create_folder(&folder)?;
        for inner in [&layout.blobs, &layout.uploads, &layout.quarantine] {
            create_folder(inner)?;
        }
        for algorithm in ALGORITHMS {
            create_folder(&layout.algorithm(algorithm))?;
        }
        // Folders that were there may stem from a process that ended before it got to this.
        sync_folder(&folder)?;
        sync_folder(&layout.blobs)?;
        Ok(layout)
    }

    /// `blobs/<alg>`
    pub(crate) fn algorithm(&self, algorithm: Algorithm) -> PathBuf {
        self.blobs.join(algorithm.as_str())
    }

    /// `blobs/<alg>/<2 hex>`
    pub(crate) fn shelf(&self, algorithm: Algorithm, first: u8) -> PathBuf {
        self.algorithm(algorithm).join(format!("{first:02x}"))
    }

    /// `blobs/<alg>/<2 hex>/<hex>`
    pub(crate) fn home(&self, digest: &Digest) -> PathBuf {
        self.shelf(digest.algorithm(), first_byte(digest)).join(digest.hex())
    }

    /// `blobs/<alg>/<2 hex>/<hex>/data`
    pub(crate) fn data(&self, digest: &Digest) -> PathBuf {
        self.home(digest).join(DATA)
    }

    /// `uploads`
    pub(crate) fn uploads(&self) -> &Path {
        &self.uploads
    }

    /// `uploads/<id>`, for an id of the right form only: it comes from a request.
    pub(crate) fn upload(&self, id: &str) -> Result<PathBuf> {
        if is_upload_id(id) { Ok(self.uploads.join(id)) } else { Err(Error::UploadId) }
    }

    /// `uploads/<name>`, for upload ids and the names of temporary files.
    pub(crate) fn left_over(&self, name: &str) -> Result<PathBuf> {
        if is_left_over(name) { Ok(self.uploads.join(name)) } else { Err(Error::UploadId) }
    }

    /// A path in `uploads` that no call has had or will have.
    pub(crate) fn temporary(&self) -> PathBuf {
        let n = self.next_temporary.fetch_add(1, Ordering::Relaxed);
        self.uploads.join(format!("{TEMPORARY}{}-{n:x}", self.started))
    }

    /// `quarantine`
    pub(crate) fn quarantine(&self) -> &Path {
        &self.quarantine
    }

    /// `quarantine/<alg>-<hex>`
    pub(crate) fn quarantined(&self, digest: &Digest) -> PathBuf {
        self.quarantine.join(format!("{}-{}", digest.algorithm(), digest.hex()))
    }

    /// Takes the sole right to change the entries of the digest's `<2 hex>` folder.
    ///
    /// Callers lock digests among themselves, but the work of a future that was
    /// dropped goes on after they have let go of their lock.
    pub(crate) fn lock(&self, digest: &Digest) -> Place<'_> {
        let algorithm = match digest.algorithm() {
            Algorithm::Sha256 => 0,
            Algorithm::Sha512 => 1,
        };
        let mutex = &self.shelves[algorithm * 256 + usize::from(first_byte(digest))];
        // The flag is only set when its meaning holds, so a panic elsewhere spoils nothing.
        let known = mutex.lock().unwrap_or_else(PoisonError::into_inner);
        Place {
            known,
            above: self.algorithm(digest.algorithm()),
            shelf: self.shelf(digest.algorithm(), first_byte(digest)),
            home: self.home(digest),
        }
    }
}

/// Where one blob is kept, locked against other changes.
pub(crate) struct Place<'a> {
    known: MutexGuard<'a, bool>,
    above: PathBuf,
    shelf: PathBuf,
    home: PathBuf,
}

impl Place<'_> {
    /// The path of the blob's bytes.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.join(DATA)
    }

    /// Makes the blob's own folder and says whether it is new, and so surely empty.
    pub(crate) fn make_home(&mut self) -> io::Result<bool> {
        self.make_shelf()?;
        let made = match fs::create_dir(&self.home) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Somebody has cleared the folder away by hand since it was last used.
                *self.known = false;
                self.make_shelf()?;
                fs::create_dir(&self.home)
            }
            other => other,
        };
        match made {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn make_shelf(&mut self) -> io::Result<()> {
        if *self.known {
            return Ok(());
        }
        match fs::create_dir(&self.shelf) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => sync_folder(&self.above)?,
        }
        *self.known = true;
        Ok(())
    }

    /// Makes the entries that lead to the blob's bytes last.
    ///
    /// Both folders every time: that the blob's own folder was there already does
    /// not say that whoever made it got as far as this.
    pub(crate) fn sync(&self) -> io::Result<()> {
        sync_folder(&self.home)?;
        sync_folder(&self.shelf)
    }

    /// Removes the blob's own folder if it is empty. It is no harm if that fails.
    pub(crate) fn clear_home(&self) {
        let _ = fs::remove_dir(&self.home);
    }
}

/// Makes the entries of a folder survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Creates a folder and those above it, each with an entry that lasts.
fn create_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_folder(path.parent().ok_or(error)?)?;
            fs::create_dir(path)?;
        }
        Err(error) => return Err(error),
    }
    path.parent().map_or(Ok(()), sync_folder)
}

fn first_byte(digest: &Digest) -> u8 {
    digest.as_bytes().first().copied().unwrap_or_default()
}

fn is_upload_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

/// Whether a file of this name in `uploads` was made by the store.
pub(crate) fn is_left_over(name: &str) -> bool {
    is_upload_id(name.strip_prefix(TEMPORARY).unwrap_or(name))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn only_ids_become_paths() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::create(folder.path()).unwrap();
        for id in ["0", "d3b07384-d113-4ec6-a5c0-0123456789ab", &"f".repeat(64)] {
            assert_eq!(layout.upload(id).unwrap().parent(), Some(layout.uploads()), "{id}");
        }
        for id in ["", ".", "..", "../blobs", "a/b", "A", "g", "put-0", "a\0", &"f".repeat(65)] {
            assert!(matches!(layout.upload(id), Err(Error::UploadId)), "{id}");
        }
        for name in ["", "put-", "put-../x", "put-put-0", "..", "x"] {
            assert!(matches!(layout.left_over(name), Err(Error::UploadId)), "{name}");
        }
    }

    #[test]
    fn temporary_names_are_unique_and_known_as_left_overs() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::create(folder.path()).unwrap();
        let (one, other) = (layout.temporary(), layout.temporary());
        assert_ne!(one, other);
        assert!(is_left_over(one.file_name().unwrap().to_str().unwrap()));
    }

    #[test]
    fn a_folder_is_created_with_all_above_it_but_never_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b/c");
        create_folder(&deep).unwrap();
        create_folder(&deep).unwrap();
        fs::write(deep.join("file"), "").unwrap();
        assert!(create_folder(&deep.join("file")).is_err());
        assert!(create_folder(&deep.join("file/inner")).is_err());
    }
}
