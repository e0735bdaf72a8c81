//! `chartroom list`

use anyhow::{Result, anyhow};
use chartroom_cli::{Globals, List, OutputFormat};
use chartroom_release::{Listing, SortBy, Status, Summary};
use chartroom_sprig::Pattern;
use serde::Serialize;

use super::{Outcome, run_client};
use crate::{cluster, columns, output, printer};

/// How Go writes a time that nobody has chosen a layout for.
const LAYOUT: &str = "2006-01-02 15:04:05.999999999 -0700 MST";

/// A release, as it is printed.
#[derive(Serialize)]
struct Row {
    name: String,
    namespace: String,
    revision: String,
    updated: String,
    status: String,
    chart: String,
    app_version: String,
}

/// Lists releases.
pub(crate) fn list(flags: &List, globals: &Globals) -> Result<Outcome> {
    let listing = listing(flags)?;
    let found = run_client(async {
        let storage = cluster::storage(globals, flags.all_namespaces).await?;
        Ok(listing.of(&storage).await?)
    })?;
    if flags.short {
        return names(flags, &found);
    }
    let layout = flags.time_format.as_deref().filter(|layout| !layout.is_empty()).unwrap_or(LAYOUT);
    let rows: Vec<Row> = found.into_iter().map(|release| row(release, layout)).collect();
    if output::as_helm(flags.output, &rows)? {
        return Ok(Outcome::Success);
    }
    let headings = ["NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"];
    let mut table = Vec::new();
    if !flags.no_headers {
        table.push(headings.map(str::to_owned));
    }
    table.extend(rows.into_iter().map(|row| {
        let Row { name, namespace, revision, updated, status, chart, app_version } = row;
        [name, namespace, revision, updated, status, chart, app_version]
    }));
    printer::result(&columns::render(&table, 0))?;
    Ok(Outcome::Success)
}

fn listing(flags: &List) -> Result<Listing> {
    let filter = flags.filter.as_deref().filter(|pattern| !pattern.is_empty());
    let filter = filter.map(|pattern| Pattern::new(pattern.as_bytes())).transpose();
    let filter = filter.map_err(|error| anyhow!("{error}"))?;
    let mut states = Vec::new();
    for (wanted, of_flag) in [
        (flags.deployed, &[Status::Deployed][..]),
        (flags.failed, &[Status::Failed]),
        (flags.pending, &[Status::PendingInstall, Status::PendingUpgrade, Status::PendingRollback]),
        (flags.superseded, &[Status::Superseded]),
        (flags.uninstalled, &[Status::Uninstalled]),
        (flags.uninstalling, &[Status::Uninstalling]),
    ] {
        if wanted {
            states.extend_from_slice(of_flag);
        }
    }
    let sort = match (flags.date, flags.reverse) {
        (false, false) => SortBy::Name,
        (false, true) => SortBy::NameDescending,
        (true, false) => SortBy::Date,
        (true, true) => SortBy::DateDescending,
    };
    Ok(Listing {
        filter,
        states,
        selector: flags.selector.clone().unwrap_or_default(),
        sort,
        limit: usize::try_from(flags.max).unwrap_or(0),
        offset: usize::try_from(flags.offset).unwrap_or(0),
    })
}

fn names(flags: &List, found: &[Summary]) -> Result<Outcome> {
    let names: Vec<&str> = found.iter().map(|release| release.name.as_str()).collect();
    if flags.output == OutputFormat::Table {
        for name in names {
            printer::result(name)?;
        }
    } else {
        output::as_helm(flags.output, &names)?;
    }
    Ok(Outcome::Success)
}

fn row(release: Summary, layout: &str) -> Row {
    let updated = if release.updated.is_never() { "-".to_owned() } else { release.updated.format(layout) };
    Row {
        name: release.name,
        namespace: release.namespace,
        revision: release.revision.to_string(),
        updated,
        status: release.status.to_string(),
        chart: release.chart,
        app_version: release.app_version,
    }
}
