//! Where the tasks are done: charts, a registry, and a home folder for each program.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};

use super::Tool;
use super::measure::{self, Usage};
use super::tasks::Task;
use crate::bench::charts::{Chart, Random};
use crate::process;

/// How many charts a pipeline pushes.
const MANY: usize = 20;

pub(super) struct Stage {
    folder: PathBuf,
    registry: SocketAddr,
    programs: [PathBuf; 2],
    /// Counts what was pushed, so that each push brings a new version.
    next: AtomicUsize,
}

impl Stage {
    pub(super) fn new(
        folder: PathBuf,
        registry: SocketAddr,
        chartroom: PathBuf,
        helm: PathBuf,
    ) -> Result<Self> {
        let stage = Self { folder, registry, programs: [chartroom, helm], next: AtomicUsize::new(0) };
        for tool in [Tool::Chartroom, Tool::Helm] {
            create_folder(&stage.home(tool))?;
        }
        // One chart for all that reads.
        let chart = stage.path("scaffold");
        process::capture(stage.command(Tool::Chartroom).arg("create").arg(&chart))?;
        Ok(stage)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn home(&self, tool: Tool) -> PathBuf {
        self.path(match tool {
            Tool::Chartroom => "chartroom",
            Tool::Helm => "helm",
        })
    }

    /// The program at its home, and nothing of this machine's user around it.
    fn command(&self, tool: Tool) -> Command {
        let mut command = Command::new(&self.programs[tool as usize]);
        self.settle(&mut command, tool);
        command
    }

    fn settle(&self, command: &mut Command, tool: Tool) {
        let home = self.home(tool);
        command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("HOME", &home).current_dir(&home);
    }

    fn registry(&self, tool: Tool) -> String {
        let home = if tool == Tool::Chartroom { "chartroom" } else { "helm" };
        format!("oci://{}/{home}", self.registry)
    }

    /// Makes what a task reads.
    pub(super) fn prepare(&self, task: Task) -> Result<()> {
        match task {
            Task::Pull | Task::ShowValues | Task::ShowPinned => {
                for tool in [Tool::Chartroom, Tool::Helm] {
                    let archive = match task {
                        Task::Pull => self.archive(tool, "read", "1.0.0")?,
                        _ => self.packaged_scaffold(tool)?,
                    };
                    let push = ["--plain-http", "push"];
                    let mut command = self.command(Tool::Helm);
                    command.args(&push[1..]).arg(&archive).arg(self.registry(tool)).arg(push[0]);
                    let said = process::capture(&mut command)?;
                    let digest = process::text(&said);
                    let digest = digest.lines().find_map(|line| line.strip_prefix("Digest: "));
                    let path = self.home(tool).join("digest");
                    fs::write(&path, digest.unwrap_or_default().trim())
                        .with_context(|| format!("cannot write {}", path.display()))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Has one program do the task once. What only prepares it is not measured.
    pub(super) fn once(&self, task: Task, tool: Tool) -> Result<Usage> {
        let scaffold = self.path("scaffold");
        let registry = self.registry(tool);
        let mut command = self.command(tool);
        match task {
            Task::Version => command.arg("version"),
            Task::Push => {
                let version = format!("1.0.{}", self.number());
                let archive = self.archive(tool, "pushed", &version)?;
                command.arg("push").arg(archive).args([&registry, "--plain-http"])
            }
            Task::Pull => {
                command.args(["pull", &format!("{registry}/read"), "--version", "1.0.0", "--plain-http"])
            }
            Task::Push20 => {
                self.folders(tool)?;
                command = self.pipeline(tool, &registry);
                &mut command
            }
            Task::Package => command.arg("package").arg(&scaffold),
            Task::ShowChart => command.args(["show", "chart"]).arg(&scaffold),
            Task::Template => command.arg("template").arg(&scaffold),
            Task::ShowValues => command.args([
                "show",
                "values",
                &format!("{registry}/scaffold"),
                "--version",
                "0.1.0",
                "--plain-http",
            ]),
            Task::ShowPinned => {
                let digest = fs::read_to_string(self.home(tool).join("digest"));
                let digest = digest.context("cannot read what was pushed")?;
                let chart = format!("{registry}/scaffold@{digest}");
                command.args(["show", "values", &chart, "--version", "0.1.0", "--plain-http"])
            }
        };
        if task != Task::ShowPinned {
            clear_cache(&self.home(tool))?;
        }
        rustix::fs::sync();
        measure::run(&mut command, &self.folder)
    }

    fn number(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// An archive that nobody has seen before.
    fn archive(&self, tool: Tool, name: &str, version: &str) -> Result<PathBuf> {
        let chart = Chart::new(&mut Random::new(), name, version)?;
        let path = self.home(tool).join(format!("{name}.tgz"));
        fs::write(&path, chart.archive.bytes.as_slice())
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    fn packaged_scaffold(&self, tool: Tool) -> Result<PathBuf> {
        let home = self.home(tool);
        process::capture(
            self.command(Tool::Helm).arg("package").arg(self.path("scaffold")).arg("-d").arg(&home),
        )?;
        Ok(home.join("scaffold-0.1.0.tgz"))
    }

    /// Chart folders, each with a version and content that nobody has seen before.
    fn folders(&self, tool: Tool) -> Result<()> {
        let version = format!("1.0.{}", self.number());
        for number in 0..MANY {
            let name = format!("chart-{number:02}");
            let archive = self.archive(tool, &name, &version)?;
            let charts = self.home(tool).join("charts");
            create_folder(&charts)?;
            process::capture(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&charts))?;
            fs::remove_file(&archive).with_context(|| format!("cannot remove {}", archive.display()))?;
        }
        Ok(())
    }

    fn pipeline(&self, tool: Tool, registry: &str) -> Command {
        let program = self.programs[tool as usize].display();
        let script = match tool {
            Tool::Chartroom => format!("exec '{program}' push charts/*/ {registry} --plain-http"),
            Tool::Helm => format!(
                "set -e
                for folder in charts/*/; do
                    name=$(basename \"$folder\")
                    '{program}' package \"$folder\"
                    version=$('{program}' show chart \"$folder\" | grep '^version:' | awk '{{print $2}}')
                    '{program}' push \"$name-$version.tgz\" {registry} --plain-http
                    rm \"$name-$version.tgz\"
                done"
            ),
        };
        let mut command = Command::new("bash");
        self.settle(&mut command, tool);
        command.args(["-c", &script]);
        command
    }
}

/// Nothing that was downloaded before may help, where that is not the point.
fn clear_cache(home: &Path) -> Result<()> {
    let cache = home.join(".cache");
    if cache.exists() {
        fs::remove_dir_all(&cache).with_context(|| format!("cannot remove {}", cache.display()))?;
    }
    Ok(())
}

fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))
}
