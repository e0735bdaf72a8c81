//! `chartroom package`

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use chartroom_chart::{Chart, Limits, PackageOptions, source_date_epoch};
use chartroom_cli::Package;

use super::Outcome;
use crate::failure::Hinted;
use crate::printer;

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
    for folder in &flags.folders {
        let chart = prepared(folder, &options)?;
        let path = chart.package_to(&flags.destination).map_err(|error| match error {
            // Scripts look for these words, which are Helm's.
            chartroom_chart::Error::NotAFolder(path) => {
                anyhow!("failed to save: is not a directory: {}", path.display())
            }
            error => error.into(),
        })?;
        // As with Helm: with the whole path, unless another folder was named.
        let here = flags.destination == Path::new(".");
        let path = if here { std::path::absolute(&path).unwrap_or(path) } else { path };
        printer::result(&format!("Successfully packaged chart and saved it to: {}", path.display()))?;
    }
    Ok(Outcome::Success)
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
