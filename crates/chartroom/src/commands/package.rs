//! `chartroom package`

use std::path::Path;

use anyhow::{Result, bail};
use chartroom_chart::{Chart, Limits, PackageOptions, source_date_epoch};
use chartroom_cli::Package;

use super::Outcome;
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
        let path = chart.package_to(&flags.destination)?;
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

/// A chart's folder, ready to be packaged.
pub(super) fn prepared(folder: &Path, options: &PackageOptions) -> Result<Chart> {
    if folder.is_file() {
        bail!("{} is an archive already; name the chart's folder", folder.display());
    }
    let mut chart = Chart::from_directory(folder, &Limits::default())?;
    for warning in chart.warnings() {
        printer::aside(&format!("{warning}\n"));
    }
    chart.prepare(options)?;
    Ok(chart)
}
