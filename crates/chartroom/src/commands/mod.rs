//! What the commands do: one function each, from its flags to its outcome.

mod access;
mod completion;
mod copy;
mod create;
mod dependency;
mod env;
mod fsck;
mod gc;
mod get;
mod history;
mod install;
mod lint;
mod list;
mod package;
mod pull;
mod push;
mod registry;
mod repo;
mod rollback;
mod search;
mod serve;
mod show;
mod status;
mod tags;
mod template;
mod token;
mod uninstall;
mod user;
mod verify;
mod version;

use std::time::Duration;

use anyhow::{Context as _, Result};
use chartroom_server::data_folder;
use tokio::runtime::{Builder, Runtime};

pub(crate) use access::access;
pub(crate) use completion::completion;
pub(crate) use copy::copy;
pub(crate) use create::create;
pub(crate) use dependency::{bring, dependency};
pub(crate) use env::env;
pub(crate) use fsck::fsck;
pub(crate) use gc::gc;
pub(crate) use get::get;
pub(crate) use history::history;
pub(crate) use install::install;
pub(crate) use lint::lint;
pub(crate) use list::list;
pub(crate) use package::package;
pub(crate) use pull::pull;
pub(crate) use push::push;
pub(crate) use registry::registry;
pub(crate) use repo::repo;
pub(crate) use rollback::rollback;
pub(crate) use search::search;
pub(crate) use serve::serve;
pub(crate) use show::show;
pub(crate) use status::status;
pub(crate) use tags::tags;
pub(crate) use template::template;
pub(crate) use token::token;
pub(crate) use uninstall::uninstall;
pub(crate) use user::user;
pub(crate) use verify::verify;
pub(crate) use version::version;

use crate::failure::Hinted;
use crate::progress;

/// How a command that was carried out has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Well.
    Success,
    /// It did what it should, and found that not all is well.
    FoundProblems,
}

/// Prints what was asked for instead of a command: help, or the version.
pub(crate) fn answer(text: &str) -> Result<Outcome> {
    crate::printer::result(text.trim_end())?;
    Ok(Outcome::Success)
}

/// How long work that nobody waits for any more may go on at the end.
const LEFT_OVER: Duration = Duration::from_secs(10);

/// The most threads that wait for disks. More would not make a disk faster, and each brings an arena of
/// the memory allocator along.
const DISK_THREADS: usize = 16;

/// Runs a future to its end on all cores.
fn run<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime: Runtime = Builder::new_multi_thread()
        .max_blocking_threads(DISK_THREADS)
        .enable_all()
        .build()
        .context("can't start threads")?;
    let outcome = runtime.block_on(future);
    runtime.shutdown_timeout(LEFT_OVER);
    outcome
}

/// Runs what a client does: it mostly waits, and one thread starts sooner than several.
pub(crate) fn run_client<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = Builder::new_current_thread().enable_all().build().context("can't start")?;
    let outcome = runtime.block_on(future);
    progress::clear();
    outcome
}

/// Says what to do when a folder is in use.
fn when_in_use(error: data_folder::Error, hint: &'static str) -> anyhow::Error {
    match error {
        data_folder::Error::InUse { .. } => Hinted::new(error, hint).into(),
        error => error.into(),
    }
}
