//! `chartroom package`

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use chartroom_chart::{Chart, Limits, PackageOptions, source_date_epoch};
use chartroom_cli::Package;
use chartroom_provenance::{Signer, sha256};

use super::Outcome;
use super::dependency::{self, Job};
use crate::failure::Hinted;
use crate::{printer, provenance};

/// Makes archives of charts.
pub(crate) fn package(flags: &Package) -> Result<Outcome> {
    if flags.folders.is_empty() {
        bail!("need at least one argument, the path to the chart");
    }
    let options = PackageOptions {
        version: flags.version.clone(),
        app_version: flags.app_version.clone(),
        modified: source_date()?,
    };
    if flags.sign && flags.key.is_none() {
        bail!("--key is required for signing a package");
    }
    let mut signer = None;
    for folder in &flags.folders {
        if flags.dependency_update && folder.is_dir() {
            // As with Helm, all is quiet but for what came from registries.
            let job = Job::of(&folder.to_string_lossy(), &flags.connection);
            dependency::update(&Job { say: |_| Ok(()), ..job })?;
        }
        let chart = prepared(folder, &options)?;
        // First the signature: an archive that should have one and has none helps nobody.
        let provenance = match &flags.key {
            Some(key) if flags.sign => Some(signed(&chart, opened(&mut signer, key, flags)?)?),
            _ => None,
        };
        let path = chart.package_to(&flags.destination).map_err(|error| match error {
            // Scripts look for these words, which are Helm's.
            chartroom_chart::Error::NotAFolder(path) => {
                anyhow!("failed to save: is not a directory: {}", path.display())
            }
            error => error.into(),
        })?;
        if let Some(provenance) = provenance {
            save_beside(&path, &provenance)?;
        }
        // As with Helm: with the whole path, unless another folder was named.
        let here = flags.destination == Path::new(".");
        let path = if here { std::path::absolute(&path).unwrap_or(path) } else { path };
        printer::result(&format!("Successfully packaged chart and saved it to: {}", path.display()))?;
    }
    Ok(Outcome::Success)
}

/// The key that signs, which is found and opened once for all charts.
fn opened<'a>(signer: &'a mut Option<Signer>, key: &str, flags: &Package) -> Result<&'a Signer> {
    if signer.is_none() {
        let keyring = provenance::keyring(flags.keyring.as_deref());
        *signer = Some(provenance::signer(key, &keyring, flags.passphrase_file.as_deref())?);
    }
    signer.as_ref().ok_or_else(|| anyhow!("private key not found"))
}

/// The provenance file of a chart. Packaging it makes the same archive once more, byte for byte.
fn signed(chart: &Chart, signer: &Signer) -> Result<String> {
    let digest = sha256(&chart.to_archive()?);
    Ok(signer.sign(&chart.metadata().to_full_yaml()?, &chart.archive_name(), &digest)?)
}

/// Writes the provenance file of an archive. It is there whole or not at all.
fn save_beside(archive: &Path, provenance: &str) -> Result<()> {
    let mut path = archive.as_os_str().to_owned();
    path.push(".prov");
    let path = PathBuf::from(path);
    let folder = archive.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = std::fs::Permissions::from_mode(0o644);
    let written = tempfile::Builder::new().prefix(".package-").permissions(mode).tempfile_in(folder);
    let written = written.and_then(|mut file| {
        file.write_all(provenance.as_bytes())?;
        file.persist(&path).map_err(|error| error.error)
    });
    written.map(drop).with_context(|| format!("can't write {}", path.display()))
}

/// The time that `SOURCE_DATE_EPOCH` says, if it is set.
pub(super) fn source_date() -> Result<Option<jiff::Timestamp>> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(value) if !value.is_empty() => source_date_epoch(&value).map(Some).map_err(anyhow::Error::msg),
        _ => Ok(None),
    }
}

/// Checks that there is a folder of a chart, in Helm's words.
fn detect(folder: &Path) -> Result<()> {
    let go = |error: std::io::Error| {
        let text = error.to_string();
        text.split(" (os error").next().unwrap_or(&text).to_lowercase()
    };
    let metadata = folder.metadata();
    let metadata = metadata.map_err(|error| anyhow!("stat {}: {}", folder.display(), go(error)))?;
    let own = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).join("Chart.yaml");
    let Err(error) = own.metadata() else { return Ok(()) };
    let own = own.display();
    let error = anyhow!("unable to detect chart at {own}: open {own}: {}", go(error));
    if metadata.is_dir() {
        return Err(error);
    }
    Err(Hinted::new(error, format!("{} is a file; name the chart's folder", folder.display())).into())
}

/// A chart's folder, ready to be packaged.
pub(super) fn prepared(folder: &Path, options: &PackageOptions) -> Result<Chart> {
    detect(folder)?;
    let mut chart = Chart::from_directory(folder, &Limits::default())?;
    for warning in chart.warnings() {
        printer::aside(&format!("{warning}\n"));
    }
    chart.prepare(options)?;
    Ok(chart)
}
