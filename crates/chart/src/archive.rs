//! Chart archives: a gzipped tar file from a stranger becomes a list of files, or an error that
//! names the entry which no chart has a use for.
//!
//! What Helm lets pass silently is refused here where it can only be a mistake or an attack:
//! links, devices, `..`, absolute paths, drive letters, backslashes, the same path twice.

use std::collections::HashSet;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use tar::EntryType;

use crate::error::{EntryProblem, Error};
use crate::file::{Budget, File, Limits};

/// The longest extension header that is read, in bytes; it holds a path.
const MAX_EXTENSION: u64 = 64 << 10;

/// Reads the files of a chart archive, in their order, without the first part of their paths.
///
/// Nothing is written anywhere, and memory is bounded by the limits: the size that a header
/// announces is counted before the bytes are read, and what is inflated is counted too.
pub fn read_archive(archive: impl Read, limits: &Limits) -> Result<Vec<File>, Error> {
    read(archive, &mut Budget::new(limits))
}

pub(crate) fn read(archive: impl Read, budget: &mut Budget<'_>) -> Result<Vec<File>, Error> {
    let inflated = Bounded { inner: MultiGzDecoder::new(archive), left: budget.stream() };
    let mut archive = tar::Archive::new(inflated);
    let mut files = Vec::new();
    let mut paths = Paths::default();
    let mut extension = Extension::default();
    let total = budget.limits().total;
    for entry in archive.entries().map_err(|error| damaged(error, total))?.raw(true) {
        let mut entry = entry.map_err(|error| damaged(error, total))?;
        budget.entry()?;
        let header = entry.header();
        let kind = header.entry_type();
        let size = header.entry_size().map_err(|error| damaged(error, total))?;
        let own_name = entry.path_bytes().into_owned();
        match kind {
            EntryType::XHeader | EntryType::GNULongName => {
                if size > MAX_EXTENSION {
                    return Err(Error::entry(&own_name, EntryProblem::Header));
                }
                let content = content(&mut entry, size, total)?;
                match kind {
                    EntryType::XHeader => extension.pax(&own_name, &content)?,
                    _ => {
                        extension.path = Some(content.split(|byte| *byte == 0).next().unwrap_or(&[]).to_vec())
                    }
                }
                continue;
            }
            // `git archive` writes the first, archivers of links the second.
            EntryType::XGlobalHeader | EntryType::GNULongLink => continue,
            _ => {}
        }
        let Extension { path, modified, size: extended_size } = std::mem::take(&mut extension);
        let name = path.unwrap_or(own_name);
        let problem = |problem| Error::entry(&name, problem);
        if extended_size.is_some_and(|extended| extended != size) {
            return Err(problem(EntryProblem::Header));
        }
        if kind.is_dir() || (kind.is_file() && name.ends_with(b"/")) {
            continue;
        }
        match kind {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Symlink | EntryType::Link => return Err(problem(EntryProblem::Link)),
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                return Err(problem(EntryProblem::Special));
            }
            _ => return Err(problem(EntryProblem::Header)),
        }
        let path = path_in_chart(&name).map_err(problem)?;
        paths.add(&path).map_err(problem)?;
        budget.bytes(&String::from_utf8_lossy(&name), size)?;
        let modified = match modified {
            Some(modified) => Some(modified),
            None => entry.header().mtime().ok().and_then(seconds),
        };
        files.push(File::new(path, modified, content(&mut entry, size, total)?));
    }
    if files.is_empty() {
        return Err(Error::NoFiles);
    }
    Ok(files)
}

fn seconds(seconds: u64) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

fn content(entry: &mut impl Read, size: u64, total: u64) -> Result<Vec<u8>, Error> {
    // A header may announce more than follows: reserve little, and let it grow.
    let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or(usize::MAX).min(1 << 20));
    entry.take(size).read_to_end(&mut data).map_err(|error| damaged(error, total))?;
    if data.len() as u64 != size {
        return Err(Error::Damaged(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(data)
}

fn damaged(error: io::Error, total: u64) -> Error {
    // The tar reader wraps what it gets, and keeps only its kind and text.
    if error.kind() == io::ErrorKind::FileTooLarge {
        return Error::TooLarge(total);
    }
    Error::Damaged(error)
}

/// The path of an entry inside of its chart.
fn path_in_chart(name: &[u8]) -> Result<String, EntryProblem> {
    let name = std::str::from_utf8(name).map_err(|_| EntryProblem::IllegalName)?;
    if name.contains(|letter: char| letter == '\\' || letter.is_control()) {
        return Err(EntryProblem::IllegalName);
    }
    if name.split('/').any(|part| part == "..") {
        return Err(EntryProblem::ParentDirectory);
    }
    let Some((base, rest)) = name.split_once('/') else {
        return Err(match name {
            "Chart.yaml" => EntryProblem::ChartYamlOutside,
            _ => EntryProblem::OutsideBase,
        });
    };
    if base == "Chart.yaml" {
        return Err(EntryProblem::ChartYamlOutside);
    }
    if base.is_empty() || rest.starts_with('/') {
        return Err(EntryProblem::Absolute);
    }
    let parts: Vec<&str> = rest.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if std::iter::once(&base).chain(&parts).any(|part| is_drive(part)) {
        return Err(EntryProblem::IllegalName);
    }
    if parts.is_empty() {
        return Err(EntryProblem::OutsideBase);
    }
    Ok(parts.join("/"))
}

fn is_drive(part: &str) -> bool {
    matches!(part.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// The paths so far, so that none is a file twice, or a file and a folder.
#[derive(Default)]
struct Paths {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Paths {
    fn add(&mut self, path: &str) -> Result<(), EntryProblem> {
        if self.folders.contains(path) {
            return Err(EntryProblem::FileAndFolder);
        }
        for (slash, _) in path.match_indices('/') {
            let folder = path.get(..slash).unwrap_or(path);
            if self.files.contains(folder) {
                return Err(EntryProblem::FileAndFolder);
            }
            if !self.folders.contains(folder) {
                self.folders.insert(folder.to_owned());
            }
        }
        match self.files.insert(path.to_owned()) {
            true => Ok(()),
            false => Err(EntryProblem::Duplicate),
        }
    }
}

/// What an extension header says of the entry after it.
#[derive(Default)]
struct Extension {
    path: Option<Vec<u8>>,
    modified: Option<Timestamp>,
    size: Option<u64>,
}

impl Extension {
    /// Reads records of the form `<length> <key>=<value>\n`.
    fn pax(&mut self, name: &[u8], mut records: &[u8]) -> Result<(), Error> {
        let broken = || Error::entry(name, EntryProblem::Header);
        while !records.is_empty() {
            let (record, rest) = pax_record(records).ok_or_else(broken)?;
            records = rest;
            let (key, value) = record;
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"mtime" => self.modified = pax_time(value),
                b"size" => self.size = Some(parse(value).ok_or_else(broken)?),
                _ if key.starts_with(b"GNU.sparse.") => return Err(broken()),
                _ => {}
            }
        }
        Ok(())
    }
}

type PaxRecord<'a> = (&'a [u8], &'a [u8]);

fn pax_record(records: &[u8]) -> Option<(PaxRecord<'_>, &[u8])> {
    let space = records.iter().position(|byte| *byte == b' ')?;
    let length: usize = parse(records.get(..space)?)?;
    let record = records.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some(((record.get(..equals)?, record.get(equals + 1..)?), records.get(length..)?))
}

fn parse<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Seconds with an optional fraction, of which tar readers keep nanoseconds.
fn pax_time(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanoseconds: i32 = digits.parse().ok()?;
    Timestamp::new(seconds, if seconds < 0 { -nanoseconds } else { nanoseconds }).ok()
}

/// A reader that fails, rather than ends, after so many bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.left -= read as u64;
        Ok(read)
    }
}
