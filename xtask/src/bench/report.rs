//! The results as text, and as Markdown.

use super::Plan;
use super::cases::{Bar, Case, Rival};
use super::figures::{CaseResults, LoadFigures, Spread, short};
use super::machine::Machine;
use super::servers::Peer;
use super::session::Results;
use super::table::Table;

const OWN: Rival = Rival::Peer(Peer::Chartroom);
const NONE: &str = "–";

pub(super) fn text(results: &Results, plan: &Plan) -> String {
    let mut parts = vec![main_table(results, plan).text()];
    let details = details_table(results, plan);
    if !details.rows.is_empty() {
        parts.push(format!("Load by load, medians over the runs:\n{}", details.text()));
    }
    parts.extend(baseline(results));
    parts.push(missed(results));
    parts.join("\n\n")
}

pub(super) fn markdown(results: &Results, plan: &Plan, machine: &Machine) -> String {
    let facts = machine.facts.iter().map(|(name, value)| format!("| {name} | {value} |"));
    let facts = facts.collect::<Vec<_>>().join("\n");
    let cases = plan.cases.iter().map(|case| format!("- `{}`: {}.", case.name(), case.what()));
    let cases = cases.collect::<Vec<_>>().join("\n");
    let warning = machine.warning().map(|warning| format!("\n**{warning}**\n")).unwrap_or_default();
    let baseline = baseline(results).map(|baseline| format!("\n{baseline}\n")).unwrap_or_default();
    format!(
        "<!-- Written by `cargo xtask bench --markdown`; edit xtask/src/bench/report.rs instead. -->

# Benchmarks

To measure on your own machine, with nothing else running on it:

```
cargo xtask peers docker-registry nginx
cargo xtask bench
```

The command builds Chartroom, starts it and the peers on loopback, stores the
same content in each, and measures them in turns, so that whatever else the
machine does meets all alike. Figures are medians over the runs. Ratios are
taken within each run; their median is shown, and the least and the most in
parentheses; more than 1 means that Chartroom is ahead. The load generator is a
single thread on the same cores, and the same for all. Where a bar says ≤, what a
request costs is compared, and less is better; the two servers take turns of a
fraction of a second then.

## The machine

| | |
|---|---|
{facts}
{warning}
## Results

{main}
{baseline}
{missed}

## What is measured

{cases}

Chartroom runs with its default settings: a push is acknowledged when the bytes,
their folder and the transaction are on the disk. docker-registry runs with
Debian's configuration, which has its cache of blob descriptors in memory, and
without its access log. It is not measured with 100,000 manifests, which it
would take too long to store. nginx serves the same bytes as static files, with
Debian's settings (`sendfile`, `tcp_nopush`), as many workers as cores, and no
access log. All data is on the same file system; before a measurement of writes,
`sync` is called.

Every response must have the right status and length; of one in 64, and of all
during the warm-up, each byte is compared.

## Load by load

Latencies are those of single requests, of whole pushes with `push`. The last
columns say how many cores were busy in the server (in its own code, and in the
kernel for it) and in the load generator.

{details}
",
        main = main_table(results, plan).markdown(),
        details = details_table(results, plan).markdown(),
        missed = missed(results),
    )
}

/// A row for each case.
fn main_table(results: &Results, plan: &Plan) -> Table {
    let others: Vec<_> = plan.peers.iter().copied().filter(|&peer| peer != Peer::Chartroom).collect();
    let mut head = vec!["case".to_owned(), "unit".to_owned()];
    head.extend(plan.peers.iter().map(|peer| peer.name().to_owned()));
    head.extend(others.iter().map(|peer| format!("vs {}", peer.name())));
    head.extend(["bar", "holds"].map(str::to_owned));
    let mut rows = Vec::new();
    for results in &results.cases {
        let case = results.case;
        let mut row = vec![case.name(), case.unit().name().to_owned()];
        let value =
            |&peer: &Peer| results.median(Rival::Peer(peer)).map_or(absent(case, peer).to_owned(), short);
        row.extend(plan.peers.iter().map(value));
        row.extend(others.iter().map(|&peer| {
            results.ratio(Rival::Peer(peer)).map_or(NONE.to_owned(), |ratio| times(ratio, plan.runs))
        }));
        let bars: Vec<_> = case.bars().iter().map(|bar| bar_text(bar, results)).collect();
        let holds: Vec<_> = case.bars().iter().map(|bar| verdict(holds(bar, results))).collect();
        row.push(bars.join("; "));
        row.push(holds.join("; "));
        rows.push(row);
    }
    Table { head, rows }
}

/// A row for each server in each case that is a load.
fn details_table(results: &Results, plan: &Plan) -> Table {
    let head = ["case", "server", "runs", "p50 ms", "p99 ms", "server user", "system", "generator"];
    let mut rows = Vec::new();
    for results in &results.cases {
        for rival in plan.peers.iter().map(|&peer| Rival::Peer(peer)).chain([Rival::Open]) {
            let runs = results.of(rival);
            let loads: Vec<_> = runs.iter().filter_map(|run| run.load).collect();
            if loads.is_empty() {
                continue;
            }
            let median = |of: &dyn Fn(&LoadFigures) -> f64| {
                Spread::of(loads.iter().map(of)).map_or(NONE.to_owned(), |spread| short(spread.median))
            };
            let runs: Vec<_> = runs.iter().map(|run| short(run.value)).collect();
            rows.push(vec![
                results.case.name(),
                rival.name().to_owned(),
                runs.join(" "),
                median(&|load| load.p50.as_secs_f64() * 1000.0),
                median(&|load| load.p99.as_secs_f64() * 1000.0),
                median(&|load| load.cpu.server.user),
                median(&|load| load.cpu.server.system),
                median(&|load| load.cpu.generator.total()),
            ]);
        }
    }
    Table { head: head.map(str::to_owned).to_vec(), rows }
}

/// Why there is no figure.
fn absent(case: Case, peer: Peer) -> &'static str {
    if peer == Peer::DockerRegistry && !case.is_for(peer) { "not measured" } else { NONE }
}

fn times(ratio: Spread, runs: u32) -> String {
    let Spread { least, median, most } = ratio;
    if runs == 1 {
        return format!("{}×", short(median));
    }
    format!("{}× ({}–{})", short(median), short(least), short(most))
}

fn bar_text(bar: &Bar, results: &CaseResults) -> String {
    match bar {
        Bar::Below(limit) => format!("< {limit} {}", results.case.unit().name()),
        // Peers have columns of their own.
        Bar::Times(factor, rival @ Rival::Peer(_)) => format!("≥ {factor}× {}", rival.name()),
        Bar::Times(factor, rival) => {
            let ratio = results.ratio(*rival);
            let ratio = ratio.map_or(NONE.to_owned(), |ratio| times(ratio, results.runs.len() as u32));
            format!("≥ {factor}× {}: {ratio}", rival.name())
        }
        Bar::Cost(factor, rival) => {
            let runs = results.runs.len() as u32;
            let cost = results.cost(*rival).map_or(NONE.to_owned(), |cost| {
                format!("{} in time, {} in CPU time", times(cost.time, runs), times(cost.cpu, runs))
            });
            format!("≤ {factor}× {}: {cost}", rival.name())
        }
    }
}

/// Whether the bar holds, if what it compares was measured.
fn holds(bar: &Bar, results: &CaseResults) -> Option<bool> {
    match *bar {
        Bar::Times(factor, rival) => results.ratio(rival).map(|ratio| ratio.median >= factor),
        Bar::Below(limit) => results.median(OWN).map(|value| value < limit),
        Bar::Cost(factor, rival) => {
            results.cost(rival).map(|cost| cost.time.median <= factor && cost.cpu.median <= factor)
        }
    }
}

fn verdict(holds: Option<bool>) -> String {
    match holds {
        Some(true) => "yes",
        Some(false) => "NO",
        None => NONE,
    }
    .to_owned()
}

/// The baseline of large pushes, and what it consists of.
fn baseline(results: &Results) -> Option<String> {
    let megabytes = super::subject::LARGE as f64 / 1e6;
    let speed = |of: &dyn Fn(&super::baseline::Baseline) -> f64| {
        Spread::of(results.baselines.iter().map(|baseline| megabytes / of(baseline)))
            .map(|spread| short(spread.median))
    };
    Some(format!(
        "{} of the same 100 MB: {} MB/s, that is {} MB/s for sha256sum alone, and {} MB/s for writing a copy \
         and its fsync.",
        Rival::Baseline.name(),
        speed(&|baseline| baseline.total().as_secs_f64())?,
        speed(&|baseline| baseline.sha256sum.as_secs_f64())?,
        speed(&|baseline| baseline.write_and_fsync.as_secs_f64())?,
    ))
}

fn missed(results: &Results) -> String {
    let mut missed = Vec::new();
    let mut held = 0;
    for results in &results.cases {
        for bar in results.case.bars() {
            match holds(bar, results) {
                Some(true) => held += 1,
                Some(false) => missed.push(format!("`{}` {}", results.case.name(), bar_text(bar, results))),
                None => {}
            }
        }
    }
    match (held, missed.as_slice()) {
        (0, []) => "No bar was measured.".to_owned(),
        (held, []) => format!("All {held} bars that were measured hold."),
        (held, missed) => format!("{held} bars hold. These do not: {}.", missed.join(", ")),
    }
}
