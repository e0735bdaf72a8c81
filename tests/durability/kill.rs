//! The server is killed again and again, at any moment, while clients push.

use std::sync::mpsc;
use std::time::Duration;

use chartroom_test_support::{Random, TestServer};

use crate::ledger::all_visible_is_whole;
use crate::worker::Worker;
use crate::{builder, is_clean};

const ROUNDS: usize = 25;
const WORKERS: usize = 5;

#[expect(clippy::print_stderr, reason = "a failure can only be repeated with its seed")]
fn announce(seed: u64) {
    eprintln!("seed {seed} (CHARTROOM_TEST_SEED repeats it)");
}

#[expect(clippy::print_stderr, reason = "how much was tried tells what a pass is worth")]
fn report(workers: &[Worker], resumed: usize, gone: usize) {
    let sum = |count: fn(&Worker) -> usize| workers.iter().map(count).sum::<usize>();
    eprintln!(
        "killed {ROUNDS} times; kept {} blobs, {} manifests, {} tags; of the uploads cut short {resumed} went on, \
         {gone} were gone",
        sum(|worker| worker.ledger.blobs.len()),
        sum(|worker| worker.ledger.manifests.len()),
        sum(|worker| worker.ledger.tags.len()),
    );
}

#[test]
fn what_was_acknowledged_survives_being_killed_at_any_moment() {
    let seed = Random::fresh_seed();
    announce(seed);
    let mut random = Random::seeded(seed);
    let mut server = builder().start();
    let mut workers =
        (0..WORKERS).map(|number| Worker::new(&format!("w{number}"), random.number())).collect::<Vec<_>>();
    let (mut resumed, mut gone) = (0, 0);
    for round in 0..ROUNDS {
        round_of_work(&mut server, &mut workers, &mut random);
        server.restart();
        let client = server.client();
        for worker in &mut workers {
            worker.ledger.check(&client, &worker.repository);
            let (on, off) = worker.ledger.resume(&client, &worker.repository);
            resumed += on;
            gone += off;
        }
        if round % 5 == 4 {
            all_visible_is_whole(&client);
        }
    }
    report(&workers, resumed, gone);
    assert!(resumed > 0, "no upload of {gone} could go on");
    assert!(gone <= resumed, "of the uploads cut short only {resumed} went on, {gone} were gone");
    is_clean(&mut server);
}

/// Lets the workers work, and kills the server after a random number of acknowledgements.
fn round_of_work(server: &mut TestServer, workers: &mut [Worker], random: &mut Random) {
    let (acknowledged, acknowledgements) = mpsc::channel();
    std::thread::scope(|scope| {
        for worker in &mut *workers {
            let client = server.client();
            let acknowledged = acknowledged.clone();
            scope.spawn(move || worker.work(&client, &acknowledged));
        }
        drop(acknowledged);
        for _ in 0..10 + random.below(60) {
            acknowledgements.recv_timeout(Duration::from_secs(30)).expect("the server acknowledges");
        }
        // A little later, so that the moment is not always just after an answer.
        for _ in 0..random.below(200_000) {
            std::hint::spin_loop();
        }
        server.kill();
    });
}

#[test]
fn a_kill_while_it_starts_does_no_harm() {
    let mut server = builder().start();
    let mut worker = Worker::new("start", 1);
    let (acknowledged, acknowledgements) = mpsc::channel();
    std::thread::scope(|scope| {
        let (client, worker) = (server.client(), &mut worker);
        scope.spawn(move || worker.work(&client, &acknowledged));
        for _ in 0..40 {
            acknowledgements.recv_timeout(Duration::from_secs(30)).expect("the server acknowledges");
        }
        server.kill();
    });
    for _ in 0..10 {
        // Killed as soon as it listens, when recovery may still be going on.
        server.restart();
        server.kill();
    }
    server.restart();
    worker.ledger.check(&server.client(), &worker.repository);
    is_clean(&mut server);
}
