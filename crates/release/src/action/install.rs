//! Installing a release that was rendered.

use std::time::Duration;

use bytes::Bytes;
use chartroom_render::Crd;
use http::Method;

use super::apply::{Owner, apply, check_owner, create_all, update_all};
use super::{Context, Uninstall, Wait, hooks, now};
use crate::cluster::{Cluster, Discovery};
use crate::error::{Error, Result};
use crate::object::{Object, objects};
use crate::ready::{Goal, wait};
use crate::record::{Release, Status, Time};
use crate::storage::Storage;

/// What becomes of fields that others manage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflicts {
    /// Nothing is changed.
    #[default]
    Refuse,
    /// They are taken over.
    Force,
}

/// How to install.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags")]
pub struct Install {
    /// Whether the namespace is made.
    pub create_namespace: bool,
    /// Whether objects of others are taken over.
    pub take_ownership: bool,
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
    /// What the release says of itself when all went well.
    pub description: Option<String>,
    /// Whether everything is undone if something fails.
    pub rollback_on_failure: bool,
}

/// A release, and whether it was installed.
#[derive(Debug)]
pub struct Installed {
    /// The release as it stands.
    pub release: Release,
    /// Why not, if it wasn't.
    pub outcome: Result<()>,
}

/// Objects of a release, each with whether it is in the cluster already.
#[derive(Debug)]
pub struct Checked(Vec<(Object, bool)>);

impl Install {
    /// Makes sure that a name may be used, and says which revision comes next.
    ///
    /// # Errors
    ///
    /// When a release has that name; `replace` is for those that failed or are gone.
    pub async fn next_revision(
        storage: &Storage,
        name: &str,
        replace: bool,
    ) -> Result<(i64, Option<Release>)> {
        let last = match storage.last(name).await {
            Err(Error::NotFound) => return Ok((1, None)),
            last => last?,
        };
        let replaceable = matches!(last.info.status, Status::Uninstalled | Status::Failed);
        if replace && replaceable {
            return Ok((last.version + 1, Some(last)));
        }
        Err(Error::NameInUse)
    }

    /// Brings custom resource definitions into the cluster, and waits until it knows the new kinds. What is
    /// there already is left as it is.
    ///
    /// # Errors
    ///
    /// Those of the cluster.
    pub async fn definitions(&self, cluster: &Cluster, discovery: &Discovery, crds: &[Crd]) -> Result<bool> {
        let mut made = Vec::new();
        for crd in crds {
            let text = String::from_utf8_lossy(&crd.content);
            let failed =
                |error: Error| Error::Manifest(format!("failed to install CRD {}: {error}", crd.path));
            for object in objects(&text, "", discovery).map_err(failed)? {
                if super::apply::find(cluster, &object).await?.is_some() {
                    continue;
                }
                let sent = apply(cluster, &object, None, Conflicts::Refuse).await;
                sent.map_err(|error| Error::Apply(format!("failed to install CRD {}: {error}", crd.path)))?;
                made.push(object);
            }
        }
        if made.is_empty() {
            return Ok(false);
        }
        let made: Vec<&Object> = made.iter().collect();
        wait(cluster, &made, Goal::Ready, self.patience).await?;
        Ok(true)
    }

    /// Checks that objects can be had of the manifest, and that none of them is somebody else's.
    ///
    /// # Errors
    ///
    /// In Helm's words, when it is not so.
    pub async fn check(
        &self,
        storage: &Storage,
        discovery: &Discovery,
        release: &Release,
    ) -> Result<Checked> {
        let objects = built(release, discovery)?;
        let checked = check_owner(storage.cluster(), objects, owner(release), self.take_ownership).await;
        checked.map(Checked).map_err(|error| match error {
            Error::Apply(text) => Error::Apply(format!("unable to continue with install: {text}")),
            other => other,
        })
    }

    /// Installs a release whose objects were [checked](Self::check): `previous` is the one that it replaces.
    ///
    /// # Errors
    ///
    /// Before there is anything of the release in the cluster. Later failures are the outcome.
    pub async fn run(
        &self,
        storage: &Storage,
        discovery: &Discovery,
        mut release: Release,
        Checked(objects): Checked,
        previous: Option<Release>,
        interrupted: impl Future<Output = ()>,
    ) -> Result<Installed> {
        let context = Context { storage, discovery, patience: self.patience };
        if self.create_namespace {
            namespace(context.cluster(), &release.namespace).await?;
        }
        if let Some(mut previous) = previous {
            previous.info.status = Status::Superseded;
            "superseded by new release".clone_into(&mut previous.info.description);
            context.record(&previous).await?;
        }
        storage.create(&release, now()).await?;
        let outcome = tokio::select! {
            outcome = self.perform(&context, &mut release, &objects) => outcome,
            () = interrupted => Err(Error::Interrupted),
        };
        let outcome = match outcome {
            Ok(()) => {
                release.info.status = Status::Deployed;
                release.info.description =
                    self.description.clone().unwrap_or_else(|| "Install complete".to_owned());
                context.record(&release).await
            }
            Err(error) => Err(self.failed(&context, &mut release, error).await),
        };
        Ok(Installed { release, outcome })
    }

    async fn perform(
        &self,
        context: &Context<'_>,
        release: &mut Release,
        objects: &[(Object, bool)],
    ) -> Result<()> {
        let failed = |event: &'static str| {
            move |error: Error| match error {
                Error::Interrupted => error,
                error => Error::Hook(format!("failed {event}: {error}")),
            }
        };
        if !self.no_hooks {
            hooks::run(context, release, "pre-install").await.map_err(failed("pre-install"))?;
        }
        if objects.iter().any(|(_, is_there)| *is_there) {
            update_all(context.cluster(), objects, owner(release), self.conflicts).await?;
        } else {
            let new: Vec<&Object> = objects.iter().map(|(object, _)| object).collect();
            create_all(context.cluster(), &new, owner(release), self.conflicts).await?;
        }
        if self.wait == Wait::Watch {
            let goal = if self.wait_for_jobs { Goal::ReadyAndDone } else { Goal::Ready };
            // A deployment that is paused gets no further, and nobody waits for it.
            let is_paused = |object: &&Object| {
                let paused = object.value.get("spec").and_then(|spec| spec.get("paused")?.as_bool());
                object.kind == "Deployment" && paused == Some(true)
            };
            let all = objects.iter().map(|(object, _)| object);
            let all: Vec<&Object> = all.filter(|object| !is_paused(object)).collect();
            wait(context.cluster(), &all, goal, self.patience).await?;
        }
        if !self.no_hooks {
            hooks::run(context, release, "post-install").await.map_err(failed("post-install"))?;
        }
        Ok(())
    }

    /// Stores that a release has failed, and why.
    async fn failed(&self, context: &Context<'_>, release: &mut Release, error: Error) -> Error {
        release.info.status = Status::Failed;
        release.info.description = format!("Release {:?} failed: {error}", release.name);
        if self.rollback_on_failure {
            let uninstall = Uninstall {
                no_hooks: self.no_hooks,
                patience: self.patience,
                wait: true,
                ..Uninstall::default()
            };
            let name = &release.name;
            let undone = match context.record(release).await {
                Ok(()) => {
                    uninstall.release(context.storage, context.discovery, release.clone()).await.map(drop)
                }
                Err(failed) => Err(failed),
            };
            return match undone {
                Ok(()) => Error::Undone(format!(
                    "release {name} failed, and has been uninstalled due to rollback-on-failure being set: {error}"
                )),
                Err(second) => Error::Undone(format!(
                    "an error occurred while uninstalling the release. original install error: {error}: {second}"
                )),
            };
        }
        match context.record(release).await {
            Ok(()) => error,
            Err(second) => Error::Undone(format!("{error}; and the release can't be stored: {second}")),
        }
    }
}

fn owner(release: &Release) -> Owner<'_> {
    Owner { name: &release.name, namespace: &release.namespace }
}

/// The objects of a release.
fn built(release: &Release, discovery: &Discovery) -> Result<Vec<Object>> {
    objects(&release.manifest, &release.namespace, discovery).map_err(|error| {
        Error::Manifest(format!("unable to build kubernetes objects from release manifest: {error}"))
    })
}

/// Makes a namespace, unless it is there.
async fn namespace(cluster: &Cluster, name: &str) -> Result<()> {
    let path = format!("/api/v1/namespaces/{name}");
    match cluster.get(&path).await {
        Err(error) if error.is_not_found() => {}
        found => return found.map(drop),
    }
    let body = format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{{\"labels\":{{\"name\":\"{name}\"}},\
         \"name\":\"{name}\"}},\"spec\":{{}},\"status\":{{}}}}"
    );
    let path = format!("{path}?fieldManager=helm&fieldValidation=Strict&force=false");
    cluster
        .send(Method::PATCH, &path, Some("application/apply-patch+yaml"), Bytes::from(body))
        .await
        .map(drop)
}

/// The times of a release that is just being installed.
pub(super) fn begun(release: &mut Release) {
    let now = Time::now();
    release.info.first_deployed = now.clone();
    release.info.last_deployed = now;
}
