//! `chartroom lint`

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use chartroom_chart::{ChartFile, Limits, read_archive};
use chartroom_cli::{Connection, Globals, Lint, Transport};
use chartroom_render::lint::{LintOptions, Linter, Report, Severity, clean};
use chartroom_render::{KubernetesVersion, on_large_stack};
use serde::Deserialize;

use super::Outcome;
use crate::{environment, printer, value_files};

/// How deep charts are looked for in each other.
const MAX_DEPTH: usize = 64;

/// Looks for mistakes in charts.
pub(crate) fn lint(flags: &Lint, globals: &Globals) -> Result<Outcome> {
    let kubernetes = match flags.kube_version.as_deref() {
        None | Some("") => None,
        Some(text) => {
            let version = KubernetesVersion::parse(text);
            Some(version.map_err(|error| anyhow!("invalid kube version '{text}': {error}"))?)
        }
    };
    let mut charts = flags.charts.clone();
    if flags.with_subcharts {
        for chart in &flags.charts {
            find_charts(&clean(&chart.join("charts")), 0, &mut charts);
        }
    }
    // lint has no flags for connections: what holds for all commands does.
    let transport = Transport { globals: globals.clone(), ..Transport::default() };
    let values = value_files::merged(&flags.values, &Connection { transport, ..Connection::default() })?;
    let options = LintOptions {
        namespace: environment::namespace(globals),
        kubernetes,
        skip_schema_validation: flags.skip_schema_validation,
    };
    let reports = on_large_stack(|| {
        let linter = Linter::new(&values, options);
        charts.iter().map(|chart| look_at(&linter, chart)).collect::<Vec<_>>()
    });
    tell(flags, &charts, &reports)
}

/// What is found in a chart, or why it is none.
fn look_at(linter: &Linter, chart: &Path) -> Result<Report, String> {
    let name = chart.to_string_lossy();
    if !name.ends_with(".tgz") && !name.ends_with(".tar.gz") {
        return linter.lint(chart).map_err(|error| error.to_string());
    }
    let folder = tempfile::Builder::new().prefix("chartroom-lint").tempdir();
    let folder = folder.map_err(|error| format!("unable to create temp dir to extract tarball: {error}"))?;
    let archive = fs::File::open(chart)
        .map_err(|error| format!("unable to open tarball: open {name}: {}", plain(&error)))?;
    let unpacked =
        unpack(archive, folder.path()).map_err(|error| format!("unable to extract tarball: {error}"))?;
    linter.lint(&unpacked).map_err(|error| error.to_string())
}

/// Writes the files of an archive into a folder with the chart's name, whatever else may be wrong with
/// it.
fn unpack(archive: fs::File, folder: &Path) -> Result<PathBuf> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Named {
        name: String,
    }
    let files = read_archive(archive, &Limits::default())?;
    let mut name = String::new();
    if let Some(file) = files.iter().rfind(|file| file.name == ChartFile::PATH) {
        let named = chartroom_goyaml::from_str::<Named>(&String::from_utf8_lossy(&file.data));
        name = named.context("cannot load Chart.yaml")?.name;
    }
    match name.as_str() {
        "" => bail!("chart name not specified"),
        "." | ".." => bail!("chart name {name:?} is not allowed"),
        _ if name.contains('/') => bail!("chart name {name:?} must not contain path separators"),
        _ => {}
    }
    let target = folder.join(name);
    for file in files {
        let path = target.join(&file.name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, &file.data)?;
    }
    Ok(target)
}

/// Finds the folders and archives of charts below a folder, in the order of their names. Links are not
/// followed.
fn find_charts(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name == ChartFile::PATH {
            found.extend(path.parent().map(Path::to_owned));
        } else if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
            found.push(path.clone());
        }
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if is_folder && depth < MAX_DEPTH {
            find_charts(&path, depth + 1, found);
        }
    }
}

/// Prints what was found, as Helm does.
fn tell(flags: &Lint, charts: &[PathBuf], reports: &[Result<Report, String>]) -> Result<Outcome> {
    let tolerated = if flags.strict { Severity::Info } else { Severity::Warning };
    let (mut text, mut failed, mut noticed) = (String::new(), 0, 0);
    for (chart, report) in charts.iter().zip(reports) {
        let worst = match report {
            Ok(report) => {
                for line in &report.log {
                    printer::aside(&format!("{line}\n"));
                }
                report.worst()
            }
            Err(_) => Some(Severity::Error),
        };
        let is_bad = worst > Some(Severity::Info);
        noticed += usize::from(is_bad);
        if flags.quiet && !is_bad {
            continue;
        }
        writeln!(text, "==> Linting {}", chart.display())?;
        match report {
            Err(error) => writeln!(text, "Error {error}")?,
            Ok(report) => {
                for message in &report.messages {
                    if !flags.quiet || message.severity > Severity::Info {
                        writeln!(text, "{message}")?;
                    }
                }
            }
        }
        failed += usize::from(worst > Some(tolerated));
        text.push('\n');
    }
    printer::whole(text.as_bytes())?;
    let summary = format!("{} chart(s) linted, {failed} chart(s) failed", charts.len());
    if failed > 0 {
        return Err(anyhow!(summary));
    }
    if !flags.quiet || noticed > 0 {
        printer::result(&summary)?;
    }
    Ok(Outcome::Success)
}

/// An error of the system in Go's words.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
