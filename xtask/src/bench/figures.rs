//! Figures: what was measured, and medians of it.

use std::time::Duration;

use super::cases::{Case, Rival, Unit};
use super::load::{Cpu, Sample};
use super::servers::Peer;

/// One measurement of one server.
#[derive(Clone, Copy)]
pub(super) struct Measurement {
    /// In the unit of its case.
    pub(super) value: f64,
    pub(super) load: Option<LoadFigures>,
}

/// What more there is to say of a load.
#[derive(Clone, Copy)]
pub(super) struct LoadFigures {
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    /// CPU time of the server for each request, in seconds.
    pub(super) server_cpu: f64,
    /// How many cores were busy, on average.
    pub(super) cpu: Cpu,
}

impl Measurement {
    pub(super) fn of(sample: &Sample, unit: Unit) -> Self {
        let mut latencies = sample.latencies.clone();
        latencies.sort_unstable();
        let seconds = sample.elapsed.as_secs_f64();
        let mut cpu = sample.cpu;
        for time in [&mut cpu.server, &mut cpu.generator] {
            time.user /= seconds;
            time.system /= seconds;
        }
        let value = match unit {
            Unit::MegabytesPerSecond => sample.megabytes_per_second(),
            _ => sample.per_second(),
        };
        let load = LoadFigures {
            p50: percentile(&latencies, 0.5),
            p99: percentile(&latencies, 0.99),
            server_cpu: sample.server_time.as_secs_f64() / latencies.len() as f64,
            cpu,
        };
        Self { value, load: Some(load) }
    }
}

impl From<f64> for Measurement {
    fn from(value: f64) -> Self {
        Self { value, load: None }
    }
}

/// All measurements of a case, run by run.
pub(super) struct CaseResults {
    pub(super) case: Case,
    pub(super) runs: Vec<Vec<(Rival, Measurement)>>,
}

impl CaseResults {
    pub(super) fn of(&self, rival: Rival) -> Vec<Measurement> {
        let of_run = |run: &Vec<(Rival, Measurement)>| {
            run.iter().find(|(of, _)| *of == rival).map(|&(_, measurement)| measurement)
        };
        self.runs.iter().filter_map(of_run).collect()
    }

    pub(super) fn median(&self, rival: Rival) -> Option<f64> {
        Spread::of(self.of(rival).iter().map(|measurement| measurement.value)).map(|spread| spread.median)
    }

    /// How many times as good Chartroom was, in each run for itself.
    pub(super) fn ratio(&self, rival: Rival) -> Option<Spread> {
        let own = self.of(Rival::Peer(Peer::Chartroom));
        let others = self.of(rival);
        let more_is_better = self.case.unit().more_is_better();
        Spread::of(own.iter().zip(&others).map(|(own, other)| {
            if more_is_better { own.value / other.value } else { other.value / own.value }
        }))
    }

    /// What a request costs Chartroom, in each run for itself.
    pub(super) fn cost(&self, rival: Rival) -> Option<Cost> {
        let own = self.of(Rival::Peer(Peer::Chartroom));
        let others = self.of(rival);
        let pairs = || own.iter().zip(&others);
        let cpu = pairs().filter_map(|(own, other)| Some(own.load?.server_cpu / other.load?.server_cpu));
        Some(Cost {
            time: Spread::of(pairs().map(|(own, other)| other.value / own.value))?,
            cpu: Spread::of(cpu)?,
        })
    }
}

/// What a request costs, as a multiple of what it costs the rival.
pub(super) struct Cost {
    pub(super) time: Spread,
    pub(super) cpu: Spread,
}

/// A median, and what it is the median of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) least: f64,
    pub(super) median: f64,
    pub(super) most: f64,
}

impl Spread {
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<_> = values.collect();
        values.sort_unstable_by(f64::total_cmp);
        let (least, most) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = match values.len() % 2 {
            0 => (values[middle - 1] + values[middle]) / 2.0,
            _ => values[middle],
        };
        Some(Self { least, median, most })
    }
}

/// Of sorted times; zero if there are none.
pub(super) fn percentile(sorted: &[Duration], part: f64) -> Duration {
    let index = (sorted.len() as f64 * part) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Three digits that count, and no more.
pub(super) fn short(value: f64) -> String {
    let whole = |value: f64| {
        let digits = format!("{value:.0}");
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    };
    match value {
        value if value >= 10_000.0 => whole((value / 100.0).round() * 100.0),
        value if value >= 1_000.0 => whole((value / 10.0).round() * 10.0),
        value if value >= 99.95 => whole(value),
        value if value >= 9.995 => format!("{value:.1}"),
        value if value >= 0.0995 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_or_between_the_two_there() {
        let of = |values: &[f64]| Spread::of(values.iter().copied());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some(Spread { least: 1.0, median: 2.0, most: 3.0 }));
        assert_eq!(of(&[4.0, 1.0]), Some(Spread { least: 1.0, median: 2.5, most: 4.0 }));
    }

    #[test]
    fn ratios_are_taken_run_by_run() {
        let run = |own: f64, other: f64| {
            vec![
                (Rival::Peer(Peer::Chartroom), Measurement::from(own)),
                (Rival::Peer(Peer::Nginx), Measurement::from(other)),
            ]
        };
        let runs = vec![run(10.0, 1.0), run(1.0, 10.0), run(6.0, 3.0)];
        let mut results = CaseResults { case: Case::BlobGet, runs };
        let ratio = results.ratio(Rival::Peer(Peer::Nginx));
        assert_eq!(ratio, Some(Spread { least: 0.1, median: 2.0, most: 10.0 }));
        // Where less is better, the ratio is the other way round.
        results.case = Case::Startup;
        let ratio = results.ratio(Rival::Peer(Peer::Nginx)).map(|ratio| ratio.median);
        assert_eq!(ratio, Some(0.5));
        assert_eq!(results.ratio(Rival::Baseline), None);
    }

    #[test]
    fn figures_are_short() {
        let texts = [111_234.0, 8_501.0, 385.4, 59.96, 0.354, 0.0123].map(short);
        assert_eq!(texts, ["111,200", "8,500", "385", "60.0", "0.35", "0.012"]);
    }
}
