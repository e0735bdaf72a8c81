//! Listing what is in the folder, whatever anybody believes to be in it.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use chartroom_oci::{Algorithm, Digest};

use crate::error::{Error, Result};
use crate::layout::{self, Layout};

/// A file that was found in a blob's place. Whether its bytes are right is another question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// The digest that its place stands for.
    pub digest: Digest,
    /// The size of the file.
    pub size: u64,
    /// When it was placed, by the clock of the time.
    pub modified: SystemTime,
}

/// The blobs after a digest in the order of [`Digest`], at most `limit`.
pub(crate) fn blobs(layout: &Layout, after: Option<&Digest>, limit: usize) -> Result<Vec<StoredBlob>> {
    let mut found = Vec::new();
    for algorithm in layout::ALGORITHMS {
        for first in 0..=u8::MAX {
            if found.len() >= limit {
                return Ok(found);
            }
            if after.is_some_and(|after| (algorithm, first) < start_of(after)) {
                continue;
            }
            shelf(layout, algorithm, first, after, limit, &mut found)
                .map_err(|source| Error::io("list the stored blobs", source))?;
        }
    }
    Ok(found)
}

fn start_of(digest: &Digest) -> (Algorithm, u8) {
    (digest.algorithm(), digest.as_bytes().first().copied().unwrap_or_default())
}

/// Adds the blobs of one `<2 hex>` folder.
fn shelf(
    layout: &Layout,
    algorithm: Algorithm,
    first: u8,
    after: Option<&Digest>,
    limit: usize,
    found: &mut Vec<StoredBlob>,
) -> io::Result<()> {
    let mut digests = Vec::new();
    for name in names(&layout.shelf(algorithm, first))? {
        if let Ok(digest) = format!("{algorithm}:{}", name?).parse::<Digest>()
            && start_of(&digest) == (algorithm, first)
            && after.is_none_or(|after| digest > *after)
        {
            digests.push(digest);
        }
    }
    digests.sort_unstable();
    for digest in digests {
        if found.len() >= limit {
            break;
        }
        if let Some((size, modified)) = file(&layout.data(&digest))? {
            found.push(StoredBlob { digest, size, modified });
        }
    }
    Ok(())
}

/// The names and times of the files in `uploads` that the store has made.
pub(crate) fn uploads(layout: &Layout) -> Result<Vec<(String, SystemTime)>> {
    let failed = |source| Error::io("list the uploads", source);
    let mut found = Vec::new();
    for name in names(layout.uploads()).map_err(failed)? {
        let name = name.map_err(failed)?;
        if layout::is_left_over(&name)
            && let Some((_, modified)) = file(&layout.left_over(&name)?).map_err(failed)?
        {
            found.push((name, modified));
        }
    }
    Ok(found)
}

/// The names in a folder that are text; none if there is no such folder.
fn names(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<String>>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => Some(entries),
        // A file there is no folder of ours either.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
        Err(error) => return Err(error),
    };
    Ok(entries.into_iter().flatten().filter_map(|entry| match entry {
        Ok(entry) => entry.file_name().into_string().ok().map(Ok),
        Err(error) => Some(Err(error)),
    }))
}

/// Size and time of a file; nothing for what is no file, or has just been removed.
fn file(path: &Path) -> io::Result<Option<(u64, SystemTime)>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some((metadata.len(), metadata.modified()?))),
        Ok(_) => Ok(None),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
