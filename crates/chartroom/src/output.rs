//! Results in the formats that `--output` knows.

use anyhow::{Result, anyhow};
use chartroom_chart::go_json;
use chartroom_cli::OutputFormat;
use serde::Serialize;

use crate::printer;

/// Prints a value for programs, unless people are to read it; says whether it was printed.
pub(crate) fn structured<T: Serialize + ?Sized>(format: OutputFormat, value: &T) -> Result<bool> {
    match format {
        OutputFormat::Table => return Ok(false),
        OutputFormat::Json => printer::result(&serde_json::to_string_pretty(value)?)?,
        OutputFormat::Yaml => yaml(value)?,
    }
    Ok(true)
}

/// The same, to the letter as Helm prints it: JSON in one line.
pub(crate) fn as_helm<T: Serialize + ?Sized>(format: OutputFormat, value: &T) -> Result<bool> {
    match format {
        OutputFormat::Table => return Ok(false),
        OutputFormat::Json => {
            let mut text = go_json::to_vec("JSON output", value)?;
            text.push(b'\n');
            printer::whole(&text)?;
        }
        OutputFormat::Yaml => yaml(value)?,
    }
    Ok(true)
}

fn yaml<T: Serialize + ?Sized>(value: &T) -> Result<()> {
    let text = chartroom_goyaml::to_string(value)
        .map_err(|error| anyhow!("unable to write YAML output: {error}"))?;
    Ok(printer::whole(text.as_bytes())?)
}
