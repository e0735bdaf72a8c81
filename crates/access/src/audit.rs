//! The audit log: who did what, from where, whether it was allowed, and by which rule. One JSON object
//! a line, in files that are changed when they are full.
//!
//! A thread writes. What is asked faster than the disk takes waits in a bounded queue; if that is full,
//! whoever asks waits too: an audit log with holes is none.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::Error;

/// How many entries may wait.
const QUEUE: usize = 8192;

/// An entry.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// When.
    pub time: Timestamp,
    /// The request's id, as in the log and in `X-Request-Id`.
    pub request: String,
    /// Who, as far as it was proved.
    pub who: String,
    /// What it was proved by.
    pub credential: &'static str,
    /// From where.
    pub address: IpAddr,
    /// The request's method and path.
    pub method: String,
    /// The path, without its query, which may hold secrets.
    pub path: String,
    /// What is done to the repository; or `login`.
    pub action: &'static str,
    /// The repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Whether it was allowed.
    pub allowed: bool,
    /// The rule that allowed it, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<usize>,
    /// Why not, if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The audit log.
pub struct Audit {
    queue: Option<SyncSender<Entry>>,
    writer: Option<JoinHandle<()>>,
}

impl Audit {
    /// Opens the log and begins to write. `max_bytes` is when a file is full, `keep` how many full
    /// ones are kept beside it, as `<file>.1` (the newest) to `<file>.<keep>`.
    ///
    /// # Errors
    ///
    /// If the file can't be opened for writing.
    pub fn open(path: &Path, max_bytes: u64, keep: usize) -> Result<Self, Error> {
        let mut log = Log::open(path, max_bytes, keep)?;
        let (queue, entries) = sync_channel(QUEUE);
        let writer = std::thread::Builder::new().name("audit".to_owned()).spawn(move || log.follow(&entries));
        let writer = writer.map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
        Ok(Self { queue: Some(queue), writer: Some(writer) })
    }

    /// Writes an entry. Waits if the disk is behind.
    pub fn record(&self, entry: Entry) {
        if let Some(queue) = &self.queue {
            // An error means that the writer is gone, and it has said why.
            let _ = queue.send(entry);
        }
    }
}

impl Drop for Audit {
    /// Waits until all is written.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

struct Log {
    path: PathBuf,
    file: BufWriter<File>,
    written: u64,
    max_bytes: u64,
    keep: usize,
}

impl Log {
    fn open(path: &Path, max_bytes: u64, keep: usize) -> Result<Self, Error> {
        let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
        let file = append(path).map_err(unreadable)?;
        let written = file.metadata().map_err(unreadable)?.len();
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), written, max_bytes, keep })
    }

    fn follow(&mut self, entries: &Receiver<Entry>) {
        loop {
            let entry = match entries.try_recv() {
                Ok(entry) => entry,
                Err(TryRecvError::Disconnected) => return self.flush(),
                // Nothing waits: what was written goes out before we do.
                Err(TryRecvError::Empty) => {
                    self.flush();
                    match entries.recv() {
                        Ok(entry) => entry,
                        Err(_) => return,
                    }
                }
            };
            if let Err(error) = self.write(&entry) {
                tracing::error!(%error, file = %self.path.display(), ?entry, "an audit entry can't be written");
            }
        }
    }

    fn flush(&mut self) {
        if let Err(error) = self.file.flush() {
            tracing::error!(%error, file = %self.path.display(), "audit entries can't be written");
        }
    }

    fn write(&mut self, entry: &Entry) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let length = line.len() as u64;
        if self.written > 0 && self.written + length > self.max_bytes {
            self.rotate()?;
        }
        self.file.write_all(&line)?;
        self.written += length;
        Ok(())
    }

    fn rotate(&mut self) -> std::io::Result<()> {
        self.file.flush()?;
        for number in (1..self.keep).rev() {
            let _ = fs::rename(self.numbered(number), self.numbered(number + 1));
        }
        if self.keep > 0 {
            fs::rename(&self.path, self.numbered(1))?;
        } else {
            fs::remove_file(&self.path)?;
        }
        self.file = BufWriter::new(append(&self.path)?);
        self.written = 0;
        Ok(())
    }

    fn numbered(&self, number: usize) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        name.into()
    }
}

fn append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn entry(number: usize) -> Entry {
        Entry {
            time: Timestamp::now(),
            request: number.to_string(),
            who: "user:anna".to_owned(),
            credential: "password",
            address: IpAddr::from([127, 0, 0, 1]),
            method: "PUT".to_owned(),
            path: "/v2/charts/app/manifests/1.0.0".to_owned(),
            action: "push",
            repository: Some("charts/app".to_owned()),
            allowed: true,
            rule: Some(1),
            reason: None,
        }
    }

    #[test]
    fn full_files_are_set_aside_and_no_entry_of_what_is_kept_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.log");
        for half in 0..2 {
            // Closed and opened again in between.
            let audit = Audit::open(&path, 2000, 100).unwrap();
            for number in 0..100 {
                audit.record(entry(half * 100 + number));
            }
        }
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(files.len() > 5);
        let mut numbers = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.len() <= 2000);
            numbers.extend(text.lines().map(|line| {
                let entry: serde_json::Value = serde_json::from_str(line).unwrap();
                entry["request"].as_str().unwrap().parse::<usize>().unwrap()
            }));
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn no_more_files_than_wanted_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::open(&folder.path().join("audit.log"), 1000, 2).unwrap();
        for number in 0..100 {
            audit.record(entry(number));
        }
        drop(audit);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
