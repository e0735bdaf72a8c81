//! What the flags of `install` mean, and what is told in the end.

use anyhow::{Result, bail};
use chartroom_cli::{Install, OutputFormat};
use chartroom_goyaml as goyaml;
use chartroom_release::Release;
use chartroom_render::LogLine;

use crate::commands::{get, status};
use crate::failure::Hinted;
use crate::rendering::log;
use crate::{printer, rendering};

/// Whether something is done, or only shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DryRun {
    No,
    Client,
    Server,
}

pub(crate) fn dry_run(given: Option<&str>) -> Result<DryRun> {
    Ok(match given {
        None | Some("none") => DryRun::No,
        Some("client") => DryRun::Client,
        Some("server") => DryRun::Server,
        Some("unset") => {
            let text = "--dry-run is deprecated and should be replaced with '--dry-run=client'";
            log(&LogLine::warn(text, Vec::new()));
            DryRun::Client
        }
        Some("true") => {
            let text =
                "boolean '--dry-run=true' flag is deprecated and must be replaced with '--dry-run=client'";
            log(&LogLine::warn(text, Vec::new()));
            DryRun::Client
        }
        Some("false") => {
            let text =
                "boolean '--dry-run=false' flag is deprecated and must be replaced with '--dry-run=none'";
            log(&LogLine::warn(text, Vec::new()));
            DryRun::No
        }
        Some(other) => {
            bail!("invalid dry-run value ({other:?}). Must be \"none\", \"server\", or \"client\"")
        }
    })
}

/// Says what is deprecated, and refuses what contradicts itself or can't be done.
pub(super) fn check(flags: &Install) -> Result<()> {
    let release = &flags.release;
    for (given, flag, advice) in [
        (release.atomic, "atomic", "use --rollback-on-failure instead"),
        (release.force, "force", "use --force-replace instead"),
    ] {
        if given {
            printer::aside(&format!("Flag --{flag} has been deprecated, {advice}\n"));
        }
    }
    for (other, both) in [
        ("force-replace", release.force_replace && release.force_conflicts),
        ("force", release.force && release.force_conflicts),
    ] {
        if both {
            bail!(
                "if any flags in the group [{other} force-conflicts] are set none of the others can be; \
                 [{}] were all set",
                if other == "force" { "force force-conflicts" } else { "force-conflicts force-replace" }
            );
        }
    }
    if flags.server_side == Some(false) {
        let error = anyhow::anyhow!("an installation that merges on the client's side is not there yet");
        return Err(Hinted::new(error, "leave out --server-side=false").into());
    }
    if release.wait.as_deref() == Some("legacy") {
        let error = anyhow::anyhow!("waiting in the way of Helm 3 is not there yet");
        return Err(Hinted::new(error, "use --wait=watcher, which sees changes at once").into());
    }
    Ok(())
}

/// The name of the release, and what the user calls the chart.
pub(super) fn name_and_chart(flags: &Install) -> Result<(String, &str)> {
    let (name, chart) =
        rendering::name_and_chart(&flags.arguments, flags.generate_name, flags.name_template.as_deref())?;
    match name {
        Some(name) => Ok((name, chart)),
        None if flags.generate_name => Ok((generated(chart), chart)),
        None => bail!("must either provide a name or specify --generate-name"),
    }
}

/// `webapp-1795870743`
fn generated(chart: &str) -> String {
    let base = chart.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let base = if matches!(base, "" | ".") { "chart" } else { base };
    let base = base.split('.').next().unwrap_or_default();
    format!("{base}-{}", jiff::Timestamp::now().as_second())
}

/// Tells what was installed, or would be.
pub(super) fn print(flags: &Install, release: &Release, dry: bool) -> Result<()> {
    match flags.output {
        OutputFormat::Json => {
            let mut json = release.to_json()?;
            json.push(b'\n');
            return Ok(printer::whole(&json)?);
        }
        OutputFormat::Yaml => return Ok(printer::whole(goyaml::to_string(release)?.as_bytes())?),
        OutputFormat::Table => {}
    }
    let mut text = status::head(release);
    text.push_str(&format!("DESCRIPTION: {}\n", release.info.description));
    text.push_str(&status::tests(release));
    if dry {
        text.push_str(&format!("HOOKS:\n{}", get::hooks(release)));
        text.push_str(&format!("MANIFEST:\n{}\n", release.manifest));
    }
    if !flags.hide_notes {
        text.push_str(&status::notes(release));
    }
    Ok(printer::whole(text.as_bytes())?)
}
