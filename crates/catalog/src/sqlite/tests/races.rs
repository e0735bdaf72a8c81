//! Pushes and collections that get in each other's way, on several threads.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chartroom_oci::{Digest, RepositoryName};
use jiff::Timestamp;

use crate::conformance::samples::{any_image, at, digest, has, image, link, repository, resolve};
use crate::{Catalog, Deleted};

use super::{Fresh, fresh};

/// Time that passes with every push, and how far back the oldest push still running began. A
/// collection's cutoff lies before that: the grace period is longer than any push.
#[derive(Default)]
struct Clock(Mutex<(i64, BTreeMap<i64, ()>)>);

impl Clock {
    fn begin(&self) -> i64 {
        let mut clock = self.0.lock().unwrap();
        clock.0 += 1;
        let now = clock.0;
        clock.1.insert(now, ());
        now
    }

    fn now(&self) -> Timestamp {
        at(self.0.lock().unwrap().0)
    }

    fn end(&self, began: i64) {
        self.0.lock().unwrap().1.remove(&began);
    }

    fn cutoff(&self) -> Timestamp {
        let clock = self.0.lock().unwrap();
        at(clock.1.keys().next().map_or(clock.0, |oldest| oldest - 1))
    }
}

struct Race {
    test: Fresh,
    clock: Clock,
    /// The blobs whose bytes are stored.
    stored: Mutex<HashSet<Digest>>,
    repositories: Vec<RepositoryName>,
    done: AtomicBool,
    reused: AtomicU64,
    forgotten: AtomicU64,
}

impl Race {
    async fn push(&self, number: usize) {
        let catalog = &self.test.catalog;
        let began = self.clock.begin();
        let repository = &self.repositories[number % self.repositories.len()];
        let blob = digest(&format!("blob {}", number % 5));
        let seen = catalog.blob(repository, &blob).await.unwrap().is_some()
            && catalog.touch_blob(repository, &blob, at(began)).await.unwrap();
        if seen {
            self.reused.fetch_add(1, Ordering::Relaxed);
        } else {
            let lock = catalog.lock_blob(&blob).await.unwrap();
            self.stored.lock().unwrap().insert(blob);
            link(catalog, repository, &blob, at(began)).await.unwrap();
            drop(lock);
        }
        tokio::task::yield_now().await;
        let mut push = image(&blob, &[]).unwrap();
        push.digest = digest(&format!("manifest {number}"));
        let pushed = push.digest;
        let missing = catalog.put_manifest(repository, push, at(began)).await.unwrap().missing;
        assert!(
            missing.is_empty(),
            "push {number} lost a blob that was {}",
            if seen { "seen" } else { "linked" }
        );
        assert!(self.stored.lock().unwrap().contains(&blob), "push {number} lost the bytes of its blob");
        self.clock.end(began);
        tokio::task::yield_now().await;
        let deleted = catalog.delete_manifest(repository, &pushed, false, self.clock.now()).await.unwrap();
        assert_eq!(deleted, Deleted::Yes);
    }

    async fn collect(&self) {
        let catalog = &self.test.catalog;
        while !self.done.load(Ordering::Relaxed) {
            let cutoff = self.clock.cutoff();
            catalog.unlink_unreferenced(cutoff, 100, cutoff).await.unwrap();
            for blob in catalog.unlinked_blobs(cutoff, None, 100).await.unwrap() {
                let lock = catalog.lock_blob(&blob.digest).await.unwrap();
                if catalog.forget_blob(&blob.digest, cutoff).await.unwrap() {
                    for repository in &self.repositories {
                        assert_eq!(catalog.blob(repository, &blob.digest).await.unwrap(), None);
                    }
                    self.stored.lock().unwrap().remove(&blob.digest);
                    self.forgotten.fetch_add(1, Ordering::Relaxed);
                }
                drop(lock);
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_collection_never_takes_what_a_push_was_promised() {
    let race = Arc::new(Race {
        test: fresh(),
        clock: Clock::default(),
        stored: Mutex::default(),
        repositories: ["a", "b", "c"].iter().map(|name| repository(name).unwrap()).collect(),
        done: AtomicBool::new(false),
        reused: AtomicU64::new(0),
        forgotten: AtomicU64::new(0),
    });
    let pushers = (0..8).map(|pusher| {
        let race = race.clone();
        tokio::spawn(async move {
            for number in 0..80 {
                race.push(number * 8 + pusher).await;
            }
        })
    });
    let pushers: Vec<_> = pushers.collect();
    let collectors: Vec<_> = (0..2)
        .map(|_| {
            let race = race.clone();
            tokio::spawn(async move { race.collect().await })
        })
        .collect();
    for pusher in pushers {
        pusher.await.unwrap();
    }
    race.done.store(true, Ordering::Relaxed);
    for collector in collectors {
        collector.await.unwrap();
    }
    assert!(race.reused.load(Ordering::Relaxed) > 0, "nothing was ever there already");
    assert!(race.forgotten.load(Ordering::Relaxed) > 0, "nothing was ever collected");
    assert_eq!(race.test.catalog.self_check().await.unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_and_readers_on_many_threads_agree() {
    let test = Arc::new(fresh());
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let test = test.clone();
            tokio::spawn(async move {
                let ours = repository(&format!("ours/{}", task % 3)).unwrap();
                for number in 0..60 {
                    let push = any_image(&format!("{task} {number}")).unwrap().tagged(&["latest"]).unwrap();
                    let digest = push.digest;
                    test.catalog.put_manifest(&ours, push, at(0)).await.unwrap();
                    assert!(has(&test.catalog, &ours, &digest).await.unwrap());
                    let latest = resolve(&test.catalog, &ours, "latest").await.unwrap().unwrap();
                    assert!(has(&test.catalog, &ours, &latest).await.unwrap());
                    let page = test.catalog.tags(&ours, None, 10).await.unwrap().unwrap();
                    assert_eq!(page.items.len(), 1);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(test.catalog.manifest_records(None, 1000).await.unwrap().len(), 480);
    assert_eq!(test.catalog.self_check().await.unwrap(), [""; 0]);
}
