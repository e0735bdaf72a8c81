//! From a chart and values to the release that is to be installed.

use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Result, bail};
use bytes::Bytes;
use chartroom_chart::Chart;
use chartroom_cli::Install;
use chartroom_goyaml::Value;
use chartroom_release::{Cluster, Discovery, Parts, Release, make};
use chartroom_render::plain::from_plain;
use chartroom_render::values::{Preparation, prepare};
use chartroom_render::{Capabilities, Job, Level, LogLine, Options, Rendered, post_render, render};
use tokio::runtime::Runtime;

use crate::commands::template::{SYSTEM_LABELS, log};
use crate::post_renderer::PostRenderer;

/// What stands in place of a Secret that is not to be shown.
const HIDDEN: &[u8] = b"# HIDDEN: The Secret output has been suppressed";

/// Everything that a rendering is made of.
pub(super) struct Rendering<'a> {
    pub(super) flags: &'a Install,
    pub(super) chart: &'a Chart,
    pub(super) values: &'a Value,
    /// As templates see it: the first revision, also where an old release is replaced.
    pub(super) release: chartroom_render::Release,
    /// As it is stored.
    pub(super) revision: i64,
    pub(super) capabilities: Capabilities,
    /// How templates look into the cluster.
    pub(super) lookup: Option<Eyes>,
    pub(super) post_renderer: Option<&'a PostRenderer>,
}

/// With what the cluster is looked into.
pub(super) struct Eyes {
    pub(super) runtime: Arc<Runtime>,
    pub(super) cluster: Cluster,
    pub(super) discovery: Arc<Discovery>,
}

impl Eyes {
    fn find(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<chartroom_gotemplate::Value, String> {
        let found =
            chartroom_release::lookup(&self.cluster, &self.discovery, (api_version, kind), (namespace, name));
        let mut found = self.runtime.block_on(found).map_err(|error| error.to_string())?;
        chartroom_render::plain::float_numbers(&mut found);
        Ok(from_plain(&found))
    }
}

impl Rendering<'_> {
    /// Renders. Needs a large stack.
    pub(super) fn run(self) -> Result<Release> {
        let flags = &self.flags.release;
        let mut lines = Vec::new();
        let preparation =
            Preparation { skip_schema_validation: flags.skip_schema_validation, ..Preparation::default() };
        let prepared = prepare(self.chart, self.values, &preparation, &mut lines);
        lines.iter().for_each(log);
        let prepared = prepared?;
        let labels = flags.labels.iter().flat_map(|labels| labels.0.clone()).collect::<Vec<_>>();
        if labels.iter().any(|(key, _)| SYSTEM_LABELS.contains(&key.as_str())) {
            bail!(
                "user supplied labels contains system reserved label name. System labels: [{}]",
                SYSTEM_LABELS.join(" ")
            );
        }
        let lookup = self.lookup.map(|eyes| {
            let find = move |api_version: &str, kind: &str, namespace: &str, name: &str| {
                eyes.find(api_version, kind, namespace, name)
            };
            Rc::new(find) as Rc<chartroom_render::Lookup>
        });
        let options = Options {
            dns: flags.enable_dns,
            subchart_notes: self.flags.render_subchart_notes,
            lookup,
            ..Options::default()
        };
        let job = Job {
            chart: &prepared.chart,
            values: prepared.values,
            release: &self.release,
            capabilities: &self.capabilities,
            options,
        };
        let plugin = self.post_renderer.filter(|program| program.is_plugin());
        let change = plugin.map(|plugin| {
            move |files| {
                let stream = post_render::merge(&files)?;
                post_render::part(plugin.run(stream.as_bytes())?)
            }
        });
        let change = change.as_ref().map(|change| change as &chartroom_render::PostRenderer<'_>);
        let mut rendered = render(&job, change)?;
        for hook in &rendered.unknown_hooks {
            let fields = vec![("hookTypes", hook.clone())];
            log(&LogLine { level: Level::Info, message: "skipping unknown hooks".to_owned(), fields });
        }
        if self.flags.hide_secret {
            hide_secrets(&mut rendered);
        }
        let release = chartroom_render::Release { revision: self.revision, ..self.release.clone() };
        let parts = Parts {
            release: &release,
            chart: self.chart,
            tree: &prepared.chart,
            config: self.values,
            rendered: &rendered,
            labels: labels.into_iter().collect(),
        };
        let mut release = make(parts)?;
        // A program that is no plugin gets everything but hooks, as with Helm 3.
        if let Some(program) = self.post_renderer.filter(|program| !program.is_plugin()) {
            let changed = program.run(release.manifest.as_bytes()).map_err(anyhow::Error::msg)?;
            release.manifest = String::from_utf8_lossy(&changed).into_owned();
        }
        Ok(release)
    }
}

fn hide_secrets(rendered: &mut Rendered) {
    for manifest in &mut rendered.manifests {
        if manifest.head.kind == "Secret" && manifest.head.api_version == "v1" {
            manifest.content = Bytes::from_static(HIDDEN);
        }
    }
}
