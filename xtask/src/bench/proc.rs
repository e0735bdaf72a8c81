//! What the kernel knows of a process: the CPU time and the memory it takes.

use std::fs;
use std::process;
use std::time::Duration;

use anyhow::{Context, Result};

/// What `/proc` counts CPU time in, on every architecture that we know of.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU time in seconds.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct CpuTime {
    pub(super) user: f64,
    pub(super) system: f64,
}

impl CpuTime {
    pub(super) fn total(self) -> f64 {
        self.user + self.system
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { user: self.user + other.user, system: self.system + other.system }
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self { user: self.user - before.user, system: self.system - before.system }
    }
}

/// CPU time of this process.
pub(super) fn own_cpu() -> Result<CpuTime> {
    let path = format!("/proc/{}/stat", process::id());
    let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let (_, time) = parse_stat(&stat).with_context(|| format!("cannot understand {path}"))?;
    Ok(time)
}

/// CPU time of all processes of a group, which a server and its workers are.
pub(super) fn group_cpu(group: u32) -> Result<CpuTime> {
    let mut sum = CpuTime::default();
    for entry in fs::read_dir("/proc").context("cannot list /proc")? {
        let path = entry.context("cannot list /proc")?.path().join("stat");
        // Most entries are no processes, and a process may end at any time.
        let Some((of, time)) = fs::read_to_string(path).ok().as_deref().and_then(parse_stat) else {
            continue;
        };
        if of == group {
            sum.user += time.user;
            sum.system += time.system;
        }
    }
    Ok(sum)
}

/// CPU time that the threads of a process have taken so far, to the nanosecond: what [`group_cpu`] tells is
/// counted in ticks, which is too coarse to hold two servers against each other.
pub(super) fn run_time(process: u32) -> Result<Duration> {
    let path = format!("/proc/{process}/task");
    let mut sum = 0;
    for entry in fs::read_dir(&path).with_context(|| format!("cannot list {path}"))? {
        let path = entry.with_context(|| format!("cannot list {path}"))?.path().join("schedstat");
        // A thread may end at any time.
        let Ok(text) = fs::read_to_string(path) else { continue };
        sum += parse_schedstat(&text).context("cannot understand a thread's schedstat")?;
    }
    Ok(Duration::from_nanos(sum))
}

fn parse_schedstat(text: &str) -> Option<u64> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// The process group and the CPU time.
fn parse_stat(stat: &str) -> Option<(u32, CpuTime)> {
    // The second field is the program's name in parentheses, spaces and all.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let group = fields.nth(2)?.parse().ok()?;
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    for _ in 0..8 {
        ticks()?;
    }
    let [user, system] = [ticks()?, ticks()?].map(|ticks| ticks / TICKS_PER_SECOND);
    Some((group, CpuTime { user, system }))
}

/// Resident memory in MB.
pub(super) struct Memory {
    pub(super) now: f64,
    pub(super) peak: f64,
}

pub(super) fn memory(process: u32) -> Result<Memory> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib: Option<f64> = line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok());
        let kib = kib.with_context(|| format!("{path} has no {name}"))?;
        anyhow::Ok(kib * 1024.0 / 1e6)
    };
    Ok(Memory { now: field("VmRSS:")?, peak: field("VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() -> Result<()> {
        let stat = "7 (a) b) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 9 9 9";
        let (group, time) = parse_stat(stat).context("it is one")?;
        assert_eq!((group, time.user, time.system), (42, 1.5, 0.5));
        Ok(())
    }

    #[test]
    fn run_time_only_grows() -> Result<()> {
        assert_eq!(parse_schedstat("1234567890 42 7\n"), Some(1_234_567_890));
        let before = run_time(process::id())?;
        std::hint::black_box(
            (0..1_000_000_u64).fold(0, |sum: u64, number| sum ^ number.wrapping_mul(sum | 1)),
        );
        assert!(run_time(process::id())? > before);
        Ok(())
    }
}
