//! What a process took: time, CPU time and memory.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wait4::Wait4 as _;

use crate::process;

/// What one run took.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::bench) struct Usage {
    pub(in crate::bench) wall: Duration,
    /// In its own code and in the kernel for it, with all processes that it has started.
    pub(in crate::bench) cpu: Duration,
    /// The most resident memory that it, or a process that it has started, had, in MB.
    pub(in crate::bench) memory: f64,
}

/// Runs a command, which must succeed. What it prints goes to files, as in a pipeline.
pub(in crate::bench) fn run(command: &mut Command, folder: &Path) -> Result<Usage> {
    let streams = ["stdout", "stderr"].map(|name| folder.join(name));
    let create =
        |path: &Path| File::create(path).with_context(|| format!("cannot create {}", path.display()));
    command.stdin(Stdio::null()).stdout(create(&streams[0])?).stderr(create(&streams[1])?);
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot run {}", process::describe(command)))?;
    let ended = child.wait4().with_context(|| format!("cannot wait for {}", process::describe(command)))?;
    let wall = started.elapsed();
    if !ended.status.success() {
        let mut said = String::new();
        for path in &streams {
            File::open(path).and_then(|mut file| file.read_to_string(&mut said)).ok();
        }
        bail!("{} failed ({}): {}", process::describe(command), ended.status, said.trim());
    }
    let usage = ended.rusage;
    Ok(Usage { wall, cpu: usage.utime + usage.stime, memory: usage.maxrss as f64 / 1e6 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_charged_for_what_it_did() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
        let usage = run(Command::new("sh").args(["-c", script]), folder.path())?;
        assert!(usage.cpu > Duration::ZERO && usage.wall > Duration::ZERO, "{usage:?}");
        // A shell takes more than 500 kB, and less than 50 MB.
        assert!((0.5..50.0).contains(&usage.memory), "{usage:?}");
        let failure = run(Command::new("sh").args(["-c", "echo out of luck >&2; exit 3"]), folder.path());
        assert!(failure.is_err_and(|error| error.to_string().contains("out of luck")));
        Ok(())
    }
}
