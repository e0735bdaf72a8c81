//! `cargo xtask parity`: renders folders of charts with stock Helm and with Chartroom, and says where
//! the two differ.
//!
//! Each chart is rendered with its default values, with each values file of its `ci` folder, with each
//! of its switches turned over, and with its other settings changed. What Helm itself prints differently
//! from one time to the next (keys, passwords, dates) is masked. Missing dependencies are taken from the
//! same folders, as far as they are there; others are replaced by empty charts.

mod charts;
mod compare;
mod report;
mod variants;

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{process, workspace};
pub(crate) use charts::Shelf;
use compare::{Outcome, Programs};
use variants::{Variant, Ways};

/// The Helm that is the measure.
const HELM: &str = "helm-4.3.1";

#[derive(Args)]
pub(crate) struct ParityArgs {
    /// Folders to look for charts in
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Render only charts whose path has this in it
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Render only charts whose path has none of these in it
    #[arg(long, value_name = "TEXT")]
    except: Vec<String>,
    /// How many switches of each chart are turned over, one at a time; all at once are too
    #[arg(long, value_name = "N", default_value_t = 0)]
    switches: usize,
    /// How many settings of each chart that are no switches are changed, one at a time
    #[arg(long, value_name = "N", default_value_t = 0)]
    settings: usize,
    /// How many mixtures of switches and settings each chart is rendered with
    #[arg(long, value_name = "N", default_value_t = 0)]
    mixtures: usize,
    /// Render each chart for other clusters too: by flags, not by values
    #[arg(long)]
    flags: bool,
    /// Leave out the default values
    #[arg(long)]
    no_defaults: bool,
    /// Tell what charts were refused for
    #[arg(long)]
    reasons: bool,
    /// Leave out the values files of the charts' ci folders
    #[arg(long)]
    no_ci: bool,
    /// The command that is compared: template or lint
    #[arg(long, default_value = "template")]
    command: String,
    /// How many differences are shown
    #[arg(long, value_name = "N", default_value_t = 30)]
    show: usize,
    /// How many charts are rendered at a time
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Compare this `chartroom` instead of building one
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// One rendering, by both.
struct Case {
    chart: PathBuf,
    name: String,
    group: String,
    variant: Variant,
}

pub(crate) fn run(args: ParityArgs) -> Result<()> {
    let root = workspace::root()?;
    let chartroom = match &args.binary {
        Some(binary) => fs::canonicalize(binary)
            .with_context(|| format!("there is no program at {}", binary.display()))?,
        None => build()?,
    };
    let helm = root.join("target/peers/bin").join(HELM);
    if !helm.exists() {
        bail!("there is no {}; `cargo xtask peers {HELM}` brings it", helm.display());
    }
    let work = root.join("target/parity");
    fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
    let folder = tempfile::tempdir_in(&work).context("cannot create a folder")?;

    let shelf = Shelf::search(&args.folders)?;
    let wanted = shelf
        .charts()
        .filter(|chart| args.only.as_ref().is_none_or(|only| chart.path.to_string_lossy().contains(only)))
        .filter(|chart| !args.except.iter().any(|part| chart.path.to_string_lossy().contains(part)));
    let ways = Ways {
        defaults: !args.no_defaults,
        ci: !args.no_ci,
        switches: args.switches,
        settings: args.settings,
        mixtures: args.mixtures,
        flags: args.flags,
    };
    let mut cases = Vec::new();
    for (number, chart) in wanted.enumerate() {
        let place = folder.path().join(format!("charts/{number}"));
        let (copy, missing) = shelf.vendor(chart, &place)?;
        if !missing.is_empty() {
            eprintln!("{}: with an empty {}", chart.path.display(), missing.join(", "));
        }
        for variant in variants::of(&copy, &ways)? {
            let name = chart.path.display().to_string();
            cases.push(Case { chart: copy.clone(), name, group: chart.group.clone(), variant });
        }
    }
    eprintln!("{} charts, {} renderings", shelf.charts().count(), cases.len());

    let home = folder.path().join("home");
    fs::create_dir_all(&home).context("cannot create a home folder")?;
    let programs = Programs { chartroom, helm, home, command: args.command.clone() };
    let outcomes = compare_all(&cases, &programs, args.jobs.into())?;
    println!("{}", report::text(&cases, &outcomes, args.show));
    if args.reasons {
        println!("{}", report::reasons(&cases, &outcomes));
    }
    let differences = outcomes.iter().filter(|outcome| !outcome.is_identical()).count();
    if differences > 0 {
        bail!("{differences} of {} renderings differ", cases.len());
    }
    Ok(())
}

fn compare_all(cases: &[Case], programs: &Programs, jobs: usize) -> Result<Vec<Outcome>> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::with_capacity(cases.len()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(number) else { return anyhow::Ok(()) };
            let outcome = programs
                .compare(&case.chart, &case.variant)
                .with_context(|| format!("{} {}", case.name, case.variant.name))?;
            if let Some(difference) = &outcome.difference {
                let kind = difference.kind;
                eprintln!(
                    "{} [{}] differs: {kind:?}, line {}",
                    case.name, case.variant.name, difference.line
                );
            }
            if (number + 1).is_multiple_of(200) {
                eprintln!("{} of {}", number + 1, cases.len());
            }
            let mut outcomes = outcomes.lock().map_err(|_| anyhow::anyhow!("a thread has panicked"))?;
            outcomes.push((number, outcome));
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("a thread has panicked")))
    })?;
    let mut outcomes = outcomes.into_inner().map_err(|_| anyhow::anyhow!("a thread has panicked"))?;
    outcomes.sort_by_key(|&(number, _)| number);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

fn build() -> Result<PathBuf> {
    let mut cargo = workspace::cargo()?;
    cargo.args(["build", "--release", "--package", "chartroom"]);
    if !process::succeeds(&mut cargo)? {
        bail!("{} failed", process::describe(&cargo));
    }
    Ok(workspace::root()?.join("target/release/chartroom"))
}
