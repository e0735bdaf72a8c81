//! `chartroom repo remove`

use anyhow::{Result, bail};
use chartroom_chart_repository::{Guard, Repositories};
use chartroom_cli::RepoRemove;

use crate::commands::Outcome;
use crate::printer;
use crate::remote::Classic;

/// Forgets repositories, one after the other.
pub(super) fn remove(flags: &RepoRemove) -> Result<Outcome> {
    let classic = Classic::plain(&flags.globals);
    if !classic.file.exists() {
        bail!("no repositories configured");
    }
    let _guard = Guard::take(&classic.file)?;
    let mut repositories = Repositories::load(&classic.file)?.unwrap_or_default();
    if repositories.repositories.is_empty() {
        bail!("no repositories configured");
    }
    for name in &flags.names {
        if !repositories.remove(name) {
            bail!("no repo named {name:?} found");
        }
        repositories.save(&classic.file)?;
        classic.cache.remove(name)?;
        printer::result(&format!("{name:?} has been removed from your repositories"))?;
    }
    Ok(Outcome::Success)
}
