//! `chartroom gc`

use anyhow::Result;
use chartroom_cli::{Gc, OutputFormat};
use chartroom_server::data_folder::DataFolder;
use chartroom_server::jobs::{Collected, Collector, Preview, Why};
use chartroom_server::listen::Lifecycle;

use super::{Outcome, run, when_in_use};
use crate::storage::{self, Contents};
use crate::table::{bytes, count};
use crate::{logging, output, printer, table};

/// Removes what is no longer used, or shows what that is.
pub(crate) fn gc(flags: Gc) -> Result<Outcome> {
    let settings = storage::settings(&flags.storage)?;
    logging::of_command(&settings.log)?;
    if flags.dry_run {
        let folder = DataFolder::look(&settings.data)?;
        return run(async {
            let contents = Contents::look(&folder)?;
            let preview = Collector::new(contents.catalog, contents.blobs, &settings).preview().await?;
            show_preview(&preview, flags.output)?;
            Ok(Outcome::Success)
        });
    }
    let folder = DataFolder::claim_existing(&settings.data).map_err(|error| {
        when_in_use(
            error,
            "a running server collects garbage by itself (see `gc.enabled`); --dry-run shows what it would remove",
        )
    })?;
    run(async {
        let lifecycle = Lifecycle::new();
        lifecycle.follow_signals()?;
        let contents = Contents::open(&folder).await?;
        let collected = Collector::new(contents.catalog, contents.blobs, &settings).run(&lifecycle).await;
        show(&collected, flags.output)?;
        Ok(if collected.errors == 0 { Outcome::Success } else { Outcome::FoundProblems })
    })
}

fn show(collected: &Collected, format: OutputFormat) -> Result<()> {
    if output::structured(format, collected)? {
        return Ok(());
    }
    let row = |what: &str, number: u64, size: Option<u64>| {
        [what.to_owned(), number.to_string(), size.map(bytes).unwrap_or_default()]
    };
    let mut rows = vec![
        row("links of blobs to repositories", collected.links, None),
        row("blobs", collected.blobs, Some(collected.blob_bytes)),
        row("expired uploads", collected.uploads, None),
        row("abandoned upload files", collected.upload_files, None),
        row("orphaned blobs", collected.orphans, Some(collected.orphan_bytes)),
    ];
    if collected.errors > 0 {
        rows.push(row("failures, see the log", collected.errors, None));
    }
    Ok(printer::result(&table::render(["REMOVED", "NUMBER", "SIZE"], &rows))?)
}

fn show_preview(preview: &Preview, format: OutputFormat) -> Result<()> {
    if output::structured(format, preview)? {
        return Ok(());
    }
    let rows: Vec<_> = preview
        .removals
        .iter()
        .map(|removal| {
            let why = match (&removal.repository, removal.why) {
                (Some(repository), _) => format!("unreferenced in {repository}"),
                (None, Why::Orphaned) => "orphaned".to_owned(),
                (None, _) => "in no repository".to_owned(),
            };
            [removal.digest.to_string(), bytes(removal.size), why]
        })
        .collect();
    if !rows.is_empty() {
        printer::result(&table::render(["BLOB", "SIZE", "WHY"], &rows))?;
    }
    let more = if preview.more { " or more" } else { "" };
    let sizes = preview.removals.iter().map(|removal| removal.size).sum();
    printer::result(&format!(
        "Would remove {}{more} ({}) and {}",
        count(rows.len() as u64, "blob"),
        bytes(sizes),
        count(preview.upload_files, "abandoned upload file"),
    ))?;
    Ok(())
}
