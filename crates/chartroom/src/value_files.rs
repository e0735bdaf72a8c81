//! Files that `--values` and `--set-file` name: on this machine, from the standard input, or from the web.

use std::fs;
use std::io::{self, Read as _};

use chartroom_chart::go_text::SystemError;
use chartroom_chart_repository::Entry;
use chartroom_cli::go::CommaSeparated;
use chartroom_cli::{Connection, ValueFlags};
use chartroom_goyaml::Value;
use chartroom_registry_client::Url;
use chartroom_render::values::{ValueOptions, ValuesError};

use crate::commands::run_client;
use crate::remote::Classic;

/// The most that is read of a file with values. Charts with all their files end at the same size.
const MAX_FILE: u64 = 100 << 20;

/// The values that a user gives.
///
/// # Errors
///
/// When a file or a flag can't be read.
pub(crate) fn merged(flags: &ValueFlags, connection: &Connection) -> Result<Value, ValuesError> {
    let options = ValueOptions {
        values: CommaSeparated::all(&flags.files).map(str::to_owned).collect(),
        set_json: flags.set_json.clone(),
        set: flags.set.clone(),
        set_string: flags.set_string.clone(),
        set_file: flags.set_file.clone(),
        set_literal: flags.set_literal.clone(),
    };
    options.merge(&mut |name| read(name, connection))
}

fn read(name: &str, connection: &Connection) -> Result<Vec<u8>, String> {
    if name.trim() == "-" {
        return bounded(io::stdin().lock())
            .map_err(|error| format!("read /dev/stdin: {}", SystemError(&error)));
    }
    if let Some(url) = Url::parse(name).ok().filter(|url| matches!(url.scheme(), "http" | "https")) {
        return from_web(&url, connection).map_err(|error| format!("{error:#}"));
    }
    let file = fs::File::open(name).map_err(|error| format!("open {name}: {}", SystemError(&error)))?;
    bounded(file).map_err(|error| format!("read {name}: {}", SystemError(&error)))
}

/// A file of a web server. A login of the command line is for the chart's registry or repository, and is not
/// shown to it.
fn from_web(url: &Url, connection: &Connection) -> anyhow::Result<Vec<u8>> {
    let classic = Classic::over(connection);
    let content = run_client(async { Ok(classic.web.file(&Entry::default(), url, MAX_FILE).await?) })?;
    Ok(content.to_vec())
}

fn bounded(reader: impl io::Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    reader.take(MAX_FILE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {MAX_FILE} bytes")));
    }
    Ok(content)
}
