//! `chartroom get all`

use anyhow::Result;
use chartroom_cli::{GetAll, Globals};
use chartroom_goyaml as goyaml;

use crate::commands::{Outcome, status};
use crate::printer;

/// Shows all that is known of a release.
pub(super) fn all(flags: &GetAll, globals: &Globals) -> Result<Outcome> {
    let release = super::release(&flags.of, globals)?;
    if let Some(template) = flags.template.as_deref().filter(|template| !template.is_empty()) {
        printer::whole(&super::template::fill(template, &release)?)?;
        return Ok(Outcome::Success);
    }
    let mut text = status::head(&release);
    if let Some(chart) = &release.chart {
        let metadata = &chart.metadata;
        text.push_str(&format!(
            "CHART: {}\nVERSION: {}\nAPP_VERSION: {}\n",
            metadata.name, metadata.version, metadata.app_version
        ));
    }
    text.push_str(&format!("DESCRIPTION: {}\n", release.info.description));
    text.push_str(&status::tests(&release));
    let given = goyaml::encode(&super::given(&release))?;
    let computed = goyaml::encode(&super::computed(&release)?)?;
    text.push_str(&format!("USER-SUPPLIED VALUES:\n{given}\nCOMPUTED VALUES:\n{computed}\n"));
    text.push_str(&format!("HOOKS:\n{}", super::hooks(&release)));
    text.push_str(&format!("MANIFEST:\n{}\n", release.manifest));
    text.push_str(&status::notes(&release));
    printer::whole(text.as_bytes())?;
    Ok(Outcome::Success)
}
