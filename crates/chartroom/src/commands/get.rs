//! `chartroom get …`

mod all;
mod metadata;
mod template;

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use chartroom_chart::{Chart, ChartFile, File, Limits, go_json};
use chartroom_cli::{Get, GetCommand, GetValues, Globals, OutputFormat, ReleaseRevision};
use chartroom_goyaml::Value;
use chartroom_release::{ChartRecord, Release};
use chartroom_render::check_release_name;
use chartroom_render::plain::{float_numbers, to_plain};
use chartroom_render::values::{Preparation, prepare};

use super::{Outcome, run_client};
use crate::{cluster, output, printer};

/// Shows what is known of a release.
pub(crate) fn get(flags: &Get, globals: &Globals) -> Result<Outcome> {
    match &flags.what {
        GetCommand::All(all) => all::all(all, globals),
        GetCommand::Hooks(of) => {
            printer::whole(hooks(&release(of, globals)?).as_bytes())?;
            Ok(Outcome::Success)
        }
        GetCommand::Manifest(of) => {
            printer::result(&release(of, globals)?.manifest)?;
            Ok(Outcome::Success)
        }
        GetCommand::Metadata(metadata) => metadata::metadata(metadata, globals),
        GetCommand::Notes(of) => {
            let notes = release(of, globals)?.info.notes;
            if !notes.is_empty() {
                printer::result(&format!("NOTES:\n{notes}"))?;
            }
            Ok(Outcome::Success)
        }
        GetCommand::Values(values) => self::values(values, globals),
    }
}

/// Checks a name before anybody is asked for it.
pub(crate) fn check_name(name: &str) -> Result<()> {
    if check_release_name(name).is_err() {
        bail!("release name is invalid: {name}");
    }
    Ok(())
}

/// One revision of a release: the last, if no revision is given.
pub(crate) fn release(of: &ReleaseRevision, globals: &Globals) -> Result<Release> {
    let (name, revision) = (&of.release, of.revision);
    if check_release_name(name).is_err() {
        bail!("releaseContent: Release name is invalid: {name}");
    }
    run_client(async {
        let storage = cluster::storage(globals, false).await?;
        Ok(if revision > 0 { storage.get(name, revision).await } else { storage.last(name).await }?)
    })
}

/// Hooks with their sources.
pub(super) fn hooks(release: &Release) -> String {
    let hooks = release.hooks.iter();
    hooks.map(|hook| format!("---\n# Source: {}\n{}\n", hook.path, hook.manifest)).collect()
}

fn values(flags: &GetValues, globals: &Globals) -> Result<Outcome> {
    let release = release(&flags.of, globals)?;
    let values = if flags.all { computed(&release)? } else { given(&release) };
    if flags.output == OutputFormat::Table {
        let heading = if flags.all { "COMPUTED VALUES:" } else { "USER-SUPPLIED VALUES:" };
        printer::result(heading)?;
        output::as_helm(OutputFormat::Yaml, &values)?;
    } else {
        output::as_helm(flags.output, &values)?;
    }
    Ok(Outcome::Success)
}

/// The values that the user gave; null if none were given.
fn given(release: &Release) -> Value {
    match &release.config {
        Value::Map(values) if values.is_empty() => Value::Null,
        values => {
            let mut values = values.clone();
            float_numbers(&mut values);
            values
        }
    }
}

/// Those with the chart's own beneath them. The values of subcharts are not in a record.
fn computed(release: &Release) -> Result<Value> {
    let Some(record) = &release.chart else { return Ok(Value::Map(BTreeMap::new())) };
    let chart = stored_chart(record)?;
    let options = Preparation { skip_schema_validation: true, ..Preparation::default() };
    let mut log = Vec::new();
    let prepared = prepare(&chart, &given(release), &options, &mut log);
    for line in log {
        printer::aside(&format!("{line}\n"));
    }
    Ok(to_plain(&chartroom_gotemplate::Value::Map(prepared?.values))?)
}

/// The chart of a record, as far as its values go.
fn stored_chart(record: &ChartRecord) -> Result<Chart> {
    let file = |name: &str, data: Vec<u8>| File { name: name.to_owned(), modified: None, data: data.into() };
    let metadata = ChartFile { dependencies: Vec::new(), ..record.metadata.clone() };
    let files = vec![
        file(ChartFile::PATH, go_json::to_vec("a chart", &metadata)?),
        file(Chart::VALUES, go_json::to_vec("values", &record.values)?),
    ];
    Ok(Chart::from_files(files, &Limits::default())?)
}
