//! `cargo xtask bench client`: the client commands as whole processes, beside
//! stock Helm, over loopback against a registry of Chartroom's own.
//!
//! Both programs do the same work in turns, run by run; what is compared is
//! the ratio within a run: of the time, of the CPU time, and of the memory.

pub(super) mod measure;
mod report;
mod stage;
mod tasks;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::machine::Machine;
use super::servers::{Peer, Server};
use super::{build_chartroom, chosen, interrupted};
pub(super) use measure::Usage;
use stage::Stage;
use tasks::Task;

/// The Helm that is measured.
pub(super) const HELM: &str = "helm-4.3.1";

#[derive(Args)]
pub(crate) struct ClientArgs {
    /// How often each task is done by each program; the figures are medians
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Measure only these tasks
    #[arg(long, value_enum, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    only: Vec<Task>,
    /// Write the results, with a description of the machine, as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Measure this `chartroom` instead of building one
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// Who does a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Chartroom,
    Helm,
}

/// What one task took each of them, run by run: Chartroom first.
struct TaskResults {
    task: Task,
    runs: Vec<[Usage; 2]>,
}

struct Results {
    tasks: Vec<TaskResults>,
    /// The size of the program without debugging information, in MB.
    size: f64,
}

pub(super) fn run(args: ClientArgs, root: &Path, folder: &Path) -> Result<()> {
    let [chartroom, helm] = programs(args.binary.as_deref(), root)?;
    let machine = Machine::of_clients(folder, &chartroom, &helm, args.runs)?;
    println!("{}", machine.text());

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the registry")?;
    let results = runtime.block_on(async {
        // Dropping the server kills it.
        let server = Server::start(Peer::Chartroom, chartroom.clone(), folder.join("registry")).await?;
        let stage = Stage::new(folder.join("stage"), server.address, chartroom.clone(), helm)?;
        let tasks = chosen(Task::ALL, &args.only);
        let measured = tokio::task::spawn_blocking(move || measure_all(&stage, &tasks, args.runs));
        tokio::select! {
            measured = measured => measured.context("the measuring was cut off")?,
            stopped = interrupted() => {
                stopped?;
                eprintln!();
                bail!("interrupted")
            }
        }
    })?;
    let results = Results { tasks: results, size: stripped_size(&chartroom, folder)? };
    println!("\n{}", report::text(&results));
    if let Some(file) = &args.markdown {
        fs::write(file, report::markdown(&results, &machine))
            .with_context(|| format!("cannot write {}", file.display()))?;
        println!("written to {}", file.display());
    }
    Ok(())
}

/// The two programs: Chartroom, built unless there is a binary of it, and Helm.
pub(super) fn programs(binary: Option<&Path>, root: &Path) -> Result<[PathBuf; 2]> {
    let chartroom = match binary {
        Some(binary) => fs::canonicalize(binary)
            .with_context(|| format!("there is no program at {}", binary.display()))?,
        None => build_chartroom()?,
    };
    let helm = root.join("target/peers/bin").join(HELM);
    if !helm.exists() {
        bail!("there is no {}; `cargo xtask peers {HELM}` brings it", helm.display());
    }
    Ok([chartroom, helm])
}

fn measure_all(stage: &Stage, tasks: &[Task], runs: u32) -> Result<Vec<TaskResults>> {
    let mut results = Vec::new();
    for &task in tasks {
        eprint!("{}", task.name());
        let measured = measure_task(stage, task, runs);
        eprintln!();
        results.push(measured.with_context(|| format!("{} failed", task.name()))?);
    }
    Ok(results)
}

fn measure_task(stage: &Stage, task: Task, runs: u32) -> Result<TaskResults> {
    stage.prepare(task)?;
    // The first time, programs and charts are read from the disk.
    for tool in [Tool::Chartroom, Tool::Helm] {
        stage.once(task, tool)?;
    }
    let mut measured = Vec::new();
    for number in 0..runs {
        // In turns, so that neither always finds what the other has warmed.
        let mut order = [Tool::Chartroom, Tool::Helm];
        if number % 2 == 1 {
            order.reverse();
        }
        let mut usages = order.map(|_| Usage::default());
        for tool in order {
            usages[tool as usize] = stage.once(task, tool)?;
        }
        eprint!(
            "  {:.1} : {:.1}",
            usages[0].wall.as_secs_f64() * 1000.0,
            usages[1].wall.as_secs_f64() * 1000.0
        );
        measured.push(usages);
    }
    Ok(TaskResults { task, runs: measured })
}

fn stripped_size(program: &Path, folder: &Path) -> Result<f64> {
    let stripped = folder.join("stripped");
    super::process::capture(Command::new("strip").arg("-o").arg(&stripped).arg(program))?;
    let metadata = fs::metadata(&stripped).with_context(|| format!("cannot read {}", stripped.display()))?;
    Ok(metadata.len() as f64 / 1e6)
}
