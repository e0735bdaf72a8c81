//! `cargo xtask bench rendering`: `template` of all charts in some folders, as whole processes beside
//! stock Helm.
//!
//! Charts come as they are found, with what they depend on taken from the same folders. Those that one
//! of the two refuses are told, and not measured: whether both say the same is what `cargo xtask parity`
//! is for. Where keys or slow hashes are made, these take most of the time, and a random time at that, so
//! such charts are reported apart.

mod report;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::client::{HELM, Usage, measure, programs};
use super::machine::Machine;
use crate::parity::Shelf;
use crate::process;

/// What makes keys or hashes that are slow on purpose.
const SLOW: &[&str] =
    &["genPrivateKey", "genCA", "genSelfSignedCert", "genSignedCert", "htpasswd", "bcrypt", "derivePassword"];

#[derive(Args)]
pub(crate) struct RenderingArgs {
    /// Folders to look for charts in
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// How often each chart is rendered by each program; the figures are medians
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Render only charts whose path has this in it
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// How many of the slowest charts are listed
    #[arg(long, value_name = "N", default_value_t = 15)]
    show: usize,
    /// Write the results, with a description of the machine, as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Measure this `chartroom` instead of building one
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// What a chart took, run by run: Chartroom first.
struct ChartResults {
    name: String,
    /// Whether it makes keys or slow hashes.
    slow: bool,
    /// How much it comes to, in bytes.
    output: u64,
    runs: Vec<[Usage; 2]>,
}

struct Results {
    charts: Vec<ChartResults>,
    /// The charts that one of the two refuses.
    refused: Vec<String>,
}

pub(super) fn run(args: &RenderingArgs, root: &Path, folder: &Path) -> Result<()> {
    let [chartroom, helm] = programs(args.binary.as_deref(), root)?;
    let machine = Machine::of_clients(folder, &chartroom, &helm, args.runs)?;
    println!("{}", machine.text());
    let results = measure_all(args, [&chartroom, &helm], folder)?;
    println!("\n{}", report::text(&results, args.show));
    if let Some(file) = &args.markdown {
        fs::write(file, report::markdown(&results, &machine, args.show))
            .with_context(|| format!("cannot write {}", file.display()))?;
        println!("written to {}", file.display());
    }
    Ok(())
}

fn measure_all(args: &RenderingArgs, programs: [&Path; 2], folder: &Path) -> Result<Results> {
    let shelf = Shelf::search(&args.folders)?;
    let mut results = Results { charts: Vec::new(), refused: Vec::new() };
    for found in shelf.charts() {
        let path = found.path().display().to_string();
        if args.only.as_ref().is_some_and(|only| !path.contains(only.as_str())) {
            continue;
        }
        let place = tempfile::tempdir_in(folder).context("cannot create a folder")?;
        let (chart, _) = shelf.vendor(found, place.path())?;
        let name = name_of(found.path(), found.group());
        // The first time, programs and charts are read from the disk.
        let mut accepted = true;
        for program in programs {
            let mut command = template(program, &chart, place.path());
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let status = command.status().with_context(|| format!("cannot run {}", program.display()))?;
            accepted &= status.success();
        }
        if !accepted {
            results.refused.push(name);
            continue;
        }
        let mut runs = Vec::new();
        for number in 0..args.runs {
            let mut order = [0, 1];
            if number % 2 == 1 {
                order.reverse();
            }
            let mut usages = [Usage::default(); 2];
            for tool in order {
                usages[tool] =
                    measure::run(&mut template(programs[tool], &chart, place.path()), place.path())?;
            }
            runs.push(usages);
        }
        let output = fs::metadata(place.path().join("stdout")).map_or(0, |metadata| metadata.len());
        let chart = ChartResults { slow: is_slow(&chart)?, name, output, runs };
        eprintln!("{}", report::line(&chart));
        results.charts.push(chart);
    }
    if results.charts.is_empty() {
        bail!("there is no chart to measure");
    }
    Ok(results)
}

fn template(program: &Path, chart: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("HOME", home).current_dir(home).arg("template").arg(chart);
    command
}

/// Where a chart is below the folder that was searched, with that folder's own name: nobody else is to know
/// where that one is.
fn name_of(path: &Path, group: &str) -> String {
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy());
    parts.skip_while(|part| part != group).collect::<Vec<_>>().join("/")
}

/// Whether a template below the folder has one of the slow functions in it.
fn is_slow(folder: &Path) -> Result<bool> {
    let mut grep = Command::new("grep");
    grep.args(["-rqE", "--include=*.yaml", "--include=*.yml", "--include=*.tpl"]);
    grep.arg(SLOW.join("|")).arg(folder);
    process::succeeds(&mut grep)
}
