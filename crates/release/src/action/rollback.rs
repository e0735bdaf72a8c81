//! Going back to an earlier revision, as a new one.

use std::time::Duration;

use super::apply::{Owner, delete, find, update_all};
use super::uninstall::keeps;
use super::{Conflicts, Context, Wait, hooks, now};
use crate::cluster::Discovery;
use crate::error::{Error, Result};
use crate::object::{Object, objects};
use crate::ready::{Goal, wait};
use crate::record::{ApplyMethod, Info, Release, Status, Time};
use crate::storage::Storage;

/// How to go back.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// The revision to go back to; 0 is the one before the last.
    pub revision: i64,
    /// What becomes of fields that others manage.
    pub conflicts: Conflicts,
    /// Whether hooks are left out.
    pub no_hooks: bool,
    /// What is waited for.
    pub wait: Wait,
    /// Whether jobs are waited for too.
    pub wait_for_jobs: bool,
    /// How long each wait may take.
    pub patience: Duration,
    /// What the release says of itself.
    pub description: Option<String>,
    /// How many revisions are kept; 0 is all.
    pub keep: usize,
    /// Whether only to find out whether it can be done.
    pub dry_run: bool,
}

impl Rollback {
    /// Goes back.
    ///
    /// # Errors
    ///
    /// When there is no such release or revision, when something is under way, when the revision's objects
    /// were not brought into the cluster by the server, and those of the cluster.
    pub async fn run(&self, storage: &Storage, discovery: &Discovery, name: &str) -> Result<()> {
        let current = storage.last(name).await?;
        let revision = if self.revision == 0 { current.version - 1 } else { self.revision };
        let known = storage.revisions(name).await?;
        if !known.iter().any(|one| one.revision == revision) {
            return Err(Error::NoRevision(revision));
        }
        if current.info.status.is_pending() {
            return Err(Error::Pending);
        }
        let wanted = storage.get(name, revision).await?;
        if wanted.apply_method != ApplyMethod::ServerSide {
            return Err(Error::ClientSide);
        }
        let mut next = next(&current, wanted, revision, self.description.as_deref());
        if self.dry_run {
            return Ok(());
        }
        let context = Context { storage, discovery, patience: self.patience };
        if self.keep > 0 {
            prune(storage, name, self.keep - 1).await?;
        }
        storage.create(&next, now()).await?;
        match self.perform(&context, &current, &mut next).await {
            Ok(()) => {}
            // It is in the cluster, and what was there before isn't any more.
            Err(Error::NotReady(problem)) => {
                next.info.status = Status::Failed;
                next.info.description = format!("Release {name:?} failed: {problem}");
                context.record(&next).await?;
                return Err(Error::NotReady(format!("release {name} failed: {problem}")));
            }
            Err(error) => {
                let mut current = current;
                current.info.status = Status::Superseded;
                next.info.status = Status::Failed;
                next.info.description = format!("Rollback {name:?} failed: {error}");
                context.record(&current).await?;
                context.record(&next).await?;
                return Err(error);
            }
        }
        for one in storage.history(name).await? {
            if one.info.status == Status::Deployed && one.version != next.version {
                let info = Info { status: Status::Superseded, ..one.info.clone() };
                context.record(&Release { info, ..one }).await?;
            }
        }
        next.info.status = Status::Deployed;
        context.record(&next).await
    }

    async fn perform(&self, context: &Context<'_>, current: &Release, next: &mut Release) -> Result<()> {
        let built = |release: &Release| objects(&release.manifest, &release.namespace, context.discovery);
        let unable = |what: &'static str| {
            move |error: Error| {
                Error::Manifest(format!("unable to build kubernetes objects from {what}: {error}"))
            }
        };
        let before = built(current).map_err(unable("current release manifest"))?;
        let wanted = built(next).map_err(unable("new release manifest"))?;
        if !self.no_hooks {
            hooks::run(context, next, "pre-rollback").await.map_err(as_hook)?;
        }
        let owner = next.clone();
        let owner = Owner { name: &owner.name, namespace: &owner.namespace };
        replace(context, &before, wanted.clone(), owner, self.conflicts).await?;
        if self.wait == Wait::Watch {
            let goal = if self.wait_for_jobs { Goal::ReadyAndDone } else { Goal::Ready };
            let all: Vec<&Object> = wanted.iter().collect();
            wait(context.cluster(), &all, goal, self.patience).await?;
        }
        if !self.no_hooks {
            hooks::run(context, next, "post-rollback").await.map_err(as_hook)?;
        }
        Ok(())
    }
}

/// A hook that doesn't end is no object that isn't ready.
fn as_hook(error: Error) -> Error {
    match error {
        Error::NotReady(problem) => Error::Hook(problem),
        other => other,
    }
}

/// The revision that is to come.
fn next(current: &Release, wanted: Release, revision: i64, description: Option<&str>) -> Release {
    Release {
        info: Info {
            first_deployed: current.info.first_deployed.clone(),
            last_deployed: Time::now(),
            status: Status::PendingRollback,
            notes: wanted.info.notes.clone(),
            description: description.map_or_else(|| format!("Rollback to {revision}"), str::to_owned),
            rollback_revision: revision,
            deleted: Time::default(),
        },
        version: current.version + 1,
        namespace: current.namespace.clone(),
        ..wanted
    }
}

/// Brings objects into the cluster in the place of others, which are deleted if they are no longer wanted.
async fn replace(
    context: &Context<'_>,
    before: &[Object],
    wanted: Vec<Object>,
    owner: Owner<'_>,
    conflicts: Conflicts,
) -> Result<()> {
    let cluster = context.cluster();
    let gone: Vec<&Object> = before
        .iter()
        .filter(|old| !wanted.iter().any(|new| new.collection == old.collection && new.name == old.name))
        .collect();
    let mut with_state = Vec::with_capacity(wanted.len());
    for object in wanted {
        let is_there = find(cluster, &object).await?.is_some();
        with_state.push((object, is_there));
    }
    update_all(cluster, &with_state, owner, conflicts).await?;
    for object in gone {
        let Some(found) = find(cluster, object).await? else { continue };
        if !keeps(object) && owner.objection(&found).is_none() {
            delete(cluster, object, "Background").await?;
        }
    }
    Ok(())
}

/// Removes the oldest revisions, so that so many are left; never the one that is deployed.
async fn prune(storage: &Storage, name: &str, keep: usize) -> Result<()> {
    let revisions = storage.revisions(name).await?;
    let deployed = revisions.iter().rfind(|one| one.status == Status::Deployed).map(|one| one.revision);
    let excess = revisions.len().saturating_sub(keep);
    let old = revisions.iter().map(|one| one.revision).filter(|revision| Some(*revision) != deployed);
    for revision in old.take(excess) {
        match storage.delete(name, revision).await {
            Err(Error::NotFound) => {}
            outcome => outcome?,
        }
    }
    Ok(())
}
