//! The results as text, and as Markdown.

use super::measure::Usage;
use super::tasks::Bar;
use super::{HELM, Results, TaskResults};
use crate::bench::figures::{Spread, short};
use crate::bench::machine::Machine;
use crate::bench::table::Table;

/// What the program may weigh without debugging information, in MB.
const SIZE: f64 = 40.0;

pub(super) fn text(results: &Results) -> String {
    format!("{}\n\n{}\n\n{}", table(results).text(), size(results), missed(results))
}

pub(super) fn markdown(results: &Results, machine: &Machine) -> String {
    let facts = machine.facts.iter().map(|(name, value)| format!("| {name} | {value} |"));
    let facts = facts.collect::<Vec<_>>().join("\n");
    let tasks = results.tasks.iter().map(|of| format!("- `{}`: {}.", of.task.name(), of.task.what()));
    let tasks = tasks.collect::<Vec<_>>().join("\n");
    format!(
        "<!-- Written by `cargo xtask bench client --markdown`; edit xtask/src/bench/client/report.rs instead. -->

# The client beside Helm

To measure on your own machine, with nothing else running on it:

```
cargo xtask peers {HELM}
cargo xtask bench client
```

Whole processes, from their start to their end, over loopback against a registry
of Chartroom's own. Each run is done by both programs, in turns; figures are
medians over the runs. Ratios are taken within each run; their median is shown,
and the least and the most in parentheses; more than 1 means that Chartroom is
ahead. Each program has its own home folder, and nothing of the chart in a
cache, unless the task is about that. Memory is the most that was resident at once, of the program or of one
that it has started.

## The machine

| | |
|---|---|
{facts}

## Results

{table}

{size}

{missed}

## What is measured

{tasks}
",
        table = table(results).markdown(),
        size = size(results),
        missed = missed(results),
    )
}

fn table(results: &Results) -> Table {
    let head =
        ["task", "chartroom ms", "helm ms", "faster", "less CPU", "chartroom MB", "helm MB", "bar", "holds"];
    let row = |of: &TaskResults| {
        let [own, helm] = [0, 1].map(|tool| of.median(tool, milliseconds));
        let [own_memory, helm_memory] = [0, 1].map(|tool| of.median(tool, |usage| usage.memory));
        let bars = of.task.bars();
        vec![
            of.task.name(),
            short(own),
            short(helm),
            times(of.ratio(milliseconds)),
            times(of.ratio(cpu)),
            short(own_memory),
            short(helm_memory),
            bars.iter().map(|bar| bar_text(*bar)).collect::<Vec<_>>().join("; "),
            bars.iter().map(|bar| if holds(*bar, of) { "yes" } else { "NO" }).collect::<Vec<_>>().join("; "),
        ]
    };
    Table { head: head.map(str::to_owned).to_vec(), rows: results.tasks.iter().map(row).collect() }
}

fn milliseconds(usage: &Usage) -> f64 {
    usage.wall.as_secs_f64() * 1000.0
}

fn cpu(usage: &Usage) -> f64 {
    usage.cpu.as_secs_f64() * 1000.0
}

impl TaskResults {
    fn median(&self, tool: usize, of: impl Fn(&Usage) -> f64) -> f64 {
        Spread::of(self.runs.iter().map(|run| of(&run[tool]))).map_or(f64::NAN, |spread| spread.median)
    }

    /// How many times as much Helm took, in each run for itself.
    fn ratio(&self, of: impl Fn(&Usage) -> f64) -> Spread {
        let ratios = self.runs.iter().map(|[own, helm]| of(helm) / of(own));
        Spread::of(ratios).unwrap_or(Spread { least: f64::NAN, median: f64::NAN, most: f64::NAN })
    }
}

fn times(Spread { least, median, most }: Spread) -> String {
    format!("{}× ({}–{})", short(median), short(least), short(most))
}

fn bar_text(bar: Bar) -> String {
    match bar {
        Bar::Faster(factor) => format!("≥ {factor}× faster"),
        Bar::LessCpu(factor) => format!("≥ {factor}× less CPU"),
        Bar::Within(limit) => format!("≤ {limit} ms"),
        Bar::Memory(part) => format!("≤ 1/{} of the memory", (1.0 / part).round()),
    }
}

fn holds(bar: Bar, of: &TaskResults) -> bool {
    match bar {
        Bar::Faster(factor) => of.ratio(milliseconds).median >= factor,
        Bar::LessCpu(factor) => of.ratio(cpu).median >= factor,
        Bar::Within(limit) => of.median(0, milliseconds) <= limit,
        Bar::Memory(part) => of.ratio(|usage| usage.memory).median >= 1.0 / part,
    }
}

fn size(results: &Results) -> String {
    let verdict = if results.size < SIZE { "yes" } else { "NO" };
    format!("The program without debugging information: {} MB; < {SIZE} MB: {verdict}.", short(results.size))
}

fn missed(results: &Results) -> String {
    let all = results.tasks.iter().flat_map(|of| of.task.bars().iter().map(move |bar| (of, *bar)));
    let missed: Vec<_> = all
        .filter(|&(of, bar)| !holds(bar, of))
        .map(|(of, bar)| format!("`{}` {}", of.task.name(), bar_text(bar)))
        .collect();
    if missed.is_empty() {
        return "All bars hold.".to_owned();
    }
    format!("These bars do not hold: {}.", missed.join(", "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::client::tasks::Task;

    fn usage(wall: u64, cpu: u64, memory: f64) -> Usage {
        Usage { wall: Duration::from_millis(wall), cpu: Duration::from_millis(cpu), memory }
    }

    #[test]
    fn bars_are_held_against_the_ratios_of_each_run() {
        let fast = [usage(4, 2, 10.0), usage(40, 40, 60.0)];
        let slow = [usage(40, 20, 10.0), usage(40, 40, 60.0)];
        let of = TaskResults { task: Task::Version, runs: vec![fast, slow, fast] };
        assert_eq!(of.ratio(milliseconds), Spread { least: 1.0, median: 10.0, most: 10.0 });
        assert!(holds(Bar::Faster(10.0), &of) && !holds(Bar::Faster(10.1), &of));
        assert!(holds(Bar::LessCpu(20.0), &of) && !holds(Bar::LessCpu(21.0), &of));
        assert!(holds(Bar::Within(4.0), &of) && !holds(Bar::Within(3.9), &of));
        assert!(holds(Bar::Memory(1.0 / 3.0), &of) && !holds(Bar::Memory(0.1), &of));
    }
}
