//! Charts that are rendered: from what a user calls one to the chart, with all that it depends on.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use chartroom_chart::{Chart, ChartFile, Error, Limits};
use chartroom_cli::{ChartSource, ValueFlags};
use chartroom_goyaml::Value;
use chartroom_render::LogLine;

use crate::commands::{bring, run_client};
use crate::remote::{Obtained, Sources, Wanted};
use crate::rendering::log;
use crate::{helm_log, printer, provenance, value_files};

/// Gets the chart that a command names, with all that it depends on, and the values for it. With `update`,
/// missing dependencies of a folder are fetched into it.
pub(crate) fn load(
    name: &str,
    source: &ChartSource,
    values: &ValueFlags,
    update: bool,
) -> Result<(Chart, Value)> {
    let obtained = obtain(name, source)?;
    let values = value_files::merged(values, &source.connection)?;
    let chart = open(&obtained, source)?;
    check(&chart)?;
    let chart = with_dependencies(chart, &obtained, source, update)?;
    chart.check_api_version()?;
    Ok((chart, values))
}

/// Gets the chart that a command names. What is downloaded is announced beside the result.
fn obtain(name: &str, source: &ChartSource) -> Result<Obtained> {
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
fn open(obtained: &Obtained, source: &ChartSource) -> Result<Chart> {
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

/// Whether a chart is of a kind that can be rendered.
fn check(chart: &Chart) -> Result<()> {
    chart.warnings().iter().for_each(helm_log::chart_warning);
    let metadata = chart.metadata();
    if !matches!(metadata.chart_type.as_str(), "" | "application") {
        bail!("{} charts are not installable", metadata.chart_type);
    }
    if metadata.deprecated {
        log(&LogLine::warn("this chart is deprecated", Vec::new()));
    }
    Ok(())
}

/// Checks that a chart has all that it depends on. What is missing is fetched, if that is asked for; then
/// the chart is read once more.
fn with_dependencies(chart: Chart, obtained: &Obtained, source: &ChartSource, update: bool) -> Result<Chart> {
    let Err(missing) = chart.check_dependencies() else { return Ok(chart) };
    match obtained {
        Obtained::Local(path) if update && path.is_dir() => {
            bring(path, &source.connection)?;
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
