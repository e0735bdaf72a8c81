//! `chartroom rollback`

use anyhow::{Result, anyhow, bail};
use chartroom_cli::{Globals, Rollback};
use chartroom_release::{Conflicts, Discovery, Rollback as Job, Wait};
use chartroom_render::check_release_name;

use super::install::{DryRun, dry_run};
use super::uninstall::PATIENCE;
use super::{Outcome, run_client};
use crate::{cluster, printer};

/// Revisions that are kept, unless something else is said.
const MAX_HISTORY: i64 = 10;

/// Goes back to an earlier revision.
pub(crate) fn rollback(flags: &Rollback, globals: &Globals) -> Result<Outcome> {
    let dry_run = dry_run(flags.dry_run.as_deref())? != DryRun::No;
    let (name, revision) = match &flags.arguments[..] {
        [name, revision, ..] => {
            let number = revision.parse().map_err(|_| {
                anyhow!("could not convert revision to a number: strconv.Atoi: parsing {revision:?}: invalid syntax")
            })?;
            (name, number)
        }
        [name] => (name, 0),
        [] => bail!("a release is missing"),
    };
    if check_release_name(name).is_err() {
        bail!("prepareRollback: Release name is invalid: {name}");
    }
    if flags.wait.as_deref() == Some("legacy") {
        bail!("waiting in the way of Helm 3 is not there yet");
    }
    let variable = || std::env::var("HELM_MAX_HISTORY").ok()?.parse().ok();
    let keep = flags.history_max.or_else(variable).unwrap_or(MAX_HISTORY);
    let watch = matches!(flags.wait.as_deref(), Some("watcher" | "true"));
    let job = Job {
        revision,
        conflicts: if flags.force_conflicts { Conflicts::Force } else { Conflicts::Refuse },
        no_hooks: flags.no_hooks,
        wait: if watch { Wait::Watch } else { Wait::Hooks },
        wait_for_jobs: flags.wait_for_jobs,
        patience: flags.timeout.unwrap_or(PATIENCE),
        description: flags.description.clone().filter(|text| !text.is_empty()),
        keep: usize::try_from(keep).unwrap_or(0),
        dry_run,
    };
    run_client(async {
        let storage = cluster::storage(globals, false).await?;
        let discovery = Discovery::of(storage.cluster()).await?;
        Ok(job.run(&storage, &discovery, name).await?)
    })?;
    printer::result("Rollback was a success! Happy Helming!")?;
    Ok(Outcome::Success)
}
