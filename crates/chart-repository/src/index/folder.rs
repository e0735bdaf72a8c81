//! Making an index of a folder of chart archives, as `helm repo index` does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chartroom_chart::{Chart, ChartFile, Limits, Version};
use chartroom_oci::Digest;
use jiff::Timestamp;

use super::{ChartVersion, Index};
use crate::address;
use crate::error::{Error, Result};

/// An archive that was read.
struct Archive {
    chart: ChartFile,
    digest: Digest,
}

/// Makes an index of the archives (`*.tgz`) in a folder and in the folders right below it. What is no
/// chart is left out. The versions of each chart are not sorted yet.
///
/// `base` comes before the names of the archives; without it they are relative.
///
/// # Errors
///
/// When something can't be read. A folder that isn't there is an empty one.
pub fn index_folder(folder: &Path, base: &str) -> Result<Index> {
    let mut found: Vec<(String, PathBuf)> =
        archives(folder)?.into_iter().map(|path| (String::new(), path)).collect();
    for (name, path) in folders(folder)? {
        found.extend(archives(&path)?.into_iter().map(|path| (name.clone(), path)));
    }
    let mut index = Index::new(Timestamp::now());
    for ((parent, path), archive) in found.iter().zip(read(&found)) {
        let Some(Archive { chart, digest }) = archive? else { continue };
        let Ok(version) = Version::coerce(&chart.version) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let base = address::join(base, parent);
        let url = if base.is_empty() { name.into_owned() } else { address::join(&base, &name) };
        let entry = ChartVersion {
            urls: vec![url],
            created: Timestamp::now().to_string(),
            removed: false,
            digest: digest.hex(),
            version,
            chart,
        };
        index.entries.entry(entry.chart.name.clone()).or_default().push(entry);
    }
    Ok(index)
}

/// Reads them on all cores.
fn read(found: &[(String, PathBuf)]) -> Vec<Result<Option<Archive>>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(found.len()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from).min(found.len()) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some((_, path)) = found.get(number) else { return };
                    let archive = open(path);
                    results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((number, archive));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, archive)| archive).collect()
}

/// Reads an archive; nothing if it is no chart.
fn open(path: &Path) -> Result<Option<Archive>> {
    let Ok(chart) = Chart::open(path, &Limits::default()) else { return Ok(None) };
    let archive = fs::read(path).map_err(|error| Error::io("open", path, error))?;
    Ok(Some(Archive { chart: chart.metadata().clone(), digest: Digest::sha256(&archive) }))
}

/// The archives in a folder, by name.
fn archives(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = entries(folder)?;
    Ok(entries.into_iter().filter(|(name, _)| name.ends_with(".tgz")).map(|(_, path)| path).collect())
}

fn folders(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    Ok(entries(folder)?.into_iter().filter(|(_, path)| path.is_dir()).collect())
}

fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let unreadable = |error| Error::io("open", folder, error);
    let entries = match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries.map_err(unreadable)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            found.push((name.to_owned(), path.clone()));
        }
    }
    found.sort_unstable();
    Ok(found)
}
