//! The course of a whole run: all servers at once, one case after the other,
//! and within each run of a case one server after the other.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Plan;
use super::baseline::Baseline;
use super::cases::{Case, Rival};
use super::charts::{Blob, Random};
use super::figures::{CaseResults, Measurement, short};
use super::servers::Server;
use super::subject::{Corpus, LARGE, Subject, settle};

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
    let mut results = Results { cases: Vec::new(), baselines: Vec::new() };
    for &case in &plan.cases {
        eprint!("{}", case.name());
        let measured =
            measure(case, plan, folder, &mut subjects, &corpus, &mut random, &mut results.baselines);
        let measured = measured.await;
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

fn speed(time: Duration) -> Measurement {
    Measurement::from(LARGE as f64 / 1e6 / time.as_secs_f64())
}

fn progress(run: &[(Rival, Measurement)]) {
    let values: Vec<_> = run.iter().map(|(_, measurement)| short(measurement.value)).collect();
    eprint!("  {}", values.join(" : "));
}
