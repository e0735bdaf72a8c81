//! From a chart that was rendered to the record of a release; and how templates look into the cluster.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chartroom_chart::{Chart, ChartFile, File};
use chartroom_goyaml::Value;
use chartroom_render::plain::to_plain;
use chartroom_render::{ChartTree, Rendered, printing};
use jiff::tz::TimeZone;

use super::install::begun;
use crate::cluster::{Cluster, Discovery};
use crate::error::{Error, Result};
use crate::record::{ApplyMethod, ChartRecord, FileRecord, Hook, HookRun, Info, Release, Status, Time};

/// What a release is made of.
pub struct Parts<'a> {
    /// Its name, namespace and revision.
    pub release: &'a chartroom_render::Release,
    /// The chart as it was read.
    pub chart: &'a Chart,
    /// The chart as it was rendered.
    pub tree: &'a ChartTree,
    /// The values that the user gave.
    pub config: &'a Value,
    /// What came of the rendering.
    pub rendered: &'a Rendered,
    /// The labels that the user gave.
    pub labels: BTreeMap<String, String>,
}

/// The record of a revision that is yet to be installed.
///
/// # Errors
///
/// When values can't be written as JSON.
pub fn make(parts: Parts<'_>) -> Result<Release> {
    let Parts { release: of, chart, tree, config, rendered, labels } = parts;
    let manifest = printing::manifest(&[], &rendered.manifests);
    let hooks = rendered.hooks.iter().map(|hook| Hook {
        name: hook.name.clone(),
        kind: hook.kind.clone(),
        path: hook.path.clone(),
        manifest: String::from_utf8_lossy(&hook.manifest).into_owned(),
        events: hook.events.iter().map(|event| event.name().to_owned()).collect(),
        last_run: HookRun::default(),
        weight: hook.weight,
        delete_policies: hook.delete_policies.clone(),
        output_log_policies: hook.output_log_policies.clone(),
    });
    let mut release = Release {
        name: of.name.clone(),
        info: Info {
            status: Status::PendingInstall,
            description: "Initial install underway".to_owned(),
            notes: rendered.notes.clone(),
            ..Info::default()
        },
        chart: Some(record(chart, &tree.metadata, &tree.defaults)?),
        config: config.clone(),
        manifest: String::from_utf8_lossy(&manifest).into_owned(),
        hooks: hooks.collect(),
        version: of.revision,
        namespace: of.namespace.clone(),
        apply_method: ApplyMethod::ServerSide,
        labels,
    };
    begun(&mut release);
    Ok(release)
}

fn record(chart: &Chart, metadata: &ChartFile, defaults: &chartroom_gotemplate::Map) -> Result<ChartRecord> {
    let values = to_plain(&chartroom_gotemplate::Value::Map(defaults.clone()))
        .map_err(|error| Error::Manifest(error.to_string()))?;
    let is_empty = values.as_map().is_some_and(BTreeMap::is_empty);
    let time = |file: &File| {
        file.modified.map_or_else(Time::default, |time| Time::of(&time.to_zoned(TimeZone::system())))
    };
    let find = |name: &str| chart.raw().iter().find(|file| file.name == name);
    let files = |files: &[File]| {
        let files: Vec<FileRecord> = files
            .iter()
            .map(|file| FileRecord {
                name: file.name.clone(),
                data: Some(STANDARD.encode(&file.data)),
                modtime: time(file),
            })
            .collect();
        Some(files).filter(|files| !files.is_empty())
    };
    Ok(ChartRecord {
        metadata: metadata.clone(),
        lock: chart.lock().cloned(),
        templates: files(chart.templates()),
        values: if is_empty && chart.values().is_none() { Value::Null } else { values },
        schema: chart.schema().map(|schema| STANDARD.encode(schema)),
        schemamodtime: find(Chart::SCHEMA).map(time).unwrap_or_default(),
        files: files(chart.files()),
        modtime: find(ChartFile::PATH).map(time).unwrap_or_default(),
    })
}

/// What the function `lookup` of templates finds: an object, or a list of them if no name is given; nothing
/// where nothing is.
///
/// # Errors
///
/// When the cluster doesn't know the kind, and those of the cluster.
pub async fn lookup(
    cluster: &Cluster,
    discovery: &Discovery,
    (api_version, kind): (&str, &str),
    (namespace, name): (&str, &str),
) -> Result<Value> {
    let Some(resource) = discovery.resource(api_version, kind) else {
        return Err(Error::Manifest(format!(
            "unable to get apiresource from unstructured: {api_version}, Kind={kind}: no matches for kind"
        )));
    };
    let nothing = || Value::Map(BTreeMap::new());
    let path = match (name, resource.namespaced && namespace.is_empty()) {
        ("", true) => resource.collection_of_all(api_version),
        ("", false) => resource.collection(api_version, namespace),
        (_, true) => return Ok(nothing()),
        (name, false) => format!("{}/{name}", resource.collection(api_version, namespace)),
    };
    match cluster.get(&path).await {
        Err(error) if error.is_not_found() => Ok(nothing()),
        answer => serde_json::from_slice(&answer?)
            .map_err(|error| Error::Answer { what: path, problem: error.to_string() }),
    }
}
