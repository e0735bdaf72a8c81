//! Running the collector every now and then.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::task::JoinHandle;

use super::{Collected, Collector};
use crate::listen::Lifecycle;

/// When the first run starts, at the latest.
const FIRST: Duration = Duration::from_secs(60);

/// Runs the collector soon, and then with a pause of `interval` between runs, until the process is
/// to stop; `done` hears of each run.
pub fn spawn(
    collector: Collector,
    interval: Duration,
    lifecycle: Lifecycle,
    mut done: impl FnMut(&Collected) + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        // Servers that were started together, or that are started over and over, shall not all work
        // at the same moment.
        let mut pause = jitter(interval.min(FIRST));
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = lifecycle.drained() => return,
            }
            let begun = Instant::now();
            // A fault must not mean that nothing is ever collected again.
            match AssertUnwindSafe(collector.run(&lifecycle)).catch_unwind().await {
                Ok(collected) => {
                    report(&collected, begun.elapsed());
                    done(&collected);
                }
                Err(_) => tracing::error!("garbage collection was cut short by a fault of ours"),
            }
            pause = interval - interval / 10 + jitter(interval / 5);
        }
    })
}

/// A random part of a length of time.
fn jitter(most: Duration) -> Duration {
    // The standard library's hash keys are random, and nobody is to be kept from guessing this.
    let random = RandomState::new().hash_one(()) as u32;
    most.mul_f64(f64::from(random) / f64::from(u32::MAX))
}

fn report(collected: &Collected, took: Duration) {
    let Collected { links, blobs, blob_bytes, uploads, upload_files, orphans, orphan_bytes, errors } =
        collected;
    if collected.is_empty() {
        tracing::debug!(?took, "garbage collection found nothing to remove");
    } else {
        tracing::info!(
            links,
            blobs,
            blob_bytes,
            uploads,
            upload_files,
            orphans,
            orphan_bytes,
            errors,
            ?took,
            "garbage collection"
        );
    }
}
