//! The course of a whole run: all servers at once, one case after the other,
//! and within each run of a case one server after the other.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Plan;
use super::baseline::Baseline;
use super::cases::{Case, Rival, Unit};
use super::charts::{Blob, Random};
use super::figures::{CaseResults, Measurement, short};
use super::guarded::Guarded;
use super::load::{self, Sample};
use super::servers::{Peer, Server};
use super::subject::{Corpus, LARGE, READERS, Subject, settle};

/// In how many turns the load of a run is split where two servers are held against each other closely.
const TURNS: u32 = 20;

/// All that was measured.
pub(super) struct Results {
    pub(super) cases: Vec<CaseResults>,
    /// Run by run.
    pub(super) baselines: Vec<Baseline>,
}

pub(super) async fn run(plan: &Plan, folder: &Path) -> Result<Results> {
    let mut random = Random::new();
    let corpus = Corpus::new(&mut random)?;
    let mut subjects = Vec::new();
    for &peer in &plan.peers {
        let server = Server::start(peer, plan.programs.of(peer), folder.join(peer.name())).await?;
        subjects.push(Subject::new(server));
    }
    let mut guarded = None;
    let mut results = Results { cases: Vec::new(), baselines: Vec::new() };
    for &case in &plan.cases {
        if case.wants_accounts() && guarded.is_none() && plan.peers.contains(&Peer::Chartroom) {
            let program = plan.programs.of(Peer::Chartroom);
            guarded = Some(Guarded::start(program, folder.join("guarded"), &corpus).await?);
        }
        eprint!("{}", case.name());
        let measured = match &guarded {
            Some(guarded) if case.wants_accounts() => {
                measure_accounts(case, plan, guarded, &mut subjects, &corpus, &mut random).await
            }
            _ => {
                measure(case, plan, folder, &mut subjects, &corpus, &mut random, &mut results.baselines).await
            }
        };
        eprintln!();
        results.cases.push(measured.with_context(|| format!("{} failed", case.name()))?);
    }
    Ok(results)
}

async fn measure(
    case: Case,
    plan: &Plan,
    folder: &Path,
    subjects: &mut [Subject],
    corpus: &Corpus,
    random: &mut Random,
    baselines: &mut Vec<Baseline>,
) -> Result<CaseResults> {
    let mut subjects: Vec<_> =
        subjects.iter_mut().filter(|subject| case.is_for(subject.server.peer)).collect();
    for subject in &mut subjects {
        subject.prepare(case, corpus, random).await?;
    }
    settle();
    let mut runs = Vec::new();
    for _ in 0..if case.repeats() { plan.runs } else { 1 } {
        let mut run = Vec::new();
        if case == Case::BlobPutLarge {
            let blob = Blob::random(random, LARGE);
            for subject in &mut subjects {
                settle();
                let time = subject.put_large("charts/large", &blob).await?;
                run.push((Rival::Peer(subject.server.peer), speed(time)));
            }
            settle();
            let baseline = Baseline::measure(folder, &blob.bytes)?;
            run.push((Rival::Baseline, speed(baseline.total())));
            baselines.push(baseline);
        } else {
            for subject in &mut subjects {
                let measured = subject.measure(case, corpus, plan.load, random).await?;
                run.push((Rival::Peer(subject.server.peer), measured));
            }
        }
        progress(&run);
        runs.push(run);
    }
    Ok(CaseResults { case, runs })
}

/// Measures a registry with accounts beside the one without.
async fn measure_accounts(
    case: Case,
    plan: &Plan,
    guarded: &Guarded,
    subjects: &mut [Subject],
    corpus: &Corpus,
    random: &mut Random,
) -> Result<CaseResults> {
    let open = subjects.iter_mut().find(|subject| subject.server.peer == Peer::Chartroom);
    let open = open.context("Chartroom without accounts does not run")?;
    open.prepare(case, corpus, random).await?;
    settle();
    let mut runs = Vec::new();
    for _ in 0..plan.runs {
        let mut run = Vec::new();
        if case == Case::ManifestGetGuessing {
            run.extend(guarded.measure_guessing(corpus, plan.load).await?);
        } else {
            let (mut with, mut without) = (Vec::new(), Vec::new());
            // Short turns, so that whatever else the machine does meets both alike; and neither is always
            // the first.
            for turn in 0..2 * TURNS {
                let time = plan.load / TURNS;
                if turn % 4 == 0 || turn % 4 == 3 {
                    let asks = Arc::new(corpus.manifests(&open.server, "GET", None));
                    without.push(load::read(&open.server, asks, READERS, time).await?);
                } else {
                    with.push(guarded.read(case, corpus, time).await?);
                }
            }
            for (rival, samples) in [(Rival::Peer(Peer::Chartroom), with), (Rival::Open, without)] {
                run.push((rival, Measurement::of(&Sample::sum(samples), Unit::PerSecond)));
            }
        }
        progress(&run);
        runs.push(run);
    }
    Ok(CaseResults { case, runs })
}

fn speed(time: Duration) -> Measurement {
    Measurement::from(LARGE as f64 / 1e6 / time.as_secs_f64())
}

fn progress(run: &[(Rival, Measurement)]) {
    let values: Vec<_> = run.iter().map(|(_, measurement)| short(measurement.value)).collect();
    eprint!("  {}", values.join(" : "));
}
