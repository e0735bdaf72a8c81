//! `chartroom dependency update` and `chartroom dependency build`: from `Chart.yaml` or `Chart.lock` to
//! `charts/`.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use chartroom_chart::go_text::SystemError;
use chartroom_chart::{Chart, Dependency, Limits, Lock, Staging};
use chartroom_cli::{ChartRepository, Transport};
use chartroom_oci::Digest;
use jiff::Timestamp;

use super::Job;
use super::download::download;
use super::origin::Repositories;
use super::resolve::resolve;
use crate::commands::package::source_date;
use crate::commands::{Outcome, run_client};
use crate::failure::Hinted;
use crate::helm_log;
use crate::remote::Sources;

/// Finds and gets the newest versions that fit, and notes them in the lock.
pub(in crate::commands) fn update(job: &Job<'_>) -> Result<Outcome> {
    source_date()?;
    let chart = load(&job.chart)?;
    if !chart.declares_dependencies() {
        return Ok(Outcome::Success);
    }
    let mut requirements = chart.metadata().dependencies.clone();
    run_whole(async {
        let unnamed = ChartRepository::default();
        let sources = sources(job, &unnamed)?;
        let mut repositories = Repositories::new(job)?;
        let origins = repositories.origins(job, &mut requirements)?;
        if !job.skip_refresh {
            repositories.refresh_unnamed(job, &origins).await?;
            repositories.refresh_named(job).await?;
        }
        let mut locked = resolve(job, &sources, &mut repositories, &requirements, &origins).await?;
        let staging = Staging::begin(&job.chart)?;
        let digests = download(job, &sources, &mut repositories, &mut locked, &origins, &staging).await?;
        let old = chart.lock();
        if let Some(old) = old.filter(|_| !job.pin) {
            compare_pins(old, &locked, &digests)?;
        }
        place(job, staging, &locked)?;
        let pinned = job.pin || old.is_some_and(Lock::is_pinned);
        let mut lock = Lock::new(&requirements, locked, Timestamp::now())?;
        lock.set_pins(if pinned { digests } else { Vec::new() });
        let same = old.is_some_and(|old| old.digest == lock.digest && old.has_pins_of(&lock));
        if !same {
            lock.write(&job.chart, &chart.metadata().api_version)?;
        }
        Ok(Outcome::Success)
    })
}

/// Gets the versions that the lock has.
pub(in crate::commands) fn build(job: &Job<'_>) -> Result<Outcome> {
    source_date()?;
    let chart = load(&job.chart)?;
    let Some(lock) = chart.lock() else { return update(job) };
    let mut requirements = chart.metadata().dependencies.clone();
    run_whole(async {
        let unnamed = ChartRepository::default();
        let sources = sources(job, &unnamed)?;
        let mut repositories = Repositories::new(job)?;
        repositories.origins(job, &mut requirements)?;
        must_be_in_sync(&chart, lock, &requirements)?;
        repositories.must_have_names(&lock.dependencies)?;
        if !job.skip_refresh {
            repositories.refresh_named(job).await?;
        }
        let mut locked = lock.dependencies.clone();
        let origins = repositories.origins(job, &mut locked)?;
        let staging = Staging::begin(&job.chart)?;
        let digests = download(job, &sources, &mut repositories, &mut locked, &origins, &staging).await?;
        compare_pins(lock, &locked, &digests)?;
        place(job, staging, &locked)?;
        Ok(Outcome::Success)
    })
}

/// Runs what must not leave half of its work behind when it is interrupted.
fn run_whole(work: impl Future<Output = Result<Outcome>>) -> Result<Outcome> {
    run_client(async {
        tokio::select! {
            outcome = work => outcome,
            _ = tokio::signal::ctrl_c() => Err(anyhow!("interrupted; nothing has changed")),
        }
    })
}

/// The way to registries. That files of the command line can't be read is told before all else.
fn sources<'a>(job: &Job<'a>, unnamed: &'a ChartRepository) -> Result<Sources<'a>> {
    let sources = Sources::new(job.connection, unnamed);
    let Transport { ca_file, cert_file, key_file, .. } = &job.connection.transport;
    if ca_file.is_some() || cert_file.is_some() || key_file.is_some() {
        sources.client().context("missing registry client")?;
    }
    Ok(sources)
}

/// The chart in a folder.
fn load(path: &Path) -> Result<Chart> {
    let shown = path.display();
    let metadata = fs::metadata(path)
        .map_err(|error| anyhow!("could not find {shown}: stat {shown}: {}", SystemError(&error)))?;
    if !metadata.is_dir() {
        bail!("only unpacked charts can be updated");
    }
    let chart = Chart::from_directory(path, &Limits::default())?;
    chart.warnings().iter().for_each(helm_log::chart_warning);
    Ok(chart)
}

/// That the lock was made for these requirements.
fn must_be_in_sync(chart: &Chart, lock: &Lock, requirements: &[Dependency]) -> Result<()> {
    if lock.digest == Lock::digest_of(requirements, &lock.dependencies)? {
        return Ok(());
    }
    let metadata = chart.metadata();
    if metadata.api_version != "v1" {
        bail!(
            "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies with 'helm dependency update'"
        );
    }
    helm_log::info("warning: a valid Helm v3 hash was not found. Checking against Helm v2 hash...", &[]);
    // Helm 2 took the names of repositories as they were written.
    if !lock.is_in_sync("v1", &metadata.dependencies)? {
        bail!(
            "the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml). Please update the dependencies"
        );
    }
    Ok(())
}

/// That the archives of versions which the lock pins are those that it pins.
fn compare_pins(lock: &Lock, locked: &[Dependency], digests: &[Option<Digest>]) -> Result<()> {
    for (dependency, digest) in locked.iter().zip(digests) {
        let Some(found) = digest else { continue };
        let same = |known: &Dependency| {
            (&known.name, &known.version, &known.repository)
                == (&dependency.name, &dependency.version, &dependency.repository)
        };
        let Some(index) = lock.dependencies.iter().position(same) else { continue };
        let Some(pinned) = lock.pin(index).filter(|pinned| *pinned != found.to_string()) else { continue };
        let Dependency { name, version, .. } = dependency;
        let error = anyhow!(
            "the archive of {name} {version} is not the one that the lock file pins: it has the digest {found}, not {pinned}"
        );
        let hint =
            "somebody has replaced that version; if you trust it: chartroom dependency update --pin-digests";
        return Err(Hinted::new(error, hint).into());
    }
    Ok(())
}

/// Moves the new archives into `charts/`, and deletes those that they replace.
fn place(job: &Job<'_>, staging: Staging, locked: &[Dependency]) -> Result<()> {
    let placed = staging.place()?;
    (job.say)("Deleting outdated charts")?;
    let vendored = locked.iter().filter(|dependency| dependency.repository.is_empty());
    let keep: HashSet<&str> = vendored.map(|dependency| dependency.name.as_str()).collect();
    for kept in placed.delete_outdated(&keep) {
        let (path, problem) = (kept.path.display(), kept.problem);
        let what = if kept.outdated {
            format!("Could not delete {path}: {problem} (Skipping)")
        } else {
            format!("Could not verify {path} for deletion: {problem} (Skipping)")
        };
        (job.say)(&what)?;
    }
    Ok(())
}
