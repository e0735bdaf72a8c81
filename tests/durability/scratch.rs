//! A small file system in memory that only this test and its children see.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A mounted tmpfs. It lives in a mount namespace that a child process holds open, and that ends
/// with this process at the latest: nothing stays mounted, however the test ends.
pub(crate) struct Scratch {
    holder: Child,
    enter: Vec<String>,
    mount_point: TempDir,
}

impl Scratch {
    /// Mounts a file system of so many MiB; `None` where that is not allowed.
    pub(crate) fn mount(mebibytes: u32) -> Option<Self> {
        let user_too = ["--user", "--map-root-user", "--mount"];
        let mount_only = ["--mount"];
        [user_too.as_slice(), mount_only.as_slice()]
            .iter()
            .find_map(|flags| Self::try_mount(flags, mebibytes))
    }

    fn try_mount(flags: &[&str], mebibytes: u32) -> Option<Self> {
        let mount_point = TempDir::new().expect("a temporary folder");
        let script = r#"mount -t tmpfs -o "size=$0m" chartroom-test "$1" && echo mounted && exec cat"#;
        let mut holder = Command::new("unshare")
            .args(flags)
            .args(["sh", "-c", script, &mebibytes.to_string()])
            .arg(mount_point.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        let stdout = holder.stdout.take().expect("piped");
        let said = BufReader::new(stdout).read_line(&mut line);
        // Made before the check, so that the child is ended in any case.
        let mut enter = vec!["nsenter".to_owned(), "--preserve-credentials".to_owned()];
        enter.extend(flags.iter().filter(|flag| **flag != "--map-root-user").map(|flag| (*flag).to_owned()));
        enter.extend(["--target".to_owned(), holder.id().to_string(), "--".to_owned()]);
        let scratch = Self { holder, enter, mount_point };
        (said.is_ok() && line == "mounted\n").then_some(scratch)
    }

    /// The command that runs another one where the file system is mounted.
    pub(crate) fn launcher(&self) -> &[String] {
        &self.enter
    }

    /// Where the file system is, for programs run by the launcher.
    pub(crate) fn inside(&self) -> &Path {
        self.mount_point.path()
    }

    /// Where the file system is, for this process.
    fn outside(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.inside().strip_prefix("/").expect("an absolute path"))
    }

    /// Takes all the space that is left, but for so many bytes.
    pub(crate) fn fill(&self, leave: u64) {
        let path = self.outside().join("ballast");
        let mut file = File::options().append(true).create(true).open(path).expect("the ballast is opened");
        let block = [0x55; 4096];
        loop {
            match file.write_all(&block) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("the ballast is not written: {error}"),
            }
        }
        let length = file.metadata().expect("the ballast is there").len();
        file.set_len(length.saturating_sub(leave)).expect("the ballast is cut");
    }

    /// Gives all of it back.
    pub(crate) fn release(&self) {
        fs::remove_file(self.outside().join("ballast")).expect("the ballast is removed");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The end of its input is the end of the holder, and of its namespace.
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}
