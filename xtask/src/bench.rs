//! `cargo xtask bench`: measures Chartroom against other servers, on this
//! machine, in one go.
//!
//! Absolute figures say more about the machine than about the program. So the
//! peers run beside Chartroom, each measurement of it is followed at once by
//! the same one of them, and what is compared is the ratio.

mod baseline;
mod cases;
mod charts;
mod client;
mod figures;
mod guarded;
mod listing;
mod load;
mod machine;
mod proc;
mod push;
mod rendering;
mod report;
mod servers;
mod session;
mod subject;
mod table;
mod wire;

use std::env;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use crate::{process, workspace};
use cases::Case;
use machine::Machine;
use servers::{Peer, Programs};

/// Set for the optimized build of this command, which must not start another.
const OPTIMIZED: &str = "CHARTROOM_BENCH_OPTIMIZED";

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    other: Option<Other>,
    /// How often each case is measured; the figures are medians over the runs
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// How long the load of each measurement lasts
    #[arg(long, value_name = "S", default_value_t = 3.0, value_parser = seconds)]
    seconds: f64,
    /// Measure only these cases
    #[arg(long, value_enum, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    only: Vec<Case>,
    /// Start only these servers
    #[arg(long, value_enum, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    peers: Vec<Peer>,
    /// Write the results, with a description of the machine, as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Measure this `chartroom` instead of building one
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// What is measured unless it is the registry.
#[derive(Subcommand)]
enum Other {
    /// Measure the client commands, as whole processes beside stock Helm
    Client(client::ClientArgs),
    /// Measure the rendering of all charts in some folders, beside stock Helm
    Rendering(rendering::RenderingArgs),
}

pub(crate) fn run(args: BenchArgs) -> Result<()> {
    if cfg!(debug_assertions) && env::var_os(OPTIMIZED).is_none() {
        return run_optimized();
    }
    let root = workspace::root()?;
    let work = root.join("target/bench");
    fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
    let _lock = lock(&work)?;
    sweep(&work)?;
    let folder = tempfile::Builder::new()
        .prefix(RUN)
        .tempdir_in(&work)
        .with_context(|| format!("cannot create a folder in {}", work.display()))?;
    match args.other {
        Some(Other::Client(args)) => client::run(args, &root, folder.path()),
        Some(Other::Rendering(args)) => rendering::run(&args, &root, folder.path()),
        None => run_registry(args, &root, &folder),
    }
}

fn run_registry(args: BenchArgs, root: &Path, folder: &TempDir) -> Result<()> {
    let plan = Plan::new(args, root)?;
    let machine = Machine::describe(folder.path(), &plan)?;
    println!("{}", machine.text());

    // One thread: the load generator shares the cores with what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the load generator")?;
    let results = runtime.block_on(async {
        // Dropping the session kills the servers that it has started.
        tokio::select! {
            results = session::run(&plan, folder.path()) => results,
            stopped = interrupted() => {
                stopped?;
                // What is on the line is half of a progress report.
                eprintln!();
                bail!("interrupted")
            }
        }
    })?;
    println!("\n{}", report::text(&results, &plan));
    if let Some(file) = &plan.markdown {
        fs::write(file, report::markdown(&results, &plan, &machine))
            .with_context(|| format!("cannot write {}", file.display()))?;
        println!("written to {}", file.display());
    }
    Ok(())
}

/// What to measure, how long, and with which programs.
struct Plan {
    runs: u32,
    load: Duration,
    cases: Vec<Case>,
    peers: Vec<Peer>,
    programs: Programs,
    markdown: Option<PathBuf>,
}

impl Plan {
    fn new(args: BenchArgs, root: &Path) -> Result<Self> {
        let peers = chosen(Peer::ALL, &args.peers);
        let chartroom = match args.binary {
            Some(binary) => fs::canonicalize(&binary)
                .with_context(|| format!("there is no program at {}", binary.display()))?,
            None if peers.contains(&Peer::Chartroom) => build_chartroom()?,
            None => PathBuf::new(),
        };
        let programs = Programs { chartroom, peers: root.join("target/peers/bin") };
        for &peer in &peers {
            let program = programs.of(peer);
            if !program.exists() {
                bail!("there is no {}; `cargo xtask peers {}` brings it", program.display(), peer.name());
            }
        }
        Ok(Self {
            runs: args.runs,
            load: Duration::from_secs_f64(args.seconds),
            cases: chosen(Case::ALL, &args.only),
            peers,
            programs,
            markdown: args.markdown,
        })
    }
}

/// Those of all that were asked for, in the order of all; all if none were.
fn chosen<T: Copy + PartialEq>(all: &[T], asked: &[T]) -> Vec<T> {
    all.iter().copied().filter(|one| asked.is_empty() || asked.contains(one)).collect()
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.1..=600.0).contains(&seconds) => Ok(seconds),
        _ => Err("must be a number from 0.1 to 600".to_owned()),
    }
}

/// Starts this very command again, compiled with optimization: a slow load
/// generator would take from the servers what it is to measure.
fn run_optimized() -> Result<()> {
    let folder = env::current_dir().context("there is no current folder")?;
    let mut cargo = workspace::cargo()?;
    // Paths among the arguments are relative to where the command was given.
    cargo.current_dir(folder).arg("run").arg("--manifest-path").arg(workspace::root()?.join("Cargo.toml"));
    cargo.args(["--quiet", "--release", "--package", "xtask", "--"]);
    cargo.args(env::args_os().skip(1)).env(OPTIMIZED, "1");
    let error = cargo.exec();
    Err(error).with_context(|| format!("cannot run {}", process::describe(&cargo)))
}

fn build_chartroom() -> Result<PathBuf> {
    let mut cargo = workspace::cargo()?;
    cargo.args(["build", "--release", "--package", "chartroom"]);
    if !process::succeeds(&mut cargo)? {
        bail!("{} failed", process::describe(&cargo));
    }
    // This command was built the same way, so the other is beside it.
    let own = env::current_exe().context("cannot tell where this program is")?;
    Ok(own.with_file_name("chartroom"))
}

/// How the names of the folders of single runs begin.
const RUN: &str = "run-";

/// Two of them at once would measure each other.
fn lock(work: &Path) -> Result<File> {
    let path = work.join("lock");
    let lock = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    if lock.try_lock().is_err() {
        bail!("another `cargo xtask bench` is running");
    }
    Ok(lock)
}

/// Removes what a run that was killed has left.
fn sweep(work: &Path) -> Result<()> {
    let failed = || format!("cannot clear {}", work.display());
    for entry in fs::read_dir(work).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        if entry.file_name().to_string_lossy().starts_with(RUN) {
            fs::remove_dir_all(entry.path()).with_context(failed)?;
        }
    }
    Ok(())
}

/// Returns when the command is told to stop.
async fn interrupted() -> Result<()> {
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
