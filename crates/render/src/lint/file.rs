//! Reading the files of a chart one by one, with the errors of Go.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// The most that is read of a file.
const MAX_SIZE: u64 = 100 << 20;

/// An error of the file system in Go's words.
pub(super) fn problem(operation: &str, path: &Path, error: &io::Error) -> String {
    let text = error.to_string();
    let text = match error.raw_os_error() {
        Some(_) => text.split(" (os error").next().unwrap_or(&text).to_lowercase(),
        None => text,
    };
    format!("{operation} {}: {text}", path.display())
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let file = fs::File::open(path).map_err(|error| problem("open", path, &error))?;
    let mut content = Vec::new();
    let read = file.take(MAX_SIZE + 1).read_to_end(&mut content);
    read.map_err(|error| problem("read", path, &error))?;
    if content.len() as u64 > MAX_SIZE {
        return Err(format!("read {}: larger than {MAX_SIZE} bytes", path.display()));
    }
    Ok(content)
}

/// A text, with the error of the YAML library where it is none.
pub(super) fn text(content: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(content)
        .map_err(|_| "error converting YAML to JSON: yaml: invalid leading UTF-8 octet".to_owned())
}
