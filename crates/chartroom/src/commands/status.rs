//! `chartroom status`

mod resources;

use anyhow::Result;
use chartroom_cli::{Globals, OutputFormat, Status};
use chartroom_release::{Hook, Phase, Release};

use super::{Outcome, run_client};
use crate::{cluster, output, printer};

/// Go's `time.ANSIC`.
const LAYOUT: &str = "Mon Jan _2 15:04:05 2006";

/// Shows how a release stands.
pub(crate) fn status(flags: &Status, globals: &Globals) -> Result<Outcome> {
    let release = super::get::release(&flags.of, globals)?;
    let found = run_client(async {
        let storage = cluster::storage(globals, false).await?;
        resources::of(&storage, &release, flags.output == OutputFormat::Table).await
    })?;
    if flags.output != OutputFormat::Table {
        output::as_helm(flags.output, &resources::Whole::new(&release, &found))?;
        return Ok(Outcome::Success);
    }
    let mut text = head(&release);
    text.push_str(&format!("DESCRIPTION: {}\n", release.info.description));
    if !found.is_empty() {
        text.push_str(&format!("RESOURCES:\n{}\n", resources::tables(&found)));
    }
    text.push_str(&tests(&release));
    text.push_str(&notes(&release));
    printer::whole(text.as_bytes())?;
    Ok(Outcome::Success)
}

/// The first lines of what is told of a release.
pub(super) fn head(release: &Release) -> String {
    let info = &release.info;
    let mut text = format!("NAME: {}\n", release.name);
    if !info.last_deployed.is_never() {
        text.push_str(&format!("LAST DEPLOYED: {}\n", info.last_deployed.format(LAYOUT)));
    }
    text.push_str(&format!(
        "NAMESPACE: {}\nSTATUS: {}\nREVISION: {}\n",
        release.namespace, info.status, release.version
    ));
    text
}

/// How the tests ended that have run; that there are none, if so.
pub(super) fn tests(release: &Release) -> String {
    let is_test = |hook: &&Hook| hook.events.iter().any(|event| event == "test");
    let mut tests = release.hooks.iter().filter(is_test).peekable();
    if tests.peek().is_none() {
        return "TEST SUITE: None\n".to_owned();
    }
    let ran = tests.filter(|hook| !hook.last_run.started_at.is_never());
    ran.map(|hook| {
        let run = &hook.last_run;
        let phase = if run.phase == Phase::Never { "" } else { run.phase.name() };
        format!(
            "TEST SUITE:     {}\nLast Started:   {}\nLast Completed: {}\nPhase:          {phase}\n",
            hook.name,
            run.started_at.format(LAYOUT),
            run.completed_at.format(LAYOUT),
        )
    })
    .collect()
}

/// The notes, under their heading.
pub(super) fn notes(release: &Release) -> String {
    let notes = release.info.notes.trim();
    if notes.is_empty() { String::new() } else { format!("NOTES:\n{notes}\n") }
}
