//! The folder `target/peers`: programs, stamps, downloads.
//!
//! ```text
//! bin/<name>      what tests run: a program, a link to one, or a wrapper script
//! stamps/<name>   the pin of what is in bin/<name>
//! debian/<name>/  unpacked packages
//! state/<name>/   what a wrapper makes its program write to
//! cache/          downloads; may be deleted at any time
//! ```

use std::fs::{self, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// How the names of temporary folders in the cache begin.
const SCRATCH: &str = "tmp-";

pub(crate) struct Store {
    root: PathBuf,
    workspace: PathBuf,
    /// Held as long as the store is: of two commands started at once, one
    /// waits, and then finds that everything is there.
    _lock: File,
}

impl Store {
    pub(crate) fn open(workspace: &Path) -> Result<Self> {
        let root = workspace.join("target/peers");
        for folder in ["bin", "stamps", "debian", "cache"] {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let path = root.join("lock");
        let lock = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        if lock.try_lock().is_err() {
            eprintln!("peers: waiting for another command that is bringing them");
            lock.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        }
        let store = Self { root, workspace: workspace.to_path_buf(), _lock: lock };
        store.sweep()?;
        Ok(store)
    }

    /// The folder of programs that tests look into.
    pub(crate) fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// Where a peer's program is, or will be.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// Where a peer's Debian packages are unpacked.
    pub(super) fn debian(&self, name: &str) -> PathBuf {
        self.root.join("debian").join(name)
    }

    /// What a peer's wrapper script makes the program write to.
    pub(super) fn state(&self, name: &str) -> PathBuf {
        self.root.join("state").join(name)
    }

    pub(super) fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// The folder of the go.mod that pins the Go programs.
    pub(super) fn go_module(&self) -> PathBuf {
        self.workspace.join("tests/peers")
    }

    /// A folder to download and unpack in, on the same file system as the rest.
    pub(super) fn scratch(&self) -> Result<TempDir> {
        tempfile::Builder::new()
            .prefix(SCRATCH)
            .tempdir_in(self.cache())
            .with_context(|| format!("cannot create a folder in {}", self.cache().display()))
    }

    /// Whether exactly this pin of the peer is there.
    pub(super) fn has(&self, name: &str, pin: &str) -> bool {
        let stamp = fs::read_to_string(self.stamp(name));
        stamp.is_ok_and(|stamp| stamp == self.stamp_text(pin)) && self.program(name).exists()
    }

    pub(super) fn forget(&self, name: &str) -> Result<()> {
        remove_file(&self.stamp(name))?;
        remove_file(&self.program(name))
    }

    pub(super) fn remember(&self, name: &str, pin: &str) -> Result<()> {
        let stamp = self.stamp(name);
        fs::write(&stamp, self.stamp_text(pin)).with_context(|| format!("cannot write {}", stamp.display()))
    }

    /// Moves a file to `bin/<name>`, where it appears whole or not at all.
    pub(super) fn install(&self, name: &str, file: &Path) -> Result<()> {
        fs::set_permissions(file, Permissions::from_mode(0o755))
            .and_then(|()| fs::rename(file, self.program(name)))
            .with_context(|| format!("cannot make {} of {}", self.program(name).display(), file.display()))
    }

    /// The pin, and this very folder: wrappers and links hold its path, so a
    /// copy of it elsewhere is not of the same use.
    fn stamp_text(&self, pin: &str) -> String {
        format!("{pin}\n{}\n", self.root.display())
    }

    /// Removes what a command that was interrupted left in the cache.
    fn sweep(&self) -> Result<()> {
        let cache = self.cache();
        let failed = || format!("cannot clear {}", cache.display());
        for entry in fs::read_dir(&cache).with_context(failed)? {
            let entry = entry.with_context(failed)?;
            if entry.file_name().to_string_lossy().starts_with(SCRATCH) {
                fs::remove_dir_all(entry.path()).with_context(failed)?;
            }
        }
        Ok(())
    }

    fn stamp(&self, name: &str) -> PathBuf {
        self.root.join("stamps").join(name)
    }
}

fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}
