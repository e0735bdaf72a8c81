//! `chartroom show`

use anyhow::Result;
use chartroom_chart::Chart;
use chartroom_cli::{Show, ShowChart, ShowCommand};
use chartroom_jsonpath::Template;

use super::{Outcome, run_client};
use crate::remote::{Obtained, Sources, Wanted};
use crate::{printer, provenance};

/// Shows what is in a chart.
pub(crate) fn show(flags: &Show) -> Result<Outcome> {
    let text = match &flags.what {
        ShowCommand::All(of) => all(&open(of)?)?,
        ShowCommand::Chart(of) => definition(&open(of)?)?,
        ShowCommand::Values(values) => match &values.jsonpath {
            Some(template) => found(&open(&values.of)?, template)?,
            None => self::values(&open(&values.of)?),
        },
        ShowCommand::Readme(of) => readme(&open(of)?),
        ShowCommand::Crds(of) => crds(&open(of)?),
    };
    printer::whole(&text)?;
    Ok(Outcome::Success)
}

/// The chart, from wherever it is. What is downloaded is announced beside the result.
fn open(flags: &ShowChart) -> Result<Chart> {
    run_client(async {
        let sources = Sources::new(&flags.connection, &flags.repository);
        let (chart, version) = (flags.chart.as_str(), flags.version.as_deref());
        let verify = flags.verification.verify;
        let keyring = verify.then(|| provenance::keyring(flags.verification.keyring.as_deref()));
        let wanted = Wanted { chart, version, devel: flags.devel, provenance: verify };
        let obtained = sources.obtain(&wanted).await?;
        if let Obtained::Downloaded(downloaded) = &obtained
            && let Some(announcement) = downloaded.announcement()
        {
            printer::aside(&format!("{announcement}\n"));
        }
        obtained.open(keyring.as_deref())
    })
}

fn definition(chart: &Chart) -> Result<Vec<u8>> {
    Ok(format!("{}\n", chart.metadata().to_full_yaml()?).into_bytes())
}

/// As they are: a file need not be UTF-8 to be shown.
fn values(chart: &Chart) -> Vec<u8> {
    chart.values().map(|values| line(values)).unwrap_or_default()
}

/// What a JSONPath template finds in the values. Where it finds nothing, nothing is printed, as with
/// Helm; and why is said beside it.
fn found(chart: &Chart, template: &str) -> Result<Vec<u8>> {
    let template = Template::parse(template)?;
    match template.render(chart.defaults()) {
        Ok(text) => Ok(text.into_bytes()),
        Err(error) => {
            printer::aside(&format!("WARNING: {error} in the values of {}\n", chart.name()));
            Ok(Vec::new())
        }
    }
}

fn readme(chart: &Chart) -> Vec<u8> {
    chart.readme().map(|readme| line(&readme.data)).unwrap_or_default()
}

fn line(content: &[u8]) -> Vec<u8> {
    [content, b"\n"].concat()
}

fn crds(chart: &Chart) -> Vec<u8> {
    let mut text = Vec::new();
    for crd in chart.crds() {
        if !crd.data.starts_with(b"---") {
            text.extend_from_slice(b"---\n");
        }
        text.extend(line(&crd.data));
    }
    text
}

fn all(chart: &Chart) -> Result<Vec<u8>> {
    let mut text = definition(chart)?;
    for part in [values(chart), readme(chart)] {
        if !part.is_empty() {
            text.extend_from_slice(b"---\n");
            text.extend(part);
        }
    }
    text.extend(crds(chart));
    Ok(text)
}
