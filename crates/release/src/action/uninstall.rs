//! Taking a release out of the cluster.

use std::time::Duration;

use chartroom_render::manifests::uninstall_order;
use futures_util::StreamExt as _;

use super::apply::{Owner, delete, find};
use super::{Context, hooks, now};
use crate::cluster::Discovery;
use crate::error::{Error, Result};
use crate::object::{Object, objects};
use crate::ready::{Goal, wait};
use crate::record::{Release, Status, Time};
use crate::storage::Storage;

/// Objects with it stay.
const POLICY: &str = "helm.sh/resource-policy";

/// How many objects of a kind are deleted at once.
const AT_ONCE: usize = 16;

/// What becomes of what objects have made themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cascade {
    /// It is deleted afterwards.
    #[default]
    Background,
    /// It is deleted first.
    Foreground,
    /// It stays.
    Orphan,
}

impl Cascade {
    fn policy(self) -> &'static str {
        match self {
            Self::Background => "Background",
            Self::Foreground => "Foreground",
            Self::Orphan => "Orphan",
        }
    }
}

/// How to uninstall.
#[derive(Clone, Debug, Default)]
pub struct Uninstall {
    /// What becomes of what objects have made themselves.
    pub cascade: Cascade,
    /// Whether records are kept.
    pub keep_history: bool,
    /// Whether hooks are left out.
    pub no_hooks: bool,
    /// Whether to wait until everything is gone.
    pub wait: bool,
    /// How long each wait may take.
    pub patience: Duration,
    /// What the release says of itself afterwards.
    pub description: Option<String>,
}

/// What is left of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uninstalled {
    /// Objects that stay because they wish so: kind and name.
    pub kept: Vec<(String, String)>,
    /// Objects that stay because they belong to others: kind, name and namespace.
    pub of_others: Vec<(String, String, String)>,
}

impl Uninstall {
    /// Uninstalls a release.
    ///
    /// # Errors
    ///
    /// When there is no such release, when hooks fail, and those of the cluster.
    pub async fn run(&self, storage: &Storage, discovery: &Discovery, name: &str) -> Result<Uninstalled> {
        let release = storage.last(name).await?;
        if release.info.status == Status::Uninstalled {
            if self.keep_history {
                return Err(Error::AlreadyUninstalled(name.to_owned()));
            }
            purge(storage, name).await?;
            return Ok(Uninstalled::default());
        }
        self.release(storage, discovery, release).await
    }

    /// Uninstalls a release whose last record is known.
    pub(super) async fn release(
        &self,
        storage: &Storage,
        discovery: &Discovery,
        mut release: Release,
    ) -> Result<Uninstalled> {
        let context = Context { storage, discovery, patience: self.patience };
        release.info.status = Status::Uninstalling;
        release.info.deleted = Time::now();
        "Deletion in progress (or silently failed)".clone_into(&mut release.info.description);
        if !self.no_hooks {
            hooks::run(&context, &mut release, "pre-delete").await?;
        }
        context.record(&release).await?;
        let (gone, left, problems) = self.delete_all(&context, &release).await?;
        if self.wait {
            let gone: Vec<&Object> = gone.iter().collect();
            wait(context.cluster(), &gone, Goal::Gone, self.patience).await?;
        }
        if !self.no_hooks {
            hooks::run(&context, &mut release, "post-delete").await?;
        }
        release.info.status = Status::Uninstalled;
        release.info.description =
            self.description.clone().unwrap_or_else(|| "Uninstallation complete".to_owned());
        if self.keep_history {
            storage.update(&release, now()).await?;
        } else {
            purge(storage, &release.name).await?;
        }
        if problems.is_empty() {
            Ok(left)
        } else {
            Err(Error::Uninstall(format!(
                "uninstallation completed with {} error(s): {}",
                problems.len(),
                problems.join("; ")
            )))
        }
    }

    /// Deletes the objects of a release, last installed first.
    async fn delete_all(
        &self,
        context: &Context<'_>,
        release: &Release,
    ) -> Result<(Vec<Object>, Uninstalled, Vec<String>)> {
        let all = objects(&release.manifest, &release.namespace, context.discovery);
        let mut all = all.map_err(|error| {
            Error::Manifest(format!("unable to build kubernetes objects for delete: {error}"))
        })?;
        all.sort_by(|one, other| uninstall_order(&one.kind, &other.kind));
        let owner = Owner { name: &release.name, namespace: &release.namespace };
        let (mut gone, mut left, mut problems) = (Vec::new(), Uninstalled::default(), Vec::new());
        for kind in all.chunk_by(|one, next| one.kind == next.kind) {
            let work = kind.iter().map(|object| async move {
                if keeps(object) {
                    return (object, Ok(Fate::Kept));
                }
                let fate = match find(context.cluster(), object).await {
                    Ok(None) => Ok(Fate::Gone),
                    Ok(Some(found)) if owner.objection(&found).is_some() => Ok(Fate::OfOthers),
                    Ok(Some(_)) => {
                        delete(context.cluster(), object, self.cascade.policy()).await.map(|_| Fate::Gone)
                    }
                    Err(error) => Err(error),
                };
                (object, fate)
            });
            let mut work = futures_util::stream::iter(work).buffered(AT_ONCE);
            while let Some((object, fate)) = work.next().await {
                let (kind, name) = (object.kind.clone(), object.name.clone());
                match fate {
                    Ok(Fate::Gone) => gone.push(object.clone()),
                    Ok(Fate::Kept) => left.kept.push((kind, name)),
                    Ok(Fate::OfOthers) => left.of_others.push((kind, name, object.namespace.clone())),
                    Err(error) => problems.push(error.to_string()),
                }
            }
        }
        Ok((gone, left, problems))
    }
}

/// What becomes of an object.
enum Fate {
    Gone,
    Kept,
    OfOthers,
}

/// Whether an object wishes to stay.
pub(super) fn keeps(object: &Object) -> bool {
    let annotations = object.value.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let policy = annotations.and_then(|annotations| annotations.get(POLICY)?.as_str());
    policy.is_some_and(|policy| policy.trim().eq_ignore_ascii_case("keep"))
}

/// Removes all records of a release.
async fn purge(storage: &Storage, name: &str) -> Result<()> {
    for revision in storage.revisions(name).await? {
        match storage.delete(name, revision.revision).await {
            Err(Error::NotFound) => {}
            outcome => outcome?,
        }
    }
    Ok(())
}
