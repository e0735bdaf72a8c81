//! `chartroom pull`

use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use chartroom_chart::{File, Limits, read_archive, unpack};
use chartroom_cli::Pull;
use futures_util::{StreamExt as _, stream};

use super::{Outcome, run_client};
use crate::remote::{Downloaded, Sources, Wanted};
use crate::{printer, provenance};

/// How many charts are downloaded at a time.
const AT_A_TIME: usize = 3;

/// Downloads charts, several at a time. What came of them is told in their order, up to the first that
/// fails.
pub(crate) fn pull(flags: &Pull) -> Result<Outcome> {
    if !flags.destination.is_dir() {
        bail!("there is no folder {}", flags.destination.display());
    }
    run_client(async {
        let sources = Sources::new(&flags.connection, &flags.repository);
        let keyring = provenance::keyring(flags.verification.keyring.as_deref());
        let verify = flags.verification.verify;
        let fetches = flags.charts.iter().map(async |chart| {
            let version = flags.version.as_deref();
            let wanted = Wanted { chart, version, devel: flags.devel, provenance: flags.prov || verify };
            anyhow::Ok((chart, sources.download(&wanted).await?))
        });
        let mut fetches = stream::iter(fetches).buffered(AT_A_TIME);
        while let Some(fetched) = fetches.next().await {
            let (chart, downloaded) = fetched?;
            let verification = verify.then(|| downloaded.verified(&keyring)).transpose();
            if verification.is_err() {
                announce(&downloaded)?;
            }
            // What is not what was signed is not saved.
            let verification = verification?;
            if flags.untar {
                let files = read_archive(&downloaded.archive()[..], &Limits::untrusted())?;
                unpack_below(&files, &flags.destination.join(&flags.untardir))?;
            } else {
                save(&downloaded, &flags.destination)?;
            }
            announce(&downloaded)?;
            if (flags.prov || verify) && downloaded.provenance().is_none() {
                let why = downloaded.no_provenance();
                printer::result(&format!("WARNING: Verification not found for {chart}: {why}"))?;
            }
            if let Some(verification) = verification {
                printer::whole(verification.to_string().as_bytes())?;
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Success)
}

/// Unpacks a chart into a folder of its own, below this one.
fn unpack_below(files: &[File], folder: &Path) -> Result<()> {
    // As people would write it, for what is said of it.
    let folder: PathBuf = folder.components().filter(|part| *part != Component::CurDir).collect();
    match unpack(files, &folder) {
        Ok(_) => Ok(()),
        Err(error @ chartroom_chart::Error::Exists(_)) => Err(error.into()),
        Err(error) => Err(error).context("failed to untar"),
    }
}

fn announce(downloaded: &Downloaded) -> Result<()> {
    match downloaded.announcement() {
        Some(announcement) => Ok(printer::result(&announcement)?),
        None => Ok(()),
    }
}

/// Writes the archive, and the provenance file beside it. Each is there whole or not at all.
fn save(downloaded: &Downloaded, folder: &Path) -> Result<PathBuf> {
    let path = folder.join(downloaded.file_name());
    write(&path, downloaded.archive())?;
    if let Some(provenance) = downloaded.provenance() {
        let mut beside = path.clone().into_os_string();
        beside.push(".prov");
        write(Path::new(&beside), provenance)?;
    }
    Ok(path)
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = tempfile::Builder::new().prefix(".pull-").permissions(permissions()).tempfile_in(folder);
    let written = written.and_then(|mut file| {
        std::io::Write::write_all(&mut file, content)?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map(drop).with_context(|| format!("can't write {}", path.display()))
}

/// As for any file; the user's mask is applied to it.
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
