//! How far transfers are: bars on the standard error, one for each blob or file that is on its way for longer
//! than a moment. There are none unless a terminal shows them, and none are left at the end.
//!
//! Whatever else is printed goes through [`beside`], so that lines and bars don't run into each other.

use std::collections::HashMap;
use std::io::{self, IsTerminal as _};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chartroom_oci::Digest;
use chartroom_registry_client::{Direction, Item, Progress};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is over sooner than this gets no bar.
const MOMENT: Duration = Duration::from_millis(400);

/// How often a second bars are drawn at most.
const DRAWN: u8 = 12;

const KNOWN: &str = "{prefix} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const UNKNOWN: &str = "{prefix} {bytes} {bytes_per_sec}";

/// The bars, where there may be any.
static BARS: LazyLock<Option<Mutex<Bars>>> = LazyLock::new(|| terminal().then(Mutex::default));

/// Whether somebody sees bars: not a file, and not a terminal that can't go back in a line.
fn terminal() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|kind| kind != "dumb")
}

#[derive(Default)]
struct Bars {
    all: Option<MultiProgress>,
    transfers: HashMap<(Item, Direction), Transfer>,
    names: HashMap<Digest, String>,
    /// Whether somebody looks after transfers from which nothing is heard.
    watched: bool,
}

/// A transfer under way.
struct Transfer {
    began: Instant,
    latest: Progress,
    bar: Option<ProgressBar>,
}

fn bars() -> Option<MutexGuard<'static, Bars>> {
    // Bars that somebody panicked over are still bars.
    Some(BARS.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What a blob is called, rather than by its digest.
pub(crate) fn name(digest: &Digest, name: &str) {
    if let Some(mut bars) = bars() {
        bars.names.insert(*digest, name.to_owned());
    }
}

/// Shows how far a transfer is.
pub(crate) fn show(progress: &Progress) {
    if let Some(mut bars) = bars() {
        bars.note(progress);
        if !bars.watched && !bars.transfers.is_empty() {
            bars.watched = true;
            std::thread::spawn(watch);
        }
    }
}

/// Keeps bars moving while nothing comes, as long as there are transfers.
fn watch() {
    loop {
        std::thread::sleep(MOMENT / 2);
        let Some(mut bars) = bars() else { return };
        if bars.transfers.is_empty() {
            bars.watched = false;
            return;
        }
        bars.refresh(Instant::now());
    }
}

/// Prints something with the bars out of the way.
pub(crate) fn beside<T>(print: impl FnOnce() -> T) -> T {
    // Nobody who prints holds the lock.
    let all = bars().and_then(|bars| bars.all.clone());
    match all {
        Some(all) => all.suspend(print),
        None => print(),
    }
}

/// Takes all bars away.
pub(crate) fn clear() {
    if let Some(mut bars) = bars() {
        for (_, transfer) in bars.transfers.drain() {
            transfer.end();
        }
    }
}

impl Bars {
    fn note(&mut self, progress: &Progress) {
        let key = (progress.item.clone(), progress.direction);
        if progress.total == Some(progress.done) {
            if let Some(transfer) = self.transfers.remove(&key) {
                transfer.end();
            }
            return;
        }
        let fresh = Transfer { began: Instant::now(), latest: progress.clone(), bar: None };
        let transfer = self.transfers.entry(key).or_insert(fresh);
        transfer.latest = progress.clone();
        if let Some(bar) = &transfer.bar {
            bar.set_position(progress.done);
        }
    }

    /// Gives bars to those transfers that take longer than a moment, and draws all anew.
    fn refresh(&mut self, now: Instant) {
        for transfer in self.transfers.values_mut() {
            if let Some(bar) = &transfer.bar {
                bar.tick();
            } else if now.saturating_duration_since(transfer.began) >= MOMENT {
                let name = match &transfer.latest.item {
                    Item::Blob(digest) => self.names.get(digest).cloned().unwrap_or_else(|| brief(digest)),
                    Item::File(url) => url.to_string(),
                };
                let all = self.all.get_or_insert_with(|| {
                    MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWN))
                });
                let bar = all.add(bar(&transfer.latest, &name));
                bar.tick();
                transfer.bar = Some(bar);
            }
        }
    }
}

impl Transfer {
    fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(progress: &Progress, name: &str) -> ProgressBar {
    let template = if progress.total.is_some() { KNOWN } else { UNKNOWN };
    // Both templates are tried in the tests.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::hidden().with_style(style.progress_chars("=> ")).with_prefix(name.to_owned());
    match progress.total {
        Some(total) => bar.set_length(total),
        None => bar.unset_length(),
    }
    // What passed before it was shown is no part of how fast it is now.
    bar.with_position(progress.done)
}

/// A digest, as short as people can still tell it by.
fn brief(digest: &Digest) -> String {
    let hex = digest.hex();
    format!("{}:{}", digest.algorithm(), hex.get(..12).unwrap_or(&hex))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_templates_are_some() {
        for template in [KNOWN, UNKNOWN] {
            ProgressStyle::with_template(template).unwrap();
        }
    }

    #[test]
    fn digests_are_shortened() {
        assert_eq!(brief(&Digest::sha256(b"")), "sha256:e3b0c44298fc");
    }

    #[test]
    fn what_is_over_in_a_moment_gets_no_bar() {
        let mut bars = Bars::default();
        let digest = Digest::sha256(b"");
        let at = |done| Progress {
            item: Item::Blob(digest),
            direction: Direction::Download,
            done,
            total: Some(100),
        };
        let now = Instant::now();
        bars.note(&at(10));
        bars.refresh(now);
        assert!(bars.transfers.values().all(|transfer| transfer.bar.is_none()));
        bars.note(&at(100));
        bars.refresh(now + 2 * MOMENT);
        assert!(bars.transfers.is_empty() && bars.all.is_none());
        // One that takes longer does, even if nothing more comes.
        bars.note(&at(50));
        bars.refresh(now + 2 * MOMENT);
        let bar = bars.transfers.values().next().unwrap().bar.clone().unwrap();
        assert_eq!((bar.position(), bar.length(), bar.prefix()), (50, Some(100), brief(&digest)));
        // It goes back when a transfer starts over.
        bars.note(&at(20));
        assert_eq!(bar.position(), 20);
        bars.note(&at(100));
        assert!(bars.transfers.is_empty() && bar.is_finished());
    }
}
