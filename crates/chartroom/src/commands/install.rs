//! `chartroom install`

mod rendering;
mod words;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use chartroom_chart::Chart;
use chartroom_cli::{Globals, Install};
use chartroom_goyaml::Value;
use chartroom_release::{Conflicts, Discovery, Error, Install as Job, Release, Storage, Wait};
use chartroom_render::{Capabilities, KubernetesVersion, check_release_name, on_large_stack};
use tokio::runtime::{Builder, Runtime};

use super::template::{check_chart, reported};
use super::uninstall::PATIENCE;
use super::{Outcome, dependency};
use crate::post_renderer::PostRenderer;
use crate::{chart_source, cluster, printer, progress, value_files};
use rendering::Rendering;
pub(super) use words::{DryRun, dry_run};

/// Installs a chart, or shows what would be installed.
pub(crate) fn install(flags: &Install, globals: &Globals) -> Result<Outcome> {
    let dry_run = dry_run(flags.dry_run.as_deref())?;
    words::check(flags)?;
    let outcome = run(flags, globals, dry_run).context("INSTALLATION FAILED");
    progress::clear();
    outcome
}

fn run(flags: &Install, globals: &Globals, dry_run: DryRun) -> Result<Outcome> {
    let post_renderer = words::post_renderer(&flags.release)?;
    if flags.hide_secret && dry_run == DryRun::No {
        let text = "hiding Kubernetes secrets requires a dry-run mode";
        crate::helm_log::error(text, &[]);
        bail!("{text}");
    }
    let (name, chart_name) = words::name_and_chart(flags)?;
    let obtained = chart_source::obtain(chart_name, &flags.source)?;
    let values = value_files::merged(&flags.values, &flags.source.connection)?;
    let chart = chart_source::open(&obtained, &flags.source)?;
    check_chart(&chart)?;
    let update = |path: &Path| update_dependencies(path, flags);
    let update = flags.release.dependency_update.then_some(&update as &dyn Fn(&Path) -> Result<()>);
    let chart = chart_source::with_dependencies(chart, &obtained, &flags.source, update)?;
    chart.check_api_version()?;
    let namespace = cluster::connection(globals).namespace()?;
    // One runtime for all that is asked of the cluster: connections live in it.
    let runtime = Builder::new_current_thread().enable_all().build().context("can't start")?;
    let work =
        Work { flags, globals, chart, values, name, namespace, runtime: Arc::new(runtime), post_renderer };
    match dry_run {
        DryRun::Client => work.show(None),
        DryRun::Server => work.with_cluster(|cluster| work.show(Some(cluster))),
        DryRun::No => work.with_cluster(|cluster| work.install(cluster)),
    }
}

fn update_dependencies(path: &Path, flags: &Install) -> Result<()> {
    let job = dependency::Job::of(&path.to_string_lossy(), &flags.source.connection);
    let announce = |line: &str| {
        printer::aside(&format!("{line}\n"));
        Ok(())
    };
    dependency::update(&dependency::Job { announce, ..job }).map(drop)
}

/// Waits until somebody wants the program to end.
async fn interruption() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Where no signal can be waited for, none comes.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// What is known before a cluster is asked.
struct Work<'a> {
    flags: &'a Install,
    globals: &'a Globals,
    chart: Chart,
    values: Value,
    name: String,
    namespace: String,
    runtime: Arc<Runtime>,
    post_renderer: Option<PostRenderer>,
}

/// What the cluster has said.
struct Cluster {
    storage: Storage,
    discovery: Arc<Discovery>,
    capabilities: Capabilities,
    revision: i64,
    previous: Option<Release>,
}

impl Work<'_> {
    /// Asks the cluster what it is like, and whether the name is free.
    fn with_cluster(&self, then: impl FnOnce(&mut Cluster) -> Result<Outcome>) -> Result<Outcome> {
        let runtime = Arc::clone(&self.runtime);
        let storage = runtime.block_on(cluster::storage(self.globals, false));
        let reached = storage.and_then(|storage| {
            let version = runtime.block_on(storage.cluster().version())?;
            Ok((storage, version))
        });
        let (storage, version) = reached.map_err(|error| {
            let error = error.context("cluster reachability check failed");
            crate::helm_log::error(&crate::failure::text(&error), &[]);
            error
        })?;
        self.check_name()?;
        let free = runtime.block_on(Job::next_revision(&storage, &self.name, self.flags.replace));
        let (revision, previous) = match free {
            Err(error @ Error::NameInUse) => {
                return Err(reported("release name check failed", error.to_string()));
            }
            free => free?,
        };
        let discovery = runtime.block_on(Discovery::of(storage.cluster()))?;
        let mut capabilities = Capabilities::of_helm();
        let chartroom_release::ServerVersion { git_version, major, minor } = version;
        capabilities.kubernetes = KubernetesVersion::of_cluster(git_version, major, minor);
        capabilities.api_versions = discovery.versions().to_vec();
        let discovery = Arc::new(discovery);
        then(&mut Cluster { storage, discovery, capabilities, revision, previous })
    }

    fn check_name(&self) -> Result<()> {
        check_release_name(&self.name).map_err(|error| {
            reported("release name check failed", format!("release name {:?}: {error}", self.name))
        })
    }

    /// Renders, and shows what came of it.
    fn show(&self, cluster: Option<&mut Cluster>) -> Result<Outcome> {
        if cluster.is_none() {
            self.check_name()?;
        }
        let mut release = self.rendered(cluster.as_deref())?;
        if let Some(cluster) = cluster {
            let job = self.job();
            let checked = job.check(&cluster.storage, &cluster.discovery, &release);
            self.runtime.block_on(checked)?;
        }
        "Dry run complete".clone_into(&mut release.info.description);
        words::print(self.flags, &release, true)?;
        Ok(Outcome::Success)
    }

    fn install(&self, cluster: &mut Cluster) -> Result<Outcome> {
        let job = self.job();
        self.definitions(&job, cluster)?;
        let release = self.rendered(Some(cluster))?;
        let (storage, discovery) = (&cluster.storage, &cluster.discovery);
        let checked = self.runtime.block_on(job.check(storage, discovery, &release))?;
        let interrupted = interruption();
        let installed = job.run(storage, discovery, release, checked, cluster.previous.take(), interrupted);
        let installed = self.runtime.block_on(installed)?;
        installed.outcome?;
        words::print(self.flags, &installed.release, false)?;
        Ok(Outcome::Success)
    }

    /// Brings the chart's definitions of kinds into the cluster, which then knows more than before.
    fn definitions(&self, job: &Job, cluster: &mut Cluster) -> Result<()> {
        let crds = self.chart.crds();
        if self.flags.release.skip_crds || crds.is_empty() {
            return Ok(());
        }
        let crds: Vec<chartroom_render::Crd> = crds
            .into_iter()
            .map(|file| chartroom_render::Crd { path: file.name.clone(), content: file.data.clone() })
            .collect();
        let made = job.definitions(cluster.storage.cluster(), &cluster.discovery, &crds);
        if self.runtime.block_on(made)? {
            let discovery = self.runtime.block_on(Discovery::of(cluster.storage.cluster()))?;
            cluster.capabilities.api_versions = discovery.versions().to_vec();
            cluster.discovery = Arc::new(discovery);
        }
        Ok(())
    }

    fn rendered(&self, cluster: Option<&Cluster>) -> Result<Release> {
        let rendering = Rendering {
            flags: self.flags,
            chart: &self.chart,
            values: &self.values,
            release: chartroom_render::Release {
                name: self.name.clone(),
                namespace: self.namespace.clone(),
                revision: 1,
                is_upgrade: false,
            },
            revision: cluster.map_or(1, |cluster| cluster.revision),
            capabilities: cluster.map_or_else(Capabilities::of_helm, |cluster| cluster.capabilities.clone()),
            lookup: cluster.map(|cluster| rendering::Eyes {
                runtime: Arc::clone(&self.runtime),
                cluster: cluster.storage.cluster().clone(),
                discovery: Arc::clone(&cluster.discovery),
            }),
            post_renderer: self.post_renderer.as_ref(),
        };
        on_large_stack(|| rendering.run())
    }

    fn job(&self) -> Job {
        let release = &self.flags.release;
        let undo = release.rollback_on_failure || release.atomic;
        let watch = undo || matches!(release.wait.as_deref(), Some("watcher" | "true"));
        Job {
            create_namespace: release.create_namespace,
            take_ownership: release.take_ownership,
            conflicts: if release.force_conflicts { Conflicts::Force } else { Conflicts::Refuse },
            no_hooks: release.no_hooks,
            wait: if watch { Wait::Watch } else { Wait::Hooks },
            wait_for_jobs: release.wait_for_jobs,
            patience: release.timeout.unwrap_or(PATIENCE),
            description: release.description.clone().filter(|text| !text.is_empty()),
            rollback_on_failure: undo,
        }
    }
}
