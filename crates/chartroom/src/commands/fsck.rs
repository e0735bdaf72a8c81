//! `chartroom fsck`

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use chartroom_cli::{Fsck, OutputFormat};
use chartroom_server::data_folder::DataFolder;
use chartroom_server::jobs::{Inspected, Inspector, Kind, Problem, Progress};

use super::{Outcome, run, when_in_use};
use crate::storage::{self, Contents};
use crate::table::{bytes, count};
use crate::{logging, output, printer, table};

/// How often to say how far it has come.
const PROGRESS: Duration = Duration::from_millis(250);

/// Checks everything that is stored, and moves aside what is damaged.
pub(crate) fn fsck(flags: Fsck) -> Result<Outcome> {
    let settings = storage::settings(&flags.storage)?;
    logging::of_command(&settings.log)?;
    let folder = if flags.quarantine {
        DataFolder::claim_existing(&settings.data).map_err(|error| {
            when_in_use(error, "stop the server first, or leave --quarantine out to check only")
        })?
    } else {
        DataFolder::look(&settings.data)?
    };
    run(async {
        let inspector = if flags.quarantine {
            let contents = Contents::open(&folder).await?;
            Inspector::new(contents.catalog, contents.blobs).with_quarantine()
        } else {
            let contents = Contents::look(&folder)?;
            Inspector::new(contents.catalog, contents.blobs)
        };
        let inspected = tokio::select! {
            inspected = inspector.run() => inspected?,
            () = show_progress(inspector.progress()) => Inspected::default(),
        };
        if io::stderr().is_terminal() {
            printer::aside(CLEAR);
        }
        show(&inspected, flags.output)?;
        Ok(if inspected.problems.is_empty() { Outcome::Success } else { Outcome::FoundProblems })
    })
}

/// Empties the line that the cursor is on.
const CLEAR: &str = "\r\x1b[K";

/// Says how far the inspection has come, if somebody is watching. Does not end.
async fn show_progress(progress: Arc<Progress>) {
    if !io::stderr().is_terminal() {
        return std::future::pending().await;
    }
    loop {
        tokio::time::sleep(PROGRESS).await;
        printer::aside(&format!(
            "{CLEAR}{}, {} ({})",
            count(progress.manifests(), "manifest"),
            count(progress.blobs(), "blob"),
            bytes(progress.bytes()),
        ));
    }
}

fn show(inspected: &Inspected, format: OutputFormat) -> Result<()> {
    if output::structured(format, inspected)? {
        return Ok(());
    }
    if !inspected.problems.is_empty() {
        let rows: Vec<_> = inspected.problems.iter().map(row).collect();
        printer::result(&table::render(["KIND", "DIGEST", "PROBLEM"], &rows))?;
    }
    printer::result(&format!(
        "Checked {} and {} ({}): {}",
        count(inspected.manifests, "manifest"),
        count(inspected.blobs, "blob"),
        bytes(inspected.blob_bytes),
        count(inspected.problems.len() as u64, "problem"),
    ))?;
    let orphans = inspected.orphans.len() as u64;
    if orphans > 0 || inspected.abandoned_uploads > 0 {
        printer::result(&format!(
            "Left for garbage collection: {} ({}), {}",
            count(orphans, "orphaned blob"),
            bytes(inspected.orphans.iter().map(|orphan| orphan.size).sum()),
            count(inspected.abandoned_uploads, "abandoned upload"),
        ))?;
    }
    Ok(())
}

fn row(problem: &Problem) -> [String; 3] {
    let kind = match problem.kind {
        Kind::Blob => "blob",
        Kind::Manifest => "manifest",
        Kind::Catalog => "catalog",
    };
    let mut what = problem.problem.clone();
    let repositories: Vec<_> = problem.repositories.iter().map(ToString::to_string).collect();
    if problem.quarantined {
        what.push_str("; moved aside");
    }
    if !repositories.is_empty() {
        let preposition = if problem.quarantined { "out of" } else { "in" };
        what = format!("{what} {preposition} {}", repositories.join(", "));
    }
    let digest = problem.digest.map(|digest| digest.to_string()).unwrap_or_default();
    [kind.to_owned(), digest, what]
}
