//! One file of a chart, and the bounds within which charts are read.

use bytes::Bytes;
use chartroom_goyaml::Value;
use jiff::Timestamp;

/// A file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path below the chart's folder, with `/` between the parts and no `.` or `..` in it.
    pub name: String,
    /// When it was last changed, where that is known.
    pub modified: Option<Timestamp>,
    /// What is in it, without a byte order mark at its start (Helm drops it from every file).
    pub data: Bytes,
}

impl File {
    pub(crate) fn new(name: String, modified: Option<Timestamp>, data: Vec<u8>) -> Self {
        let data = Bytes::from(data);
        let data = if data.starts_with(b"\xef\xbb\xbf") { data.slice(3..) } else { data };
        Self { name, modified, data }
    }
}

/// How much of a chart is read before it is refused. One budget holds for a chart with all its
/// subcharts, however they are nested: Helm starts anew for each archive inside of an archive.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes in all files together, uncompressed, and in what YAML aliases make of them.
    pub total: u64,
    /// Bytes in one file. Helm had 5 MiB here up to 4.2, and has no limit in 4.3.
    pub file: Option<u64>,
    /// How many files and folders.
    pub entries: usize,
    /// How deep subcharts may be inside of subcharts.
    pub depth: usize,
}

impl Default for Limits {
    /// What Helm 4.3 reads: 100 MiB. Its charts may have any number of entries, here 20,000
    /// (the largest public ones have some 2,000), nested 24 deep.
    fn default() -> Self {
        Self { total: 100 << 20, file: None, entries: 20_000, depth: 24 }
    }
}

impl Limits {
    /// For charts that strangers push: at most 5 MiB a file.
    pub fn untrusted() -> Self {
        Self { file: Some(5 << 20), ..Self::default() }
    }
}

/// What is left of the limits while a chart is read.
pub(crate) struct Budget<'a> {
    limits: &'a Limits,
    bytes: u64,
    entries: usize,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self { limits, bytes: limits.total, entries: limits.entries }
    }

    pub(crate) fn limits(&self) -> &'a Limits {
        self.limits
    }

    /// How many bytes a tar archive may have, with its headers and padding.
    pub(crate) fn stream(&self) -> u64 {
        self.bytes + 2048 * self.entries as u64 + (1 << 20)
    }

    /// Counts a file or folder.
    pub(crate) fn entry(&mut self) -> Result<(), crate::Error> {
        match self.entries.checked_sub(1) {
            Some(left) => self.entries = left,
            None => return Err(crate::Error::TooManyFiles(self.limits.entries)),
        }
        Ok(())
    }

    /// Counts the bytes of a file, before they are read.
    pub(crate) fn bytes(&mut self, name: &str, size: u64) -> Result<(), crate::Error> {
        if let Some(limit) = self.limits.file.filter(|limit| size > *limit) {
            return Err(crate::Error::FileTooLarge { name: name.to_owned(), limit });
        }
        match self.bytes.checked_sub(size) {
            Some(left) => self.bytes = left,
            None => return Err(crate::Error::TooLarge(self.limits.total)),
        }
        Ok(())
    }

    /// Counts what a YAML text has become larger by than any text without aliases can. Otherwise a
    /// few hundred bytes in each of many subcharts would fill the memory.
    pub(crate) fn yaml(&mut self, text: &str, value: &Value) -> Result<(), crate::Error> {
        let grown = weight(value).saturating_sub(32 * text.len() as u64);
        match self.bytes.checked_sub(grown) {
            Some(left) => self.bytes = left,
            None => return Err(crate::Error::TooLarge(self.limits.total)),
        }
        Ok(())
    }

    /// Whether subcharts may be this deep.
    pub(crate) fn depth(&self, depth: usize) -> Result<(), crate::Error> {
        if depth > self.limits.depth {
            return Err(crate::Error::TooDeep(self.limits.depth));
        }
        Ok(())
    }
}

/// Roughly the bytes that a value takes: 32 for each part, and its text.
fn weight(value: &Value) -> u64 {
    let more: u64 = match value {
        Value::String(text) => text.len() as u64,
        Value::List(list) => list.iter().map(weight).sum(),
        Value::Map(map) => map.iter().map(|(key, value)| key.len() as u64 + weight(value)).sum(),
        _ => 0,
    };
    32 + more
}
