//! The results as text, and as Markdown.

use super::{ChartResults, HELM, Results};
use crate::bench::client::Usage;
use crate::bench::figures::{Spread, short};
use crate::bench::machine::Machine;
use crate::bench::table::Table;

/// How many times as fast as Helm it must be: over all charts, by the geometric mean, and each.
const MEAN: f64 = 12.0;
const LEAST: f64 = 4.0;
/// How many times as much memory Helm must take.
const MEMORY: f64 = 4.0;

impl ChartResults {
    fn median(&self, tool: usize, of: impl Fn(&Usage) -> f64) -> f64 {
        Spread::of(self.runs.iter().map(|run| of(&run[tool]))).map_or(f64::NAN, |spread| spread.median)
    }

    /// How many times as much Helm took, in each run for itself.
    fn ratio(&self, of: impl Fn(&Usage) -> f64) -> f64 {
        let ratios = self.runs.iter().map(|[own, helm]| of(helm) / of(own));
        Spread::of(ratios).map_or(f64::NAN, |spread| spread.median)
    }

    fn faster(&self) -> f64 {
        self.ratio(|usage| usage.wall.as_secs_f64())
    }

    fn smaller(&self) -> f64 {
        self.ratio(|usage| usage.memory)
    }
}

fn milliseconds(usage: &Usage) -> f64 {
    usage.wall.as_secs_f64() * 1000.0
}

/// A line that tells how it goes.
pub(super) fn line(chart: &ChartResults) -> String {
    let [own, helm] = [0, 1].map(|tool| short(chart.median(tool, milliseconds)));
    format!("{}  {own} : {helm} ms  {}×", chart.name, short(chart.faster()))
}

pub(super) fn text(results: &Results, show: usize) -> String {
    let (charts, apart) = sorted(results);
    format!(
        "{}\n\nThe charts with the least ratios:\n\n{}\n\nApart, as they make keys or slow hashes:\n\n{}\n\n{}",
        summary(&charts),
        table(charts.iter().take(show).copied()).text(),
        table(apart.iter().take(show).copied()).text(),
        refused(results),
    )
}

pub(super) fn markdown(results: &Results, machine: &Machine, show: usize) -> String {
    let facts = machine.facts.iter().map(|(name, value)| format!("| {name} | {value} |"));
    let facts = facts.collect::<Vec<_>>().join("\n");
    let (charts, apart) = sorted(results);
    format!(
        "<!-- Written by `cargo xtask bench rendering --markdown`; edit xtask/src/bench/rendering/report.rs \
         instead. -->

# Rendering beside Helm

To measure on your own machine, with nothing else running on it:

```
cargo xtask peers {HELM}
cargo xtask bench rendering FOLDER
```

Whole processes, from their start to their end: `template` of each chart below the
folder, with its default values. Each run is done by both programs, in turns; figures
are medians over the runs. Ratios are taken within each run; more than 1 means that
Chartroom is ahead.

## The machine

| | |
|---|---|
{facts}

## Results

{summary}

The charts with the least ratios:

{least}

Apart, as they make keys or slow hashes:

{apart}

{refused}
",
        summary = summary(&charts),
        least = table(charts.iter().take(show).copied()).markdown(),
        apart = table(apart.iter().take(show).copied()).markdown(),
        refused = refused(results),
    )
}

/// Those that count, and those that are reported apart: the least ratio first.
fn sorted(results: &Results) -> (Vec<&ChartResults>, Vec<&ChartResults>) {
    let (mut apart, mut charts): (Vec<_>, Vec<_>) = results.charts.iter().partition(|chart| chart.slow);
    for list in [&mut apart, &mut charts] {
        list.sort_by(|one, other| one.faster().total_cmp(&other.faster()));
    }
    (charts, apart)
}

fn summary(charts: &[&ChartResults]) -> String {
    let mean = geometric_mean(charts.iter().map(|chart| chart.faster()));
    let least = charts.iter().map(|chart| chart.faster()).fold(f64::INFINITY, f64::min);
    let memory = charts.iter().map(|chart| chart.smaller()).fold(f64::INFINITY, f64::min);
    let memories = geometric_mean(charts.iter().map(|chart| chart.smaller()));
    let verdict = |holds| if holds { "yes" } else { "NO" };
    format!(
        "{} charts. Geometric mean of how much faster: {}×; ≥ {MEAN}×: {}. The least: {}×; ≥ {LEAST}×: {}. Memory of \
         Helm over that of Chartroom, geometric mean: {}×, the least: {}×; ≥ {MEMORY}×: {}.",
        charts.len(),
        short(mean),
        verdict(mean >= MEAN),
        short(least),
        verdict(least >= LEAST),
        short(memories),
        short(memory),
        verdict(memory >= MEMORY),
    )
}

fn geometric_mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value.ln()));
    f64::exp(sum / count)
}

fn table<'a>(charts: impl Iterator<Item = &'a ChartResults>) -> Table {
    let head = ["chart", "output kB", "chartroom ms", "helm ms", "faster", "chartroom MB", "helm MB"];
    let row = |chart: &ChartResults| {
        let [own, helm] = [0, 1].map(|tool| chart.median(tool, milliseconds));
        let [own_memory, helm_memory] = [0, 1].map(|tool| chart.median(tool, |usage| usage.memory));
        vec![
            chart.name.clone(),
            short(chart.output as f64 / 1000.0),
            short(own),
            short(helm),
            format!("{}×", short(chart.faster())),
            short(own_memory),
            short(helm_memory),
        ]
    };
    Table { head: head.map(str::to_owned).to_vec(), rows: charts.map(row).collect() }
}

fn refused(results: &Results) -> String {
    if results.refused.is_empty() {
        return "Both rendered all charts.".to_owned();
    }
    format!(
        "Not measured, as they want values or have a dependency that is not here: {}.",
        results.refused.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn chart(name: &str, slow: bool, own: u64, helm: u64) -> ChartResults {
        let usage = |wall, memory| Usage { wall: Duration::from_millis(wall), cpu: Duration::ZERO, memory };
        ChartResults {
            name: name.to_owned(),
            slow,
            output: 0,
            runs: vec![[usage(own, 10.0), usage(helm, 50.0)]],
        }
    }

    #[test]
    fn what_is_slow_on_purpose_does_not_count() {
        let charts =
            vec![chart("a", false, 10, 160), chart("keys", true, 100, 100), chart("b", false, 10, 90)];
        let results = Results { charts, refused: Vec::new() };
        let (counted, apart) = sorted(&results);
        assert_eq!(counted.iter().map(|chart| &chart.name[..]).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(apart.len(), 1);
        let summary = summary(&counted);
        assert!(summary.starts_with("2 charts. Geometric mean of how much faster: 12.0×"), "{summary}");
        assert!(summary.contains("The least: 9.00×; ≥ 4×: yes"), "{summary}");
    }
}
