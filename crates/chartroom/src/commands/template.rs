//! `chartroom template`

mod output;

use std::io::IsTerminal as _;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use chartroom_chart::Chart;
use chartroom_cli::go::CommaSeparated;
use chartroom_cli::{Globals, Template};
use chartroom_goyaml::Value;
use chartroom_render::values::{Preparation, prepare};
use chartroom_render::{
    Capabilities, Job, KubernetesVersion, Level, LogLine, Options, Release, RenderError, check_release_name,
    explain, name_of_template, on_large_stack, post_render, render,
};

use super::Outcome;
use super::dependency::{self, Job as DependencyJob};
use crate::failure::{Explained, Hinted};
use crate::post_renderer::PostRenderer;
use crate::{chart_source, environment, helm_log, printer, value_files};

/// The name of a release that has none.
const DEFAULT_NAME: &str = "release-name";

/// Labels that Helm keeps for itself.
pub(super) const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/// Renders a chart, and prints the manifests.
pub(crate) fn template(flags: &Template, globals: &Globals) -> Result<Outcome> {
    let post_renderer = post_renderer(flags)?;
    check(flags)?;
    let kubernetes = kubernetes_version(flags)?;
    ask_nobody(flags)?;
    let (name, chart) = name_and_chart(flags)?;
    let obtained = chart_source::obtain(chart, &flags.source)?;
    let values = value_files::merged(&flags.values, &flags.source.connection)?;
    let chart = chart_source::open(&obtained, &flags.source)?;
    check_chart(&chart)?;
    let update = |path: &Path| update_dependencies(path, flags);
    let update = flags.release.dependency_update.then_some(&update as &dyn Fn(&Path) -> Result<()>);
    let chart = chart_source::with_dependencies(chart, &obtained, &flags.source, update)?;
    chart.check_api_version()?;
    if let Err(error) = check_release_name(&name) {
        let problem = format!("release name {name:?}: {error}");
        return Err(reported("release name check failed", problem));
    }
    let release = Release {
        name,
        namespace: environment::namespace(globals),
        revision: 1,
        is_upgrade: flags.is_upgrade,
    };
    let mut capabilities = Capabilities::of_helm();
    if let Some(kubernetes) = kubernetes {
        capabilities.kubernetes = kubernetes;
    }
    let more = CommaSeparated::all(&flags.api_versions).map(str::to_owned);
    capabilities.api_versions.extend(more);
    let debug = environment::debug(globals);
    let rendering =
        Rendering { flags, chart: &chart, values: &values, release, capabilities, post_renderer, debug };
    on_large_stack(|| rendering.run())?;
    Ok(Outcome::Success)
}

/// Says what is deprecated, and refuses flags that contradict each other.
fn check(flags: &Template) -> Result<()> {
    const NO_EFFECT: &str = "this flag has no effect for 'helm template' and will be removed in Helm 5";
    let release = &flags.release;
    for (given, flag, advice) in [
        (release.atomic, "atomic", "use --rollback-on-failure instead"),
        (release.force, "force", "use --force-replace instead"),
        (flags.hide_notes, "hide-notes", NO_EFFECT),
        (flags.render_subchart_notes, "render-subchart-notes", NO_EFFECT),
        (flags.validate, "validate", "use '--dry-run=server' instead"),
    ] {
        if given {
            printer::aside(&format!("Flag --{flag} has been deprecated, {advice}\n"));
        }
    }
    let how = match release.wait.as_deref() {
        Some("true") => Some(("true", "watcher")),
        Some("false") => Some(("false", "hookOnly")),
        _ => None,
    };
    if let Some((given, instead)) = how {
        log(&LogLine::warn(
            format!("--wait={given} is deprecated (boolean value) and can be replaced with --wait={instead}"),
            Vec::new(),
        ));
    }
    for (one, other, both) in [
        ("force-replace", "force-conflicts", release.force_replace && release.force_conflicts),
        ("force", "force-conflicts", release.force && release.force_conflicts),
        ("validate", "dry-run", flags.validate && flags.dry_run.is_some()),
    ] {
        if both {
            let mut sorted = [one, other];
            sorted.sort_unstable();
            let [first, second] = sorted;
            bail!(
                "if any flags in the group [{one} {other}] are set none of the others can be; \
                 [{first} {second}] were all set"
            );
        }
    }
    Ok(())
}

/// The program that is to change what was rendered.
fn post_renderer(flags: &Template) -> Result<Option<PostRenderer>> {
    let release = &flags.release;
    let found =
        release.post_renderer.as_deref().map(|name| PostRenderer::find(name, &release.post_renderer_args));
    found.transpose().map_err(anyhow::Error::msg)
}

fn kubernetes_version(flags: &Template) -> Result<Option<KubernetesVersion>> {
    let Some(text) = &flags.kube_version else { return Ok(None) };
    let version = KubernetesVersion::parse(text);
    version.map(Some).map_err(|error| anyhow!("invalid kube version '{text}': {error}"))
}

/// Makes sure that no cluster is to be asked.
fn ask_nobody(flags: &Template) -> Result<()> {
    match flags.dry_run.as_deref() {
        _ if flags.validate => {}
        None | Some("client") => return Ok(()),
        Some("unset") => {
            let text = "--dry-run is deprecated and should be replaced with '--dry-run=client'";
            log(&LogLine::warn(text, Vec::new()));
            return Ok(());
        }
        Some("true") => {
            let text =
                "boolean '--dry-run=true' flag is deprecated and must be replaced with '--dry-run=client'";
            log(&LogLine::warn(text, Vec::new()));
            return Ok(());
        }
        Some("server") => {}
        Some(other @ ("none" | "false")) => {
            bail!("invalid dry-run value ({other:?}). Must be \"server\" or \"client\"")
        }
        Some(other) => {
            bail!("invalid dry-run value ({other:?}). Must be \"none\", \"server\", or \"client\"")
        }
    }
    let error = anyhow!("a rendering that asks the cluster is not there yet");
    Err(Hinted::new(error, "leave out --dry-run=server to render without a cluster").into())
}

/// The name of the release, and what the user calls the chart.
fn name_and_chart(flags: &Template) -> Result<(String, &str)> {
    match &flags.arguments[..] {
        [_, _, more @ ..] if !more.is_empty() => {
            bail!("expected at most two arguments, unexpected arguments: {}", more.join(", "))
        }
        [name, chart, ..] => {
            if flags.generate_name {
                bail!("cannot set --generate-name and also specify a name");
            }
            if flags.name_template.is_some() {
                bail!("cannot set --name-template and also specify a name");
            }
            Ok((name.clone(), chart))
        }
        [chart] => {
            let name = match &flags.name_template {
                Some(template) => name_of_template(template).map_err(anyhow::Error::msg)?,
                None => DEFAULT_NAME.to_owned(),
            };
            Ok((name, chart))
        }
        [] => bail!("a chart is missing"),
    }
}

/// Whether a chart is of a kind that can be rendered.
pub(super) fn check_chart(chart: &Chart) -> Result<()> {
    chart.warnings().iter().for_each(helm_log::chart_warning);
    let metadata = chart.metadata();
    if !matches!(metadata.chart_type.as_str(), "" | "application") {
        bail!("{} charts are not installable", metadata.chart_type);
    }
    if metadata.deprecated {
        log(&LogLine::warn("this chart is deprecated", Vec::new()));
    }
    Ok(())
}

/// Gets what a chart in a folder depends on.
fn update_dependencies(path: &Path, flags: &Template) -> Result<()> {
    let job = DependencyJob::of(&path.to_string_lossy(), &flags.source.connection);
    // As with Helm, what is done is told beside the manifests, and what came from registries is not
    // among them.
    let announce = |line: &str| {
        printer::aside(&format!("{line}\n"));
        Ok(())
    };
    dependency::update(&DependencyJob { announce, ..job }).map(drop)
}

/// Says something in the way of Helm's log.
pub(super) fn log(line: &LogLine) {
    printer::aside(&format!("{line}\n"));
}

/// An error that Helm writes into its log before it tells it.
pub(super) fn reported(what: &str, problem: String) -> anyhow::Error {
    let error = anyhow!("{what}: {problem}");
    log(&LogLine { level: Level::Error, message: what.to_owned(), fields: vec![("error", problem)] });
    error
}

/// Everything that a rendering is made of.
struct Rendering<'a> {
    flags: &'a Template,
    chart: &'a Chart,
    values: &'a Value,
    release: Release,
    capabilities: Capabilities,
    post_renderer: Option<PostRenderer>,
    debug: bool,
}

impl Rendering<'_> {
    fn run(self) -> Result<()> {
        let mut lines = Vec::new();
        let preparation = Preparation {
            skip_schema_validation: self.flags.release.skip_schema_validation,
            ..Preparation::default()
        };
        let prepared = prepare(self.chart, self.values, &preparation, &mut lines);
        lines.iter().for_each(log);
        let prepared = prepared?;
        self.check_labels()?;
        let job = Job {
            chart: &prepared.chart,
            values: prepared.values,
            release: &self.release,
            capabilities: &self.capabilities,
            options: Options { dns: self.flags.release.enable_dns, ..Options::default() },
        };
        let plugin = self.post_renderer.as_ref().filter(|program| program.is_plugin());
        let change = plugin.map(|plugin| {
            move |files| {
                let stream = post_render::merge(&files)?;
                post_render::part(plugin.run(stream.as_bytes())?)
            }
        });
        let change = change.as_ref().map(|change| change as &chartroom_render::PostRenderer<'_>);
        match render(&job, change) {
            Ok(rendered) => {
                self.skipped(&rendered.unknown_hooks);
                let executable = self.post_renderer.as_ref().filter(|program| !program.is_plugin());
                output::print(self.flags, &self.release.name, &rendered, executable)
            }
            Err(error) => self.failed(&job, error),
        }
    }

    fn check_labels(&self) -> Result<()> {
        let mut labels = self.flags.release.labels.iter().flat_map(|labels| &labels.0);
        if labels.any(|(key, _)| SYSTEM_LABELS.contains(&key.as_str())) {
            bail!(
                "user supplied labels contains system reserved label name. System labels: [{}]",
                SYSTEM_LABELS.join(" ")
            );
        }
        Ok(())
    }

    fn skipped(&self, hooks: &[String]) {
        for hook in hooks {
            let fields = vec![("hookTypes", hook.clone())];
            let message = "skipping unknown hooks".to_owned();
            log(&LogLine { level: Level::Info, message, fields });
        }
    }

    /// Tells an error of the rendering, and with `--debug` prints what there is all the same.
    fn failed(&self, job: &Job<'_>, error: RenderError) -> Result<()> {
        let mut text = error.to_string();
        let unsorted = match &error {
            RenderError::Manifest(unsorted) => Some(&**unsorted),
            _ => None,
        };
        if let Some(unsorted) = unsorted {
            self.skipped(&unsorted.unknown_hooks);
        }
        if self.debug {
            output::print_unsorted(self.flags, unsorted)?;
        } else {
            text.push_str("\n\nUse --debug flag to render out invalid YAML");
        }
        let error_with_hint = anyhow::Error::msg(text);
        let explanation =
            (self.debug || std::io::stderr().is_terminal()).then(|| explain(&error, job.chart)).flatten();
        match explanation {
            Some(explanation) => Err(Explained::new(error_with_hint, explanation).into()),
            None => Err(error_with_hint),
        }
    }
}
