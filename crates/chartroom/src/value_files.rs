//! Files that `--values` and `--set-file` name: on this machine, from the standard input, or from the web.

use std::fs;
use std::io::{self, Read as _};

use chartroom_cli::ValueFlags;
use chartroom_cli::go::CommaSeparated;
use chartroom_goyaml::Value;
use chartroom_render::values::{ValueOptions, ValuesError};

/// The most that is read of a file with values. Charts with all their files end at the same size.
const MAX_FILE: u64 = 100 << 20;

/// The values that a user gives.
///
/// # Errors
///
/// When a file or a flag can't be read.
pub(crate) fn merged(flags: &ValueFlags) -> Result<Value, ValuesError> {
    let options = ValueOptions {
        values: CommaSeparated::all(&flags.files).map(str::to_owned).collect(),
        set_json: flags.set_json.clone(),
        set: flags.set.clone(),
        set_string: flags.set_string.clone(),
        set_file: flags.set_file.clone(),
        set_literal: flags.set_literal.clone(),
    };
    options.merge(&mut read)
}

fn read(name: &str) -> Result<Vec<u8>, String> {
    if name.trim() == "-" {
        return bounded(io::stdin().lock()).map_err(|error| format!("read /dev/stdin: {}", plain(&error)));
    }
    let file = fs::File::open(name).map_err(|error| format!("open {name}: {}", plain(&error)))?;
    bounded(file).map_err(|error| format!("read {name}: {}", plain(&error)))
}

fn bounded(reader: impl io::Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    reader.take(MAX_FILE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {MAX_FILE} bytes")));
    }
    Ok(content)
}

/// An error of the system in Go's words.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match error.raw_os_error() {
        Some(_) => text.split(" (os error").next().unwrap_or(&text).to_lowercase(),
        None => text,
    }
}
