//! `chartroom repo index`

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use chartroom_chart::go_text::SystemError;
use chartroom_chart_repository::{Error, Index, index_folder};
use chartroom_cli::RepoIndex;
use jiff::Timestamp;

use crate::commands::Outcome;
use crate::remote::tell_skipped;

/// Makes an index of the archives in a folder.
pub(super) fn index(flags: &RepoIndex) -> Result<Outcome> {
    let folder = std::path::absolute(&flags.folder).unwrap_or_else(|_| flags.folder.clone());
    let mut index = index_folder(&folder, flags.url.as_deref().unwrap_or_default())?;
    if let Some(path) = &flags.merge {
        match std::fs::read(path) {
            Ok(text) => {
                let loaded = Index::read(&text)
                    .map_err(|source| Error::Loading { path: path.clone(), source: Box::new(source) });
                let read = loaded.context("merge failed")?;
                tell_skipped(&read.skipped, &path.display().to_string());
                index.merge(read.index);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                write(&Index::new(Timestamp::now()), path, flags.json)?;
            }
            Err(error) => {
                return Err(error).with_context(|| format!("merge failed: open {}", path.display()));
            }
        }
    }
    index.sort();
    write(&index, &folder.join("index.yaml"), flags.json)?;
    Ok(Outcome::Success)
}

/// Writes an index. It is there as a whole or not at all.
fn write(index: &Index, path: &Path, json: bool) -> Result<()> {
    let text = if json { index.to_json()? } else { index.to_yaml()?.into_bytes() };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written: std::io::Result<_> = (|| {
        let mut file = tempfile::Builder::new()
            .prefix(".index-")
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(folder)?;
        file.write_all(&text)?;
        file.persist(path).map_err(|error| error.error)
    })();
    // What the library says has the name of the temporary file in it.
    let plain = |error: std::io::Error| match std::fs::metadata(folder) {
        Err(missing) => missing,
        Ok(metadata) if !metadata.is_dir() => std::io::ErrorKind::NotADirectory.into(),
        Ok(_) => error,
    };
    written
        .map(drop)
        .map_err(plain)
        .map_err(|error| anyhow!("open {}: {}", path.display(), SystemError(&error)))
}
