//! `chartroom create`

use std::path::{Path, PathBuf};

use anyhow::Result;
use chartroom_chart::Limits;
use chartroom_cli::Create;

use super::Outcome;
use crate::home::Home;
use crate::printer;

/// Makes a new chart.
pub(crate) fn create(flags: &Create) -> Result<Outcome> {
    printer::result(&format!("Creating {}", flags.name.display()))?;
    let created = match &flags.starter {
        Some(starter) => chartroom_chart::create_from(&flags.name, &find(starter), &Limits::default())?,
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

/// The starter of this name among Helm's data; else the folder at this path, if it is there.
fn find(starter: &Path) -> PathBuf {
    // An absolute path stays as it is.
    let named = Home::from_environment().data().join("starters").join(starter);
    if !named.exists() && starter.is_dir() { starter.to_owned() } else { named }
}
