//! What the commands that render a chart have in common: how the release and the chart are named, and the
//! way from values to what templates have made. What becomes of that is each command's own matter.

use std::io::IsTerminal as _;

use anyhow::{Result, anyhow, bail};
use chartroom_chart::Chart;
use chartroom_cli::ReleaseFlags;
use chartroom_goyaml::Value;
use chartroom_render::values::{Preparation, prepare};
use chartroom_render::{
    Capabilities, Job, Level, LogLine, Options, Release, RenderError, Rendered, check_release_name, explain,
    name_of_template, on_large_stack, post_render, render,
};

use crate::failure::Explained;
use crate::post_renderer::PostRenderer;
use crate::printer;

/// Labels that Helm keeps for itself.
const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/// Says something in the way of Helm's log.
pub(crate) fn log(line: &LogLine) {
    printer::aside(&format!("{line}\n"));
}

/// An error that Helm writes into its log before it tells it.
pub(crate) fn reported(what: &str, problem: String) -> anyhow::Error {
    let error = anyhow!("{what}: {problem}");
    log(&LogLine { level: Level::Error, message: what.to_owned(), fields: vec![("error", problem)] });
    error
}

/// The name of the release, if the arguments or a template give it, and what the user calls the chart.
pub(crate) fn name_and_chart<'a>(
    arguments: &'a [String],
    generate: bool,
    template: Option<&str>,
) -> Result<(Option<String>, &'a str)> {
    match arguments {
        [_, _, more @ ..] if !more.is_empty() => {
            bail!("expected at most two arguments, unexpected arguments: {}", more.join(", "))
        }
        [_, _, ..] if generate => bail!("cannot set --generate-name and also specify a name"),
        [_, _, ..] if template.is_some() => bail!("cannot set --name-template and also specify a name"),
        [name, chart, ..] => Ok((Some(name.clone()), chart)),
        [chart] => {
            let name = template.map(name_of_template).transpose();
            Ok((name.map_err(anyhow::Error::msg)?, chart))
        }
        [] => bail!("a chart is missing"),
    }
}

/// Whether a release may have this name.
pub(crate) fn check_name(name: &str) -> Result<()> {
    check_release_name(name)
        .map_err(|error| reported("release name check failed", format!("release name {name:?}: {error}")))
}

/// The program that is to change what was rendered.
pub(crate) fn post_renderer(flags: &ReleaseFlags) -> Result<Option<PostRenderer>> {
    let name = flags.post_renderer.as_deref();
    let found = name.map(|name| PostRenderer::find(name, &flags.post_renderer_args));
    found.transpose().map_err(anyhow::Error::msg)
}

/// Says which hooks were left out because there is no such hook.
pub(crate) fn skipped(hooks: &[String]) {
    for hook in hooks {
        let fields = vec![("hookTypes", hook.clone())];
        log(&LogLine { level: Level::Info, message: "skipping unknown hooks".to_owned(), fields });
    }
}

/// An error of a rendering in these words, which with `--debug` or at a terminal is explained, too.
pub(crate) fn failed(text: String, error: &RenderError, job: &Job<'_>, debug: bool) -> anyhow::Error {
    let wanted = debug || std::io::stderr().is_terminal();
    match wanted.then(|| explain(error, job.chart)).flatten() {
        Some(explanation) => Explained::new(anyhow::Error::msg(text), explanation).into(),
        None => anyhow::Error::msg(text),
    }
}

/// Everything that a rendering is made of.
pub(crate) struct Rendering<'a> {
    pub(crate) flags: &'a ReleaseFlags,
    pub(crate) chart: &'a Chart,
    pub(crate) values: &'a Value,
    /// As templates see it.
    pub(crate) release: &'a Release,
    pub(crate) capabilities: &'a Capabilities,
    pub(crate) options: Options,
    pub(crate) post_renderer: Option<&'a PostRenderer>,
}

impl Rendering<'_> {
    /// Renders, and has somebody take what came of it.
    pub(crate) fn run<T>(
        self,
        take: impl FnOnce(&Job<'_>, Result<Rendered, RenderError>) -> Result<T>,
    ) -> Result<T> {
        on_large_stack(|| self.run_here(take))
    }

    fn run_here<T>(
        self,
        take: impl FnOnce(&Job<'_>, Result<Rendered, RenderError>) -> Result<T>,
    ) -> Result<T> {
        let mut lines = Vec::new();
        let skip_schema_validation = self.flags.skip_schema_validation;
        let preparation = Preparation { skip_schema_validation, ..Preparation::default() };
        let prepared = prepare(self.chart, self.values, &preparation, &mut lines);
        lines.iter().for_each(log);
        let prepared = prepared?;
        check_labels(self.flags)?;
        let job = Job {
            chart: &prepared.chart,
            values: prepared.values,
            release: self.release,
            capabilities: self.capabilities,
            options: self.options,
        };
        let plugin = self.post_renderer.filter(|program| program.is_plugin());
        let change = plugin.map(|plugin| {
            move |files| {
                let stream = post_render::merge(&files)?;
                post_render::part(plugin.run(stream.as_bytes())?)
            }
        });
        let change = change.as_ref().map(|change| change as &chartroom_render::PostRenderer<'_>);
        let rendered = render(&job, change);
        take(&job, rendered)
    }
}

fn check_labels(flags: &ReleaseFlags) -> Result<()> {
    let mut labels = flags.labels.iter().flat_map(|labels| &labels.0);
    if labels.any(|(key, _)| SYSTEM_LABELS.contains(&key.as_str())) {
        bail!(
            "user supplied labels contains system reserved label name. System labels: [{}]",
            SYSTEM_LABELS.join(" ")
        );
    }
    Ok(())
}
