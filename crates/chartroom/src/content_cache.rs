//! What was downloaded before, by its digest: Helm's content cache, in Helm's layout, so that both can
//! use one folder.
//!
//! A file is named after the digest of what should be in it, and is believed only as far as that holds:
//! everything is hashed whenever it is read. What isn't what its name says counts as missing, and is
//! replaced by what is then downloaded. Files appear whole or not at all, so any number of processes can
//! use the folder at once, and it may be emptied at any time.
//!
//! Helm keeps archives (`.chart`) and provenance files (`.prov`) there. Some of its files are named
//! after the manifest that was asked for, not after their content; these are never asked for here, and
//! never touched. Manifests are kept beside them under an ending of our own, and Helm overlooks them.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chartroom_oci::Digest;

/// What a file of the cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A chart's archive.
    Chart,
    /// A provenance file.
    Provenance,
    /// A manifest.
    Manifest,
}

impl Kind {
    fn ending(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::Provenance => "prov",
            Self::Manifest => "manifest",
        }
    }
}

/// The cache, or none.
#[derive(Clone, Debug)]
pub(crate) struct ContentCache {
    folder: Option<PathBuf>,
}

impl ContentCache {
    /// The cache in this folder, which need not be there. An empty path stands for no cache.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder: Some(folder).filter(|folder| !folder.as_os_str().is_empty()) }
    }

    fn path(&self, digest: &Digest, kind: Kind) -> Option<PathBuf> {
        let hex = digest.hex();
        let name = format!("{hex}.{}", kind.ending());
        Some(self.folder.as_ref()?.join(hex.get(..2)?).join(name))
    }

    /// What has this digest, if it is there, is no larger than this, and is what it should be.
    pub(crate) fn find(&self, digest: &Digest, kind: Kind, limit: u64) -> Option<Bytes> {
        let content = read(&self.path(digest, kind)?, limit).ok()??;
        (Digest::of(digest.algorithm(), &content) == *digest).then(|| content.into())
    }

    /// Keeps what has this digest, in place of whatever bears its name. Says why if it can't: that is
    /// no reason for a command to fail.
    pub(crate) fn keep(&self, digest: &Digest, kind: Kind, content: &[u8]) -> io::Result<()> {
        let Some(path) = self.path(digest, kind) else { return Ok(()) };
        match write(&path, content) {
            // Somebody is just emptying the folder.
            Err(error) if error.kind() == io::ErrorKind::NotFound => write(&path, content),
            written => written,
        }
    }
}

/// A file's content; nothing if it is no file, or too large.
fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    // Whoever can write here could have us wait for a pipe, or read a device without end.
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.len() > limit {
        return Ok(None);
    }
    let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    File::open(path)?.take(limit).read_to_end(&mut content)?;
    Ok(Some(content))
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let permissions = fs::Permissions::from_mode(0o666);
    let mut file = tempfile::Builder::new().prefix(".new-").permissions(permissions).tempfile_in(folder)?;
    file.write_all(content)?;
    // Not synced: what a power cut leaves of it is found out when it is read.
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const LIMIT: u64 = 1000;

    fn cache() -> (tempfile::TempDir, ContentCache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = ContentCache::at(folder.path().join("not/yet/there"));
        (folder, cache)
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.push(path.strip_prefix(folder).unwrap().display().to_string());
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn what_is_kept_is_found_under_helms_name() {
        let (folder, cache) = cache();
        let digest = Digest::sha256(b"chart");
        assert_eq!(cache.find(&digest, Kind::Chart, LIMIT), None);
        cache.keep(&digest, Kind::Chart, b"chart").unwrap();
        assert_eq!(cache.find(&digest, Kind::Chart, LIMIT).as_deref(), Some(&b"chart"[..]));
        assert_eq!(cache.find(&digest, Kind::Manifest, LIMIT), None);
        assert_eq!(cache.find(&digest, Kind::Chart, 4), None, "larger than it may be");
        assert_eq!(cache.find(&digest, Kind::Chart, 5).map(|found| found.len()), Some(5));
        let hex = digest.hex();
        assert_eq!(names(folder.path()), [format!("not/yet/there/{}/{hex}.chart", &hex[..2])]);
        let mode = cache.path(&digest, Kind::Chart).unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0);
    }

    #[test]
    fn what_is_something_else_is_not_found_and_is_replaced() {
        let (folder, cache) = cache();
        let digest = Digest::sha256(b"chart");
        let path = cache.path(&digest, Kind::Chart).unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let plant: [(&str, &dyn Fn()); 4] = [
            ("other content", &|| fs::write(&path, "planted").unwrap()),
            ("nothing", &|| fs::write(&path, "").unwrap()),
            ("a link to a device", &|| std::os::unix::fs::symlink("/dev/zero", &path).unwrap()),
            ("a link to the right content", &|| {
                let elsewhere = folder.path().join("elsewhere");
                fs::write(&elsewhere, "chart").unwrap();
                std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
            }),
        ];
        for (what, plant) in plant {
            let _ = fs::remove_file(&path);
            plant();
            assert_eq!(cache.find(&digest, Kind::Chart, LIMIT), None, "{what}");
            cache.keep(&digest, Kind::Chart, b"chart").unwrap();
            assert!(path.symlink_metadata().unwrap().is_file(), "{what}");
            assert_eq!(cache.find(&digest, Kind::Chart, LIMIT).as_deref(), Some(&b"chart"[..]), "{what}");
        }
    }

    #[test]
    fn a_folder_that_can_not_be_is_told_of_and_no_cache_is_silent() {
        let (folder, _) = cache();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let cache = ContentCache::at(file);
        let digest = Digest::sha256(b"chart");
        assert!(cache.keep(&digest, Kind::Chart, b"chart").is_err());
        assert_eq!(cache.find(&digest, Kind::Chart, LIMIT), None);
        let none = ContentCache::at(PathBuf::new());
        none.keep(&digest, Kind::Chart, b"chart").unwrap();
        assert_eq!(none.find(&digest, Kind::Chart, LIMIT), None);
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn many_writers_do_no_harm_while_somebody_empties_it() {
        let (_folder, cache) = cache();
        let content = vec![7; 500];
        let digest = Digest::sha256(&content);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        // It may be taken away while it is written.
                        let _ = cache.keep(&digest, Kind::Chart, &content);
                        let found = cache.find(&digest, Kind::Chart, LIMIT);
                        assert!(found.is_none_or(|found| found == content));
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..100 {
                    let _ = fs::remove_dir_all(cache.folder.as_ref().unwrap());
                }
            });
        });
        cache.keep(&digest, Kind::Chart, &content).unwrap();
        assert!(cache.find(&digest, Kind::Chart, LIMIT).is_some());
    }
}
