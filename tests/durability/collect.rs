//! Blobs are collected while clients push them again: a push that was told "it is there" must
//! find it there.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chartroom_oci::Digest;
use chartroom_test_support::{Client, Image, OCI_MANIFEST, Random, TestServer, eventually};

use crate::{builder, is_clean};

const GRACE: Duration = Duration::from_millis(400);

/// How long the race is provoked.
const BUSY: Duration = Duration::from_secs(8);

/// Collects all the time, and is patient only for as long as a push may take.
fn collecting() -> TestServer {
    builder().config("[gc]\ninterval = \"5ms\"\ngrace = \"400ms\"\n").start()
}

#[derive(Default)]
struct Tally {
    reused: AtomicU64,
    pushed: AtomicU64,
    slow: AtomicU64,
}

#[test]
fn a_push_that_reuses_a_blob_never_loses_it_to_the_collector() {
    let mut server = collecting();
    let tally = Tally::default();
    std::thread::scope(|scope| {
        for number in 0..6 {
            let (server, tally) = (&server, &tally);
            scope.spawn(move || provoke(&server.client(), number, tally));
        }
    });
    let [reused, pushed, slow] =
        [&tally.reused, &tally.pushed, &tally.slow].map(|count| count.load(Ordering::Relaxed));
    report(reused, pushed, slow);
    assert!(reused > 20, "blobs were reused only {reused} times");
    assert!(pushed > 20, "blobs were collected only {pushed} times");
    is_clean(&mut server);
}

#[expect(clippy::print_stderr, reason = "how much was tried tells what a pass is worth")]
fn report(reused: u64, pushed: u64, slow: u64) {
    eprintln!(
        "blobs found there {reused} times, pushed anew {pushed} times, {slow} pushes too slow to count"
    );
}

/// Pushes and deletes images over a few shared blobs, so that each comes around when its grace
/// period is about to end.
fn provoke(client: &Client, number: u64, tally: &Tally) {
    let mut random = Random::seeded(number);
    let repository = format!("race/{}", number % 3);
    let began = Instant::now();
    let mut due = Vec::<(Instant, Image)>::new();
    while began.elapsed() < BUSY {
        // Either one whose blobs have been without a manifest for about the grace period, or any.
        let ripe = due.iter().position(|(deleted, _)| deleted.elapsed() >= GRACE.mul_f64(0.97));
        let image = match ripe {
            Some(position) => due.swap_remove(position).1,
            None => Image::of(&format!("{} {}", number % 3, random.below(60))),
        };
        let asked = Instant::now();
        let mut reused = true;
        for blob in image.blobs() {
            let digest = Digest::sha256(blob);
            let head = client.head(&format!("/v2/{repository}/blobs/{digest}")).send();
            if head.status != 200 {
                head.expect(404);
                client.push_blob(&repository, blob);
                reused = false;
            }
        }
        let put =
            client.put_manifest(&repository, &image.digest().to_string(), OCI_MANIFEST, &image.manifest);
        put.expect(201);
        // Beyond the grace period nothing is promised.
        if asked.elapsed() < GRACE.mul_f64(0.8) {
            for blob in image.blobs() {
                readable(client, &repository, blob, asked);
            }
            let count = if reused { &tally.reused } else { &tally.pushed };
            count.fetch_add(1, Ordering::Relaxed);
        } else {
            tally.slow.fetch_add(1, Ordering::Relaxed);
        }
        let deleted = client.delete(&format!("/v2/{repository}/manifests/{}", image.digest())).send();
        assert!([202, 404].contains(&deleted.status), "{}", deleted.describe());
        due.push((Instant::now(), image));
    }
}

/// Checks that a blob is there and whole, as long as its grace period lasts: whoever else uses the
/// repository may have deleted the manifest by now.
#[track_caller]
fn readable(client: &Client, repository: &str, blob: &[u8], asked: Instant) {
    let got = client.blob(repository, &Digest::sha256(blob));
    // The server need not restart the period for each question, as long as nearly all of it is left.
    if got.status == 200 || asked.elapsed() < GRACE.mul_f64(0.8) {
        assert_eq!(got.expect(200).body, blob);
    }
}

#[test]
fn a_manifest_that_stays_keeps_its_blobs_however_busy_the_collector_is() {
    let mut server = collecting();
    let client = server.client();
    let images = (0..40).map(|number| Image::of(&format!("stays {number}"))).collect::<Vec<_>>();
    for image in &images {
        client.push_image("kept", &image.digest().to_string(), image);
        // The same blobs come and go elsewhere, and under another manifest here.
        client.push_image("passing", &image.digest().to_string(), image);
        let twin = image.clone().with(serde_json::json!({ "annotations": { "twin": "yes" } }));
        client.put_manifest("kept", &twin.digest().to_string(), OCI_MANIFEST, &twin.manifest).expect(201);
        client.delete(&format!("/v2/kept/manifests/{}", twin.digest())).send().expect(202);
        client.delete(&format!("/v2/passing/manifests/{}", image.digest())).send().expect(202);
    }
    let gone = |image: &Image| {
        image.blobs().all(|blob| {
            client.head(&format!("/v2/passing/blobs/{}", Digest::sha256(blob))).send().status == 404
        })
    };
    // Asking for a blob keeps it, so each is asked for once its grace period is over.
    eventually("what is no longer needed is collected", Duration::from_secs(30), || {
        let asked = Instant::now();
        while asked.elapsed() < GRACE * 2 {
            client.get("/v2/").send().expect(200);
        }
        images.iter().all(gone).then_some(())
    });
    for image in &images {
        assert_eq!(client.manifest("kept", &image.digest().to_string()).expect(200).body, image.manifest);
        for blob in image.blobs() {
            assert_eq!(client.blob("kept", &Digest::sha256(blob)).expect(200).body, blob);
        }
    }
    is_clean(&mut server);
}

#[test]
fn the_space_of_what_is_collected_is_given_back() {
    let mut server = collecting();
    let client = server.client();
    let content = Random::seeded(1).bytes(5_000_000);
    let digest = client.push_blob("app", &content);
    let path = {
        let hex = digest.hex();
        server.data().join(format!("blobs/sha256/{}/{hex}/data", &hex[..2]))
    };
    assert!(path.is_file());
    eventually("the file is gone", Duration::from_secs(30), || (!path.exists()).then_some(()));
    client.blob("app", &digest).expect_error(404, &["BLOB_UNKNOWN"]);
    // It can come back, and is whole.
    client.push_blob("app", &content);
    assert_eq!(client.blob("app", &digest).expect(200).body, content);
    is_clean(&mut server);
}

#[test]
fn uploads_that_nobody_continues_are_dropped() {
    let mut server = builder().config("[gc]\ninterval = \"5ms\"\n[uploads]\nexpire = \"300ms\"\n").start();
    let client = server.client();
    let location = client.begin_upload("app");
    client.patch(&location).body("0123").send().expect(202);
    // Asking is not continuing.
    eventually("the session is gone", Duration::from_secs(30), || {
        (client.get(&location).send().status == 404).then_some(())
    });
    is_clean(&mut server);
}
