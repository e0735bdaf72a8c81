//! `chartroom uninstall`

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use chartroom_cli::{Globals, Uninstall};
use chartroom_release::{Cascade, Discovery, Error, Uninstall as Job, Uninstalled};
use chartroom_render::check_release_name;

use super::{Outcome, run_client};
use crate::{cluster, helm_log, printer};

/// How long a wait may take, unless something else is said.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);

/// Uninstalls releases, one after the other.
pub(crate) fn uninstall(flags: &Uninstall, globals: &Globals) -> Result<Outcome> {
    let job = job(flags)?;
    for name in &flags.releases {
        if check_release_name(name).is_err() {
            bail!("uninstall: Release name is invalid: {name}");
        }
        let outcome = run_client(async {
            let storage = cluster::storage(globals, false).await?;
            if flags.dry_run {
                return Ok(storage.last(name).await.map(|_| Uninstalled::default()));
            }
            let discovery = Discovery::of(storage.cluster()).await?;
            Ok(job.run(&storage, &discovery, name).await)
        })?;
        let left = match outcome {
            Err(Error::NotFound) if flags.ignore_not_found => Uninstalled::default(),
            Err(error @ (Error::NotFound | Error::Storage { .. })) => {
                return Err(error).with_context(|| format!("uninstall: Release not loaded: {name}"));
            }
            outcome => outcome?,
        };
        for (kind, object, namespace) in &left.of_others {
            helm_log::warn(
                "skipping delete of resource not owned by this release",
                &[("kind", kind), ("name", object), ("namespace", namespace), ("release", name)],
            );
        }
        if !left.kept.is_empty() {
            let kept: String =
                left.kept.iter().map(|(kind, object)| format!("[{kind}] {object}\n")).collect();
            printer::result(&format!("These resources were kept due to the resource policy:\n{kept}"))?;
        }
        if !left.of_others.is_empty() {
            let number = left.of_others.len();
            let others: String =
                left.of_others.iter().map(|(kind, object, _)| format!("[{kind}] {object}\n")).collect();
            printer::result(&format!(
                "{number} resource(s) were not deleted because they are not owned by this release:\n{others}"
            ))?;
        }
        printer::result(&format!("release {name:?} uninstalled"))?;
    }
    Ok(Outcome::Success)
}

fn job(flags: &Uninstall) -> Result<Job> {
    let cascade = match flags.cascade.as_str() {
        "background" => Cascade::Background,
        "foreground" => Cascade::Foreground,
        "orphan" => Cascade::Orphan,
        other => {
            bail!("invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\"")
        }
    };
    Ok(Job {
        cascade,
        keep_history: flags.keep_history,
        no_hooks: flags.no_hooks,
        wait: matches!(flags.wait.as_deref(), Some("watcher" | "true" | "legacy")),
        patience: flags.timeout.unwrap_or(PATIENCE),
        description: flags.description.clone().filter(|text| !text.is_empty()),
    })
}
