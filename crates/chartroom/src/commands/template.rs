//! `chartroom template`

mod output;

use anyhow::{Result, anyhow, bail};
use chartroom_cli::go::CommaSeparated;
use chartroom_cli::{Globals, Template};
use chartroom_render::{Capabilities, Job, KubernetesVersion, LogLine, Options, Release, RenderError};

use super::Outcome;
use crate::failure::Hinted;
use crate::rendering::{Rendering, check_name, failed, log, name_and_chart, post_renderer, skipped};
use crate::{chart_source, environment, printer};

/// The name of a release that has none.
const DEFAULT_NAME: &str = "release-name";

/// Renders a chart, and prints the manifests.
pub(crate) fn template(flags: &Template, globals: &Globals) -> Result<Outcome> {
    let post_renderer = post_renderer(&flags.release)?;
    check(flags)?;
    let kubernetes = kubernetes_version(flags)?;
    ask_nobody(flags)?;
    let named = name_and_chart(&flags.arguments, flags.generate_name, flags.name_template.as_deref());
    let (name, chart) = named?;
    let name = name.unwrap_or_else(|| DEFAULT_NAME.to_owned());
    let (chart, values) =
        chart_source::load(chart, &flags.source, &flags.values, flags.release.dependency_update)?;
    check_name(&name)?;
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
    let rendering = Rendering {
        flags: &flags.release,
        chart: &chart,
        values: &values,
        release: &release,
        capabilities: &capabilities,
        options: Options { dns: flags.release.enable_dns, ..Options::default() },
        post_renderer: post_renderer.as_ref(),
    };
    rendering.run(|job, rendered| match rendered {
        Ok(rendered) => {
            skipped(&rendered.unknown_hooks);
            let executable = post_renderer.as_ref().filter(|program| !program.is_plugin());
            output::print(flags, &release.name, &rendered, executable)
        }
        Err(error) => Err(unrendered(flags, job, &error, debug)?),
    })?;
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

/// What is told of a rendering that failed. With `--debug`, what there is of it is printed all the same.
fn unrendered(flags: &Template, job: &Job<'_>, error: &RenderError, debug: bool) -> Result<anyhow::Error> {
    let mut text = error.to_string();
    let unsorted = match error {
        RenderError::Manifest(unsorted) => Some(&**unsorted),
        _ => None,
    };
    if let Some(unsorted) = unsorted {
        skipped(&unsorted.unknown_hooks);
    }
    if debug {
        output::print_unsorted(flags, unsorted)?;
    } else {
        text.push_str("\n\nUse --debug flag to render out invalid YAML");
    }
    Ok(failed(text, error, job, debug))
}
