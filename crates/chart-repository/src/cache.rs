//! The indexes of repositories on this machine, where Helm keeps them: `<name>-index.yaml` and, for
//! completing command lines, `<name>-charts.txt`.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use chartroom_oci::Digest;

use crate::error::{Error, Result};
use crate::index::{Index, ReadIndex};

/// The folder with the indexes.
#[derive(Clone, Debug)]
pub struct IndexCache {
    folder: PathBuf,
}

impl IndexCache {
    /// The one in this folder, which need not be there.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The name under which the index of a repository is kept that nobody gave a name to.
    pub fn unmanaged_name(url: &str) -> String {
        format!("helm-manager-{}", Digest::sha256(url.as_bytes()).hex())
    }

    fn index_file(&self, name: &str) -> PathBuf {
        let dash = if name.is_empty() { "" } else { "-" };
        self.folder.join(format!("{name}{dash}index.yaml"))
    }

    fn charts_file(&self, name: &str) -> PathBuf {
        let dash = if name.is_empty() { "" } else { "-" };
        self.folder.join(format!("{name}{dash}charts.txt"))
    }

    /// The index of a repository, as it was stored last, and the file that it is in.
    ///
    /// # Errors
    ///
    /// When it is not there, or is no index.
    pub fn load(&self, name: &str) -> Result<(ReadIndex, PathBuf)> {
        let path = self.index_file(name);
        let text = fs::read(&path).map_err(|error| Error::io("open", &path, error))?;
        match Index::read(&text) {
            Ok(read) => Ok((read, path)),
            Err(source) => Err(Error::Loading { path, source: Box::new(source) }),
        }
    }

    /// Whether the index of a repository may have a text in it; its bytes are looked through. What
    /// can't be read has nothing in it.
    pub(crate) fn mentions(&self, name: &str, text: &str) -> bool {
        let bytes = fs::read(self.index_file(name)).unwrap_or_default();
        text.is_empty() || bytes.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// Stores an index, with its bytes as they came.
    ///
    /// # Errors
    ///
    /// When it can't be written.
    pub fn store(&self, name: &str, text: &[u8], index: &Index) -> Result<()> {
        let charts: String = index.entries.keys().map(|chart| format!("{chart}\n")).collect();
        self.write(&self.charts_file(name), charts.as_bytes())?;
        self.write(&self.index_file(name), text)
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<()> {
        fs::create_dir_all(&self.folder).map_err(|error| Error::io("mkdir", &self.folder, error))?;
        let written = (|| {
            let mut file = tempfile::Builder::new()
                .prefix(".index-")
                .permissions(Permissions::from_mode(0o644))
                .tempfile_in(&self.folder)?;
            file.write_all(content)?;
            file.persist(path).map_err(|error| error.error)
        })();
        written.map(drop).map_err(|error| Error::io("open", path, error))
    }

    /// Removes what is kept of a repository, if anything is.
    ///
    /// # Errors
    ///
    /// When it can't be removed.
    pub fn remove(&self, name: &str) -> Result<()> {
        for path in [self.charts_file(name), self.index_file(name)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
