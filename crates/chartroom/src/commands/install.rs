//! `chartroom install`

mod lookup;
mod words;

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use chartroom_chart::Chart;
use chartroom_cli::{Globals, Install};
use chartroom_goyaml::Value;
use chartroom_release::{Conflicts, Discovery, Error, Install as Job, Parts, Release, Storage, Wait, make};
use chartroom_render::{Capabilities, KubernetesVersion, Options, Rendered};
use tokio::runtime::{Builder, Runtime};

use super::Outcome;
use super::uninstall::PATIENCE;
use crate::post_renderer::PostRenderer;
use crate::rendering::{Rendering, check_name, failed, post_renderer, reported, skipped};
use crate::{chart_source, cluster, environment, progress};
use lookup::Eyes;
pub(super) use words::{DryRun, dry_run};

/// What stands in place of a Secret that is not to be shown.
const HIDDEN: &[u8] = b"# HIDDEN: The Secret output has been suppressed";

/// Installs a chart, or shows what would be installed.
pub(crate) fn install(flags: &Install, globals: &Globals) -> Result<Outcome> {
    let dry_run = dry_run(flags.dry_run.as_deref())?;
    words::check(flags)?;
    let outcome = run(flags, globals, dry_run).context("INSTALLATION FAILED");
    progress::clear();
    outcome
}

fn run(flags: &Install, globals: &Globals, dry_run: DryRun) -> Result<Outcome> {
    let post_renderer = post_renderer(&flags.release)?;
    if flags.hide_secret && dry_run == DryRun::No {
        let text = "hiding Kubernetes secrets requires a dry-run mode";
        crate::helm_log::error(text, &[]);
        bail!("{text}");
    }
    let (name, chart_name) = words::name_and_chart(flags)?;
    let (chart, values) =
        chart_source::load(chart_name, &flags.source, &flags.values, flags.release.dependency_update)?;
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
        check_name(&self.name)?;
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

    /// Renders, and shows what came of it.
    fn show(&self, cluster: Option<&mut Cluster>) -> Result<Outcome> {
        if cluster.is_none() {
            check_name(&self.name)?;
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
        let lookup = cluster.map(|cluster| Eyes {
            runtime: Arc::clone(&self.runtime),
            cluster: cluster.storage.cluster().clone(),
            discovery: Arc::clone(&cluster.discovery),
        });
        let rendering = Rendering {
            flags: &self.flags.release,
            chart: &self.chart,
            values: &self.values,
            // The first revision for templates, also where an old release is replaced.
            release: &chartroom_render::Release {
                name: self.name.clone(),
                namespace: self.namespace.clone(),
                revision: 1,
                is_upgrade: false,
            },
            capabilities: &cluster.map_or_else(Capabilities::of_helm, |cluster| cluster.capabilities.clone()),
            options: Options {
                dns: self.flags.release.enable_dns,
                subchart_notes: self.flags.render_subchart_notes,
                lookup: lookup.map(Eyes::into_lookup),
                ..Options::default()
            },
            post_renderer: self.post_renderer.as_ref(),
        };
        rendering.run(|job, rendered| {
            let debug = environment::debug(self.globals);
            let rendered = rendered.map_err(|error| failed(error.to_string(), &error, job, debug))?;
            let revision = cluster.map_or(1, |cluster| cluster.revision);
            self.made(job, rendered, revision)
        })
    }

    /// The release that is to be stored, of what was rendered.
    fn made(
        &self,
        job: &chartroom_render::Job<'_>,
        mut rendered: Rendered,
        revision: i64,
    ) -> Result<Release> {
        skipped(&rendered.unknown_hooks);
        if self.flags.hide_secret {
            hide_secrets(&mut rendered);
        }
        let release = chartroom_render::Release { revision, ..job.release.clone() };
        let labels = self.flags.release.labels.iter().flat_map(|labels| labels.0.clone());
        let mut release = make(Parts {
            release: &release,
            chart: &self.chart,
            tree: job.chart,
            config: &self.values,
            rendered: &rendered,
            labels: labels.collect(),
        })?;
        // A program that is no plugin gets everything but hooks, as with Helm 3.
        if let Some(program) = self.post_renderer.as_ref().filter(|program| !program.is_plugin()) {
            let changed = program.run(release.manifest.as_bytes()).map_err(anyhow::Error::msg)?;
            release.manifest = String::from_utf8_lossy(&changed).into_owned();
        }
        Ok(release)
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

fn hide_secrets(rendered: &mut Rendered) {
    for manifest in &mut rendered.manifests {
        if manifest.head.kind == "Secret" && manifest.head.api_version == "v1" {
            manifest.content = Bytes::from_static(HIDDEN);
        }
    }
}
