//! Charts that are rendered: from what a user calls one to the chart, with all that it depends on.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use chartroom_chart::{Chart, ChartFile, Error, Limits};
use chartroom_cli::ChartSource;

use crate::commands::run_client;
use crate::remote::{Obtained, Sources, Wanted};
use crate::{printer, provenance};

/// What brings a chart's dependencies along, before it is read.
type Update<'a> = &'a dyn Fn(&Path) -> Result<()>;

/// Gets the chart that a command names. What is downloaded is announced beside the result.
pub(crate) fn obtain(name: &str, source: &ChartSource) -> Result<Obtained> {
    let local = source.repository.repo.is_none() && Path::new(name.trim()).exists();
    let wanted = Wanted {
        chart: name,
        version: source.version.as_deref(),
        devel: source.devel,
        provenance: source.verification.verify,
    };
    let sources = Sources::new(&source.connection, &source.repository);
    if local {
        return Ok(Obtained::Local(absolute(Path::new(name.trim()))));
    }
    let obtained = run_client(sources.obtain(&wanted))?;
    if let Obtained::Downloaded(downloaded) = &obtained
        && let Some(announcement) = downloaded.announcement()
    {
        printer::aside(&format!("{announcement}\n"));
    }
    Ok(obtained)
}

fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Reads a chart that was obtained, after it was verified if that is asked for.
pub(crate) fn open(obtained: &Obtained, source: &ChartSource) -> Result<Chart> {
    let verify = source.verification.verify;
    let keyring = verify.then(|| provenance::keyring(source.verification.keyring.as_deref()));
    match obtained {
        Obtained::Local(path) if keyring.is_none() => match Chart::open(path, &Limits::default()) {
            Err(Error::NoChartYaml) if path.is_dir() => {
                let file = path.join(ChartFile::PATH);
                let file = file.display();
                bail!("unable to detect chart at {file}: open {file}: no such file or directory");
            }
            opened => Ok(opened?),
        },
        obtained => obtained.open(keyring.as_deref()),
    }
}

/// Checks that a chart has all that it depends on. What is missing is got by `update`, if it is given;
/// then the chart is read once more.
pub(crate) fn with_dependencies(
    chart: Chart,
    obtained: &Obtained,
    source: &ChartSource,
    update: Option<Update<'_>>,
) -> Result<Chart> {
    let Err(missing) = chart.check_dependencies() else { return Ok(chart) };
    match (obtained, update) {
        (Obtained::Local(path), Some(update)) if path.is_dir() => {
            update(path)?;
            let chart = open(obtained, source);
            let chart = chart.context("failed reloading chart after repo update")?;
            chart.check_dependencies()?;
            Ok(chart)
        }
        _ => Err(missing).context(
            "an error occurred while checking for chart dependencies. You may need to run \
             'helm dependency build' to fetch missing dependencies",
        ),
    }
}
