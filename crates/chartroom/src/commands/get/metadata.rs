//! `chartroom get metadata`

use std::collections::BTreeMap;

use anyhow::Result;
use chartroom_chart::Dependency;
use chartroom_cli::{GetMetadata, Globals};
use chartroom_release::{ApplyMethod, Release};
use serde::Serialize;

use crate::commands::Outcome;
use crate::{output, printer};

/// What is printed, with its fields in Helm's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    name: &'a str,
    chart: &'a str,
    version: &'a str,
    app_version: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "<[Dependency]>::is_empty")]
    dependencies: &'a [Dependency],
    namespace: &'a str,
    revision: i64,
    status: &'a str,
    deployed_at: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    apply_method: &'a str,
}

/// Shows what a release is made of.
pub(super) fn metadata(flags: &GetMetadata, globals: &Globals) -> Result<Outcome> {
    let release = super::release(&flags.of, globals)?;
    let chart = release.chart.as_ref().map(|chart| chart.metadata.clone()).unwrap_or_default();
    let metadata = Metadata {
        name: &release.name,
        chart: &chart.name,
        version: &chart.version,
        app_version: &chart.app_version,
        annotations: &chart.annotations,
        labels: &release.labels,
        dependencies: &chart.dependencies,
        namespace: &release.namespace,
        revision: release.version,
        status: release.info.status.name(),
        deployed_at: release.info.last_deployed.format("2006-01-02T15:04:05Z07:00"),
        apply_method: release.apply_method.name(),
    };
    if output::as_helm(flags.output, &metadata)? {
        return Ok(Outcome::Success);
    }
    printer::result(&table(&metadata, &release))?;
    Ok(Outcome::Success)
}

fn table(metadata: &Metadata<'_>, release: &Release) -> String {
    let pairs = |pairs: &BTreeMap<String, String>| {
        let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join(",")
    };
    let dependencies: Vec<&str> =
        metadata.dependencies.iter().map(|dependency| dependency.name.as_str()).collect();
    let method = match &release.apply_method {
        ApplyMethod::Unknown => "client-side apply (defaulted)",
        ApplyMethod::ClientSide => "client-side apply",
        ApplyMethod::ServerSide => "server-side apply",
        ApplyMethod::Other(other) => other,
    };
    let lines = [
        ("NAME", metadata.name.to_owned()),
        ("CHART", metadata.chart.to_owned()),
        ("VERSION", metadata.version.to_owned()),
        ("APP_VERSION", metadata.app_version.to_owned()),
        ("ANNOTATIONS", pairs(metadata.annotations)),
        ("LABELS", pairs(metadata.labels)),
        ("DEPENDENCIES", dependencies.join(",")),
        ("NAMESPACE", metadata.namespace.to_owned()),
        ("REVISION", metadata.revision.to_string()),
        ("STATUS", metadata.status.to_owned()),
        ("DEPLOYED_AT", metadata.deployed_at.clone()),
        ("APPLY_METHOD", method.to_owned()),
    ];
    lines.map(|(name, value)| format!("{name}: {value}")).join("\n")
}
