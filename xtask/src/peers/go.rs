//! Peers written in Go, built from the modules that the `go.mod` files in `tests/peers` pin.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Store;
use crate::process;

pub(super) struct Tool {
    module: &'static str,
    /// The import path of the program.
    package: String,
    go_mod: String,
    go_sum: String,
    folder: PathBuf,
}

impl Tool {
    /// `folder` is that of the `go.mod`, below `tests/peers`: empty, or a name.
    pub(super) fn new(store: &Store, folder: &str, module: &'static str, package: &str) -> Result<Self> {
        let folder = store.go_module().join(folder);
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        Ok(Self {
            module,
            package: format!("{module}/{package}"),
            go_mod: read("go.mod")?,
            go_sum: read("go.sum")?,
            folder,
        })
    }

    /// The version of the program's module.
    pub(super) fn version(&self) -> Result<String> {
        let mut lines = self.go_mod.lines().map(str::split_whitespace);
        let version = lines.find_map(|mut words| (words.next() == Some(self.module)).then(|| words.next()));
        let version = version.flatten().with_context(|| {
            format!("{} requires no {}", self.folder.join("go.mod").display(), self.module)
        })?;
        Ok(version.to_owned())
    }

    /// The versions of everything it is built from: a dependency that was
    /// raised makes another program.
    pub(super) fn pin(&self) -> Result<String> {
        let sums = super::wheel::sha256_hex(format!("{}\n{}", self.go_mod, self.go_sum).as_bytes());
        Ok(format!("{} {} {sums}", self.package, self.version()?))
    }

    pub(super) fn bring(&self, store: &Store, name: &str) -> Result<()> {
        build(store, name, &self.folder, &self.package)
    }
}

/// Builds one program of the module in the folder.
fn build(store: &Store, name: &str, module: &Path, package: &str) -> Result<()> {
    let scratch = store.scratch()?;
    let program = scratch.path().join(name);
    process::capture(
        Command::new("go")
            .current_dir(module)
            // The pinned versions and nothing else: no flags and no workspace
            // of whoever runs this, and no linking with what the system has.
            .env("GOFLAGS", "-mod=readonly")
            .env("GOWORK", "off")
            .env("CGO_ENABLED", "0")
            .args(["build", "-trimpath", "-buildvcs=false", "-o"])
            .arg(&program)
            .arg(package),
    )?;
    store.install(name, &program)
}
