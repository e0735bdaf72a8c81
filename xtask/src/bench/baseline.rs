//! What the machine needs for the least that an upload consists of: hashing
//! the bytes, and having them on the disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process;

/// The time of each of the two.
#[derive(Clone, Copy)]
pub(super) struct Baseline {
    pub(super) sha256sum: Duration,
    pub(super) write_and_fsync: Duration,
}

impl Baseline {
    /// Measures `sha256sum` of a file with these bytes, then writing another
    /// file with them up to the end of its fsync.
    pub(super) fn measure(folder: &Path, bytes: &[u8]) -> Result<Self> {
        let [file, copy] = ["baseline", "baseline-copy"].map(|name| folder.join(name));
        write(&file, bytes)?;
        let started = Instant::now();
        process::capture(Command::new("sha256sum").arg(&file))?;
        let sha256sum = started.elapsed();
        let started = Instant::now();
        write(&copy, bytes)?;
        let write_and_fsync = started.elapsed();
        for path in [file, copy] {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(Self { sha256sum, write_and_fsync })
    }

    pub(super) fn total(self) -> Duration {
        self.sha256sum + self.write_and_fsync
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let mut file = File::create(path).with_context(failed)?;
    file.write_all(bytes).with_context(failed)?;
    file.sync_all().with_context(failed)
}
