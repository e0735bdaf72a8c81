//! The rules for `charts/` and what `Chart.yaml` says of it.

use std::collections::BTreeSet;

use chartroom_chart::Chart;

use super::Check;
use super::Severity::{Error, Warning};

impl Check<'_> {
    pub(super) fn dependencies(&mut self) {
        let chart = match self.load() {
            Ok(chart) => chart,
            Err(error) => {
                self.report.check(Error, "", Err(format!("unable to load chart\n\t{error}")));
                return;
            }
        };
        let folder = self.folder.display().to_string();
        let names: BTreeSet<&str> = chart.subcharts().iter().map(Chart::name).collect();
        let wanted = &chart.metadata().dependencies;
        let unlisted = chart.subcharts().iter().map(Chart::name);
        let unlisted = unlisted.filter(|name| !wanted.iter().any(|dependency| dependency.name == *name));
        let unlisted = joined("chart metadata is missing these dependencies: ", unlisted);
        self.report.check(Error, &folder, unlisted);
        let mut seen = BTreeSet::new();
        let twice = wanted.iter().map(|dependency| dependency.effective_name());
        let twice =
            joined("multiple dependencies with name or alias: ", twice.filter(|name| !seen.insert(*name)));
        self.report.check(Error, &folder, twice);
        let missing = wanted.iter().map(|dependency| &dependency.name[..]);
        let missing = missing.filter(|name| !names.contains(name));
        let missing = joined("chart directory is missing these dependencies: ", missing);
        self.report.check(Warning, &folder, missing);
    }
}

/// An error with names, if there are any.
fn joined<'a>(problem: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let names: Vec<&str> = names.collect();
    if names.is_empty() { Ok(()) } else { Err(format!("{problem}{}", names.join(","))) }
}
