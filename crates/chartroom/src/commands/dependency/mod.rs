//! `chartroom dependency …`: the charts that a chart depends on. Other commands that bring a chart's
//! dependencies up to date call [`bring`].

mod download;
mod list;
mod origin;
mod resolve;
mod update;

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use chartroom_chart::go_path;
use chartroom_cli::{Connection, Dependency, DependencyCommand, Download};

use super::Outcome;
use crate::{environment, printer, provenance};

pub(super) use update::{build, update};

/// Lists dependencies, or brings them up to date.
pub(crate) fn dependency(flags: &Dependency) -> Result<Outcome> {
    match &flags.command {
        DependencyCommand::List(flags) => list::list(flags),
        DependencyCommand::Update(flags) => {
            update(&Job { pin: flags.pin_digests, ..Job::new(flags.chart.as_deref(), &flags.download) })
        }
        DependencyCommand::Build(flags) => {
            let job = Job::new(flags.chart.as_deref(), &flags.download);
            // As with Helm, what is built again need not be signed.
            let verify = job.verify.map(|verify| Verify { required: false, ..verify });
            build(&Job { verify, ..job })
        }
    }
}

/// Brings what a chart in a folder depends on, on behalf of a command that wants to render it. As with
/// Helm, what is done is told beside that command's result, and what came from registries is not among it.
pub(crate) fn bring(chart: &Path, connection: &Connection) -> Result<()> {
    let announce = |line: &str| {
        printer::aside(&format!("{line}\n"));
        Ok(())
    };
    update(&Job { announce, ..Job::of(&chart.to_string_lossy(), connection) }).map(drop)
}

/// Says a line.
pub(super) type Say = fn(&str) -> io::Result<()>;

/// Which chart's dependencies are to be got, and how.
#[derive(Clone)]
pub(super) struct Job<'a> {
    /// The folder of the chart.
    pub(super) chart: PathBuf,
    /// How to reach registries.
    pub(super) connection: &'a Connection,
    /// Whether the indexes that are here will do.
    pub(super) skip_refresh: bool,
    /// Whether the digests of archives are to be noted in the lock.
    pub(super) pin: bool,
    /// Whether and how archives that are downloaded are verified.
    pub(super) verify: Option<Verify>,
    /// Where what is done is told: the `dependency` commands tell it on the standard output, as do
    /// `template` and `install`; `package` doesn't.
    pub(super) say: Say,
    /// Where Helm's lines on what came from registries go: to the standard output, but with `template`
    /// to the standard error.
    pub(super) announce: Say,
}

/// By which keys archives are verified.
#[derive(Clone)]
pub(super) struct Verify {
    keyring: PathBuf,
    /// Whether an archive without a provenance file is an error.
    required: bool,
}

impl<'a> Job<'a> {
    /// For the chart in a folder, with everything told on the standard output.
    pub(super) fn of(chart: &str, connection: &'a Connection) -> Self {
        let chart = PathBuf::from(go_path::clean(chart));
        let say: Say = printer::result;
        Self { chart, connection, skip_refresh: false, pin: false, verify: None, say, announce: say }
    }

    fn new(chart: Option<&str>, download: &'a Download) -> Self {
        let skip_refresh = download.skip_refresh;
        let verify = download.verification.verify.then(|| Verify {
            keyring: provenance::keyring(download.verification.keyring.as_deref()),
            required: true,
        });
        Self { skip_refresh, verify, ..Self::of(chart.unwrap_or("."), &download.connection) }
    }
}

impl Job<'_> {
    /// Tells something to those who look for a fault.
    fn detail(&self, text: &str) -> io::Result<()> {
        if environment::debug(&self.connection.transport.globals) { (self.say)(text) } else { Ok(()) }
    }
}
