//! What the figures were measured on, and with.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result};

use super::Plan;
use super::servers::Peer;
use crate::{process, workspace};

/// Names and values.
pub(super) struct Machine {
    pub(super) facts: Vec<(String, String)>,
    in_memory: bool,
}

impl Machine {
    /// The machine with the servers of a plan.
    pub(super) fn describe(folder: &Path, plan: &Plan) -> Result<Self> {
        let Self { mut facts, in_memory } = Self::bare(folder)?;
        for &peer in &plan.peers {
            let mut version = plan.programs.version(peer)?;
            if peer == Peer::Chartroom {
                version.push_str(&commit());
            }
            facts.push((peer.name().to_owned(), version));
        }
        facts.push(("load".to_owned(), format!("{} × {} s", plan.runs, plan.load.as_secs_f64())));
        Ok(Self { facts, in_memory })
    }

    /// The machine with the two clients that are measured.
    pub(super) fn of_clients(folder: &Path, chartroom: &Path, helm: &Path, runs: u32) -> Result<Self> {
        let Self { mut facts, in_memory } = Self::bare(folder)?;
        let version = said(Command::new(chartroom).arg("--version"))?;
        let version = version.split_ascii_whitespace().last().unwrap_or("unknown").to_owned();
        facts.push(("chartroom".to_owned(), version + &commit()));
        facts.push(("helm".to_owned(), said(Command::new(helm).args(["version", "--short"]))?));
        facts.push(("runs".to_owned(), runs.to_string()));
        Ok(Self { facts, in_memory })
    }

    fn bare(folder: &Path) -> Result<Self> {
        let file_system = file_system(folder)?;
        let cores = thread::available_parallelism().context("cannot tell the number of cores")?;
        let facts = vec![
            ("CPU".to_owned(), field("/proc/cpuinfo", "model name")?),
            ("cores".to_owned(), cores.to_string()),
            ("memory".to_owned(), memory()?),
            ("kernel".to_owned(), read("/proc/sys/kernel/osrelease")?.trim().to_owned()),
            ("file system of the data".to_owned(), file_system.clone()),
            ("compiler".to_owned(), said(Command::new("rustc").arg("--version"))?),
        ];
        Ok(Self { facts, in_memory: ["tmpfs", "ramfs"].contains(&file_system.as_str()) })
    }

    pub(super) fn text(&self) -> String {
        let width = self.facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let mut lines: Vec<_> =
            self.facts.iter().map(|(name, value)| format!("{name:<width$}  {value}")).collect();
        lines.extend(self.warning().map(|warning| format!("\n{warning}")));
        lines.join("\n")
    }

    pub(super) fn warning(&self) -> Option<&'static str> {
        const WARNING: &str = "The data is in memory: what is durable elsewhere is not durable here, and the \
                               figures of pushes are worth nothing.";
        self.in_memory.then_some(WARNING)
    }
}

/// The type of the file system that the folder is on.
fn file_system(folder: &Path) -> Result<String> {
    let folder = fs::canonicalize(folder).with_context(|| format!("cannot resolve {}", folder.display()))?;
    let mounts = read("/proc/self/mountinfo")?;
    let mounts = mounts.lines().filter_map(|line| {
        let (place, kind) = line.split_once(" - ")?;
        let place = place.split(' ').nth(4)?.replace("\\040", " ");
        folder.starts_with(&place).then_some((place.len(), kind.split(' ').next()?))
    });
    // Of the same place, the last mount hides those before.
    let (_, kind) = mounts.max_by_key(|&(length, _)| length).context("no mount holds the folder")?;
    Ok(kind.to_owned())
}

fn memory() -> Result<String> {
    let total = field("/proc/meminfo", "MemTotal")?;
    let kib: Option<f64> = total.split(' ').next().and_then(|number| number.parse().ok());
    Ok(kib.map_or(total, |kib| format!("{:.1} GB", kib * 1024.0 / 1e9)))
}

/// The first value of that name in a file of lines `name: value`.
fn field(path: &str, name: &str) -> Result<String> {
    let text = read(path)?;
    let values = text.lines().filter_map(|line| line.split_once(':'));
    let value = values.into_iter().find(|(found, _)| found.trim() == name);
    // Not every architecture has each of them.
    Ok(value.map_or("unknown", |(_, value)| value.trim()).to_owned())
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {path}"))
}

fn said(command: &mut Command) -> Result<String> {
    Ok(process::text(&process::capture(command)?).trim().to_owned())
}

/// Which commit is measured; nothing outside a git checkout.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let root = workspace::root().ok()?;
        said(Command::new("git").current_dir(root).args(arguments)).ok()
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return String::new();
    };
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
    format!(", commit {commit}{}", if changed { " with changes" } else { "" })
}
