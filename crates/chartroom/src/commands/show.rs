//! `chartroom show`

use std::path::Path;

use anyhow::Result;
use chartroom_chart::{Chart, Limits};
use chartroom_cli::{Show, ShowChart, ShowCommand};

use super::{Outcome, run_client};
use crate::{printer, remote};

/// Shows what is in a chart.
pub(crate) fn show(flags: &Show) -> Result<Outcome> {
    let text = match &flags.what {
        ShowCommand::All(of) => all(&open(of)?)?,
        ShowCommand::Chart(of) => definition(&open(of)?)?,
        ShowCommand::Values(of) => values(&open(of)?),
        ShowCommand::Readme(of) => readme(&open(of)?),
        ShowCommand::Crds(of) => crds(&open(of)?),
    };
    printer::whole(&text)?;
    Ok(Outcome::Success)
}

/// The chart, from wherever it is. What is downloaded is announced beside the result.
fn open(flags: &ShowChart) -> Result<Chart> {
    if !flags.chart.starts_with("oci://") {
        return Ok(Chart::open(Path::new(&flags.chart), &Limits::default())?);
    }
    run_client(async {
        let client = remote::client(&flags.connection)?;
        let fetched =
            remote::fetch(&client, &flags.chart, flags.version.as_deref(), flags.devel, false).await?;
        printer::aside(&format!("{}\n", fetched.announcement("Pulled")));
        fetched.open()
    })
}

fn definition(chart: &Chart) -> Result<String> {
    Ok(format!("{}\n", chart.metadata().to_full_yaml()?))
}

fn values(chart: &Chart) -> String {
    chart.values().map(|values| format!("{}\n", String::from_utf8_lossy(values))).unwrap_or_default()
}

fn readme(chart: &Chart) -> String {
    chart.readme().map(|readme| format!("{}\n", String::from_utf8_lossy(&readme.data))).unwrap_or_default()
}

fn crds(chart: &Chart) -> String {
    let mut text = String::new();
    for crd in chart.crds() {
        let crd = String::from_utf8_lossy(&crd.data);
        if !crd.starts_with("---") {
            text.push_str("---\n");
        }
        text.push_str(&crd);
        text.push('\n');
    }
    text
}

fn all(chart: &Chart) -> Result<String> {
    let mut text = definition(chart)?;
    for part in [values(chart), readme(chart)] {
        if !part.is_empty() {
            text.push_str("---\n");
            text.push_str(&part);
        }
    }
    text.push_str(&crds(chart));
    Ok(text)
}
