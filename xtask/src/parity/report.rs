//! What was found, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Case;
use super::compare::{Kind, Outcome};

/// How much of a line is shown.
const WIDTH: usize = 400;

pub(super) fn text(cases: &[Case], outcomes: &[Outcome], show: usize) -> String {
    let mut text = String::new();
    let mut shown = 0;
    let mut counts = BTreeMap::<Kind, usize>::new();
    for (case, outcome) in cases.iter().zip(outcomes) {
        let Some(difference) = &outcome.difference else { continue };
        *counts.entry(difference.kind).or_default() += 1;
        if shown == show {
            continue;
        }
        shown += 1;
        let _ = writeln!(
            text,
            "{} [{}]: {:?}, line {}",
            case.name, case.variant.name, difference.kind, difference.line
        );
        let _ = writeln!(text, "    helm:      {}", cut(&difference.helm));
        let _ = writeln!(text, "    chartroom: {}", cut(&difference.chartroom));
    }
    text.push_str(&table(cases, outcomes));
    let identical = outcomes.iter().filter(|outcome| outcome.is_identical()).count();
    let refused = outcomes.iter().filter(|outcome| outcome.is_identical() && outcome.refused).count();
    let random = outcomes.iter().filter(|outcome| outcome.random).count();
    let of = |kind| counts.get(&kind).copied().unwrap_or_default();
    let _ = writeln!(
        text,
        "{identical} of {} identical ({refused} of them refused by both); {} with another exit code, {} with \
         another output, {} with another error text; {random} with something random",
        outcomes.len(),
        of(Kind::ExitCode),
        of(Kind::Output),
        of(Kind::ErrorText),
    );
    let ratios: Vec<f64> = outcomes
        .iter()
        .filter(|outcome| outcome.is_identical())
        .map(|outcome| outcome.helm.as_secs_f64() / outcome.chartroom.as_secs_f64())
        .collect();
    if !ratios.is_empty() {
        let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let _ = write!(text, "faster than Helm by {mean:.1}× (geometric mean), least {least:.1}×");
    }
    text
}

/// How many there are of each folder.
fn table(cases: &[Case], outcomes: &[Outcome]) -> String {
    #[derive(Default)]
    struct Row<'c> {
        charts: BTreeSet<&'c str>,
        /// Renderings, those that are identical, refused by both, and without the check of values.
        counts: [usize; 4],
    }
    let mut rows = BTreeMap::<&str, Row<'_>>::new();
    for (case, outcome) in cases.iter().zip(outcomes) {
        let row = rows.entry(&case.group).or_default();
        row.charts.insert(&case.name);
        let identical = outcome.is_identical();
        let counted = [true, identical, identical && outcome.refused, outcome.on_purpose];
        for (count, counted) in row.counts.iter_mut().zip(counted) {
            *count += usize::from(counted);
        }
    }
    let mut text =
        "| folder | charts | renderings | identical | refused by both | schema not fetched | different |\n|---|---|---|---|---|---|---|\n"
            .to_owned();
    for (group, Row { charts, counts: [all, identical, refused, on_purpose] }) in rows {
        let (charts, different) = (charts.len(), all - identical);
        let _ = writeln!(
            text,
            "| {group} | {charts} | {all} | {identical} | {refused} | {on_purpose} | {different} |"
        );
    }
    text
}

/// What Helm refused charts for, the most frequent first.
pub(super) fn reasons(cases: &[Case], outcomes: &[Outcome]) -> String {
    let mut reasons = BTreeMap::<&str, (usize, &Case)>::new();
    for (case, outcome) in cases.iter().zip(outcomes).filter(|(_, outcome)| outcome.refused) {
        let reason = outcome.reason.lines().find(|line| line.starts_with("Error")).unwrap_or_default();
        reasons.entry(reason).or_insert((0, case)).0 += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|&(_, (count, _))| std::cmp::Reverse(count));
    let line = |(reason, (count, case)): (&str, (usize, &Case))| {
        format!("{count:5} {} [{}]: {}\n", case.name, case.variant.name, cut(reason))
    };
    reasons.into_iter().map(line).collect()
}

fn cut(line: &str) -> String {
    let line = line.replace('\n', "⏎");
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
