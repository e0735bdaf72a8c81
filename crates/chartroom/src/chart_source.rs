//! From what a user calls a chart to the chart: a folder, an archive, or a reference to a registry.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use chartroom_chart::{Chart, ChartFile, Error, Limits};
use chartroom_cli::ChartSource;

use crate::commands::run_client;
use crate::failure::Hinted;
use crate::{printer, remote};

/// Reads the chart that a command names. What is downloaded is announced beside the result.
pub(crate) fn open(name: &str, source: &ChartSource) -> Result<Chart> {
    let name = name.trim();
    if source.verify {
        bail!("--verify is not there yet");
    }
    if source.repo.is_none() {
        let path = Path::new(name);
        if path.exists() {
            return from_path(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        }
        if path.is_absolute() || name.starts_with('.') {
            bail!("path {name:?} not found");
        }
    }
    if name.starts_with("oci://") {
        return from_registry(name, source);
    }
    if name.starts_with("http://") || name.starts_with("https://") || source.repo.is_some() {
        let error = anyhow::anyhow!("chart repositories are not there yet: {name}");
        return Err(Hinted::new(error, "name a folder, an archive, or oci://…").into());
    }
    match name.split_once('/') {
        None => bail!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}"),
        Some((repository, _)) => bail!("repo {repository} not found"),
    }
}

fn from_path(path: &PathBuf) -> Result<Chart> {
    match Chart::open(path, &Limits::default()) {
        Err(Error::NoChartYaml) if path.is_dir() => {
            let file = path.join(ChartFile::PATH);
            let file = file.display();
            bail!("unable to detect chart at {file}: open {file}: no such file or directory");
        }
        opened => Ok(opened?),
    }
}

fn from_registry(name: &str, source: &ChartSource) -> Result<Chart> {
    run_client(async {
        let client = remote::client(&source.connection)?;
        let fetched = remote::fetch(&client, name, source.version.as_deref(), source.devel, false).await?;
        printer::aside(&format!("{}\n", fetched.announcement("Pulled")));
        fetched.open()
    })
}
