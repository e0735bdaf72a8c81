//! `chartroom search repo`: in the indexes of classic repositories that are on this machine.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, Result, bail};
use chartroom_chart::Constraint;
use chartroom_chart_repository::{Entry, Error, IndexCache, Query, ReadIndex, Repositories, Search};
use chartroom_cli::SearchRepo;

use super::{Form, Found};
use crate::commands::Outcome;
use crate::remote::{Classic, tell_skipped};
use crate::{helm_log, printer};

/// Searches the indexes.
pub(super) fn search(flags: &SearchRepo) -> Result<Outcome> {
    let classic = Classic::plain(&flags.connection.transport.globals);
    let loaded = Repositories::load(&classic.file);
    if let Err(error) = &loaded {
        printer::aside(&format!("WARNING: {}: {error}\n", classic.file.display()));
    }
    let repositories = loaded.ok().flatten().unwrap_or_default().repositories;
    if repositories.is_empty() {
        bail!("no repositories configured");
    }
    let words = flags.keywords.join(" ");
    let query = match () {
        () if flags.keywords.is_empty() => Query::all(),
        () if flags.regexp => Query::pattern(&words)?,
        () => Query::words(&words),
    };
    let mut search = Search::new(query, constraint(flags)?, flags.versions);
    for (entry, index) in repositories.iter().zip(indexes(&classic.cache, &repositories)) {
        match index {
            Ok((ReadIndex { index, skipped }, path)) => {
                tell_skipped(&skipped, &path.display().to_string());
                search.add(&entry.name, &index);
            }
            Err(error) => {
                let error = error.to_string();
                helm_log::warn("repo is corrupt or missing", &[("repo", &entry.name), ("error", &error)]);
            }
        }
    }
    let found: Vec<Found> = search
        .hits()
        .into_iter()
        .map(|hit| Found {
            name: hit.name,
            version: hit.version,
            app_version: hit.app_version,
            description: hit.description,
        })
        .collect();
    form(flags).print(&found, Found::HEADINGS, Found::row)
}

/// Which versions are shown.
pub(super) fn constraint(flags: &SearchRepo) -> Result<Constraint> {
    let wanted = match flags.version.as_deref().unwrap_or_default() {
        "" if flags.devel => ">0.0.0-0",
        "" => ">0.0.0",
        version => version,
    };
    wanted.parse().context("an invalid version/constraint format")
}

pub(super) fn form(flags: &SearchRepo) -> Form {
    Form { format: flags.output, widest: flags.max_col_width, fail_on_nothing: flags.fail_on_no_result }
}

/// The indexes of the repositories, in their order. Reading a large one takes a second; so all cores do.
fn indexes(cache: &IndexCache, repositories: &[Entry]) -> Vec<Result<(ReadIndex, PathBuf), Error>> {
    let next = AtomicUsize::new(0);
    let read = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from).min(repositories.len()) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(entry) = repositories.get(number) else { return };
                    let loaded = cache.load(&entry.name);
                    read.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((number, loaded));
                }
            });
        }
    });
    let mut read = read.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    read.sort_by_key(|(number, _)| *number);
    read.into_iter().map(|(_, loaded)| loaded).collect()
}
