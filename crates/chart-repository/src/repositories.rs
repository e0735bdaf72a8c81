//! `repositories.yaml`: the repositories that a user has given names to, with the logins for them.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chartroom_chart::go_time;
use chartroom_goyaml::{self as goyaml, Value};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The most bytes of the file that are read.
const MAX_BYTES: u64 = 16 << 20;

/// How long another program may have the file to itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// The content of a `repositories.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Repositories {
    /// Nothing, as Helm writes it.
    api_version: String,
    /// Never, as Helm writes it.
    generated: String,
    /// The repositories, in the order in which they were added.
    pub repositories: Vec<Entry>,
}

/// A repository, and how it is reached.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Entry {
    /// The name that its user gave it.
    pub name: String,
    /// Its address: that of `index.yaml`, without that.
    pub url: String,
    /// User name, or nothing.
    pub username: String,
    /// Password of that user, in the clear.
    pub password: String,
    /// Certificate to show (PEM), or nothing.
    pub cert_file: String,
    /// Key of that certificate (PEM), or nothing.
    pub key_file: String,
    /// Certificates to trust (PEM) instead of the system's, or nothing.
    pub ca_file: String,
    /// Whether any certificate is fine.
    #[serde(rename = "insecure_skip_tls_verify")]
    pub insecure_skip_tls_verify: bool,
    /// Whether the login may be shown to any server that the index names.
    #[serde(rename = "pass_credentials_all")]
    pub pass_credentials_all: bool,
}

/// Nobody sees the password.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("url", &self.url).finish_non_exhaustive()
    }
}

impl Default for Repositories {
    fn default() -> Self {
        let generated = go_time::NEVER.to_owned();
        Self { api_version: String::new(), generated, repositories: Vec::new() }
    }
}

impl Repositories {
    /// Reads the file. A file that isn't there is nothing.
    ///
    /// # Errors
    ///
    /// When it can't be read, or is no such file.
    pub fn load(path: &Path) -> Result<Option<Self>> {
        let text = match fs::metadata(path) {
            Ok(metadata) if metadata.len() > MAX_BYTES => {
                return Err(Error::NoRepositories(format!("{} is larger than 16 MiB", path.display())));
            }
            Ok(metadata) if metadata.is_dir() => {
                return Err(Error::io("read", path, io::ErrorKind::IsADirectory.into()));
            }
            _ => fs::read(path),
        };
        match text {
            Ok(text) => Self::parse(&text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("open", path, error)),
        }
    }

    /// Reads the text of such a file.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let unreadable = |problem: String| Error::NoRepositories(problem);
        let text = std::str::from_utf8(text).map_err(|_| {
            unreadable("error converting YAML to JSON: yaml: invalid leading UTF-8 octet".to_owned())
        })?;
        let value = goyaml::decode(text).map_err(|error| unreadable(error.to_string()))?;
        if value.is_null() {
            return Ok(Self::default());
        }
        let mut read: Self = goyaml::from_value(value).map_err(|error| {
            unreadable(format!("error unmarshaling JSON: while decoding JSON: json: {error}"))
        })?;
        if read.generated.is_empty() {
            read.generated = go_time::NEVER.to_owned();
        }
        Ok(read)
    }

    /// Writes the file, readable for its user only, and makes the folder for it. It is there as a
    /// whole or not at all; a symbolic link stays one.
    ///
    /// # Errors
    ///
    /// When it can't be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let text = goyaml::to_value(self).map(|mut value| {
            // A list that is empty is written as one.
            if let Value::Map(fields) = &mut value {
                fields.entry("repositories".to_owned()).or_insert_with(|| Value::List(Vec::new()));
            }
            value
        });
        let text = text
            .and_then(|value| goyaml::encode(&value))
            .map_err(|error| Error::NoRepositories(error.to_string()))?;
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|error| Error::io("mkdir", folder, error))?;
        let written = (|| {
            let mut file = tempfile::Builder::new()
                .prefix(".repositories-")
                .permissions(Permissions::from_mode(0o600))
                .tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.persist(&path).map_err(|error| error.error)
        })();
        written.map(drop).map_err(|error| Error::io("open", &path, error))
    }

    /// The repository of this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.repositories.iter().find(|entry| entry.name == name)
    }

    /// Adds a repository, in the place of one of the same name if there is one.
    pub fn set(&mut self, entry: Entry) {
        match self.repositories.iter_mut().find(|known| known.name == entry.name) {
            Some(known) => *known = entry,
            None => self.repositories.push(entry),
        }
    }

    /// Removes a repository; says whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.repositories.len();
        self.repositories.retain(|entry| entry.name != name);
        self.repositories.len() < before
    }
}

/// Keeps other programs, Helm among them, from changing the file as long as it lives.
#[derive(Debug)]
pub struct Guard {
    _file: File,
}

impl Guard {
    /// Waits until nobody else changes the file, for half a minute at most. Makes the folder for it.
    ///
    /// # Errors
    ///
    /// When that takes too long, and when nothing can be locked there.
    pub fn take(repositories: &Path) -> Result<Self> {
        let path = lock_path(repositories);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| Error::io("mkdir", folder, error))?;
        }
        let file =
            File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(|error| Error::io("open", &path, error))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(fs::TryLockError::Error(error)) => return Err(Error::io("flock", &path, error)),
                Err(fs::TryLockError::WouldBlock) if started.elapsed() > PATIENCE => {
                    return Err(Error::Locked(path));
                }
                Err(fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

/// `repositories.lock` beside `repositories.yaml`.
fn lock_path(repositories: &Path) -> PathBuf {
    let name = repositories.to_string_lossy();
    let dot = name.rfind('.').filter(|dot| !name.get(*dot..).unwrap_or_default().contains('/'));
    match dot {
        Some(dot) if dot > 0 => PathBuf::from(format!("{}.lock", name.get(..dot).unwrap_or(&name))),
        _ => PathBuf::from(format!("{name}.lock")),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// As Helm 4.3.1 writes it.
    const FILE: &str = "apiVersion: \"\"
generated: \"0001-01-01T00:00:00Z\"
repositories:
- caFile: ca
  certFile: cert
  insecure_skip_tls_verify: true
  keyFile: key
  name: w
  pass_credentials_all: true
  password: pw
  url: http://127.0.0.1:8801/
  username: u
";

    #[test]
    fn the_file_is_helms_to_the_byte() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("deep/repositories.yaml");
        assert_eq!(Repositories::load(&path).unwrap(), None);
        let mut read = Repositories::parse(FILE.as_bytes()).unwrap();
        assert!(read.get("w").unwrap().pass_credentials_all);
        read.save(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(read.remove("w") && !read.remove("w"));
        read.save(&path).unwrap();
        let empty = "apiVersion: \"\"\ngenerated: \"0001-01-01T00:00:00Z\"\nrepositories: []\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), empty);
        assert_eq!(Repositories::load(&path).unwrap(), Some(Repositories::default()));
    }

    #[test]
    fn a_link_stays_a_link() {
        let home = tempfile::tempdir().unwrap();
        let (link, file) = (home.path().join("link.yaml"), home.path().join("file.yaml"));
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        Repositories::parse(FILE.as_bytes()).unwrap().save(&link).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), FILE);
    }

    #[test]
    fn locks_stand_where_helms_do() {
        for (path, lock) in [
            ("/c/repositories.yaml", "/c/repositories.lock"),
            ("/c/noext", "/c/noext.lock"),
            ("/c.d/foo", "/c.d/foo.lock"),
            ("r.yaml", "r.lock"),
        ] {
            assert_eq!(lock_path(Path::new(path)), Path::new(lock));
        }
    }

    #[test]
    fn one_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("repositories.yaml");
        let first = Guard::take(&path).unwrap();
        let other = File::open(home.path().join("repositories.lock")).unwrap();
        assert!(other.try_lock().is_err());
        drop(first);
        other.try_lock().unwrap();
    }

    #[test]
    fn odd_files() {
        for text in ["", "---\n", "repositories: null\n", "{}"] {
            assert_eq!(Repositories::parse(text.as_bytes()).unwrap(), Repositories::default(), "{text}");
        }
        for text in ["{", "[]", "repositories: 1\n", "\u{0}"] {
            assert!(Repositories::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Repositories::parse(b"\xff").is_err());
    }
}
