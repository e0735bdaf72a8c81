//! `chartroom create`

use anyhow::Result;
use chartroom_chart::Limits;
use chartroom_cli::Create;

use super::Outcome;
use crate::printer;

/// Makes a new chart.
pub(crate) fn create(flags: &Create) -> Result<Outcome> {
    printer::result(&format!("Creating {}", flags.name.display()))?;
    let created = match &flags.starter {
        Some(starter) => chartroom_chart::create_from(&flags.name, starter, &Limits::default())?,
        None => chartroom_chart::create(&flags.name)?,
    };
    for file in created.overwritten {
        printer::result(&format!(
            "WARNING: File {:?} already exists. Overwriting.",
            file.display().to_string()
        ))?;
    }
    Ok(Outcome::Success)
}
