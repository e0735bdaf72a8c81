//! Hooks: objects that are made at certain moments, waited for, and deleted as they wish.

use super::Context;
use super::apply::{apply, delete};
use super::install::Conflicts;
use crate::error::{Error, Result};
use crate::object::{Object, objects};
use crate::ready::{Goal, wait};
use crate::record::{Hook, HookRun, Phase, Release, Time};

const BEFORE: &str = "before-hook-creation";
const SUCCEEDED: &str = "hook-succeeded";
const FAILED: &str = "hook-failed";

/// Runs the hooks of a moment, one after the other, lightest first. How far they are is stored with the
/// release.
pub(super) async fn run(context: &Context<'_>, release: &mut Release, event: &str) -> Result<()> {
    let is_due = |hook: &Hook| hook.events.iter().any(|own| own == event);
    let mut due: Vec<usize> = (0..release.hooks.len()).filter(|at| is_due(&release.hooks[*at])).collect();
    due.sort_by(|one, other| {
        let (one, other) = (&release.hooks[*one], &release.hooks[*other]);
        one.weight.cmp(&other.weight).then_with(|| one.name.cmp(&other.name))
    });
    let mut made: Vec<Vec<Object>> = Vec::new();
    for (place, &at) in due.iter().enumerate() {
        let hook = &mut release.hooks[at];
        if hook.delete_policies.is_empty() {
            hook.delete_policies.push(BEFORE.to_owned());
        }
        let own = objects(&hook.manifest, &release.namespace, context.discovery).map_err(|error| {
            Error::Hook(format!("unable to build kubernetes object for {event} hook {}: {error}", hook.path))
        })?;
        delete_by(context, hook, &own, BEFORE).await?;
        hook.last_run =
            HookRun { started_at: Time::now(), completed_at: Time::default(), phase: Phase::Running };
        context.record(release).await?;
        let hook = &mut release.hooks[at];
        // Should this be interrupted, nobody knows how it ends.
        hook.last_run.phase = Phase::Unknown;
        let outcome = make_and_wait(context, event, hook, &own).await;
        hook.last_run.completed_at = Time::now();
        made.push(own);
        if let Err(error) = outcome {
            hook.last_run.phase = Phase::Failed;
            delete_by(context, &release.hooks[at], &made[place], FAILED).await?;
            for (earlier, own) in due.iter().zip(&made).take(place) {
                delete_by(context, &release.hooks[*earlier], own, SUCCEEDED).await?;
            }
            return Err(error);
        }
        hook.last_run.phase = Phase::Succeeded;
    }
    for (at, own) in due.iter().zip(&made).rev() {
        delete_by(context, &release.hooks[*at], own, SUCCEEDED).await?;
    }
    Ok(())
}

async fn make_and_wait(context: &Context<'_>, event: &str, hook: &Hook, own: &[Object]) -> Result<()> {
    for object in own {
        apply(context.cluster(), object, None, Conflicts::Refuse)
            .await
            .map_err(|error| Error::Hook(format!("warning: Hook {event} {} failed: {error}", hook.path)))?;
    }
    let watched: Vec<&Object> =
        own.iter().filter(|object| matches!(object.kind.as_str(), "Job" | "Pod")).collect();
    if watched.is_empty() {
        return Ok(());
    }
    wait(context.cluster(), &watched, Goal::Done, context.patience).await
}

/// Deletes what a hook has made, if it wishes that at this moment, and waits until it is gone.
async fn delete_by(context: &Context<'_>, hook: &Hook, own: &[Object], policy: &str) -> Result<()> {
    // Nobody's objects must vanish with the definition of their kind.
    if hook.kind == "CustomResourceDefinition" || !hook.delete_policies.iter().any(|one| one == policy) {
        return Ok(());
    }
    let mut gone = Vec::new();
    for object in own {
        if delete(context.cluster(), object, "Background").await? {
            gone.push(object);
        }
    }
    if gone.is_empty() { Ok(()) } else { wait(context.cluster(), &gone, Goal::Gone, context.patience).await }
}
