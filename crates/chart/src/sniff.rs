//! Telling a chart archive from what people give for one by mistake.

use std::fs;
use std::io::{self, Cursor, Read};
use std::path::Path;

use crate::error::Error;

/// Looks at the start of a file; the answer gives all of it.
pub(crate) fn archive(path: &Path, mut file: fs::File) -> Result<impl Read, Error> {
    let unreadable = |error: io::Error| Error::io("read", path, error);
    let mut start = Vec::with_capacity(512);
    file.by_ref().take(512).read_to_end(&mut start).map_err(unreadable)?;
    if start.starts_with(b"\x1f\x8b\x08") {
        return Ok(Cursor::new(start).chain(file));
    }
    let name = path.to_string_lossy().into_owned();
    if name.ends_with(".yaml") || name.ends_with(".yml") {
        return Err(Error::YamlForArchive(name));
    }
    // Helm looks at 512 bytes however short the file is: what follows it are zeros.
    start.resize(512, 0);
    Err(Error::NotAnArchive { name, content_type: content_type(&start) })
}

/// The likeliest of what Go's `http.DetectContentType` knows.
fn content_type(start: &[u8]) -> &'static str {
    let is_binary = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    match start {
        [b'P', b'K', 3, 4, ..] => "application/zip",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [b'%', b'P', b'D', b'F', b'-', ..] => "application/pdf",
        _ if start.iter().any(is_binary) => "application/octet-stream",
        _ => "text/plain; charset=utf-8",
    }
}
