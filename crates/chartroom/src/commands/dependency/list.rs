//! `chartroom dependency list`

use std::path::PathBuf;

use anyhow::Result;
use chartroom_chart::{Chart, Limits, go_path};
use chartroom_cli::DependencyList;

use crate::commands::Outcome;
use crate::{columns, helm_log, printer};

/// Lists the dependencies of a chart, and what is in `charts/` beside them.
pub(super) fn list(flags: &DependencyList) -> Result<Outcome> {
    let path = PathBuf::from(go_path::clean(flags.chart.as_deref().unwrap_or(".")));
    let chart = Chart::open(&path, &Limits::default())?;
    chart.warnings().iter().for_each(helm_log::chart_warning);
    if !chart.declares_dependencies() {
        let charts = go_path::join(&[&path.to_string_lossy(), "charts"]);
        printer::result(&format!("WARNING: no dependencies at {charts}"))?;
        return Ok(Outcome::Success);
    }
    let mut rows = vec![["NAME", "VERSION", "REPOSITORY", "STATUS"].map(str::to_owned)];
    for dependency in &chart.metadata().dependencies {
        let status = chart.dependency_status(&path, dependency).to_string();
        let known = [&dependency.name, &dependency.version, &dependency.repository];
        let [name, version, repository] = known.map(Clone::clone);
        rows.push([name, version, repository, status]);
    }
    printer::result(&format!("{}\n", columns::render(&rows, flags.max_col_width)))?;
    for stray in chart.strays(&path) {
        let what = if stray.is_chart { "not in Chart.yaml" } else { "not a chart" };
        printer::result(&format!("WARNING: {:?} is {what}.", stray.path.display().to_string()))?;
    }
    Ok(Outcome::Success)
}
